/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `check` doubts in rules that load: each with its place; and that a pattern which runs away
 * gives up on a text and says so.
 */
#include "kit.h"

#include "rules/doubts.h"

#define REGEX "[content.x]\ntype = regex\n"

static const struct {
	const char *label, *body, *terms;
	const char *wanted; /* part of the warnings; "" for none */
} rows[] = {
	{ "plain", REGEX "pattern.1 = nightjar-\\d+\n", "falcon\n", "" },
	{ "a repeat in a repeat", REGEX "pattern.1 = (a+)+$\n", "",
	    "one.ini:12:13: pattern.1 takes" },
	{ "branches that overlap", REGEX "pattern.1 = (?:a|aa)+!\n", "",
	    "one.ini:12:13: pattern.1 takes" },
	{ "its own letter", REGEX "pattern.1 = (q*)*z\n", "", "pattern.1 takes" },
	{ "possessive is fine", REGEX "pattern.1 = (?>a+)+z\n", "", "" },
	{ "the same twice", REGEX "pattern.1 = falcon\npattern.2 = falcon\n", "",
	    "one.ini:13:13: pattern.2 is the same as that of one.ini:12" },
	{ "a word of two letters", "[content.x]\ntype = words\nword_list = terms\n", "falcon\nab\n",
	    "terms:2:1: 'ab' stands" },
	{ "a word of every mail", "[content.x]\ntype = words\nword_list = terms\n", "The\nfalcon\n",
	    "terms:1:1: 'The' stands" },
	{ "two signs of Han are a word", "[content.x]\ntype = words\nword_list = terms\n",
	    "\346\234\272\345\257\206\n", "" },
	{ "a list of domains has short ones", "[parties.x]\nwho = from\ndomain_list = terms\n",
	    "ab\n", "" },
};

static void
test_doubts(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *rule = g_strconcat(KIT_HEAD, rows[i].body, NULL);
		g_autoptr(sources) sources = sources_new();
		g_autoptr(problems) problems = problems_new();
		g_autoptr(GString) report = g_string_new(NULL), found = g_string_new(NULL);

		kit_add(sources, SOURCE_RULE, "one.ini", rule);
		kit_add(sources, SOURCE_LIST, "terms", rows[i].terms);
		g_autoptr(ruleset) ruleset = kit_try(sources, report);
		g_assert_nonnull(ruleset);
		doubts_find(ruleset, sources, problems);
		for (guint k = 0; k < problems_total(problems); k++) {
			const struct problem *problem = problems_get(problems, k);
			g_assert_nonnull(problem->mend);
			g_string_append_printf(found, "%s:%u:%u: %s\n", problem->file,
			    problem->line, problem->column, problem->text);
		}
		bool right = rows[i].wanted[0] == '\0' ? found->len == 0
						       : strstr(found->str, rows[i].wanted) != NULL;
		if (!right)
			g_error("%s: %s", rows[i].label, found->str);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/doubts/table", test_doubts);
	return g_test_run();
}
