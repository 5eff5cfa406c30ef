/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What `check` doubts in rules that load: each with its place; and that a pattern which runs away
 * gives up on a text and says so.
 */
#include "kit.h"

#include "rules/doubts.h"

#define REGEX "[content.x]\ntype = regex\n"

#define TESTED                                                                                     \
	"[test.1]\nexpect = flag\nmessage = a.eml\n[test.2]\nexpect = pass\nmessage = b.eml\n"

#define TWO                                                                                        \
	"[content.a]\ntype = words\nwords = falcon\n"                                              \
	"[content.b]\ntype = words\nwords = heron\n[condition]\n\n"

static const struct {
	const char *label, *body, *terms;
	const char *wanted; /* part of the warnings; "" for none */
} rows[] = {
	{ "plain", REGEX "pattern.1 = nightjar-\\d+\n", "falcon\n", "" },
	{ "a condition that no mail fulfils", TWO "flag_if = content.a and not content.a\n", "x\n",
	    "one.ini:18:1: flag_if can never hold" },
	{ "hidden deep", TWO "flag_if = not (content.a or content.b) and 1 of content.*\n", "x\n",
	    "flag_if can never hold" },
	{ "one that every mail fulfils", TWO "flag_if = content.a or not content.a\n", "x\n",
	    "one.ini:18:1: flag_if always holds" },
	{ "a section without effect", TWO "flag_if = content.a or content.a and content.b\n", "x\n",
	    "one.ini:18:1: content.b makes no difference" },
	{ "a section with effect", TWO "flag_if = content.a and (content.b or not content.a)\n",
	    "x\n", "" },
	{ "a severity that is no more",
	    TWO
	    "flag_if = content.a and content.b\n[escalate.x]\nif = content.a\nseverity = medium\n",
	    "x\n", "one.ini:19:1: escalate.x raises to no more" },
	{ "a severity that is never reached",
	    TWO "flag_if = content.a and not content.b\n[escalate.x]\nif = content.b\nseverity = "
		"high\n",
	    "x\n", "one.ini:19:1: escalate.x can never hold where flag_if does" },
	{ "a severity that may be reached",
	    TWO "flag_if = content.a\n[escalate.x]\nif = content.b\nseverity = high\n", "x\n", "" },
	{ "an empty list of words", "[content.x]\ntype = words\nword_list = terms\n", "# nothing\n",
	    "terms:1:1: the list is empty" },
	{ "an empty list of exceptions", "[parties.x]\nwho = to\naddress_not_in = terms\n",
	    "# nobody\n", "" },
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
	{ "a word of every mail in the rule itself",
	    "[content.x]\ntype = words\nwords = falcon, the, plan\n", "",
	    "one.ini:12:17: 'the' stands" },
	{ "a pattern of every mail", REGEX "pattern.1 = falcon\npattern.2 = \\w+\n", "",
	    "one.ini:13:13: pattern.2 finds something in nearly every mail, such as 'Hi'" },
	{ "numbers", REGEX "pattern.1 = \\d\n", "", "pattern.1 finds" },
	{ "a letter", REGEX "pattern.1 = e\n", "", "pattern.1 finds" },
	{ "one branch is broad", REGEX "pattern.1 = \\b(?:falcon|the)\\b\n", "", "such as 'the'" },
	{ "in another language", REGEX "pattern.1 = \\bund\\b\n", "", "such as 'und'" },
	{ "capital words", REGEX "pattern.1 = [A-Z][a-z]+\nignore_case = no\n", "",
	    "pattern.1 finds" },
	{ "ends of lines", REGEX "pattern.1 = \\s\\s\n", "", "such as '\\n\\n'" },
	{ "many of them are another matter", REGEX "pattern.1 = \\d\nmin_hits = 50\n", "", "" },
	{ "with a word near it", REGEX "pattern.1 = \\d\nnear = price floor\n", "", "" },
	{ "not in mails but in names of files", REGEX "pattern.1 = \\w+\nwhere = filenames\n", "",
	    "" },
	{ "a number of a kind", REGEX "pattern.1 = \\b\\d{3}-\\d{4}\\b\n", "", "" },
	{ "as a part of a phrase", "[content.x]\ntype = words\nwords = the plan\n", "", "" },
	{ "two signs of Han are a word", "[content.x]\ntype = words\nword_list = terms\n",
	    "\346\234\272\345\257\206\n", "" },
	{ "a list of domains has short ones", "[parties.x]\nwho = from\ndomain_list = terms\n",
	    "ab\n", "" },
};

static void
test_doubts(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *rule = g_strconcat(KIT_HEAD, rows[i].body, TESTED, NULL);
		g_autoptr(sources) sources = sources_new();
		g_autoptr(problems) problems = problems_new();
		g_autoptr(GString) report = g_string_new(NULL), found = g_string_new(NULL);

		kit_add(sources, SOURCE_RULE, "one.ini", rule);
		kit_add(sources, SOURCE_LIST, "terms",
		    rows[i].terms[0] != 0 ? rows[i].terms : "heron\n");
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

/* "one.ini:2:1: ..." for each, a line each. */
static char *
doubts_of(struct sources *sources)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(GString) report = g_string_new(NULL);
	GString *found = g_string_new(NULL);
	g_autoptr(ruleset) ruleset = kit_try(sources, report);

	g_assert_nonnull(ruleset);
	doubts_find(ruleset, sources, problems);
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(found, "%s:%u:%u: %s\n", problem->file, problem->line,
		    problem->column, problem->text);
	}
	return g_string_free(found, FALSE);
}

/* Two detectors of one form are two where a check tells them apart. */
static void
test_detectors(void)
{
	static const struct {
		const char *label, *checks, *expected;
	} cases[] = {
		{ "each with its check", "validator = pt-nif\n", "" },
		{ "with none", "", "two.ini:7:13: pattern.1 is the same as that of two.ini:4\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(sources) sources = sources_new();
		g_autofree char *detectors =
		    g_strdup_printf("[detector.a]\ntitle = A\n%spattern.1 = \\b\\d{9}\\b\n"
				    "[detector.b]\ntitle = B\n%spattern.1 = \\b\\d{9}\\b\n",
			*cases[i].checks != '\0' ? cases[i].checks : "alone = medium\n",
			*cases[i].checks != '\0' ? cases[i].checks : "");
		g_test_message("%s", cases[i].label);
		kit_add(sources, SOURCE_RULE, "one.ini",
		    KIT_HEAD "[content.x]\ntype = detector\ndetector = *\n" TESTED);
		kit_add(sources, SOURCE_RULE, "two.ini", detectors);
		g_autofree char *found = doubts_of(sources);
		g_assert_cmpstr(found, ==, cases[i].expected);
	}
}

#define RULE(id, title, tests)                                                                     \
	"[rule]\nid = " id "\ntitle = " title "\nseverity = low\ndescription = D\n" tests
#define FLAGS  "[test.1]\nexpect = flag\nmessage = a.eml\n"
#define PASSES "[test.2]\nexpect = pass\nmessage = a.eml\n"

/* Rules as a whole: one that another repeats, one whose tests show half. */
static void
test_rules(void)
{
	static const struct {
		const char *label, *one, *two, *expected;
	} cases[] = {
		{ "two rules",
		    RULE("one", "A", "[parties.x]\nwho = to\ndomain = a.example\n" FLAGS PASSES),
		    RULE("two", "B", "[parties.x]\nwho = to\ndomain = b.example\n" FLAGS PASSES),
		    "" },
		{ "the same in other words and order",
		    RULE("one", "A", "[parties.x]\nwho = to\ndomain = a.example\n" FLAGS PASSES),
		    RULE("two", "B", PASSES FLAGS "[parties.x]\ndomain = a.example\nwho = to\n"),
		    "two.ini:1:1: the rule asks for the same as one.ini\n" },
		{ "no test", RULE("one", "A", "[parties.x]\nwho = to\n"), NULL,
		    "one.ini:1:1: rule 'one' has no test\n" },
		{ "nothing shows that it flags", RULE("one", "A", "[parties.x]\nwho = to\n" PASSES),
		    NULL, "one.ini:1:1: no test of rule 'one' shows that it flags\n" },
		{ "nothing shows that it does not flag all",
		    RULE("one", "A", "[parties.x]\nwho = to\n" FLAGS), NULL,
		    "one.ini:1:1: no test of rule 'one' shows what it lets pass\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(sources) sources = sources_new();
		g_test_message("%s", cases[i].label);
		kit_add(sources, SOURCE_RULE, "one.ini", cases[i].one);
		if (cases[i].two != NULL)
			kit_add(sources, SOURCE_RULE, "two.ini", cases[i].two);
		g_autofree char *found = doubts_of(sources);
		g_assert_cmpstr(found, ==, cases[i].expected);
	}
}

/* Sections that load and that no mail can fulfil. */
static void
test_impossible(void)
{
	static const struct {
		const char *label, *body, *expected;
	} cases[] = {
		{ "sizes that exclude one another",
		    "[attachment.x]\nmin_size = 2k\nmax_size = 1k\n",
		    "warning 11:12: [attachment.x] can never hold: min_size is more than "
		    "max_size" },
		{ "a fact that is asked for and ruled out",
		    "[attachment.x]\nencrypted = no\nfacts = encrypted-attachment\n",
		    "warning 12:9: [attachment.x] can never hold: facts" },
		{ "locked and not locked",
		    "[attachment.x]\nencrypted = no\nunreadable = encrypted\n",
		    "warning 11:13: [attachment.x] can never hold: unreadable" },
		{ "deeper than is opened", "[attachment.x]\ndepth = 99\n",
		    "warning 11:9: [attachment.x] can never hold: nothing is opened" },
		{ "a dead drop that is no draft", "[message.x]\ndead_drop = yes\ndraft = no\n",
		    "warning 11:13: [message.x] can never hold: a dead drop" },
		{ "a draft with another's Message-ID",
		    "[message.x]\ndead_drop = yes\nreused_message_id = yes\n",
		    "warning 12:21: [message.x] can never hold: revisions" },
		{ "larger than what is scanned", "[message.x]\nmin_size = 900G\n",
		    "warning 11:12: [message.x] can never hold: no larger" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(ruleset) ruleset = kit_compile(cases[i].body, report);
		g_test_message("%s", cases[i].label);
		g_assert_nonnull(ruleset);
		if (!g_str_has_prefix(report->str, cases[i].expected))
			g_error("%s: %s", cases[i].label, report->str);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/doubts/detectors", test_detectors);
	g_test_add_func("/rules/doubts/table", test_doubts);
	g_test_add_func("/rules/doubts/rules", test_rules);
	g_test_add_func("/rules/doubts/impossible", test_impossible);
	return g_test_run();
}
