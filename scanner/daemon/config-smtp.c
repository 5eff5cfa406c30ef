/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [smtp]: the server that takes our own mail. A password never stands here.
 */
#include "base/fault.h"
#include "daemon/config-parts.h"
#include "deliver/smtp.h"

static const char *const smtp_keys[] = { "url", "from", "user", "password_file", "credential",
	"ca_file", "keep_trying", "password", NULL };

#define DAY_S 86400

static void
read_url(struct smtp *smtp, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "url");
	g_autoptr(GError) error = NULL;

	if (entry == NULL)
		ini_problem(section, NULL, 0, problems,
		    "write url = smtps://HOST, or smtp://HOST for STARTTLS", "smtp has no url");
	else if (!smtp_set_url(smtp, entry->value, &error))
		ini_problem(section, entry, 0, problems, NULL, "%s", error->message);
}

static void
read_from(struct smtp *smtp, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "from");
	const char *wrong = entry != NULL ? smtp_check_address(entry->value) : NULL;

	if (entry == NULL)
		ini_problem(section, NULL, 0, problems, "write from = flagpost@DOMAIN",
		    "smtp has no from: the address that reports come from");
	else if (wrong != NULL)
		ini_problem(section, entry, 0, problems, "write from = flagpost@DOMAIN", "'%s' %s",
		    entry->value, wrong);
	else {
		g_free(smtp->from);
		smtp->from = g_strdup(entry->value);
	}
}

/* A server that wants no login wants no password either: one without the other is a mistake. */
static void
read_login(struct smtp *smtp, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *user = ini_entry(section, "user");
	bool secret =
	    config_read_secret(section, "smtp", &smtp->password_file, &smtp->credential, problems);

	if (user != NULL && user->value[0] == '\0')
		ini_problem(section, user, 0, problems, "write user = LOGIN-NAME, or remove it",
		    "user is empty");
	else if (user != NULL && !secret)
		ini_problem(section, user, 0, problems, CONFIG_MEND_PASSWORD,
		    "smtp has a user, but neither password_file nor credential");
	else if (user == NULL && secret)
		ini_problem(section, NULL, 0, problems,
		    "write user = LOGIN-NAME, or remove the password",
		    "smtp has a password, but no user");
	else if (user != NULL) {
		g_free(smtp->user);
		smtp->user = g_strdup(user->value);
	}
}

void
config_read_smtp(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *ca_file = ini_get(section, "ca_file");

	ini_check_keys(section, smtp_keys, problems);
	config->smtp = smtp_new();
	g_free(config->smtp->file);
	config->smtp->file = g_strdup(ini_name(section->ini));
	config->smtp->line = section->line;
	read_url(config->smtp, section, problems);
	read_from(config->smtp, section, problems);
	read_login(config->smtp, section, problems);
	config->smtp->keep_trying_s = 3 * DAY_S;
	ini_duration(
	    section, "keep_trying", 3600, 30 * DAY_S, &config->smtp->keep_trying_s, problems);
	if (ca_file != NULL && ca_file[0] != '\0') {
		g_free(config->smtp->ca_file);
		config->smtp->ca_file = config_resolve(section, ca_file);
	}
}
