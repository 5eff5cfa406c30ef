/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "store/index.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/vocabulary-page.h"
#include "tests/unit/store/fixture.h"

#define ROUNDS 4
#define WORDS  1500 /* new ones of a round: many pages, and pages that are cut */

/* What is in it, as a table: word -> kinds. */
struct world {
	struct fixture fixture;
	struct database *database;
	GHashTable *words;
	GRand *rand;
};

static void
world_start(struct world *world)
{
	g_autoptr(GError) error = NULL;

	fixture_start(&world->fixture);
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	world->database = database_open(path, false, &error);
	g_assert_no_error(error);
	world->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	world->rand = g_rand_new_with_seed(24);
	g_assert_true(database_begin(world->database, &error));
}

static void
world_end(struct world *world)
{
	database_rollback(world->database);
	database_close(world->database);
	g_hash_table_unref(world->words);
	g_rand_free(world->rand);
	fixture_end(&world->fixture);
}

static gint64
count(const struct world *world, const char *sql)
{
	const struct query_text text = { "count", sql };
	g_autoptr(GError) error = NULL;
	struct query query;
	gint64 out = -1;

	g_assert_true(query_open_once(&query, world->database, &text, NO_VALUES, &error));
	if (query_next(&query))
		out = query_int(&query, 0);
	g_assert_true(query_close(&query, &error));
	return out;
}

/* Of few letters, so that many words have the same parts; some of them signs of Chinese. */
static char *
make_word(struct world *world)
{
	static const char *const letters[] = { "a", "b", "e", "é", "n", "s", "7", "鋼", "橋" };
	GString *out = g_string_new(NULL);

	for (int i = g_rand_int_range(world->rand, 3, 12); i > 0; i--)
		g_string_append(
		    out, letters[g_rand_int_range(world->rand, 0, G_N_ELEMENTS(letters))]);
	return g_string_free(out, FALSE);
}

/* Some of them are there already, of other kinds. */
static void
settle_some(struct world *world)
{
	g_autoptr(GString) packet = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < WORDS; i++) {
		char *word = make_word(world);
		guint kinds =
		    WORD_TEXT | (guint)(i % 9 == 0 ? g_rand_int_range(world->rand, 0, 8) : 0);
		new_words_add(packet, word, strlen(word), kinds);
		kinds |= GPOINTER_TO_UINT(g_hash_table_lookup(world->words, word));
		g_hash_table_replace(world->words, word, GUINT_TO_POINTER(kinds));
	}
	g_assert_true(new_words_put(world->database, packet, &error));
	g_autoptr(new_words) words = new_words_read(world->database, &error);
	bool more = true;
	while (more)
		g_assert_true(vocabulary_learn(world->database, words, &more, &error));
	g_assert_true(new_words_empty(world->database, &error));
	g_assert_no_error(error);
	g_assert_cmpint(count(world, "SELECT count(*) FROM word_new"), ==, 0);
}

static bool
collect(const char *word, guint kinds, void *user)
{
	g_ptr_array_add(user, g_strdup_printf("%s %u", word, kinds));
	return true;
}

static gint
compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *
joined(GPtrArray *lines)
{
	GString *out = g_string_new(NULL);

	g_ptr_array_sort(lines, compare);
	for (guint i = 0; i < lines->len; i++)
		g_string_append_printf(out, "%s\n", (char *)lines->pdata[i]);
	return g_string_free(out, FALSE);
}

/* By a walk over all of them. */
static char *
expected(const struct world *world, const char *part, bool within)
{
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	GHashTableIter all;
	gpointer word, kinds;

	g_hash_table_iter_init(&all, world->words);
	while (g_hash_table_iter_next(&all, &word, &kinds)) {
		if (within ? strstr(word, part) != NULL : g_str_has_prefix(word, part))
			collect(word, GPOINTER_TO_UINT(kinds), lines);
	}
	return joined(lines);
}

static void
compare_parts(struct world *world)
{
	for (guint i = 0; i < 300; i++) {
		g_autoptr(GPtrArray) within = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GPtrArray) begin = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GError) error = NULL;
		g_autofree char *word = make_word(world);
		guint kinds;
		*g_utf8_offset_to_pointer(word, i % 3 == 0 ? g_utf8_strlen(word, -1) : 3) = '\0';
		g_assert_true(vocabulary_within(world->database, word, collect, within, &error));
		g_assert_true(vocabulary_begin(world->database, word, collect, begin, &error));
		g_assert_true(vocabulary_find(world->database, word, &kinds, &error));
		g_autofree char *one = joined(within), *other = joined(begin);
		g_autofree char *all = expected(world, word, true);
		g_autofree char *some = expected(world, word, false);
		g_assert_cmpstr(one, ==, all);
		g_assert_cmpstr(other, ==, some);
		g_assert_cmpuint(
		    kinds, ==, GPOINTER_TO_UINT(g_hash_table_lookup(world->words, word)));
	}
}

static void
test_parts(void)
{
	struct world world;

	world_start(&world);
	for (guint i = 0; i < ROUNDS; i++) {
		g_test_message("round %u: words come among those that are there", i);
		settle_some(&world);
		compare_parts(&world);
	}
	g_assert_cmpint(count(&world, "SELECT count(*) FROM word_page"), >, ROUNDS);
	g_assert_cmpint(count(&world, "SELECT max(length(data)) FROM word_page"), <=,
	    VOCABULARY_FULL + VOCABULARY_WORD_MAX);
	world_end(&world);
}

/* Every other one, and then all that is left. */
static void
remove_some(struct world *world, bool all)
{
	g_autoptr(GHashTable) gone = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GError) error = NULL;
	GHashTableIter words;
	gpointer word;
	guint n = 0;

	g_hash_table_iter_init(&words, world->words);
	while (g_hash_table_iter_next(&words, &word, NULL)) {
		if (all || n++ % 2 == 0)
			g_hash_table_add(gone, word);
	}
	g_hash_table_add(gone, (char *)"never there");
	g_assert_true(vocabulary_remove(world->database, gone, &error));
	g_assert_no_error(error);
	g_hash_table_iter_init(&words, gone);
	while (g_hash_table_iter_next(&words, &word, NULL))
		g_hash_table_remove(world->words, word);
}

static void
test_words_that_go(void)
{
	struct world world;

	world_start(&world);
	settle_some(&world);
	remove_some(&world, false);
	compare_parts(&world);
	g_test_message("what went comes again");
	settle_some(&world);
	compare_parts(&world);
	remove_some(&world, true);
	compare_parts(&world);
	g_test_message("no neighbours stay of words that are gone");
	g_assert_cmpint(count(&world, "SELECT count(*) FROM word_page"), ==, 0);
	g_assert_cmpint(count(&world, "SELECT count(*) FROM word_gram"), ==, 0);
	world_end(&world);
}

struct damage_case {
	const char *label;
	const char *hex;
};

static const struct damage_case damages[] = {
	{ "a word goes on behind the end", "000c6f73" },
	{ "a word has more in common than there is", "0504616263" },
	{ "a word that has no end", "00ffffffff0f616263" },
	{ "a number that has no end", "ffffffffffffffffffffffff" },
	{ "kinds behind the end", "0007616263" },
	{ "no text", "0006ff80fe" },
};

/* Told by name, and nothing is written in its place. */
static void
test_damaged(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(damages); i++) {
		struct world world;
		g_autoptr(GError) error = NULL;
		g_test_message("%s", damages[i].label);
		world_start(&world);
		g_autofree char *sql =
		    g_strdup_printf("INSERT INTO word_page (first, data) VALUES ('abc', x'%s');"
				    "INSERT INTO word_new (data) VALUES (x'08616264');",
			damages[i].hex);
		g_assert_true(database_script(world.database, "damage", sql, &error));
		g_autoptr(new_words) words = new_words_read(world.database, &error);
		bool more;
		g_assert_false(vocabulary_learn(world.database, words, &more, &error));
		assert_fault(error, FAULT_DATA, "words of the index are damaged");
		g_assert_cmpint(count(&world, "SELECT count(*) FROM word_new"), ==, 1);
		world_end(&world);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/vocabulary/parts", test_parts);
	g_test_add_func("/store/vocabulary/words-that-go", test_words_that_go);
	g_test_add_func("/store/vocabulary/damaged", test_damaged);
	return g_test_run();
}
