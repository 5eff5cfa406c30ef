/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [report.daily]: when the report is written, in which forms, and for whom.
 */
#include <string.h>

#include "daemon/config-parts.h"
#include "deliver/mailer.h"
#include "reports/report.h"

#define WORDS_MAX 400 /* bytes of a sentence in the head of the page */

static const char *const report_keys[] = { "at", "formats", "to", "password", "confidential",
	"legal_basis", "people", NULL };

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

/* A sentence for the head of the page. */
static void
read_words(
    const struct ini_section *section, const char *key, char **out, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL)
		return;
	if (strlen(entry->value) > WORDS_MAX) {
		ini_problem(
		    section, entry, 0, problems, "say it shorter", "more than %d bytes", WORDS_MAX);
		return;
	}
	g_free(*out);
	*out = g_strdup(entry->value);
}

void
config_report(const struct config *config, struct report_options *out)
{
	*out = (struct report_options){ .organisation = config->organisation,
		.confidential = config->report_confidential,
		.legal_basis = config->report_legal_basis,
		.zone = config->zone,
		.people = config->report_people,
		.data_dir = config->data_dir,
		.own_domains = (const char *const *)config->own_domains };
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
	read_words(section, "confidential", &config->report_confidential, problems);
	read_words(section, "legal_basis", &config->report_legal_basis, problems);
	ini_bool(section, "people", &config->report_people, problems);
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

static const struct config_person *
find_person(const struct config *config, const char *name)
{
	for (guint i = 0; i < config->persons->len; i++) {
		const struct config_person *person = g_ptr_array_index(config->persons, i);
		if (strcmp(person->name, name) == 0)
			return person;
	}
	return NULL;
}

static void
unknown_person(const struct config *config, const struct ini_section *section, gsize offset,
    const char *name, struct problems *problems)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();

	for (guint i = 0; i < config->persons->len; i++) {
		const struct config_person *person = g_ptr_array_index(config->persons, i);
		g_ptr_array_add(names, person->name);
	}
	g_ptr_array_add(names, NULL);
	const char *near = problem_did_you_mean(name, (const char *const *)names->pdata);
	g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near)
					     : g_strdup_printf("add a section [person.%s]", name);
	ini_problem(section, ini_entry(section, "to"), offset, problems, mend,
	    "person '%s' has no section", name);
}

static void
add_reader(struct config *config, const struct ini_section *section, gsize offset, const char *name,
    struct problems *problems)
{
	const struct config_person *person = find_person(config, name);
	const char *wrong = person != NULL ? smtp_check_address(person->mail) : NULL;
	const struct ini_entry *entry = ini_entry(section, "to");

	if (person == NULL)
		unknown_person(config, section, offset, name, problems);
	else if (wrong != NULL)
		ini_problem(
		    section, entry, offset, problems, NULL, "mail of person '%s' %s", name, wrong);
	else if (g_ptr_array_find(config->report_to, person, NULL))
		ini_problem(section, entry, offset, problems, "remove one of the two",
		    "person '%s' stands here twice", name);
	else
		g_ptr_array_add(config->report_to, (gpointer)person);
}

void
config_read_readers(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "to");
	g_auto(GStrv) readers = NULL;

	if (!ini_list(section, "to", &readers, problems))
		return;
	const char *from = entry->value;
	for (guint i = 0; readers[i] != NULL; i++) {
		/* Items come in the order of the text, so a name is never found inside an earlier
		 * one. */
		const char *at = strstr(from, readers[i]);
		gsize offset = at != NULL ? (gsize)(at - entry->value) : 0;
		add_reader(config, section, offset, readers[i], problems);
		from = at != NULL ? at + strlen(readers[i]) : from;
	}
	if (config->smtp == NULL)
		ini_problem(section, entry, 0, problems,
		    "add [smtp] with url = smtps://HOST and from = flagpost@DOMAIN",
		    "a report is to be mailed, but there is no section [smtp]");
	if (g_strv_length(readers) > MAILER_RECIPIENTS_MAX)
		ini_problem(section, entry, 0, problems, "write a list of the mail server's",
		    "more than %d persons", MAILER_RECIPIENTS_MAX);
}
