/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/namesake.h"

#include <string.h>

#define WORD_MIN  2 /* letters of a name's word */
#define NAME_MIN  3 /* letters of a first or last name that may stand anywhere in an address */
#define LAST_MIN  4 /* letters of the name that stands beside an initial */
#define SAME_MIN  5 /* letters that are the same before the @ */
#define WORDS_MAX 8 /* of a name: what comes behind them is no name */

/* Lower-case letters without accents; everything else is one blank. */
static char *
plain(const char *text, gsize size)
{
	static const char *const pairs[][2] = { { "ae", "a" }, { "oe", "o" }, { "ue", "u" },
		{ "ss", "s" } };
	g_autofree char *valid = g_utf8_make_valid(text, (gssize)size);
	g_autofree char *folded = g_utf8_casefold(valid, -1);
	g_autofree char *apart = g_utf8_normalize(folded, -1, G_NORMALIZE_ALL);
	GString *out = g_string_new(NULL);

	for (const char *p = apart; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (g_unichar_isalpha(c))
			g_string_append_unichar(out, c);
		else if (!g_unichar_ismark(c) && c != '\'')
			g_string_append_c(out, ' ');
	}
	for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++)
		g_string_replace(out, pairs[i][0], pairs[i][1], 0);
	return g_string_free(out, FALSE);
}

/* What stands before the @, without a tag. */
static char *
local_of(const struct address *address)
{
	const char *at = strrchr(address->address, '@');
	gsize size = at != NULL ? (gsize)(at - address->address) : strlen(address->address);

	return plain(address->address, MIN(size, strcspn(address->address, "+")));
}

static GPtrArray *
words_of(const char *plain_text)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) all = g_strsplit(plain_text, " ", -1);

	for (guint i = 0; all[i] != NULL && words->len < WORDS_MAX; i++) {
		if (g_utf8_strlen(all[i], -1) >= WORD_MIN)
			g_ptr_array_add(words, g_strdup(all[i]));
	}
	return words;
}

static char *
without_blanks(const char *text)
{
	GString *out = g_string_new(text);

	g_string_replace(out, " ", "", 0);
	return g_string_free(out, FALSE);
}

static char *
initial_and(const char *initial, const char *name, bool before)
{
	g_autofree char *letter = g_utf8_substring(initial, 0, 1);

	return before ? g_strconcat(letter, name, NULL) : g_strconcat(name, letter, NULL);
}

/* letters are an initial and a name: aberger, bergera. */
static bool
is_initial_form(const char *letters, const char *initial, const char *name)
{
	g_autofree char *before = initial_and(initial, name, true);
	g_autofree char *behind = initial_and(initial, name, false);

	return g_utf8_strlen(name, -1) >= LAST_MIN &&
	       (strcmp(letters, before) == 0 || strcmp(letters, behind) == 0);
}

static bool
stands_in(const char *name, const char *letters)
{
	return g_utf8_strlen(name, -1) >= NAME_MIN && strstr(letters, name) != NULL;
}

/* The name of one in the address or the display name of the other. */
static bool
bears_name(const GPtrArray *name, const struct address *other, const char *letters)
{
	if (name->len < 2)
		return false;
	const char *first = name->pdata[0], *last = name->pdata[name->len - 1];
	g_autofree char *both = g_strconcat(first, last, NULL);
	g_autofree char *turned = g_strconcat(last, first, NULL);
	if (strcmp(letters, both) == 0 || strcmp(letters, turned) == 0 ||
	    is_initial_form(letters, first, last) || is_initial_form(letters, last, first) ||
	    (stands_in(first, letters) && stands_in(last, letters)))
		return true;
	g_autofree char *shown = plain(other->name, strlen(other->name));
	g_autoptr(GPtrArray) words = words_of(shown);
	return words->len >= 2 &&
	       g_ptr_array_find_with_equal_func(words, first, g_str_equal, NULL) &&
	       g_ptr_array_find_with_equal_func(words, last, g_str_equal, NULL);
}

/* Of its display name; of the address where that is no name of two words. */
static GPtrArray *
name_of(const struct address *address)
{
	g_autofree char *shown = plain(address->name, strlen(address->name));
	GPtrArray *words = words_of(shown);

	if (words->len >= 2)
		return words;
	g_ptr_array_unref(words);
	g_autofree char *local = local_of(address);
	return words_of(local);
}

bool
namesake(const struct address *one, const struct address *other)
{
	if (one->domain[0] == '\0' || strcmp(one->domain, other->domain) == 0)
		return false;
	g_autofree char *local_one = local_of(one), *local_other = local_of(other);
	g_autofree char *letters_one = without_blanks(local_one);
	g_autofree char *letters_other = without_blanks(local_other);
	if (g_utf8_strlen(letters_one, -1) >= SAME_MIN && strcmp(letters_one, letters_other) == 0)
		return true;
	g_autoptr(GPtrArray) name_one = name_of(one);
	g_autoptr(GPtrArray) name_other = name_of(other);
	return bears_name(name_one, other, letters_other) ||
	       bears_name(name_other, one, letters_one);
}
