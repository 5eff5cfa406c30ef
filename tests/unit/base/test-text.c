/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"

#include <string.h>

static void
test_printable(void)
{
	static const struct {
		const char *label, *text;
		gsize max;
		const char *expected;
	} cases[] = {
		{ "plain text", "Angebot für 日本", 0, "Angebot für 日本" },
		{ "a forged line", "a\nFrom: x", 0, "a\\u{A}From: x" },
		{ "a terminal's escape", "\033]0;x\a", 0, "\\u{1B}]0;x\\u{7}" },
		{ "DEL and C1", "\x7f\xc2\x9b", 0, "\\u{7F}\\u{9B}" },
		{ "a name turned around: exe shown as pdf",
		    "x\xe2\x80\xae"
		    "fdp.exe",
		    0, "x\\u{202E}fdp.exe" },
		{ "isolates and marks", "\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c", 0,
		    "\\u{2066}\\u{200F}\\u{61C}" },
		{ "line separators", "\xe2\x80\xa8\xe2\x80\xa9", 0, "\\u{2028}\\u{2029}" },
		{ "broken UTF-8", "a\xff\xe2\x80", 0, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "cut by characters, not by bytes", "äöüß", 3, "äöü…" },
		{ "just long enough", "äöü", 3, "äöü" },
		{ "nothing", "", 5, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *shown = text_printable(cases[i].text, cases[i].max);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(shown, ==, cases[i].expected);
	}
}

static void
test_mask(void)
{
	static const struct {
		const char *label, *text, *expected;
	} cases[] = {
		{ "a card number", "4111111111111111", "41************11" },
		{ "eight characters show four", "12345678", "12****78" },
		{ "seven show none", "1234567", "*******" },
		{ "characters are counted, not bytes", "äöüßäöüß", "äö****üß" },
		{ "and a short word of long characters is hidden", "日本語", "***" },
		{ "broken bytes count as one", "ab\xff\xff\xff\xffyz", "ab****yz" },
		{ "nothing", "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *masked = text_mask(cases[i].text);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(masked, ==, cases[i].expected);
	}
}

static void
test_cut(void)
{
	static const struct {
		const char *label, *text;
		gsize max, expected;
	} cases[] = {
		{ "short enough", "abc", 3, 3 },
		{ "in the middle of two bytes", "aäb", 2, 1 },
		{ "in the middle of four", "a😀", 4, 1 },
		{ "behind a character", "aäb", 3, 3 },
		{ "no room for the first", "ä", 1, 0 },
		{ "garbage is cut anywhere", "\x80\x80\x80\x80\x80\x80", 5, 5 },
		{ "to nothing", "abc", 0, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_cmpuint(text_cut(cases[i].text, strlen(cases[i].text), cases[i].max), ==,
		    cases[i].expected);
	}
}

static void
test_glob(void)
{
	static const struct {
		const char *label, *pattern, *text;
		bool matches;
	} cases[] = {
		{ "everything", "*", "INBOX/Sent", true },
		{ "everything is also nothing", "*", "", true },
		{ "a prefix", "INBOX*", "INBOX/2026", true },
		{ "an end", "*/Sent", "a/b/Sent", true },
		{ "the last star is tried again", "*ab*c", "abxabyabc", true },
		{ "case matters", "inbox", "INBOX", false },
		{ "one character, not one byte", "?", "ä", true },
		{ "one character is not none", "?", "", false },
		{ "two characters", "?", "äb", false },
		{ "a pattern longer than the text", "abc", "ab", false },
		{ "a text longer than the pattern", "ab", "abc", false },
		{ "nothing", "", "", true },
		{ "a cut character does not run over the end", "*x", "\xf0\x9f", false },
		{ "broken bytes can be matched", "a?b",
		    "a\xff"
		    "b",
		    true },
		{ "half a character is no match", "\xc3*", "ä", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_cmpint(text_glob(cases[i].pattern, cases[i].text), ==, cases[i].matches);
	}
	g_test_message("many stars cost no exponential time");
	g_autofree char *text = g_strnfill(5000, 'a');
	g_assert_false(text_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static void
test_is_utf8(void)
{
	/* What broken and hostile text is made of, in every order. */
	static const char *const pieces[] = { "a", "eight more bytes", "\303\244", "\342\202\254",
		"\360\237\230\200", "\303", "\244", "\355\240\200", "\300\200", "\364\220\200\200",
		"\377", "" };
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (guint i = 0; i < 20000; i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		for (gint32 n = g_rand_int_range(random, 0, 6); n > 0; n--) {
			gint32 at = g_rand_int_range(random, 0, G_N_ELEMENTS(pieces));
			/* The last is a NUL. */
			g_string_append_len(
			    text, pieces[at], *pieces[at] == '\0' ? 1 : (gssize)strlen(pieces[at]));
		}
		g_assert_cmpint(text_is_utf8(text->str, text->len), ==,
		    g_utf8_validate(text->str, (gssize)text->len, NULL));
	}
}

static void
test_numbers(void)
{
	static const struct {
		guint64 number;
		const char *size, *count;
	} cases[] = {
		{ 0, "0 B", "0" },
		{ 730, "730 B", "730" },
		{ 999, "999 B", "999" },
		{ 1000, "1.0 kB", "1,000" },
		{ 12431, "12.4 kB", "12,431" },
		{ 999949, "999.9 kB", "999,949" },
		{ 999950, "1.0 MB", "999,950" },
		{ 1234567, "1.2 MB", "1,234,567" },
		{ G_MAXUINT64, "18.4 EB", "18,446,744,073,709,551,615" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *size = text_size(cases[i].number);
		g_autofree char *count = text_count(cases[i].number);
		g_assert_cmpstr(size, ==, cases[i].size);
		g_assert_cmpstr(count, ==, cases[i].count);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text/printable", test_printable);
	g_test_add_func("/text/mask", test_mask);
	g_test_add_func("/text/cut", test_cut);
	g_test_add_func("/text/glob", test_glob);
	g_test_add_func("/text/is UTF-8", test_is_utf8);
	g_test_add_func("/text/numbers", test_numbers);
	return g_test_run();
}
