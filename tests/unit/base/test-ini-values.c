/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "base/ini.h"

enum getter { BOOL, UINT, SIZE, DURATION, DATE, CHOICE };

/* All share one key; numbers are allowed from 1 to 4G. */
static const struct {
	const char *label;
	enum getter getter;
	const char *value;
	guint64 expected; /* G_MAXUINT64: a problem */
} cases[] = {
	{ "yes", BOOL, "yes", 1 },
	{ "no", BOOL, "no", 0 },
	{ "'on' would be false for iniparser", BOOL, "on", G_MAXUINT64 },
	{ "'never' must not be a no", BOOL, "never", G_MAXUINT64 },
	{ "a number", UINT, "1000", 1000 },
	{ "octal by accident", UINT, "010", G_MAXUINT64 },
	{ "a number with a unit that it does not take", UINT, "10MB", G_MAXUINT64 },
	{ "a sign", UINT, "+1", G_MAXUINT64 },
	{ "a negative number must not wrap", UINT, "-1", G_MAXUINT64 },
	{ "below the least", UINT, "0", G_MAXUINT64 },
	{ "above the most", UINT, "5000000000", G_MAXUINT64 },
	{ "a number that overflows", UINT, "18446744073709551617", G_MAXUINT64 },
	{ "bytes", SIZE, "512", 512 },
	{ "kibibytes", SIZE, "256k", 262144 },
	{ "mebibytes", SIZE, "100M", 104857600 },
	{ "gibibytes", SIZE, "1G", 1073741824 },
	{ "an unknown unit", SIZE, "1T", G_MAXUINT64 },
	{ "two letters", SIZE, "1MB", G_MAXUINT64 },
	{ "a size that overflows by its unit", SIZE, "17179869185G", G_MAXUINT64 },
	{ "nothing but a unit", SIZE, "M", G_MAXUINT64 },
	{ "minutes", DURATION, "10m", 600 },
	{ "hours", DURATION, "2h", 7200 },
	{ "days", DURATION, "30d", 2592000 },
	{ "seconds", DURATION, "1s", 1 },
	{ "a bare number: of what?", DURATION, "10", G_MAXUINT64 },
	{ "a fraction", DURATION, "1.5h", G_MAXUINT64 },
	{ "a date", DATE, "1970-01-01", 719163 },
	{ "a leap day", DATE, "2028-02-29", 740406 },
	{ "no leap day", DATE, "2026-02-29", G_MAXUINT64 },
	{ "a month too many", DATE, "2026-13-01", G_MAXUINT64 },
	{ "another order", DATE, "30-09-2026", G_MAXUINT64 },
	{ "a date without zeros", DATE, "2026-9-30", G_MAXUINT64 },
	{ "a date with something behind", DATE, "2026-09-300", G_MAXUINT64 },
	{ "a word", CHOICE, "headers", 2 },
	{ "a misspelt word", CHOICE, "header", G_MAXUINT64 },
	{ "no word of these", CHOICE, "everything", G_MAXUINT64 },
};

static struct ini *
parse(const char *value)
{
	g_autofree char *text = g_strdup_printf("[s]\nkey = %s\n", value);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(problems) problems = problems_new();
	struct ini *ini = ini_parse("x.ini", bytes, problems);

	g_assert_nonnull(ini);
	return ini;
}

static bool
get(enum getter getter, const struct ini_section *section, const char *key, guint64 *out,
    struct problems *problems)
{
	static const char *const words[] = { "all", "hits", "headers", "none", NULL };
	const guint64 max = G_GUINT64_CONSTANT(4294967296);
	bool answer = *out != 0, found = false;
	guint32 day = (guint32)*out;
	guint index = (guint)*out;

	switch (getter) {
	case BOOL:
		found = ini_bool(section, key, &answer, problems);
		*out = found ? answer : *out;
		break;
	case UINT:
		return ini_uint(section, key, 1, max, out, problems);
	case SIZE:
		return ini_size(section, key, 1, max, out, problems);
	case DURATION:
		return ini_duration(section, key, 1, max, out, problems);
	case DATE:
		found = ini_date(section, key, &day, problems);
		*out = found ? day : *out;
		break;
	case CHOICE:
		found = ini_choice(section, key, words, &index, problems);
		*out = found ? index : *out;
		break;
	}
	return found;
}

static void
test_converters(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autoptr(ini) ini = parse(cases[i].value);
		const struct ini_section *section = ini_section(ini, "s");
		bool is_wrong = cases[i].expected == G_MAXUINT64;
		guint64 out = 4242;

		g_test_message("%s: %s", cases[i].label, cases[i].value);
		g_assert_false(get(cases[i].getter, section, "absent", &out, problems));
		g_assert_cmpuint(problems_total(problems), ==, 0);
		g_assert_cmpint(
		    get(cases[i].getter, section, "key", &out, problems), ==, !is_wrong);
		g_assert_cmpuint(out, ==, is_wrong ? 4242 : cases[i].expected);
		g_assert_cmpuint(problems_count(problems, PROBLEM_ERROR), ==, is_wrong ? 1 : 0);
		if (!is_wrong)
			continue;
		const struct problem *problem = problems_get(problems, 0);
		g_assert_cmpuint(problem->line, ==, 2);
		g_assert_cmpuint(problem->column, ==, 7);
		g_assert_nonnull(problem->mend);
	}
}

static void
test_mends(void)
{
	static const struct {
		enum getter getter;
		const char *value, *mend;
	} mends[] = {
		{ CHOICE, "header", "did you mean headers?" },
		{ CHOICE, "everything", "write one of: all, hits, headers, none" },
		{ SIZE, "8G", "from 1 to 4G" },
		{ DURATION, "100000d", "from 1s to 4294967296s" },
		{ BOOL, "on", "write yes or no" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(mends); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autoptr(ini) ini = parse(mends[i].value);
		guint64 out = 0;
		g_assert_false(get(mends[i].getter, ini_section(ini, "s"), "key", &out, problems));
		g_assert_cmpstr(problems_get(problems, 0)->mend, ==, mends[i].mend);
	}
}

static void
test_list(void)
{
	static const struct {
		const char *label, *value, *joined;
		guint column;
	} lists[] = {
		{ "one item", "sales", "sales", 0 },
		{ "blanks at the edges go, those within stay", "a b ,c,  d", "a b|c|d", 0 },
		{ "a comma at the end", "a,", NULL, 9 },
		{ "two commas", "a, ,b", NULL, 9 },
		{ "nothing but a comma", ",", NULL, 7 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autoptr(ini) ini = parse(lists[i].value);
		g_auto(GStrv) items = NULL;

		g_test_message("%s", lists[i].label);
		bool found = ini_list(ini_section(ini, "s"), "key", &items, problems);
		g_assert_cmpint(found, ==, lists[i].joined != NULL);
		if (found) {
			g_autofree char *joined = g_strjoinv("|", items);
			g_assert_cmpstr(joined, ==, lists[i].joined);
		} else {
			g_assert_cmpuint(problems_get(problems, 0)->column, ==, lists[i].column);
		}
	}
}

static void
test_positions(void)
{
	g_autoptr(problems) problems = problems_new();
	g_autoptr(ini) ini = parse("a and b");
	const struct ini_section *section = ini_section(ini, "s");

	ini_problem(section, ini_entry(section, "key"), 2, problems, "mend", "at %s", "and");
	ini_warning(section, NULL, problems, NULL, "at the section");
	const struct problem *first = problems_get(problems, 0);
	g_assert_cmpstr(first->source, ==, "key = a and b");
	g_assert_cmpuint(first->column, ==, 9);
	g_assert_cmpuint(first->caret, ==, 8);
	const struct problem *second = problems_get(problems, 1);
	g_assert_cmpint(second->level, ==, PROBLEM_WARNING);
	g_assert_cmpuint(second->line, ==, 1);
	g_assert_cmpstr(second->source, ==, "[s]");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ini-values/converters", test_converters);
	g_test_add_func("/ini-values/mends", test_mends);
	g_test_add_func("/ini-values/list", test_list);
	g_test_add_func("/ini-values/positions", test_positions);
	return g_test_run();
}
