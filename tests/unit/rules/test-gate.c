/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A rule that is passed over is one that would have said nothing, and no other. */
#include "rules/gate.h"

#include "kit.h"
#include "rules/prefilter.h"

#define PATTERN "[content.x]\ntype = regex\npattern.1 = falcon-\\d{4}\n"
#define OTHER   "[content.y]\ntype = regex\npattern.1 = nightjar-\\d{4}\n"
#define WORDS   "[content.y]\ntype = words\nwords = plan\n"
#define PEOPLE  "[parties.y]\nwho = from\naddress = anna@corp.example\n"

static const struct {
	const char *label, *body, *text;
	bool asked, flagged, undecided;
} rows[] = {
	{ "its pattern matches", PATTERN, "of falcon-1234", true, true, false },
	{ "its pattern does not", PATTERN, "of falcon", false, false, false },
	{ "no pattern of two", PATTERN OTHER, "of falcon", false, false, false },
	{ "one pattern of two", PATTERN OTHER, "of falcon-1234", true, false, false },
	{ "either pattern is enough",
	    "[condition]\nflag_if = content.x or content.y\n" PATTERN OTHER, "a nightjar-1234",
	    true, true, false },
	{ "what must not be there", "[condition]\nflag_if = not content.x\n" PATTERN, "of falcon",
	    true, true, false },
	{ "words need no pattern", "[condition]\nflag_if = content.x or content.y\n" PATTERN WORDS,
	    "the plan", true, true, false },
	{ "nor do people", "[condition]\nflag_if = content.x or parties.y\n" PATTERN PEOPLE,
	    "of falcon", true, true, false },
	{ "a section that no condition names", "[condition]\nflag_if = content.x\n" PATTERN PEOPLE,
	    "of falcon", false, false, false },
	{ "a text that is not UTF-8", PATTERN, "of falcon \xff", true, false, true },
};

static void
at_rule(const char *rule, G_GNUC_UNUSED gint64 deadline_us, gpointer data)
{
	bool *asked = data;

	*asked = *asked || rule != NULL;
}

static const char *
left_out(G_GNUC_UNUSED const char *rule, G_GNUC_UNUSED gpointer data)
{
	return NULL;
}

static void
check(gsize i, const struct ruleset *ruleset, bool asked_expected)
{
	bool asked = false;
	const struct match_watch watch = { at_rule, left_out, &asked };
	const struct match_options options = { .watch = &watch };
	g_autoptr(verdict) verdict = kit_match_with(ruleset,
	    kit_message("anna@corp.example", "bob@client.example", rows[i].text), NULL, &options);

	g_test_message("%s", rows[i].label);
	g_assert_cmpint(asked, ==, asked_expected);
	g_assert_cmpint(verdict_flag_count(verdict) > 0, ==, rows[i].flagged);
	g_assert_cmpint(verdict->undecided->len > 0, ==, rows[i].undecided);
}

static void
test_rows(void)
{
	if (prefilter_lacking() != NULL) {
		g_test_skip(prefilter_lacking());
		return;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(ruleset) ruleset = kit_rule(rows[i].body);
		g_autoptr(GError) error = NULL;
		check(i, ruleset, true);
		g_autoptr(GBytes) bytes = ruleset_prefilter_build(ruleset, &error);
		g_assert_no_error(error);
		g_assert_true(ruleset_prefilter_use(ruleset, bytes, &error));
		check(i, ruleset, rows[i].asked);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/gate", test_rows);
	return g_test_run();
}
