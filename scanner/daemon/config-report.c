/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [report.daily]: when the report is written, in which forms, and for whom.
 */
#include <string.h>

#include "daemon/config-parts.h"
#include "reports/report.h"

static const char *const report_keys[] = { "at", "formats", "to", "password", NULL };

static void
read_report_time(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *at = ini_entry(section, "at");
	const char *p = at != NULL ? at->value : "";

	if (at == NULL)
		return;
	if (strlen(p) == 5 && g_ascii_isdigit(p[0]) && g_ascii_isdigit(p[1]) && p[2] == ':' &&
	    g_ascii_isdigit(p[3]) && g_ascii_isdigit(p[4])) {
		gint hour = (p[0] - '0') * 10 + p[1] - '0';
		gint minute = (p[3] - '0') * 10 + p[4] - '0';
		if (hour < 24 && minute < 60) {
			config->report_minute = hour * 60 + minute;
			return;
		}
	}
	ini_problem(section, at, 0, problems, "write at = 06:30",
	    "'%s' is not a time of the day, 00:00 to 23:59", p);
}

void
config_read_report(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "formats");
	GStrv formats = NULL;

	ini_check_keys(section, report_keys, problems);
	config_refuse_password(section, problems);
	read_report_time(config, section, problems);
	if (ini_list(section, "formats", &formats, problems)) {
		for (guint i = 0; formats[i] != NULL; i++) {
			const char *at = strstr(entry->value, formats[i]);
			const char *near = problem_did_you_mean(formats[i], report_formats);
			g_autofree char *known = g_strjoinv(", ", (GStrv)report_formats);
			if (!g_strv_contains(report_formats, formats[i]))
				ini_problem(section, entry,
				    at != NULL ? (gsize)(at - entry->value) : 0, problems,
				    near != NULL ? near : known, "report format '%s' is not known",
				    formats[i]);
		}
		g_strfreev(config->report_formats);
		config->report_formats = formats;
	}
}

void
config_check_readers(
    const struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "to");
	g_auto(GStrv) readers = NULL;
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	if (!ini_list(section, "to", &readers, problems))
		return;
	for (guint i = 0; i < config->persons->len; i++) {
		struct config_person *person = g_ptr_array_index(config->persons, i);
		g_ptr_array_add(names, person->name);
	}
	g_ptr_array_add(names, NULL);
	const char *const *known = (const char *const *)names->pdata;
	for (guint i = 0; readers[i] != NULL; i++) {
		const char *at = strstr(entry->value, readers[i]);
		const char *near = problem_did_you_mean(readers[i], known);
		if (!g_strv_contains(known, readers[i]))
			ini_problem(section, entry, at != NULL ? (gsize)(at - entry->value) : 0,
			    problems, near != NULL ? near : "add a section [person.NAME]",
			    "person '%s' has no section", readers[i]);
	}
	ini_warning(section, entry, problems, NULL,
	    "this version sends no mail: the report is written to data_dir/reports");
}
