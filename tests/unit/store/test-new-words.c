/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What store/new-words and store/index-words promise: a word that came is there with all its kinds,
 * whoever was told of it, and once where nobody forgot it.
 */
#include "fixture.h"

#include "store/index-words.h"
#include "store/index.h"
#include "store/migrations.h"
#include "store/new-words.h"
#include "store/query.h"

#define LONG_WORD "internationalisierungsbeauftragter"

struct world {
	struct fixture fixture;
	struct database *database;
};

static void
world_start(struct world *world)
{
	g_autoptr(GError) error = NULL;

	fixture_start(&world->fixture);
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	world->database = database_open(path, false, &error);
	g_assert_no_error(error);
	g_assert_true(database_begin(world->database, &error));
}

static void
world_end(struct world *world)
{
	database_rollback(world->database);
	database_close(world->database);
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

static bool
collect(const char *word, guint kinds, void *user)
{
	GString *out = user;

	g_string_append_printf(out, "%s%s:%u", out->len > 0 ? " " : "", word, kinds);
	return true;
}

static void
assert_within(const struct world *world, const char *part, const char *expected)
{
	g_autoptr(GString) found = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(new_words_within(world->database, part, collect, found, &error));
	g_assert_no_error(error);
	g_assert_cmpstr(found->str, ==, expected);
}

/* "falcon:8 heron:2" */
static void
put_words(const struct world *world, const char *text)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	g_autoptr(GString) packet = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; words[i] != NULL; i++) {
		const char *colon = strchr(words[i], ':');
		new_words_add(packet, words[i], (gsize)(colon - words[i]),
		    (guint)g_ascii_strtoull(colon + 1, NULL, 10));
	}
	g_assert_true(new_words_put(world->database, packet, &error));
	g_assert_no_error(error);
}

static void
test_parts(void)
{
	static const struct {
		const char *label, *part, *expected;
	} cases[] = {
		{ "all", "", "falcon:8 heron:2 conifer:8 f\xc3\xa4lle:8 falcon:1" },
		{ "a word, each time it came", "falcon", "falcon:8 falcon:1" },
		{ "the beginning of one, the end of another", "con",
		    "falcon:8 conifer:8 falcon:1" },
		{ "its end and the beginning of the next", "nhe", "" },
		{ "a part that is no whole character", "\xa4lle", "f\xc3\xa4lle:8" },
		{ "more than any word", "falconer", "" },
		{ "twice in a word", "l", "falcon:8 f\xc3\xa4lle:8 falcon:1" },
	};
	struct world world;

	world_start(&world);
	assert_within(&world, "", "");
	put_words(&world, "falcon:8 heron:2 conifer:8");
	put_words(&world, "f\xc3\xa4lle:8 falcon:1");
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		assert_within(&world, cases[i].part, cases[i].expected);
	}
	g_test_message("few words make no row of their own");
	g_assert_cmpint(count(&world, "SELECT count(*) FROM word_new"), ==, 1);
	world_end(&world);
}

static bool
first_alone(const char *word, guint kinds, void *user)
{
	collect(word, kinds, user);
	return false;
}

static void
test_in_order(void)
{
	struct world world;
	g_autoptr(GString) found = g_string_new(NULL), first = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	const char *word;
	guint kinds;

	world_start(&world);
	put_words(&world, "heron:2 falcon:8 avocet:8");
	put_words(&world, "falcon:1 heron:2");
	g_autoptr(new_words) words = new_words_read(world.database, &error);
	g_assert_no_error(error);
	while ((word = new_words_next(words, &kinds)) != NULL)
		collect(word, kinds, found);
	g_assert_cmpstr(found->str, ==, "avocet:8 falcon:9 heron:2");
	g_assert_null(new_words_next(words, &kinds));
	g_test_message("a walk ends when it is told to");
	g_assert_true(new_words_within(world.database, "on", first_alone, first, &error));
	g_assert_cmpstr(first->str, ==, "heron:2");
	world_end(&world);
}

/* Rows of many words; what goes is in no page any more. */
static void
test_removed(void)
{
	struct world world;
	g_autoptr(GHashTable) gone = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GString) packet = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	world_start(&world);
	for (guint i = 0; i < 3000; i++) {
		char word[16];
		g_snprintf(word, sizeof word, "word%04u", i);
		new_words_add(packet, word, strlen(word), WORD_TEXT);
	}
	g_assert_true(new_words_put(world.database, packet, &error));
	put_words(&world, "falcon:8 heron:2");
	put_words(&world, "falcon:1");
	g_assert_cmpint(count(&world, "SELECT count(*) FROM word_new"), ==, 2);

	g_hash_table_add(gone, (char *)"falcon");
	g_hash_table_add(gone, (char *)"word0000");
	g_hash_table_add(gone, (char *)"word2999");
	g_hash_table_add(gone, (char *)"never there");
	g_assert_true(new_words_remove(world.database, gone, &error));
	g_assert_no_error(error);
	assert_within(&world, "falcon", "");
	assert_within(&world, "0000", "");
	assert_within(&world, "2998", "word2998:8");
	assert_within(&world, "ero", "heron:2");
	g_assert_cmpint(count(&world, "SELECT sum(length(data)) FROM word_new"), ==, 2998 * 9 + 6);

	g_test_message("a packet of nothing is none");
	g_hash_table_add(gone, (char *)"heron");
	g_assert_true(new_words_remove(world.database, gone, &error));
	g_assert_cmpint(count(&world, "SELECT count(*) FROM word_new"), ==, 1);
	world_end(&world);
}

static void
test_damaged(void)
{
	static const struct {
		const char *label, *hex;
	} cases[] = {
		{ "a word without kinds", "66616c636f6e" },
		{ "kinds that are none", "1066616c636f6e" },
		{ "no kinds at all", "0066616c636f6e" },
		{ "kinds without a word", "0808" },
		{ "no text", "08ff66616c636f6e80" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct world world;
		g_autoptr(GError) error = NULL, again = NULL, third = NULL;
		g_autoptr(GString) found = g_string_new(NULL);
		g_autoptr(GHashTable) gone = g_hash_table_new(g_str_hash, g_str_equal);
		g_test_message("%s", cases[i].label);
		world_start(&world);
		g_autofree char *sql =
		    g_strdup_printf("INSERT INTO word_new (data) VALUES (x'%s')", cases[i].hex);
		g_assert_true(database_script(world.database, "damage", sql, NULL));
		g_assert_false(new_words_within(world.database, "", collect, found, &error));
		assert_fault(error, FAULT_DATA, "words of the index are damaged");
		g_assert_null(new_words_read(world.database, &again));
		assert_fault(again, FAULT_DATA, "words of the index are damaged");
		g_hash_table_add(gone, (char *)"falcon");
		g_assert_false(new_words_remove(world.database, gone, &third));
		assert_fault(third, FAULT_DATA, "words of the index are damaged");
		g_assert_cmpstr(found->str, ==, "");
		world_end(&world);
	}
}

/* --- the writer --- */

static void
learn(struct index_words *words, const char *text, guint kinds)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(index_words_begin(words, &error) &&
		      index_words_learn(words, text, kinds, &error) &&
		      index_words_end(words, &error));
	g_assert_no_error(error);
}

static void
settle(const struct world *world)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(new_words) words = new_words_read(world->database, &error);
	bool more;

	g_assert_true(vocabulary_learn(world->database, words, &more, &error));
	g_assert_true(new_words_empty(world->database, &error));
	g_assert_no_error(error);
}

static void
test_writer(void)
{
	struct world world;

	world_start(&world);
	g_autoptr(index_words) words = index_words_new(world.database);
	learn(words, "falcon of falcon " LONG_WORD " " LONG_WORD, WORD_TEXT);
	assert_within(&world, "", "falcon:8 " LONG_WORD ":8");
	g_test_message("what is known does not come again, nor by a writer that began later");
	learn(words, "falcon " LONG_WORD, WORD_TEXT);
	g_autoptr(index_words) later = index_words_new(world.database);
	learn(later, "falcon " LONG_WORD " heron", WORD_TEXT);
	assert_within(&world, "", "falcon:8 " LONG_WORD ":8 heron:8");
	g_test_message("other kinds do");
	learn(later, "falcon " LONG_WORD, WORD_TEXT | WORD_PEOPLE);
	assert_within(&world, "", "falcon:8 " LONG_WORD ":8 heron:8 falcon:9 " LONG_WORD ":9");
	g_test_message("what was settled is known, too");
	settle(&world);
	g_autoptr(index_words) last = index_words_new(world.database);
	learn(last, "falcon heron " LONG_WORD, WORD_TEXT);
	assert_within(&world, "", "");
	learn(last, "heron", WORD_PEOPLE);
	assert_within(&world, "", "heron:1");
	world_end(&world);
}

/* After a purge, or a batch that was rolled back, words come as if they had never been there. */
static void
test_writer_forgets(void)
{
	struct world world;
	g_autoptr(GHashTable) gone = g_hash_table_new(g_str_hash, g_str_equal);

	world_start(&world);
	g_autoptr(index_words) words = index_words_new(world.database);
	learn(words, "falcon " LONG_WORD " heron", WORD_TEXT);
	g_hash_table_add(gone, (char *)"falcon");
	g_hash_table_add(gone, (char *)LONG_WORD);
	g_assert_true(new_words_remove(world.database, gone, NULL));
	g_assert_true(database_script(
	    world.database, "purge", "UPDATE search_state SET purges = purges + 1", NULL));
	learn(words, "falcon " LONG_WORD " heron", WORD_TEXT);
	assert_within(&world, "", "heron:8 falcon:8 " LONG_WORD ":8");

	g_assert_true(new_words_empty(world.database, NULL));
	index_words_forget(words);
	learn(words, "heron", WORD_TEXT);
	assert_within(&world, "", "heron:8");
	world_end(&world);
}

/* Words of a store of schema 24, by rows of their own. */
static void
test_from_rows(void)
{
	struct world world = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *folder = g_dir_make_tmp("flagpost-store-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(folder, STORE_FILE, NULL);

	world.database = database_open(path, true, &error);
	g_assert_no_error(error);
	g_assert_true(migrations_apply(world.database, 24, &error));
	g_assert_true(database_script(world.database, "populate",
	    "INSERT INTO word (term, kinds) VALUES ('falcon', 8), ('f\xc3\xa4lle', 15);"
	    "INSERT INTO word (id, term, kinds) VALUES (100000, 'heron', 9);"
	    "INSERT INTO word_index (rowid, term) SELECT id, term FROM word",
	    &error));
	g_assert_true(migrations_apply(world.database, migrations_newest(), &error));
	g_assert_no_error(error);
	assert_within(&world, "", "falcon:8 f\xc3\xa4lle:15 heron:9");
	database_close(world.database);
	remove_tree(folder);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/new-words/parts", test_parts);
	g_test_add_func("/store/new-words/in-order", test_in_order);
	g_test_add_func("/store/new-words/removed", test_removed);
	g_test_add_func("/store/new-words/damaged", test_damaged);
	g_test_add_func("/store/new-words/writer", test_writer);
	g_test_add_func("/store/new-words/writer-forgets", test_writer_forgets);
	g_test_add_func("/store/new-words/from-rows", test_from_rows);
	return g_test_run();
}
