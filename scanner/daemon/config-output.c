/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [output.NAME]: a system that takes flags as they come. The key of a webhook never stands here.
 */
#include <string.h>

#include "base/fault.h"
#include "daemon/config-parts.h"
#include "deliver/target.h"

static const char *const output_keys[] = { "url", "format", "password_file", "credential",
	"ca_file", "password", NULL };

/* One event a line: what a page or a table needs, nobody can send flag by flag. */
static const char *const formats[] = { "cef", "ecs", "ocsf", "jsonl", NULL };

static bool
read_url(struct target *target, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "url");
	g_autoptr(GError) error = NULL;

	if (entry == NULL)
		ini_problem(section, NULL, 0, problems,
		    "write url = syslogs://HOST, syslog://localhost or https://HOST/PATH",
		    "output '%s' has no url", target->name);
	else if (!target_set_url(target, entry->value, &error))
		ini_problem(section, entry, 0, problems, NULL, "%s", error->message);
	else
		return true;
	return false;
}

/* Without a signature anybody could tell a webhook of flags. */
static void
read_key(struct target *target, const struct ini_section *section, struct problems *problems)
{
	bool secret = config_read_secret(
	    section, "output", &target->secret_file, &target->credential, problems);

	if (target->kind == TARGET_WEBHOOK && !secret)
		ini_problem(section, NULL, 0, problems, CONFIG_MEND_PASSWORD,
		    "output '%s' has no key to sign with", target->name);
	else if (target->kind != TARGET_WEBHOOK && secret)
		ini_problem(section, NULL, 0, problems, "remove it",
		    "output '%s' needs no password: syslog knows none", target->name);
}

void
config_read_output(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	const char *ca_file = ini_get(section, "ca_file");
	guint format;

	ini_check_keys(section, output_keys, problems);
	if (name == NULL)
		return;
	struct target *target = target_new(name);
	g_free(target->file);
	target->file = g_strdup(ini_name(section->ini));
	target->line = section->line;
	g_ptr_array_add(config->outputs, target);
	if (!read_url(target, section, problems))
		return;
	read_key(target, section, problems);
	format = target->kind == TARGET_WEBHOOK ? 3 : 0;
	ini_choice(section, "format", formats, &format, problems);
	g_free(target->format);
	target->format = g_strdup(formats[format]);
	if (ca_file != NULL && ca_file[0] != '\0') {
		g_free(target->ca_file);
		target->ca_file = config_resolve(section, ca_file);
	}
}
