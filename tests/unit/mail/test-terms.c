/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/terms.h"

#include <string.h>

static const struct {
	const char *label;
	const char *text;
	const char *words;
} texts[] = {
	{ "words alone, without case", "Offer: 100 units, ASAP!", "offer 100 units asap" },
	{ "an address is its words", "anna.berg@corp.example", "anna berg corp example" },
	{ "accents make no difference", "Müller MU\xcc\x88LLER café", "muller muller cafe" },
	{ "nor does a sharp s", "Hauptstraße STRASSE", "hauptstrasse strasse" },
	{ "full width is the same letter", "ＡＢＣ１２", "abc12" },
	{ "a soft hyphen is nothing",
	    "con\xc2\xad"
	    "fidential",
	    "confidential" },
	{ "a zero-width space is nothing",
	    "fal\xe2\x80\x8b"
	    "con",
	    "falcon" },
	{ "what joins letters parts words", "project_falcon price-list",
	    "project falcon price list" },
	{ "each two neighbours, and the last", "東京都", "東京 京都 都" },
	{ "a line break within is none", "東\r\n京", "東京 京" },
	{ "an empty line is one", "東\n\n京", "東 京" },
	{ "Latin among it", "資料ABC計画", "資料 料 abc 計画 画" },
	{ "half-width kana", "ｶﾞｽ", "ガス ス" },
	{ "Korean endings stick to words", "계약서를", "계약 약서 서를 를" },
	{ "Cyrillic", "Договор ЁЛКА", "договор елка" },
	{ "nothing to look for", "... --- !!!", "" },
	{ "characters of FTS and SQL are none", "a\"b*c^d'e:f(g)", "a b c d e f g" },
};

static void
test_texts(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_test_message("%s", texts[i].label);
		g_assert_true(terms_append(out, texts[i].text, strlen(texts[i].text), 4096));
		g_assert_cmpstr(out->str, ==, texts[i].words);
	}
}

static const struct {
	const char *label;
	const char *text;
	const char *words;
	bool open;
} queries[] = {
	{ "words", "Bluefin Ledger", "bluefin ledger", false },
	{ "a run may go on behind its end", "東京", "東京", false },
	{ "one character begins a pair", "東", "東", true },
	{ "a run before a word is whole", "東京 abc", "東京 京 abc", false },
};

static void
test_queries(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(queries); i++) {
		bool open;
		g_test_message("%s", queries[i].label);
		g_auto(GStrv) words = terms_query(queries[i].text, 20, &open);
		g_autofree char *joined = g_strjoinv(" ", words);
		g_assert_cmpstr(joined, ==, queries[i].words);
		g_assert_cmpint(open, ==, queries[i].open);
	}
}

static void
test_bounds(void)
{
	g_autofree char *wide = g_strnfill(200, 'x');
	g_autoptr(GString) out = g_string_new(NULL);

	g_test_message("a word of 200 bytes is four");
	g_assert_true(terms_append(out, wide, 200, 4096));
	g_auto(GStrv) words = g_strsplit(out->str, " ", -1);
	g_assert_cmpuint(g_strv_length(words), ==, 4);
	g_assert_cmpuint(strlen(words[0]), ==, TERMS_WORD_MAX);

	g_test_message("what is cut is told, and stays within the limit");
	g_autoptr(GString) many = g_string_new(NULL);
	for (guint i = 0; i < 1000; i++)
		g_string_append(many, "東京 word ");
	g_string_truncate(out, 0);
	g_assert_false(terms_append(out, many->str, many->len, 500));
	g_assert_cmpuint(out->len, <=, 500);
	g_assert_true(g_utf8_validate(out->str, -1, NULL));

	g_test_message("a query has no more words than it may");
	bool open;
	g_auto(GStrv) few = terms_query("a b c d e f", 3, &open);
	g_assert_cmpuint(g_strv_length(few), ==, 3);
}

static void
test_fold(void)
{
	g_autofree char *folded = terms_fold("Anna KÜHN\n<a.kühn@corp.example>");

	g_assert_cmpstr(folded, ==, "anna kuhn\n<a.kuhn@corp.example>");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/terms/texts", test_texts);
	g_test_add_func("/terms/queries", test_queries);
	g_test_add_func("/terms/bounds", test_bounds);
	g_test_add_func("/terms/fold", test_fold);
	return g_test_run();
}
