/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/terms-once.h"

#include <string.h>

#include "mail/terms.h"

/* count words: "w17 w18 ...", those of the same number are the same. */
static void
add_numbers(GString *out, guint from, guint count)
{
	for (guint i = from; i < from + count; i++)
		g_string_append_printf(out, "%sw%u", out->len > 0 ? " " : "", i);
}

static char *
numbers(guint from, guint count)
{
	GString *out = g_string_new(NULL);

	add_numbers(out, from, count);
	return g_string_free(out, FALSE);
}

/* all: a blank before and behind. */
static gboolean
stands_in(const char *all, char *const *words, guint count)
{
	g_autoptr(GString) phrase = g_string_new(" ");

	for (guint i = 0; i < count; i++)
		g_string_append_printf(phrase, "%s ", words[i]);
	return strstr(all, phrase->str) != NULL;
}

/* Each phrase of the longest kind, which has all shorter ones in it. */
static void
check_phrases(const char *out, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	g_autofree char *all = g_strdup_printf(" %s ", out);
	guint n = g_strv_length(words), size = MIN(n, TERMS_ONCE_PHRASE);

	for (guint i = 0; i + size <= n; i++) {
		if (stands_in(all, words + i, size))
			continue;
		g_test_message("phrase at %u of: %s\nis not in: %s", i, text, out);
		g_test_fail();
		return;
	}
}

static gsize
count_words(const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);

	return g_strv_length(words);
}

static const struct {
	const char *label;
	const char *one, *two;
	const char *out;
} small[] = {
	{ "nothing of nothing", "", "", "" },
	{ "a first text is taken as it is", "offer 100 units", "", "offer 100 units" },
	{ "a second one behind a break, that no phrase crosses", "offer 100 units", "price list",
	    "offer 100 units" TERMS_BREAK "price list" },
	{ "what is short is not looked into", "offer 100 units", "offer 100 units",
	    "offer 100 units" TERMS_BREAK "offer 100 units" },
};

static void
test_small(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(small); i++) {
		g_autoptr(terms_once) once = terms_once_new();
		g_test_message("%s", small[i].label);
		g_assert_cmpuint(terms_once_add(once, small[i].one), ==, strlen(small[i].one));
		gsize before = strlen(terms_once_text(once));
		gsize grown = terms_once_add(once, small[i].two);
		g_assert_cmpstr(terms_once_text(once), ==, small[i].out);
		g_assert_cmpuint(grown, ==, strlen(small[i].out) - before);
	}
}

/* 300 words, and the same with a link of three spelt out behind word at; words that come out. */
static const struct {
	const char *label;
	guint at, words;
} links[] = {
	{ "no link: nothing of it", 0, 300 },
	{ "a link at the end", 298, 300 + 1 + 39 + 3 + 2 },
	{ "a link in the middle", 150, 300 + 1 + 39 + 3 + 39 },
	{ "a link at the beginning", 2, 300 + 1 + 2 + 3 + 39 },
};

static void
test_links(void)
{
	g_autofree char *plain = numbers(0, 300);

	for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
		g_autoptr(terms_once) once = terms_once_new();
		g_autoptr(GString) spelt = g_string_new(NULL);
		guint at = links[i].at;
		g_test_message("%s", links[i].label);
		add_numbers(spelt, 0, at);
		if (at > 0)
			g_string_append(spelt, " http corp example");
		add_numbers(spelt, at, 300 - at);
		terms_once_add(once, plain);
		terms_once_add(once, spelt->str);
		g_assert_cmpuint(count_words(terms_once_text(once)), ==, links[i].words);
		check_phrases(terms_once_text(once), spelt->str);
		check_phrases(terms_once_text(once), plain);
	}
}

/* A text of pieces of those before, in any order, and words of its own. */
static char *
mix(GRand *rand, GPtrArray *texts)
{
	GString *out = g_string_new(NULL);

	for (int pieces = g_rand_int_range(rand, 1, 6); pieces > 0; pieces--) {
		if (texts->len == 0 || g_rand_int_range(rand, 0, 3) == 0) {
			/* Few different words, so that rows come again. */
			for (int n = g_rand_int_range(rand, 1, 30); n > 0; n--)
				add_numbers(out, (guint)g_rand_int_range(rand, 0, 4), 1);
			add_numbers(out, (guint)g_rand_int_range(rand, 0, 1000), 60);
			continue;
		}
		const char *text =
		    texts->pdata[(guint)g_rand_int_range(rand, 0, (gint32)texts->len)];
		g_auto(GStrv) words = g_strsplit(text, " ", -1);
		gint32 n = (gint32)g_strv_length(words), from = g_rand_int_range(rand, 0, n);
		for (gint32 i = from, upto = g_rand_int_range(rand, from, n) + 1; i < upto; i++)
			g_string_append_printf(out, "%s%s", out->len > 0 ? " " : "", words[i]);
	}
	return g_string_free(out, FALSE);
}

static void
test_random(void)
{
	for (guint32 seed = 0; seed < 100; seed++) {
		g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
		g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(terms_once) once = terms_once_new();
		for (int i = 0; i < 5; i++) {
			char *text = mix(rand, texts);
			g_ptr_array_add(texts, text);
			terms_once_add(once, text);
		}
		for (guint i = 0; i < texts->len; i++)
			check_phrases(terms_once_text(once), texts->pdata[i]);
	}
}

/* One word again and again is a stretch wherever it is looked for: work stays in proportion. */
static void
test_same_word(void)
{
	g_autoptr(terms_once) once = terms_once_new();
	g_autoptr(GString) text = g_string_new("a");

	for (int i = 0; i < 500000; i++)
		g_string_append(text, " a");
	terms_once_add(once, text->str);
	gsize size = strlen(terms_once_text(once));
	g_string_append(text, " b");
	g_assert_cmpuint(terms_once_add(once, text->str), <, 100);
	g_assert_cmpuint(strlen(terms_once_text(once)), <, size + 100);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/terms-once/small", test_small);
	g_test_add_func("/terms-once/links", test_links);
	g_test_add_func("/terms-once/random", test_random);
	g_test_add_func("/terms-once/same-word", test_same_word);
	return g_test_run();
}
