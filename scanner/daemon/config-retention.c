/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [retention.NAME]: how long mail is kept. Never makes a rule of a section with a mistake in it: a
 * rule that names less than was meant would purge more.
 */
#include <string.h>

#include "daemon/config-parts.h"
#include "mail/words.h"
#include "store/retention.h"

#define KEEP_MIN 86400u
#define KEEP_MAX (100u * 366 * 86400)

static const char *const retention_keys[] = { "keep", "accounts", "folders", "severity", "password",
	NULL };

/* "none" is mail without a flag. */
static bool
read_severities(
    struct retention_rule *rule, const struct ini_section *section, struct problems *problems)
{
	g_auto(GStrv) words = NULL;
	bool right = true;

	rule->severities = RETENTION_ANY;
	if (ini_entry(section, "severity") == NULL)
		return true;
	if (!ini_list(section, "severity", &words, problems))
		return false;
	rule->severities = 0;
	for (guint i = 0; words[i] != NULL; i++) {
		guint found = 0;
		for (guint j = 0; severity_words[j] != NULL; j++) {
			if (strcmp(words[i], severity_words[j]) == 0)
				found = 1u << j;
		}
		if (strcmp(words[i], "none") == 0)
			found = RETENTION_UNFLAGGED;
		if (found == 0) {
			ini_problem(section, ini_entry(section, "severity"), 0, problems,
			    "write none, low, medium or high", "'%s' is no severity", words[i]);
			right = false;
		}
		rule->severities |= found;
	}
	return right;
}

static bool
read_globs(
    const struct ini_section *section, const char *key, GStrv *out, struct problems *problems)
{
	return ini_entry(section, key) == NULL || ini_list(section, key, out, problems);
}

void
config_read_retention(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	struct retention_rule *rule = g_new0(struct retention_rule, 1);

	ini_check_keys(section, retention_keys, problems);
	config_refuse_password(section, problems);
	rule->name = g_strdup(name);
	if (ini_entry(section, "keep") == NULL)
		ini_problem(section, NULL, 0, problems, "write keep = 365d",
		    "section '%s' does not say how long mail is kept", section->name);
	bool right =
	    ini_duration(section, "keep", KEEP_MIN, KEEP_MAX, &rule->keep_seconds, problems);
	right = read_globs(section, "accounts", &rule->accounts, problems) && right;
	right = read_globs(section, "folders", &rule->folders, problems) && right;
	right = read_severities(rule, section, problems) && right;
	if (right && name != NULL)
		g_ptr_array_add(config->retention, rule);
	else
		retention_rule_free(rule);
}
