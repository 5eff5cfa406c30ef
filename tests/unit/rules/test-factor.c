/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every match of a pattern must contain: never too narrow, and as rare as can be. */
#include "rules/factor.h"

#include <string.h>

static const struct {
	const char *label, *pattern;
	bool ignore_case;
	const char *expression; /* in clear, see plain(); NULL: none */
} rows[] = {
	{ "a word as it stands", "NIGHTJAR", false, "NIGHTJAR" },
	{ "either case is a set", "jar-77", true, "[Jj][Aa][Rr]-77" },
	{ "borders and assertions take nothing", "\\b(?<!x)NIGHTJAR(?=y)$", false, "NIGHTJAR" },
	{ "a group of one is its content", "(?:NIGHT)(JAR)", false, "NIGHTJAR" },
	{ "what may be missing may be missing", "NIGHT-?JAR", false, "NIGHT-{0,1}JAR" },
	{ "the rarer side of a gap", "the.*NIGHTJAR", false, "NIGHTJAR" },
	{ "a reference is what its group may be", "(QXZ)\\1ab", false, "QXZQXZab" },
	{ "one to a group that is not whole is any text", "(Q\\1XZJ)", false, "XZJ" },
	{ "one where options change as well", "(qxz)(?i)\\1Z", false, "qxz" },
	{ "all branches, each cut to its best", "(?:the.*NIGHTJAR|of .*FALCON)", false,
	    "(?:NIGHTJAR|FALCON)" },
	{ "of a long word some letters are enough", "proposition-QXZJKVW", false, "tion-QXZ" },
	{ "a reference into what only looks", "(?=(QX))\\1ZV", false, "QXZV" },
	{ "a letter beyond ASCII keeps its bytes", "Gr\303\266QXZ", false, "Gr\\xc3\\xb6QXZ" },
	{ "without regard to case, both", "\303\266QXZV", true,
	    "\\xc3[\\x96\\xb6][Qq][Xx][Zz][Vv]" },
	{ "inline options hold to the end of their group", "(?:(?i)QX)ZVJ", false, "[Qq][Xx]ZVJ" },
	{ "and over its other branches", "(?:a(?i)QXV|ZJV)", false,
	    "(?:a[Qq][Xx][Vv]|[Zz][Jj][Vv])" },
	{ "quoted characters are none of the syntax", "\\QQ.X*Z(\\E", false, "Q.X*Z(" },
	{ "the repeat behind quotes takes the last of them", "\\QQXZ\\E*VJK", false, "QXZ{0,}VJK" },
	{ "numbers of characters", "\\x51\\x{58}Z\\o{126}", false, "QXZV" },
	{ "a class with a hyphen, a bracket", "[]-]QXZ[x-]", false, "[-]]QXZ[-x]" },
	{ "what a class leaves out", "QXZ[^a]VJ", false, "QXZ" },
	{ "extended: blanks and comments", "(?x) Q X (?#no) Z V", false, "QXZV" },
	{ "extended, escaped blank", "(?x)QX\\ ZV", false, "QX ZV" },
	{ "a line begins with it", "(?m)^QXZV", false,
	    "(?:^|[\\x00\\x0a-\\x0d\\x85\\xa8-\\xa9])QXZV" },
	{ "or with blanks", "(?m)^ {0,9}QXZV", false,
	    "(?:^|[\\x00\\x0a-\\x0d\\x85\\xa8-\\xa9]) {0,9}QXZV" },
	{ "before each branch, cut to its best", "(?m)^ {0,9}(?:QXZV|KJ\\w{2,20}|a \\w+ NIGHTJAR)",
	    false,
	    "(?:(?:^|[\\x00\\x0a-\\x0d\\x85\\xa8-\\xa9]) {0,9}QXZV|"
	    "(?:^|[\\x00\\x0a-\\x0d\\x85\\xa8-\\xa9]) {0,9}KJ| NIGHTJA)" },
	{ "not where more of it stands behind the group", "(?m)^ {0,9}(?:QX|KJ)ZV", false,
	    "(?:^|[\\x00\\x0a-\\x0d\\x85\\xa8-\\xa9]) {0,9}(?:QX|KJ)ZV" },
	{ "it may begin there, or not", "(?m)^?QXZV", false, "QXZV" },
	{ "not the text alone", "^QXZV", false, "QXZV" },
	{ "not where the option has ended", "(?:(?m)QX)^ZV", false, "QXZV" },
	{ "not behind what may end a line", "(?m)QX\\s^ZV", false,
	    "QX[\\x09-\\x0d \\x80-\\xff]{1,}ZV" },
	{ "not within a group", "(?m)(?:^QXZV\\n){2}", false, "(?:QXZV\\x0a){2,2}" },
	/* What stands in places, and how far it may reach beyond them. */
	{ "a long run of a wide set", "[A-Za-z0-9/+]{40}", false,
	    "run: [+/-9A-Za-z]{40,40} -0 +0" },
	{ "digits, as many", "\\d{9}", false, "capitals: [0-9]{9,9} -0 +0" },
	{ "digits, once each", "\\d{4}-\\d{4}", false, "digits: [0-9]{4,4}-[0-9]{4,4} -0 +0" },
	{ "few digits are everywhere", "\\d{2}-\\d{3}", false, "[0-9]{2,2}-[0-9]{3,3}" },
	{ "digits too far apart are none of one place", "\\d{4} .... \\d{4}", false,
	    "[0-9]{4,4} " },
	{ "what stands around digits", "[a-z]{2}-?\\d{3}-\\d{4}-?[a-z]", false,
	    "digits: [a-z]{2,2}-{0,1}[0-9]{3,3}-[0-9]{4,4}-{0,1}[a-z] -3 +2" },
	{ "what may be missing at an end", "[a-z]{0,2}-?\\d{3}-\\d{4}[a-z]?", false,
	    "digits: [0-9]{3,3}-[0-9]{4,4} -0 +0" },
	{ "more than the least at an end", "\\d{3,9}-\\d{4,9}", false,
	    "digits: [0-9]{3,3}-[0-9]{4,4} -0 +0" },
	{ "the same of a word", "[ab]{2,9}QXZ[cd]{1,9}", false, "[a-b]{2,2}QXZ[c-d]" },
	{ "but not within", "\\d{3,9}-\\d{3,9}-\\d{3,9}", false,
	    "digits: [0-9]{3,3}-[0-9]{3,9}-[0-9]{3,3} -0 +0" },
	{ "blanks of more than one byte", "\\d{3}\\h\\d{4}\\h[a-z]", false,
	    "digits: [0-9]{3,3}[\\x09 \\x80-\\xff]{1,}[0-9]{4,4}[\\x09 \\x80-\\xff]{1,}[a-z] -0 "
	    "+5" },
	{ "the items of a group", "(?-i:P[A-Z<]{20}\\s.*)", false, "run: P[<A-Z]{20,20} -0 +0" },
	{ "less of it where more stands around", "i-\\d{10}-(?:[a-z]{2,19} ){2}[a-z ]{9}", false,
	    "digits: i-[0-9]{10,10}- -2 +1" },
	{ "each branch has its own place", "\\d{3}-\\d{4}|[A-Z]{8}", false,
	    "digits: [0-9]{3,3}-[0-9]{4,4} -0 +0, capitals: [A-Z]{8,8} -0 +0" },
	{ "one that has no place, and the pattern has none", "\\d{3}-\\d{4}|[a-z]{5}-", false,
	    "(?:[0-9]{3,3}-[0-9]{4,4}|-)" },
	{ "a code, as much of it as there is room for", "[A-Z]{2}\\d\\d(?: ?[a-z]){70}", false,
	    "code: [A-Z]{2,2}[0-9][0-9](?: {0,1}[a-z]){8,8} -1 +16" },
	{ "a letter and two digits", "[A-Z]\\d\\d-x", false, "code: [A-Z][0-9][0-9]-x -0 +2" },
	{ "a word is better than any place", "NIGHTJAR-\\d{9}", false, "NIGHTJAR" },
	{ "any number of digits, so the least", "x\\d{9,}", false, "digits: x[0-9]{9,9} -1 +0" },
	{ "two letters are no word", "id\\d{9}", false, "digits: id[0-9]{9,9} -2 +0" },
	/* What is of no use. */
	{ "nothing rare", "e", false, NULL },
	{ "one branch is empty", "(?:NIGHTJAR|)", false, NULL },
	{ "all may be missing", "(?:NIGHTJAR)?", false, NULL },
	{ "any number of none", "(?:NIGHTJAR){0,3}", false, NULL },
	{ "only any text", ".{20,}", false, NULL },
	{ "letters of all scripts", "\\p{Greek}+", false, NULL },
	{ "negative look-ahead proves nothing", "(?!NIGHTJAR)", false, NULL },
	/* What is not understood for certain. */
	{ "a verb", "(*ACCEPT)NIGHTJAR", false, NULL },
	{ "a condition", "(a)?(?(1)NIGHTJAR|FALCON)", false, NULL },
	{ "a repeat that releases read differently", "NIGHTJAR{,3}", false, NULL },
	{ "a repeat of a repeat", "NIGHTJAR{2}{3}", false, NULL },
	{ "a control character", "NIGHTJAR\\cA", false, NULL },
	{ "both kinds of extended", "(?xx)NIGHTJAR[a b]", false, NULL },
	{ "word borders as classes", "[[:<:]]NIGHTJAR", false, NULL },
	{ "a range whose end is a kind", "[a-\\d]NIGHTJAR", false, NULL },
};

static const char *const places[FACTOR_PLACES] = { "digits", "capitals", "run", "code" };

/* \xHH as the character where that can be read. */
static char *
plain(const char *expression)
{
	GString *out = g_string_new(NULL);

	for (const char *p = expression; *p != '\0'; p++) {
		int high = 0, low = 0;
		if (p[0] == '\\' && p[1] == 'x') {
			high = g_ascii_xdigit_value(p[2]);
			low = g_ascii_xdigit_value(p[3]);
		}
		char c = (char)(high * 16 + low);
		if (g_ascii_isprint(c)) {
			g_string_append_c(out, c);
			p += 3;
		} else {
			g_string_append_c(out, *p);
		}
	}
	return g_string_free(out, FALSE);
}

/* The expression, or for each kind of place what stands there: "digits: [0-9]{9,9} -0 +0" */
static char *
written(const struct factor *factor)
{
	GString *out = g_string_new(NULL);

	if (factor->expression != NULL) {
		g_string_free(out, TRUE);
		return plain(factor->expression);
	}
	for (guint i = 0; i < FACTOR_PLACES; i++) {
		const struct factor_placed *placed = &factor->placed[i];
		if (placed->expression == NULL)
			continue;
		g_autofree char *expression = plain(placed->expression);
		g_string_append_printf(out, "%s%s: %s -%u +%u", out->len > 0 ? ", " : "", places[i],
		    expression, placed->before, placed->after);
	}
	return g_string_free(out, FALSE);
}

static void
test_factors(void)
{
	g_autoptr(factor_cases) cases = factor_cases_new();
	guint wrong = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const char *why = NULL;
		g_autoptr(factor) factor =
		    factor_of(cases, rows[i].pattern, rows[i].ignore_case, &why);
		g_autofree char *found = factor != NULL ? written(factor) : NULL;
		if (g_strcmp0(found, rows[i].expression) == 0)
			continue;
		g_test_message("%s: %s gives %s, not %s (%s)", rows[i].label, rows[i].pattern,
		    found, rows[i].expression, why);
		wrong++;
	}
	g_assert_cmpuint(wrong, ==, 0);
}

/* Characters that equal others of another length are no part of a factor: it says so. */
static void
test_odd(void)
{
	static const struct {
		const char *pattern;
		bool ignore_case;
		guint odd;
	} odd[] = {
		{ "QXZVJ", true, 0 },
		{ "QXZVJ-S", true, FACTOR_ODD_CASES },
		{ "QXZVJ-S", false, 0 },
		{ "QXZVJ\\d", false, FACTOR_ODD_DIGITS },
		{ "QXZVJ[0-9]", false, 0 },
		{ "QXZVJ\303\237", true, FACTOR_ODD_CASES },
	};
	g_autoptr(factor_cases) cases = factor_cases_new();

	for (gsize i = 0; i < G_N_ELEMENTS(odd); i++) {
		const char *why;
		g_autoptr(factor) factor =
		    factor_of(cases, odd[i].pattern, odd[i].ignore_case, &why);
		g_assert_nonnull(factor);
		g_assert_cmpuint(factor->odd, ==, odd[i].odd);
	}
	g_autofree char *all = factor_cases_odd(cases);
	g_assert_nonnull(strstr(all, "\\xe1\\xba\\x9e")); /* capital sharp s, of three bytes */
}

/* A pattern of any depth and size ends in an answer. */
static void
test_limits(void)
{
	g_autoptr(factor_cases) cases = factor_cases_new();
	g_autoptr(GString) deep = g_string_new(NULL), wide = g_string_new(NULL);
	const char *why;

	for (guint i = 0; i < 300; i++)
		g_string_append_c(deep, '(');
	for (guint i = 0; i < 3000; i++)
		g_string_append(wide, "QXZVJ|");
	g_string_append_c(wide, 'Q');
	g_assert_null(factor_of(cases, deep->str, true, &why));
	g_assert_null(factor_of(cases, wide->str, true, &why));
	g_assert_null(factor_of(cases, "QXZVJ\\", true, &why));
	g_assert_null(factor_of(cases, "QXZVJ[", true, &why));
	g_assert_null(factor_of(cases, "QXZVJ(?", true, &why));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/factor/table", test_factors);
	g_test_add_func("/rules/factor/odd", test_odd);
	g_test_add_func("/rules/factor/limits", test_limits);
	return g_test_run();
}
