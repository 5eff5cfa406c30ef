/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [report.NAME]: when a report is written, over which period, in which forms, and for whom.
 */
#include <string.h>

#include "daemon/config-parts.h"
#include "deliver/mailer.h"
#include "reports/report.h"

#define WORDS_MAX 400 /* bytes of a sentence in the head of the page */

/* Percent of a match. Less would be no mask. */
#define MASKED_MIN 50
#define MASKED_MAX 100

const char *const config_period_words[] = { "daily", "weekly", "monthly", NULL };

static const char *const report_keys[] = { "at", "period", "formats", "to", "password",
	"confidential", "legal_basis", "people", "pseudonyms", "masked", "attach", "rule",
	"account", "group", NULL };

struct config_report *
config_report_new(const char *name)
{
	struct config_report *report = g_new0(struct config_report, 1);

	report->name = g_strdup(name);
	report->minute = -1;
	report->formats = g_strsplit("html,csv", ",", -1);
	report->attach = true;
	report->to = g_ptr_array_new();
	return report;
}

void
config_report_free(struct config_report *report)
{
	g_free(report->name);
	g_strfreev(report->formats);
	g_free(report->confidential);
	g_free(report->legal_basis);
	g_free(report->rule);
	g_free(report->account);
	g_free(report->group);
	g_ptr_array_unref(report->to);
	g_free(report);
}

static void
read_time(
    struct config_report *report, const struct ini_section *section, struct problems *problems)
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
			report->minute = hour * 60 + minute;
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

const struct config_report *
config_daily(const struct config *config)
{
	return g_ptr_array_index(config->reports, 0);
}

void
config_report(const struct config *config, struct report_options *out)
{
	config_report_of(config, config_daily(config), out);
}

void
config_report_of(
    const struct config *config, const struct config_report *report, struct report_options *out)
{
	*out = (struct report_options){ .organisation = config->organisation,
		.confidential = report->confidential,
		.legal_basis = report->legal_basis,
		.zone = config->zone,
		.people = report->people,
		.pseudonyms = report->pseudonyms,
		.masked = report->masked,
		.rule = report->rule,
		.account = report->account,
		.group = report->group,
		.members = report->group != NULL ? (const char *const *)g_hash_table_lookup(
						       config->groups, report->group)
						 : NULL,
		.data_dir = config->data_dir,
		.own_domains = (const char *const *)config->own_domains };
}

static void
read_formats(
    struct config_report *report, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "formats");
	g_autofree char *known = g_strjoinv(", ", (GStrv)report_formats);
	GStrv formats = NULL;

	if (!ini_list(section, "formats", &formats, problems))
		return;
	for (guint i = 0; formats[i] != NULL; i++) {
		const char *at = strstr(entry->value, formats[i]);
		const char *near = problem_did_you_mean(formats[i], report_formats);
		if (!g_strv_contains(report_formats, formats[i]))
			ini_problem(section, entry, at != NULL ? (gsize)(at - entry->value) : 0,
			    problems, near != NULL ? near : known,
			    "report format '%s' is not known", formats[i]);
	}
	g_strfreev(report->formats);
	report->formats = formats;
}

/* daily, weekly and monthly are their own periods; any other name says which it has. */
static void
read_period(
    struct config_report *report, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, "period");
	guint period = CONFIG_DAILY;
	bool written = ini_choice(section, "period", config_period_words, &period, problems);

	report->period = (enum config_period)period;
	for (guint i = 0; config_period_words[i] != NULL; i++) {
		if (strcmp(report->name, config_period_words[i]) != 0)
			continue;
		if (written && period != i)
			ini_problem(section, entry, 0, problems, "give the section another name",
			    "[report.%s] is %s", report->name, config_period_words[i]);
		report->period = (enum config_period)i;
		return;
	}
	if (entry == NULL)
		ini_problem(section, NULL, 0, problems, "write period = daily, weekly or monthly",
		    "report '%s' has no period", report->name);
}

/* The daily one is there without a section; a name twice is found by ini. */
static struct config_report *
report_of(struct config *config, const char *name)
{
	for (guint i = 0; i < config->reports->len; i++) {
		struct config_report *report = g_ptr_array_index(config->reports, i);
		if (strcmp(report->name, name) == 0)
			return report;
	}
	g_ptr_array_add(config->reports, config_report_new(name));
	return g_ptr_array_index(config->reports, config->reports->len - 1);
}

void
config_read_report(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const char *name = config_section_name(section, problems);
	guint64 masked = 0;

	ini_check_keys(section, report_keys, problems);
	config_refuse_password(section, problems);
	if (name == NULL)
		return;
	struct config_report *report = report_of(config, name);
	read_period(report, section, problems);
	read_time(report, section, problems);
	read_words(section, "confidential", &report->confidential, problems);
	read_words(section, "legal_basis", &report->legal_basis, problems);
	ini_bool(section, "people", &report->people, problems);
	ini_bool(section, "pseudonyms", &report->pseudonyms, problems);
	ini_bool(section, "attach", &report->attach, problems);
	ini_uint(section, "masked", MASKED_MIN, MASKED_MAX, &masked, problems);
	report->masked = (guint)masked;
	read_words(section, "rule", &report->rule, problems);
	read_words(section, "account", &report->account, problems);
	read_words(section, "group", &report->group, problems);
	read_formats(report, section, problems);
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
add_reader(struct config *config, GPtrArray *to, const struct ini_section *section, gsize offset,
    const char *name, struct problems *problems)
{
	const struct config_person *person = config_person(config, name);
	const char *wrong = person != NULL ? smtp_check_address(person->mail) : NULL;
	const struct ini_entry *entry = ini_entry(section, "to");

	if (person == NULL)
		unknown_person(config, section, offset, name, problems);
	else if (wrong != NULL)
		ini_problem(
		    section, entry, offset, problems, NULL, "mail of person '%s' %s", name, wrong);
	else if (g_ptr_array_find(to, person, NULL))
		ini_problem(section, entry, offset, problems, "remove one of the two",
		    "person '%s' stands here twice", name);
	else
		g_ptr_array_add(to, (gpointer)person);
}

void
config_read_readers(struct config *config, GPtrArray *to, const struct ini_section *section,
    struct problems *problems)
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
		add_reader(config, to, section, offset, readers[i], problems);
		from = at != NULL ? at + strlen(readers[i]) : from;
	}
	if (config->smtp == NULL)
		ini_problem(section, entry, 0, problems,
		    "add [smtp] with url = smtps://HOST and from = flagpost@DOMAIN",
		    "%s is to be mailed, but there is no section [smtp]",
		    g_str_has_prefix(section->name, "report.") ? "a report" : "a notice");
	if (g_strv_length(readers) > MAILER_RECIPIENTS_MAX)
		ini_problem(section, entry, 0, problems, "write a list of the mail server's",
		    "more than %d persons", MAILER_RECIPIENTS_MAX);
}

/* A report that is limited to what is not there would be empty, and look like peace. */
static void
check_limits(const struct config *config, const struct config_report *report,
    const struct ini_section *section, struct problems *problems)
{
	if (report->account != NULL && config_account(config, report->account) == NULL)
		ini_problem(section, ini_entry(section, "account"), 0, problems, NULL,
		    "account '%s' has no section", report->account);
	if (report->group != NULL && g_hash_table_lookup(config->groups, report->group) == NULL)
		ini_problem(section, ini_entry(section, "group"), 0, problems, NULL,
		    "group '%s' has no section", report->group);
}

void
config_finish_reports(struct config *config, const struct ini *ini, struct problems *problems)
{
	for (guint i = 0; i < config->reports->len; i++) {
		struct config_report *report = g_ptr_array_index(config->reports, i);
		g_autofree char *name = g_strconcat("report.", report->name, NULL);
		const struct ini_section *section = ini_section(ini, name);
		if (section == NULL)
			continue;
		config_read_readers(config, report->to, section, problems);
		check_limits(config, report, section, problems);
	}
}
