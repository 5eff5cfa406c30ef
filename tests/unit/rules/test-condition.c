/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/condition.h"

#include <string.h>

static const char *const names[] = { "parties.a", "attachment.x", "attachment.y", "content.z",
	NULL };

static struct condition *
parse(const char *text, GString *report)
{
	g_autoptr(problems) problems = problems_new();
	g_autofree char *file = g_strdup_printf("[condition]\nflag_if = %s\n", text);
	g_autoptr(GBytes) bytes = g_bytes_new(file, strlen(file));
	g_autoptr(ini) ini = ini_parse("x.ini", bytes, problems);

	g_assert_nonnull(ini);
	const struct ini_section *section = ini_section(ini, "condition");
	struct condition *condition =
	    condition_parse(section, ini_entry(section, "flag_if"), names, problems);
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(report, "%u: %s%s%s", problem->column - 10, problem->text,
		    problem->mend != NULL ? " | " : "", problem->mend != NULL ? problem->mend : "");
	}
	return condition;
}

/* data: one letter a section: t, f or u. */
static enum truth
ask(guint section, gpointer data)
{
	const char *truths = data;

	return truths[section] == 't'   ? TRUTH_TRUE
	       : truths[section] == 'f' ? TRUTH_FALSE
					: TRUTH_UNDECIDED;
}

static void
test_truth(void)
{
	static const struct {
		const char *text, *truths;
		char expected;
	} cases[] = {
		{ "parties.a", "tfff", 't' },
		{ "not parties.a", "tfff", 'f' },
		{ "not not parties.a", "tfff", 't' },
		{ "parties.a and content.z", "tfff", 'f' },
		{ "parties.a or content.z", "tfff", 't' },
		{ "parties.a or attachment.x and content.z", "tfff", 't' },
		{ "(parties.a or attachment.x) and content.z", "tfff", 'f' },
		{ "1 of attachment.*", "fftf", 't' },
		{ "2 of attachment.*", "fftf", 'f' },
		{ "all of attachment.*", "fttf", 't' },
		{ "parties.a and (1 of attachment.* or 1 of content.*)", "tfft", 't' },
		/* What could not be decided never becomes a silent no, nor a yes by "not". */
		{ "parties.a", "ufff", 'u' },
		{ "not parties.a", "ufff", 'u' },
		{ "parties.a and content.z", "ufff", 'f' },
		{ "parties.a and content.z", "ufft", 'u' },
		{ "parties.a or content.z", "ufft", 't' },
		{ "all of attachment.*", "futf", 'u' },
		{ "1 of attachment.*", "fuuf", 'u' },
		{ "parties.a   and(content.z)", "tfft", 't' },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		struct condition *condition = parse(cases[i].text, report);
		g_test_message("%s over %s", cases[i].text, cases[i].truths);
		g_assert_cmpstr(report->str, ==, "");
		enum truth truth = condition_check(condition, ask, (gpointer)cases[i].truths);
		g_assert_cmpint("ftu"[truth], ==, cases[i].expected);
		condition_free(condition);
	}
}

static void
test_errors(void)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "parties.b", "1: there is no section [parties.b] in this file | did you mean "
			       "parties.a?" },
		{ "parties.a and", "14: a section is missing at the end" },
		{ "parties.a and and content.z", "15: a section is missing here" },
		{ "(parties.a", "1: the parenthesis is not closed | add )" },
		{ "parties.a)", "10: what stands here belongs to nothing | join with and, or" },
		{ "parties.a content.z",
		    "11: what stands here belongs to nothing | join with and, or" },
		{ "content.*", "1: several sections need a number of them that must hold | write 1 "
			       "of or all of before it" },
		{ "1 content.*", "3: \"of\" is missing | write 1 of content.*" },
		{ "3 of attachment.*",
		    "1: there are not so many sections of that name | write 1 of, or all of" },
		{ "0 of attachment.*", "1: not a number of sections | write all, or a number from "
				       "1" },
		{ "1 of message.*", "6: no section of this file has such a name" },
		{ "1 of content.z", "6: no sections to choose from | write content.* or another "
				    "beginning of names and a star" },
		{ "all of", "7: no sections to choose from | write content.* or another beginning "
			    "of names and a star" },
		{ "()", "2: a section is missing here" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GString) report = g_string_new(NULL);
		struct condition *condition = parse(cases[i].text, report);
		g_assert_null(condition);
		g_assert_cmpstr(report->str, ==, cases[i].expected);
	}
}

/* A rule file must not be able to exhaust the stack. */
static void
test_depth(void)
{
	g_autoptr(GString) deep = g_string_new(NULL), report = g_string_new(NULL);

	for (guint i = 0; i < 400; i++)
		g_string_append_c(deep, '(');
	g_assert_null(parse(deep->str, report));
	g_assert_cmpstr(report->str, ==, "65: nested too deep");
	g_string_truncate(deep, 0);
	g_string_truncate(report, 0);
	for (guint i = 0; i < 200; i++)
		g_string_append(deep, "not ");
	g_assert_null(parse(deep->str, report));
	g_assert_cmpstr(report->str, ==, "257: nested too deep");
}

static enum truth
refuse_second(guint section, gpointer data)
{
	(void)data;
	g_assert_cmpuint(section, ==, 0);
	return TRUTH_TRUE;
}

static void
test_asks_no_more_than_needed(void)
{
	g_autoptr(GString) report = g_string_new(NULL);
	struct condition *condition = parse("parties.a or content.z", report);

	g_assert_cmpint(condition_check(condition, refuse_second, NULL), ==, TRUTH_TRUE);
	condition_free(condition);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/condition/truth", test_truth);
	g_test_add_func("/condition/errors", test_errors);
	g_test_add_func("/condition/depth", test_depth);
	g_test_add_func("/condition/lazy", test_asks_no_more_than_needed);
	return g_test_run();
}
