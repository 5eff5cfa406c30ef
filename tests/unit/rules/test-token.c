/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known words are found fast where a text is plain; they are to be those that a plain walk finds.
 */
#include "rules/token.h"

#include <string.h>

static const char *const words[] = { "falcon", "o", "42", "x7", "stra\303\237e", "\346\274\242",
	"caf\303\251", "a" };

static const char *const pieces[] = { "falcon", "FALCON", "Falcon", "falcons", "o", "42", "x7",
	"X7", "Stra\303\237e", "STRASSE", "\346\274\242", "Cafe\314\201", "cafe", "CAF\303\211",
	"a", "\342\204\253", "\357\275\201", " ", "-", "\n", "_", "\302\240", "\342\200\223", "." };

/* In the words of the header: every word counts, and one that is known is told. */
static GArray *
walk(GHashTable *known, const char *text, gsize size)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct token));
	char folded[TOKEN_BYTES_MAX + 1];
	const char *end = text + size;
	guint32 index = 0;
	gsize length;
	bool ascii;

	for (const char *p = text; (p = token_next_word(p, end, &length, &ascii)) != NULL;
	     p += length, index++) {
		struct token token = { 0, index, (guint32)(p - text), (guint32)length };
		if (token_fold_word(p, length, ascii, folded))
			token.id = GPOINTER_TO_UINT(g_hash_table_lookup(known, folded));
		if (token.id != 0)
			g_array_append_val(out, token);
	}
	return out;
}

static GHashTable *
number(struct vocabulary *vocabulary, guint from, guint to, GHashTable *known)
{
	for (guint i = from; i < to; i++) {
		g_autoptr(GArray) ids = vocabulary_add(vocabulary, words[i]);
		g_assert_cmpuint(ids->len, ==, 1);
		g_hash_table_insert(known, token_fold(words[i], strlen(words[i])),
		    GUINT_TO_POINTER(g_array_index(ids, guint32, 0)));
	}
	return known;
}

static bool
is_same(const struct token *one, const struct token *other)
{
	return one->id == other->id && one->index == other->index && one->offset == other->offset &&
	       one->length == other->length;
}

static void
test_read(void)
{
	guint n = G_N_ELEMENTS(words);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GRand) random = g_rand_new_with_seed(11);
	struct vocabulary *base = vocabulary_new(NULL);
	struct vocabulary *vocabulary;
	guint found = 0;

	number(base, 0, n / 2, known);
	vocabulary = vocabulary_new(base);
	number(vocabulary, n / 2, n, known);
	for (guint i = 0; i < 20000; i++) {
		g_autoptr(GString) text = g_string_new(NULL);
		/* Most are short; some go over several of the blocks in which words are told apart.
		 */
		for (gint32 left = g_rand_int_range(random, 0, i % 4 == 0 ? 90 : 12); left > 0;
		     left--)
			g_string_append(
			    text, pieces[g_rand_int_range(random, 0, G_N_ELEMENTS(pieces))]);
		g_autoptr(GArray) expected = walk(known, text->str, text->len);
		g_autoptr(GArray) got = vocabulary_read(vocabulary, text->str, text->len);
		g_test_message("%s", text->str);
		g_assert_cmpuint(got->len, ==, expected->len);
		for (guint at = 0; at < got->len; at++)
			g_assert_true(is_same(&g_array_index(got, struct token, at),
			    &g_array_index(expected, struct token, at)));
		found += got->len;
	}
	g_assert_cmpuint(found, >, 1000);
	vocabulary_free(vocabulary);
	vocabulary_free(base);
}

static void
test_long(void)
{
	g_autofree char *longest = g_strnfill(TOKEN_BYTES_MAX, 'w');
	g_autofree char *text = g_strdup_printf("%sw %s w%s falcon", longest, longest, longest);
	struct vocabulary *vocabulary = vocabulary_new(NULL);
	g_autoptr(GArray) one = vocabulary_add(vocabulary, longest);
	g_autoptr(GArray) other = vocabulary_add(vocabulary, "falcon");
	g_autoptr(GArray) got = vocabulary_read(vocabulary, text, strlen(text));

	g_assert_cmpuint(one->len, ==, 1);
	g_assert_cmpuint(other->len, ==, 1);
	/* A run of one byte more is no word of any list, and counts all the same. */
	g_assert_cmpuint(got->len, ==, 2);
	g_assert_cmpuint(g_array_index(got, struct token, 0).index, ==, 1);
	g_assert_cmpuint(g_array_index(got, struct token, 1).index, ==, 3);
	vocabulary_free(vocabulary);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/token/read", test_read);
	g_test_add_func("/token/long", test_long);
	return g_test_run();
}
