/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where factors for places are looked for: a place that is passed over is a match that is lost. */
#include "rules/places.h"

#include <string.h>

/* ^ marks the bytes of the stretches, to the end of the text. */
static const struct {
	const char *label;
	enum factor_place place;
	const char *text, *marks;
} rows[] = {
	{ "six digits", FACTOR_DIGITS, "no 123456 more", "   ^^^^^^" },
	{ "five are none", FACTOR_DIGITS, "no 12345 more", "" },
	{ "digits with signs between them", FACTOR_DIGITS, "a 12-34 - 56 b", "  ^^^^^^^^^^" },
	{ "digits that stand too far apart", FACTOR_DIGITS, "a 123 and 456 b", "" },
	{ "a blank of three bytes is one character", FACTOR_DIGITS,
	    "123\342\200\202\342\200\202\342\200\202456", "^^^^^^^^^^^^^^^" },
	{ "digits over the seam of two blocks", FACTOR_DIGITS, "abcdefghijklm 123456 n",
	    "              ^^^^^^" },
	{ "capitals and digits", FACTOR_CAPITALS, "x AB12CD, ABCDE", "  ^^^^^^" },
	{ "capitals over the seam of two blocks", FACTOR_CAPITALS, "abcdefghijklm ABCDEFGH n",
	    "              ^^^^^^^^" },
	{ "capitals in the middle of a block", FACTOR_CAPITALS, "abcd ABCDEF efghijk lmno",
	    "     ^^^^^^" },
	{ "a word of fifteen letters", FACTOR_RUN, "an abcdefghijklmno.", "   ^^^^^^^^^^^^^^^" },
	{ "fourteen are none", FACTOR_RUN, "an abcdefghijklmn.", "" },
	{ "a key over three blocks", FACTOR_RUN, "a key: abcdefghi/jklmnopqrs+tuvwxyzabcdefgh. it",
	    "       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^" },
	{ "a letter and two digits", FACTOR_CODE, "of DE12 3456", "    ^^^" },
	{ "one digit is none", FACTOR_CODE, "of E-12 E1 EE1E", "" },
	{ "at the very end", FACTOR_CODE, "DE12", " ^^^" },
	{ "over the seam of two blocks", FACTOR_CODE,
	    "abcdefghijklm abcdefghijklm abcdefghijklm abcdefghijklm abcdefE12 abcdefghijklm "
	    "abcdefghijklm abcdefghijklm abcdefghijklm",
	    "                                                              ^^^" },
	{ "the second digit in the next block", FACTOR_CODE,
	    "abcdefghijklm abcdefghijklm abcdefghijklm abcdefghijklm abcde E12 abcdefghijklm "
	    "abcdefghijklm abcdefghijklm abcdefghijklm",
	    "                                                              ^^^" },
	{ "nothing", FACTOR_DIGITS, "", "" },
};

struct seen {
	enum factor_place place;
	GString *marks;
	guint times;
};

static bool
mark(enum factor_place place, gsize start, gsize end, void *data)
{
	struct seen *seen = data;

	if (place != seen->place)
		return true;
	while (seen->marks->len < start)
		g_string_append_c(seen->marks, ' ');
	while (seen->marks->len < end)
		g_string_append_c(seen->marks, '^');
	seen->times++;
	return true;
}

static void
test_table(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		const struct places_window window = { .kinds = 1u << rows[i].place };
		g_autoptr(GString) marks = g_string_new(NULL);
		struct seen seen = { rows[i].place, marks, 0 };
		g_assert_true(
		    places_walk(&window, rows[i].text, strlen(rows[i].text), mark, &seen));
		if (strcmp(marks->str, rows[i].marks) != 0)
			g_error("%s: '%s' gives '%s'", rows[i].label, rows[i].text, marks->str);
	}
}

/* What stands around a place comes with it, within the text; places that touch are one. */
static void
test_around(void)
{
	static const char text[] = "ab 123456 cd 123456 ef";
	struct places_window window = { .kinds = 1u << FACTOR_DIGITS };
	g_autoptr(GString) marks = g_string_new(NULL);
	struct seen seen = { FACTOR_DIGITS, marks, 0 };

	window.before[FACTOR_DIGITS] = 2;
	window.after[FACTOR_DIGITS] = 50;
	g_assert_true(places_walk(&window, text, strlen(text), mark, &seen));
	g_assert_cmpstr(marks->str, ==, " ^^^^^^^^^^^^^^^^^^^^^");
	g_assert_cmpuint(seen.times, ==, 1);
}

static bool
refuse(G_GNUC_UNUSED enum factor_place place, G_GNUC_UNUSED gsize start, G_GNUC_UNUSED gsize end,
    void *data)
{
	guint *times = data;

	(*times)++;
	return false;
}

static void
test_refused(void)
{
	const struct places_window window = { .kinds = 1u << FACTOR_CAPITALS };
	g_autoptr(GString) text = g_string_new(NULL);
	guint times = 0;

	for (guint i = 0; i < 100; i++)
		g_string_append_printf(text, "ABCDEF%100s", "");
	g_assert_false(places_walk(&window, text->str, text->len, refuse, &times));
	g_assert_cmpuint(times, ==, 1);
}

/* A place in its own words: the longest run of bytes of a class, digits by their distances. */
static bool
is_big(char c)
{
	return g_ascii_isupper(c) || g_ascii_isdigit(c);
}

static gsize
big_from(const char *p)
{
	gsize n = 0;

	while (is_big(p[n]))
		n++;
	return n;
}

static gsize
run_from(const char *p)
{
	gsize n = 0;

	while (p[n] != '\0' && (g_ascii_isalnum(p[n]) || strchr("+/<", p[n]) != NULL))
		n++;
	return n;
}

static gsize
digits_from(const char *p)
{
	gsize count = 0, end = 0, gap = 0;

	for (gsize i = 0; p[i] != '\0' && gap <= FACTOR_GAP; i++) {
		if (g_ascii_isdigit(p[i])) {
			count++;
			end = i + 1;
			gap = 0;
		} else if (((guchar)p[i] & 0xc0) != 0x80) {
			gap++;
		}
	}
	return g_ascii_isdigit(*p) && count >= FACTOR_DIGITS_LEAST ? end : 0;
}

static gsize
code_from(const char *p)
{
	bool is = g_ascii_isalpha(p[0]) && g_ascii_isdigit(p[1]) && g_ascii_isdigit(p[2]);

	return is ? 3 : 0;
}

/* Of the place that begins here, where one does. */
static gsize
place_from(enum factor_place place, const char *p)
{
	gsize n;

	switch (place) {
	case FACTOR_DIGITS:
		return digits_from(p);
	case FACTOR_CAPITALS:
		n = big_from(p);
		return n >= FACTOR_CAPITALS_LEAST ? n : 0;
	case FACTOR_RUN:
		n = run_from(p);
		return n >= FACTOR_RUN_LEAST ? n : 0;
	default:
		return code_from(p);
	}
}

static void
look_for(enum factor_place place, const GString *text, bool alone)
{
	const struct places_window window = { .kinds =
						  alone ? 1u << place : (1u << FACTOR_PLACES) - 1 };
	g_autoptr(GString) marks = g_string_new(NULL);
	struct seen seen = { place, marks, 0 };

	g_assert_true(places_walk(&window, text->str, text->len, mark, &seen));
	for (gsize i = 0; i < text->len; i++) {
		gsize n = place_from(place, text->str + i);
		for (gsize k = i; k < i + n; k++)
			g_assert_true(k < marks->len && marks->str[k] == '^');
	}
}

static void
test_random(void)
{
	static const char *const pieces[] = { "0", "1", "9", "A", "Z", "a", "z", " ", "-", "+", "/",
		"<", "\303\251", "\342\204\252", "word", "12", "AB" };
	g_autoptr(GRand) random = g_rand_new_with_seed(7);

	for (guint round = 0; round < 20000; round++) {
		g_autoptr(GString) text = g_string_new(NULL);
		gint from = g_rand_int_range(random, 0, G_N_ELEMENTS(pieces) - 3);
		for (gint n = g_rand_int_range(random, 0, 160); n > 0; n--)
			g_string_append(
			    text, pieces[g_rand_int_range(random, 0, 5) > 0
					     ? g_rand_int_range(random, from, from + 3)
					     : g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
		for (guint place = 0; place < FACTOR_PLACES; place++)
			look_for(place, text, round % 2 == 0);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rules/places/table", test_table);
	g_test_add_func("/rules/places/around", test_around);
	g_test_add_func("/rules/places/refused", test_refused);
	g_test_add_func("/rules/places/random", test_random);
	return g_test_run();
}
