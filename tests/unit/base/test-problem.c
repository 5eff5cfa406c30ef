/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/problem.h"

#include <stdlib.h>
#include <string.h>

static char *
printed(const struct problems *problems, bool colour)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	problems_print(problems, out, colour);
	fclose(out);
	return text;
}

static void
test_print(void)
{
	static const struct {
		const char *label;
		enum problem_level level;
		guint line, column;
		const char *source, *mend, *text, *expected;
	} cases[] = {
		{ "the form that compilers print and editors understand", PROBLEM_ERROR, 34, 25,
		    "pattern.2 = confidential; internal", "write \\x3b", "the value ends at ';'",
		    "r.ini:34:25: error: the value ends at ';'\n"
		    "   34 | pattern.2 = confidential; internal\n"
		    "      |                         ^ write \\x3b\n" },
		{ "a file as a whole", PROBLEM_WARNING, 0, 0, NULL, NULL, "no rules",
		    "r.ini: warning: no rules\n" },
		{ "a file as a whole with a mend", PROBLEM_ERROR, 0, 0, NULL, "save as UTF-8",
		    "not text", "r.ini: error: not text\n      | save as UTF-8\n" },
		{ "a line as a whole", PROBLEM_ERROR, 2, 0, "[x", "close it", "open section",
		    "r.ini:2: error: open section\n    2 | [x\n      | close it\n" },
		{ "the caret counts cells, not bytes", PROBLEM_ERROR, 1, 9, "ä日 = ;", NULL, "here",
		    "r.ini:1:9: error: here\n    1 | ä日 = ;\n      |       ^\n" },
		{ "a tab does not shift the caret", PROBLEM_ERROR, 1, 3, "a\t;", NULL, "here",
		    "r.ini:1:3: error: here\n    1 | a ;\n      |   ^\n" },
		{ "a file cannot steer the terminal", PROBLEM_ERROR, 1, 2, "\033[2J", NULL, "a\nb",
		    "r.ini:1:2: error: a\\u{A}b\n    1 | \\u{1B}[2J\n      |       ^\n" },
		{ "a column behind the line's end", PROBLEM_ERROR, 1, 99, "ab\n", NULL, "here",
		    "r.ini:1:99: error: here\n    1 | ab\n      |   ^\n" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_test_message("%s", cases[i].label);
		problems_add(problems, cases[i].level, "r.ini", cases[i].line, cases[i].column,
		    cases[i].source, cases[i].mend, "%s", cases[i].text);
		char *text = printed(problems, false);
		g_assert_cmpstr(text, ==, cases[i].expected);
		free(text);
	}
}

/* Bytes stay as many as they were, so the caret stands where it stood. */
static void
test_passwords(void)
{
	static const struct {
		const char *label, *source, *shown;
	} cases[] = {
		{ "a password key", "password = tiger", "password = *****" },
		{ "without blanks", "password=tiger", "password=*****" },
		{ "misspelt, or in a comment", "# Passwd = tiger", "# Passwd = *****" },
		{ "with what ends a value for iniparser", "password = ti;ger",
		    "password = ******" },
		{ "in a URL", "url = imaps://anna:tiger@x.example",
		    "url = imaps://**********@x.example" },
		{ "in a URL, with an at sign in it", "url = imaps://a:t@g@x.example",
		    "url = imaps://*****@x.example" },
		{ "where one lies is no secret", "password_file = secrets/hq",
		    "password_file = secrets/hq" },
		{ "a plain URL is none either", "url = imaps://x.example/a@b",
		    "url = imaps://x.example/a@b" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_test_message("%s", cases[i].label);
		problems_add(
		    problems, PROBLEM_ERROR, "a.ini", 1, 3, cases[i].source, NULL, "wrong");
		g_assert_cmpstr(problems_get(problems, 0)->source, ==, cases[i].shown);
		g_assert_cmpuint(problems_get(problems, 0)->caret, ==, 2);
	}
}

static void
test_long_line(void)
{
	g_autoptr(problems) problems = problems_new();
	GString *line = g_string_new("key = ");

	for (guint i = 0; i < 20000; i++)
		g_string_append(line, i == 9000 ? ";" : "ä");
	gsize at = (gsize)(strchr(line->str, ';') - line->str);
	problems_add(
	    problems, PROBLEM_ERROR, "f", 1, (guint)at + 1, line->str, NULL, "here it ends");
	const struct problem *problem = problems_get(problems, 0);
	g_test_message(
	    "of a long line the part around the column is shown, cut between characters");
	g_assert_cmpuint(strlen(problem->source), <, 200);
	g_assert_true(g_utf8_validate(problem->source, -1, NULL));
	g_assert_true(g_str_has_prefix(problem->source, "…"));
	g_assert_true(g_str_has_suffix(problem->source, "…"));
	const char *shown = g_utf8_offset_to_pointer(problem->source, problem->caret);
	g_assert_cmpint(*shown, ==, ';');
	g_string_free(line, TRUE);
}

static void
test_counts(void)
{
	g_autoptr(problems) problems = problems_new();

	problems_add(problems, PROBLEM_ERROR, "b", 1, 0, NULL, NULL, "second %d", 2);
	problems_add(problems, PROBLEM_WARNING, "a", 1, 0, NULL, NULL, "first");
	g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), ==, 1);
	g_assert_cmpuint(problems_count(problems, PROBLEM_WARNING), ==, 1);
	g_assert_cmpuint(problems_total(problems), ==, 2);
	g_assert_cmpstr(problems_get(problems, 0)->text, ==, "second 2");
	char *text = printed(problems, true);
	g_assert_nonnull(strstr(text, "\033[1;31merror:"));
	free(text);
}

/* Whoever reads a key once more for each that it is for says it once. */
static void
test_once(void)
{
	g_autoptr(problems) problems = problems_new();

	for (guint i = 0; i < 3; i++)
		problems_add(problems, PROBLEM_ERROR, "a.ini", 4, 9, "x = 1", NULL, "not %s", "so");
	problems_add(problems, PROBLEM_ERROR, "a.ini", 5, 9, "x = 1", NULL, "not so");
	problems_add(problems, PROBLEM_ERROR, "b.ini", 4, 9, "x = 1", NULL, "not so");
	problems_add(problems, PROBLEM_WARNING, "a.ini", 4, 9, "x = 1", NULL, "not so");
	g_assert_cmpuint(problems_total(problems), ==, 4);
	g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), ==, 3);
}

static void
test_did_you_mean(void)
{
	static const char *const keys[] = { "password_file", "folders", "keep", "ca_file", NULL };
	static const struct {
		const char *label, *word, *expected;
	} cases[] = {
		{ "another separator", "password-file", "password_file" },
		{ "a letter too few", "folder", "folders" },
		{ "two swapped letters", "fodlers", "folders" },
		{ "one wrong letter of four", "keeq", "keep" },
		{ "nothing near: no misleading advice", "organisation", NULL },
		{ "a short word that is only half right", "kp", NULL },
		{ "the empty word", "", NULL },
		{ "a word longer than anything sensible",
		    "password_filepassword_filepassword_filepassword_filepassword_file1", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(problem_did_you_mean(cases[i].word, keys), ==, cases[i].expected);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/problem/print", test_print);
	g_test_add_func("/problem/passwords", test_passwords);
	g_test_add_func("/problem/long-line", test_long_line);
	g_test_add_func("/problem/counts", test_counts);
	g_test_add_func("/problem/once", test_once);
	g_test_add_func("/problem/did-you-mean", test_did_you_mean);
	return g_test_run();
}
