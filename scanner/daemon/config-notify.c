/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [notify]: who is mailed at once when something severe is flagged, and how often at most.
 */
#include "daemon/config-parts.h"

#define AN_HOUR_MAX 60

static const char *const notify_keys[] = { "to", "severity", "at_most", "password", NULL };

struct config_notify *
config_notify_new(void)
{
	struct config_notify *notify = g_new0(struct config_notify, 1);

	notify->to = g_ptr_array_new();
	notify->severity = SEVERITY_HIGH;
	notify->at_most = 10;
	return notify;
}

void
config_notify_free(struct config_notify *notify)
{
	if (notify == NULL)
		return;
	g_ptr_array_unref(notify->to);
	g_free(notify);
}

void
config_read_notify(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	guint64 at_most;
	guint severity;

	ini_check_keys(section, notify_keys, problems);
	config_refuse_password(section, problems);
	config->notify = config_notify_new();
	severity = config->notify->severity;
	at_most = config->notify->at_most;
	ini_choice(section, "severity", severity_words, &severity, problems);
	ini_uint(section, "at_most", 1, AN_HOUR_MAX, &at_most, problems);
	config->notify->severity = (enum severity)severity;
	config->notify->at_most = (guint)at_most;
	if (ini_entry(section, "to") == NULL)
		ini_problem(section, NULL, 0, problems, "write to = PERSON, or remove the section",
		    "[notify] names nobody");
}

void
config_finish_notify(struct config *config, const struct ini *ini, struct problems *problems)
{
	const struct ini_section *section = ini_section(ini, "notify");

	if (section != NULL && config->notify != NULL)
		config_read_readers(config, config->notify->to, section, problems);
}
