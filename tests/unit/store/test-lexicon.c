/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A word that is said to be known was learned; how many are remembered is nobody's promise, but
 * those of a few texts are.
 */
#include <glib.h>
#include <string.h>

#include "store/lexicon.h"

static guint8
find(const struct lexicon *lexicon, const char *text)
{
	struct lexicon_word word;

	return lexicon_next(lexicon, &text, &word) ? lexicon_find(lexicon, &word) : 0;
}

static void
learn(struct lexicon *lexicon, const char *text, guint8 bits)
{
	struct lexicon_word word;

	g_assert_true(lexicon_next(lexicon, &text, &word));
	lexicon_learn(lexicon, &word, bits);
}

static void
test_words(void)
{
	static const struct {
		const char *label, *text, *words;
		gsize characters; /* of the last one */
	} cases[] = {
		{ "nothing", "", "", 0 },
		{ "blanks alone", "   ", "", 0 },
		{ "one word", "ledger", "ledger", 6 },
		{ "blanks around and between", " a  bluefin ledger ", "a|bluefin|ledger", 6 },
		{ "characters are not bytes", "z\xc3\xbcrich \xe6\x9d\xb1\xe4\xba\xac",
		    "z\xc3\xbcrich|\xe6\x9d\xb1\xe4\xba\xac", 2 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autoptr(lexicon) lexicon = lexicon_new();
		g_autoptr(GString) words = g_string_new(NULL);
		const char *at = cases[i].text;
		struct lexicon_word word = { 0 };
		gsize characters = 0;
		while (lexicon_next(lexicon, &at, &word)) {
			if (words->len > 0)
				g_string_append_c(words, '|');
			g_string_append_len(words, word.text, (gssize)word.size);
			characters = word.characters;
		}
		g_assert_cmpstr(words->str, ==, cases[i].words);
		g_assert_cmpuint(characters, ==, cases[i].characters);
	}
}

static void
test_bits(void)
{
	g_autoptr(lexicon) lexicon = lexicon_new();
	g_autofree char *longest = g_strnfill(LEXICON_WORD, 'x');
	g_autofree char *longer = g_strnfill(LEXICON_WORD + 1, 'x');

	g_assert_cmpuint(find(lexicon, "ledger"), ==, 0);
	learn(lexicon, "ledger", 1);
	learn(lexicon, "ledger", 4);
	g_assert_cmpuint(find(lexicon, "ledger more"), ==, 5);
	g_assert_cmpuint(find(lexicon, "ledge"), ==, 0);
	g_assert_cmpuint(find(lexicon, "ledgers"), ==, 0);
	learn(lexicon, longest, 2);
	learn(lexicon, longer, 2);
	g_assert_cmpuint(find(lexicon, longest), ==, 2);
	g_assert_cmpuint(find(lexicon, longer), ==, 0);
	lexicon_forget(lexicon);
	g_assert_cmpuint(find(lexicon, "ledger"), ==, 0);
	learn(lexicon, "ledger", 1);
	g_assert_cmpuint(find(lexicon, "ledger"), ==, 1);
}

/* More than there is room for: some are forgotten, none is mistaken. */
static void
test_many(void)
{
	static const struct {
		const char *label;
		guint words, least; /* known in the end */
	} cases[] = {
		{ "a vocabulary of 100,000 words is remembered", 100000, 99000 },
		{ "of a million many are", 1000000, 300000 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autoptr(lexicon) lexicon = lexicon_new();
		guint known = 0;
		for (guint n = 0; n < cases[i].words; n++) {
			char word[24];
			g_snprintf(word, sizeof word, "word%u", n);
			learn(lexicon, word, (guint8)(1 << n % 7));
		}
		for (guint n = 0; n < cases[i].words; n++) {
			char word[24];
			g_snprintf(word, sizeof word, "word%u", n);
			guint8 bits = find(lexicon, word);
			g_assert_true(bits == 0 || bits == 1 << n % 7);
			known += bits != 0;
			g_snprintf(word, sizeof word, "ward%u", n);
			g_assert_cmpuint(find(lexicon, word), ==, 0);
		}
		g_assert_cmpuint(known, >=, cases[i].least);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/lexicon/words", test_words);
	g_test_add_func("/lexicon/bits", test_bits);
	g_test_add_func("/lexicon/many", test_many);
	return g_test_run();
}
