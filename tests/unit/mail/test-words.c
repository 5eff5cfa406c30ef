/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/words.h"

static void
test_tables(void)
{
	static const struct {
		const char *label;
		const char *const *words;
		guint count;
		const char *last;
	} cases[] = {
		{ "severities end with the worst", severity_words, SEVERITY_HIGH + 1, "high" },
		{ "directions", direction_words, DIRECTION_DRAFT + 1, "draft" },
		{ "outcomes", outcome_words, OUTCOME_UNSCANNABLE + 1, "unscannable" },
		{ "outcomes of parts", part_outcome_words, PART_CRASHED + 1, "crashed" },
		{ "components", component_words, COMPONENT_RAW + 1, "raw" },
		{ "message facts: a word a bit", message_fact_words, 13, "after-encrypted" },
		{ "part facts: a word a bit", part_fact_words, 9, "malformed" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_cmpuint(word_count(cases[i].words), ==, cases[i].count);
		g_assert_cmpint(
		    word_index(cases[i].words, cases[i].last), ==, (int)cases[i].count - 1);
		g_assert_cmpint(word_index(cases[i].words, "no such word"), ==, -1);
		g_assert_cmpint(word_index(cases[i].words, NULL), ==, -1);
	}
}

static void
test_facts(void)
{
	g_autofree const char **none = fact_words(part_fact_words, 0);
	g_autofree const char **two =
	    fact_words(message_fact_words, FACT_IMAGE_ONLY | FACT_AMBIGUOUS_MIME);
	g_autofree const char **last = fact_words(part_fact_words, FACT_PART_MALFORMED);

	g_assert_null(none[0]);
	g_assert_cmpstr(two[0], ==, "ambiguous-mime");
	g_assert_cmpstr(two[1], ==, "image-only");
	g_assert_null(two[2]);
	g_assert_cmpstr(last[0], ==, "malformed");
	g_assert_null(last[1]);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/words/tables", test_tables);
	g_test_add_func("/words/facts", test_facts);
	return g_test_run();
}
