/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "daemon/config.h"
#include "folder.h"
#include "reports/report.h"

#define GENERAL "[general]\nown_domains = corp.example\n"
#define OFFICER "[person.officer]\nmail = officer@corp.example\nrole = officer\n"
#define SMTP    "[smtp]\nurl = smtp://mail.corp.example\nfrom = flagpost@corp.example\n"
#define SALES   "[group.sales]\nmembers = anna@corp.example\n"

/* *said is all problems, a line each. */
static struct config *
load(const char *text, char **said)
{
	g_autofree char *folder = fresh_folder();
	g_autofree char *path = put_file(folder, "flagpost.ini", text);
	g_autoptr(problems) problems = problems_new();
	struct config *config = config_load(path, problems);
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(out, "%u: %s (%s)\n", problem->line, problem->text,
		    problem->mend != NULL ? problem->mend : "");
	}
	*said = g_string_free(out, FALSE);
	remove_tree(folder);
	return config;
}

static void
test_mistakes(void)
{
	static const struct {
		const char *label, *text, *said;
	} cases[] = {
		{ "a report of a name of its own says how often it is",
		    GENERAL "[report.board]\nat = 07:00\n",
		    "3: report 'board' has no period (write period = daily, weekly or monthly)" },
		{ "the weekly report is weekly", GENERAL "[report.weekly]\nperiod = daily\n",
		    "4: [report.weekly] is weekly (give the section another name)" },
		{ "a report on a group that is not there would be empty, and look like peace",
		    GENERAL "[report.weekly]\ngroup = sales\n", "4: group 'sales' has no section" },
		{ "so would one on an account", GENERAL "[report.monthly]\naccount = hq\n",
		    "4: account 'hq' has no section" },
		{ "a mask that shows most of a match is none",
		    GENERAL "[report.daily]\nmasked = 10\n", "4: " },
		{ "a person without a section, in a weekly one too",
		    GENERAL SMTP "[report.weekly]\nto = officer\n",
		    "person 'officer' has no section" },
		{ "an output that goes nowhere", GENERAL "[output.siem]\nformat = cef\n",
		    "3: output 'siem' has no url" },
		{ "flags in clear over a network",
		    GENERAL "[output.siem]\nurl = syslog://logs.corp.example\n",
		    "4: 'syslog://logs.corp.example' would send" },
		{ "a webhook that anybody could feed",
		    GENERAL "[output.hook]\nurl = https://siem.corp.example/in\n",
		    "3: output 'hook' has no key to sign with" },
		{ "syslog knows no password",
		    GENERAL "[output.siem]\nurl = syslogs://logs.corp.example\n"
			    "password_file = key\n",
		    "3: output 'siem' needs no password" },
		{ "a page cannot be sent flag by flag",
		    GENERAL "[output.siem]\nurl = syslogs://logs.corp.example\nformat = html\n",
		    "5: format: 'html' is not known" },
		{ "a mail that is given up before it is tried twice",
		    GENERAL SMTP "keep_trying = 10s\n", "6: keep_trying" },
		{ "a key that is no file, which would send in clear",
		    GENERAL OFFICER "openpgp_key =\n", "6: openpgp_key has no value" },
		{ "metrics where no collector looks", GENERAL "[metrics]\ntextfile = x.txt\n",
		    "4: [metrics] names no file that ends in .prom" },
		{ "notices for nobody", GENERAL SMTP "[notify]\nseverity = high\n",
		    "6: [notify] names nobody (write to = PERSON" },
		{ "notices for somebody who is not there", GENERAL SMTP "[notify]\nto = o\n",
		    "7: person 'o' has no section (add a section [person.o])" },
		{ "notices without a server", GENERAL OFFICER "[notify]\nto = officer\n",
		    "7: a notice is to be mailed, but there is no section [smtp]" },
		{ "a severity that no flag has",
		    GENERAL SMTP OFFICER "[notify]\nto = officer\nseverity = critical\n",
		    "11: severity: 'critical' is not known" },
		{ "notices without end",
		    GENERAL SMTP OFFICER "[notify]\nto = officer\nat_most = 1000\n",
		    "11: at_most" },
		{ "a word that is no period", GENERAL "[report.board]\nperiod = yearly\n", "4: " },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *said = NULL;
		g_autoptr(config) config = load(cases[i].text, &said);
		g_test_message("%s: %s", cases[i].label, said);
		g_assert_null(config);
		g_assert_nonnull(strstr(said, cases[i].said));
	}
}

static void
test_values(void)
{
	g_autofree char *said = NULL;
	struct report_options options;
	g_autoptr(config) config = load(GENERAL OFFICER SMTP SALES
	    "[report.weekly]\nat = 07:15\nformats = html, ecs\nto = officer\nattach = no\n"
	    "[report.sales]\nperiod = monthly\ngroup = sales\nrule = freemail-upload\n"
	    "masked = 80\npeople = yes\n",
	    &said);

	g_assert_cmpstr(said, ==, "");
	g_test_message("the daily one is there without a section, and is not written");
	g_assert_cmpuint(config->reports->len, ==, 3);
	g_assert_cmpstr(config_daily(config)->name, ==, "daily");
	g_assert_cmpint(config_daily(config)->minute, ==, -1);
	const struct config_report *weekly = g_ptr_array_index(config->reports, 1);
	g_assert_cmpint(weekly->period, ==, CONFIG_WEEKLY);
	g_assert_cmpint(weekly->minute, ==, 7 * 60 + 15);
	g_assert_cmpstr(weekly->formats[1], ==, "ecs");
	g_assert_cmpuint(weekly->to->len, ==, 1);
	g_assert_false(weekly->attach);
	const struct config_report *sales = g_ptr_array_index(config->reports, 2);
	g_assert_cmpint(sales->period, ==, CONFIG_MONTHLY);
	g_assert_true(sales->attach);
	config_report_of(config, sales, &options);
	g_assert_cmpstr(options.group, ==, "sales");
	g_assert_cmpstr(options.members[0], ==, "anna@corp.example");
	g_assert_cmpstr(options.rule, ==, "freemail-upload");
	g_assert_cmpuint(options.masked, ==, 80);
	g_assert_true(options.people);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config-report/mistakes", test_mistakes);
	g_test_add_func("/config-report/values", test_values);
	return g_test_run();
}
