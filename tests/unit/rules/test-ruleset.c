/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/fault.h"
#include "kit.h"

/* What an administrator may get wrong, and what is said. Line 10 is the first of the body. */
static void
test_problems(void)
{
	static const struct {
		const char *body, *expected;
	} cases[] = {
		{ "[parties.x]\nwho = to\n", "" },
		{ "[parties.x]\nwho = to\ndomein = a.example\n", "domein" },
		{ "[parties.x]\ndomain = a.example\n", "10:1: [parties.x] needs who" },
		{ "[parties.x]\nwho = tu\n", "11:7: " },
		{ "[parties.x]\nwho = to\ndomain_list = competitors, competitor\n",
		    "12:28: there is no list competitor | did you mean competitors?" },
		{ "[parties.x]\nwho = to\ngroup = salez\n",
		    "12:9: there is no group salez, and no list of that name | did you mean "
		    "sales?" },
		{ "[content.x]\ntype = regex\npattern.1 = a(b\n", "12:16: pattern.1: missing" },
		{ "[content.x]\ntype = regex\npattern.1 = x*\n",
		    "12:13: pattern.1 matches the empty text" },
		{ "[content.x]\ntype = regex\n", "10:1: [content.x] has no pattern" },
		{ "[content.x]\ntype = regex\npattern.1 = x\nwhere = body, hedaers\n",
		    "13:15: there is no place hedaers in a message | did you mean headers?" },
		{ "[content.x]\ntype = regex\npattern.1 = x\nword_list = terms\n", "word_list" },
		{ "[content.x]\ntype = words\n", "10:1: [content.x] has neither" },
		{ "[content.x]\ntype = words\nwords = plan,\n", "12:14: words: an empty item" },
		{ "[content.x]\ntype = detector\ndetector = cart\n",
		    "12:12: there is no detector cart" },
		{ "[attachment.x]\ntrue_types = pdf, docs\n",
		    "11:19: docs is not a known file type | did you mean docx?" },
		{ "[attachment.x]\nunreadable = locked\n", "11:14: unreadable does not know" },
		{ "[attachment.x]\nname = [a\n", "11:10: name: missing" },
		{ "[scope]\ndirections = out\n[parties.x]\nwho = to\n",
		    "11:14: directions does not know the word out" },
		{ "[scope]\nhours = 8-17\n[parties.x]\nwho = to\n",
		    "11:9: not a range of hours | write 20:00-06:00" },
		{ "[partys.x]\nwho = to\n", "10:1: a rule has no section [partys.x] | did you mean "
					    "[parties.x]?" },
		{ "[scope.x]\n[parties.x]\nwho = to\n", "10:1: [scope] comes once" },
		{ "[message.x]\n", "10:1: [message.x] asks for nothing" },
		{ "[condition]\nflag_if = a\n", "the rule asks for nothing" },
		{ "[parties.x]\nwho = to\n[condition]\nflag_if = parties.y\n",
		    "13:11: there is no section [parties.y] in this file | did you mean "
		    "parties.x?" },
		{ "[parties.x]\nwho = to\n[parties.y]\nwho = cc\n[condition]\nflag_if = "
		  "parties.y\n",
		    "warning 10:1: [parties.x] is not used by flag_if" },
		{ "[parties.x]\nwho = to\n[escalate.h]\nseverity = high\n",
		    "12:1: [escalate.h] needs if" },
		{ "[parties.x]\nwho = to\n[escalate.h]\nif = parties.x\n",
		    "12:1: [escalate.h] needs severity" },
		{ "[parties.x]\nwho = to\n[except.e]\nreason = r\napproved_by = b\n"
		  "expires = 2020-02-01\nsenders = a@b.example\n",
		    "warning 15:11: [except.e] has expired" },
		{ "[parties.x]\nwho = to\n[except.e]\nreason = r\napproved_by = b\n"
		  "expires = 2099-02-01\n",
		    "12:1: [except.e] names nobody" },
		{ "[parties.x]\nwho = to\n[except.e]\nsenders = a@b.example\n",
		    "12:1: [except.e] needs reason" },
		{ "[parties.x]\nwho = to\n[test.1]\nexpect = flag\n",
		    "12:1: [test.1] needs a message, or a part and a text" },
		{ "[parties.x]\nwho = to\n[test.1]\nexpect = flag\npart = parties.x\ntext = a\n",
		    "14:8: there is no section [parties.x] that reads text" },
		{ "[parties.x]\nwho = to\n[action]\nkeep_copy = maybe\n", "13:13: " },
		{ "[parties.x]\nwho = to\n[action]\nnotify = officer\n", "13:10: " },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(ruleset) ruleset = kit_compile(cases[i].body, report);
		bool is_fine = cases[i].expected[0] == '\0';
		g_test_message("%s -> %s", cases[i].body, report->str);
		g_assert_nonnull(strstr(report->str, cases[i].expected));
		g_assert_cmpint(is_fine, ==, report->len == 0);
		g_assert_cmpint(
		    ruleset != NULL, ==, is_fine || g_str_has_prefix(report->str, "warning"));
	}
}

/* The mend is the half of a problem that people act on. */
static void
test_mends(void)
{
	static const struct {
		const char *body, *expected;
	} cases[] = {
		{ "[content.plan]\ntype = words\nwords = a\n[test.1]\nexpect = flag\npart = "
		  "content.plans"
		  "\ntext = a\n",
		    "15:8: there is no section [content.plans] that reads text | did you mean "
		    "content.plan?" },
		{ "[party.rival]\nwho = to\n", "10:1: a rule has no section [party.rival] | write "
					       "one of rule, scope, parties" },
		{ "[attachment.x]\ntrue_types = word\n",
		    "11:14: word is not a known file type | write one of pdf " },
		{ "[parties.x]\nwho = to\ndomain = https://rival.example/\n",
		    "warning 12:10: 'https://rival.example/' matches nobody" },
		{ "[parties.x]\nwho = to\naddress = anna\n",
		    "warning 12:11: 'anna' matches nobody: it is neither a domain nor an address | "
		    "write name@rival.example" },
		{ "[parties.x]\nwho = to\ndomain_list = terms\n",
		    "warning 12:15: 'project falcon' (list terms, line 1) matches nobody" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(ruleset) ruleset = kit_compile(cases[i].body, report);
		g_test_message("%s -> %s", cases[i].body, report->str);
		g_assert_nonnull(strstr(report->str, cases[i].expected));
		g_assert_cmpint(ruleset != NULL, ==, g_str_has_prefix(report->str, "warning"));
	}
}

static void
test_head(void)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "[rule]\ntitle = t\nseverity = low\ndescription = d\n[message]\ndraft = yes\n",
		    "1:1: [rule] needs id" },
		{ "[rule]\nid = A b\ntitle = t\nseverity = low\ndescription = d\n[message]\n"
		  "draft = yes\n",
		    "2:6: not a rule id" },
		{ "[rule]\nid = a\ntitle = t\nseverity = huge\ndescription = d\n[message]\n"
		  "draft = yes\n",
		    "4:12: " },
		{ "[rule]\nid = a\ntitle = t\xc2\xad\nseverity = low\ndescription = d\n[message]\n"
		  "draft = yes\n",
		    "3:10: title has a character that cannot be shown" },
		{ "[message]\ndraft = yes\n", "1:1: the file has neither [rule] nor [detector]" },
		{ "[detector]\nid = x\ntitle = t\npattern.1 = a\nvalidator = lune\n",
		    "5:13: there is no validator lune | flagpost rules detectors" },
		{ "[detector]\nid = x\ntitle = t\npattern.1 = a\nvalidator = luhm\n",
		    "5:13: there is no validator luhm | did you mean luhn?" },
		{ "[detector]\nid = x\ntitle = t\n", "1:1: [detector] has no pattern" },
		{ "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		g_autoptr(sources) sources = kit_sources();
		kit_add(sources, SOURCE_RULE, "10.ini", cases[i].text);
		g_autoptr(ruleset) ruleset = kit_try(sources, report);
		g_test_message("%s -> %s", cases[i].text, report->str);
		g_assert_nonnull(strstr(report->str, cases[i].expected));
		g_assert_cmpint(ruleset != NULL, ==, report->len == 0);
	}
}

static void
test_twice(void)
{
	g_autoptr(GString) report = g_string_new(NULL);
	g_autoptr(sources) sources = kit_sources();

	kit_add(sources, SOURCE_RULE, "10.ini", KIT_HEAD "[message]\ndraft = yes\n");
	kit_add(sources, SOURCE_RULE, "20.ini", KIT_HEAD "[message]\ndraft = yes\n");
	g_assert_null(kit_try(sources, report));
	g_assert_nonnull(strstr(report->str, "2:1: the rule one stands in 10.ini already"));
}

static void
test_broken_list(void)
{
	g_autoptr(GString) report = g_string_new(NULL);
	g_autoptr(sources) sources = kit_sources();
	g_autofree char *as = g_strnfill(1001, 'a');
	g_autofree char *text = g_strconcat("good\nnot \xff\n", as, "\n", NULL);

	kit_add(sources, SOURCE_LIST, "bad", text);
	g_assert_null(kit_try(sources, report));
	g_assert_nonnull(strstr(report->str, "2:5: the line is not UTF-8"));
	g_assert_nonnull(strstr(report->str, "3:1001: an entry has at most 1000 bytes"));
}

static void
test_info(void)
{
	g_autoptr(ruleset) ruleset =
	    kit_rule("[message]\ndraft = yes\n[action]\nforward = officer\n"
		     "keep_copy = no\n[test.1]\nexpect = pass\n"
		     "message = tests/a.eml\nlist.terms = a, b\n"
		     "today = 2026-01-02\nfolder = Sent\n");
	const struct rule_info *info = ruleset_find(ruleset, "one");
	const struct rule_test *test = ruleset_test(ruleset, 0);

	g_assert_cmpuint(ruleset_count(ruleset), ==, 1);
	g_assert_true(info == ruleset_info(ruleset, 0));
	g_assert_null(ruleset_find(ruleset, "two"));
	g_assert_cmpstr(info->title, ==, "One");
	g_assert_cmpstr(info->next_step, ==, "");
	g_assert_cmpstr(info->forward, ==, "officer");
	g_assert_false(info->keep_copy);
	g_assert_cmpuint(info->tests, ==, 1);
	g_assert_cmpuint(ruleset_test_count(ruleset), ==, 1);
	g_assert_cmpstr(test->name, ==, "test.1");
	g_assert_false(test->expect_flag);
	g_assert_true(g_str_has_suffix(test->message, "tests/a.eml"));
	g_assert_cmpstr(test->context->folder, ==, "Sent");
	g_assert_cmpstr(test->context->own_domains[0], ==, "corp.example");
	g_assert_cmpint(test->context->now, ==, G_GINT64_CONSTANT(1767312000) * G_USEC_PER_SEC);
	const char *const *terms = g_hash_table_lookup(test->context->lists, "terms");
	g_assert_cmpstr(terms[1], ==, "b");
}

/* A site's lists, groups and own domains cannot break the test of a rule. */
static void
test_world_of_a_test(void)
{
	g_autoptr(ruleset) ruleset = kit_rule(
	    "[parties.x]\nwho = from\ngroup = sales\n[parties.y]\nwho = to\ndomain_not_in = local\n"
	    "[content.x]\ntype = words\nword_list = terms\n[test.1]\nexpect = flag\n"
	    "part = content.x\ntext = the blue moon\nlist.terms = blue moon\n"
	    "list.sales = zoe@other.example\nown_domains = other.example\n");
	const struct rule_test *test = ruleset_test(ruleset, 0);
	g_autoptr(GError) error = NULL;
	bool matched = false;

	g_assert_true(ruleset_test_text(ruleset, test, &matched, &error));
	g_assert_no_error(error);
	g_assert_true(matched);
	g_autoptr(verdict) verdict =
	    kit_match(ruleset, kit_message("zoe@other.example", "anna@corp.example", "blue moon"),
		test->context, false);
	g_assert_cmpuint(verdict_flag_count(verdict), ==, 1);
	g_autoptr(verdict) without = kit_match(ruleset,
	    kit_message("zoe@other.example", "anna@corp.example", "blue moon"), NULL, false);
	g_assert_cmpuint(verdict_flag_count(without), ==, 0);
}

/* A test whose section gives up is an error, not a pass. */
static void
test_that_gives_up(void)
{
	g_autofree char *as = g_strnfill(60, 'a');
	g_autofree char *body = g_strdup_printf(
	    "[content.x]\ntype = regex\npattern.1 = (a+)+$\n[test.1]\nexpect = pass\n"
	    "part = content.x\ntext = %sb\n",
	    as);
	g_autoptr(ruleset) ruleset = kit_rule(body);
	g_autoptr(GError) error = NULL;
	bool matched = false;

	g_assert_false(ruleset_test_text(ruleset, ruleset_test(ruleset, 0), &matched, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
	g_assert_cmpstr(error->message, ==, "one [test.1]: gave up: match limit");
}

/* The bytes of a message become a text of their own only for rules that look at them. */
static void
test_needs_raw(void)
{
	static const struct {
		const char *label, *body;
		bool needed;
	} cases[] = {
		{ "the places that are meant where none is named",
		    "[content.x]\ntype = regex\npattern.1 = x\n", false },
		{ "all places but raw",
		    "[content.x]\ntype = regex\npattern.1 = x\n"
		    "where = subject, body, attachments, filenames, headers, urls, header.to\n",
		    false },
		{ "raw among others",
		    "[content.x]\ntype = regex\npattern.1 = x\nwhere = body, raw\n", true },
		{ "raw in the second section",
		    "[content.x]\ntype = regex\npattern.1 = x\n\n"
		    "[content.y]\ntype = words\nwords = x\nwhere = raw\n",
		    true },
		{ "no content at all", "[parties.x]\nwho = to\n", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(ruleset) ruleset = kit_rule(cases[i].body);
		g_test_message("%s", cases[i].label);
		g_assert_true(ruleset_needs_raw(ruleset) == cases[i].needed);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ruleset/problems", test_problems);
	g_test_add_func("/ruleset/mends", test_mends);
	g_test_add_func("/ruleset/head", test_head);
	g_test_add_func("/ruleset/twice", test_twice);
	g_test_add_func("/ruleset/broken list", test_broken_list);
	g_test_add_func("/ruleset/info", test_info);
	g_test_add_func("/ruleset/needs raw", test_needs_raw);
	g_test_add_func("/ruleset/world of a test", test_world_of_a_test);
	g_test_add_func("/ruleset/a test gives up", test_that_gives_up);
	return g_test_run();
}
