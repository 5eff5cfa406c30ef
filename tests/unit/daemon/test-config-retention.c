/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "daemon/config.h"
#include "folder.h"
#include "store/retention.h"

#define GENERAL "[general]\nown_domains = corp.example\n"

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

/* A rule that was misread would purge what was to be kept: nothing is loaded. */
static void
test_mistakes(void)
{
	static const struct {
		const char *label, *text, *said;
	} cases[] = {
		{ "a rule without a time", "[retention.a]\naccounts = hq\n",
		    "3: section 'retention.a' does not say how long mail is kept" },
		{ "a time that is none", "[retention.a]\nkeep = soon\n", "4: " },
		{ "less than a day", "[retention.a]\nkeep = 1h\n", "4: " },
		{ "a severity that is none", "[retention.a]\nkeep = 30d\nseverity = none, lwo\n",
		    "5: 'lwo' is no severity" },
		{ "a key of somewhere else", "[retention.a]\nkeep = 30d\naccount = hq\n",
		    "5: unknown key account" },
		{ "a section without a name", "[retention]\nkeep = 30d\n",
		    "did you mean [retention.NAME]?" },
		{ "a misspelt section", "[retenton.a]\nkeep = 30d\n",
		    "did you mean [retention.a]?" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *said = NULL;
		g_autofree char *text = g_strconcat(GENERAL, cases[i].text, NULL);
		g_autoptr(config) config = load(text, &said);
		g_test_message("%s: %s", cases[i].label, said);
		g_assert_null(config);
		g_assert_nonnull(strstr(said, cases[i].said));
	}
}

static void
test_values(void)
{
	g_autofree char *said = NULL;
	g_autoptr(config) config =
	    load(GENERAL "[retention.a]\nkeep = 30d\n"
			 "[retention.b]\nkeep = 364d\naccounts = hq, sales/*\n"
			 "folders = Junk\nseverity = none, low\n",
		&said);

	g_assert_cmpstr(said, ==, "");
	g_assert_cmpuint(config->retention->len, ==, 2);
	const struct retention_rule *a = config->retention->pdata[0],
				    *b = config->retention->pdata[1];
	g_assert_cmpuint(a->keep_seconds, ==, 30 * 86400);
	g_assert_cmpuint(a->severities, ==, RETENTION_ANY);
	g_assert_null(a->accounts);
	g_assert_cmpuint(b->keep_seconds, ==, 364 * 86400);
	g_assert_cmpuint(b->severities, ==, RETENTION_UNFLAGGED | 1u << SEVERITY_LOW);
	g_assert_cmpstr(b->accounts[1], ==, "sales/*");
	g_assert_cmpstr(b->folders[0], ==, "Junk");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/config-retention/mistakes", test_mistakes);
	g_test_add_func("/config-retention/values", test_values);
	return g_test_run();
}
