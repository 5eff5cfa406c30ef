/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib.h>
#include <glib/gstdio.h>

#include "base/fault.h"
#include "store/block-page.h"
#include "store/block.h"
#include "store/query.h"

#define COUNT 40000 /* messages of the block */

struct scene {
	char *folder;
	struct database *database;
	struct block block;
};

static void
scene_start(struct scene *scene)
{
	g_autoptr(GError) error = NULL;

	scene->folder = g_dir_make_tmp("flagpost-test-XXXXXX", &error);
	g_assert_no_error(error);
	g_autofree char *path = g_build_filename(scene->folder, "flagpost.db", NULL);
	scene->database = database_open(path, true, &error);
	g_assert_no_error(error);
	database_script(scene->database, "make a table",
	    "CREATE TABLE term_page (id INTEGER PRIMARY KEY, block INTEGER NOT NULL,"
	    " first TEXT NOT NULL, data BLOB NOT NULL, sum INTEGER) STRICT",
	    &error);
	g_assert_no_error(error);
	scene->block = (struct block){ .id = 1, .count = COUNT };
}

static void
scene_end(struct scene *scene)
{
	static const char *const names[] = { "flagpost.db", "flagpost.db-wal", "flagpost.db-shm" };

	database_close(scene->database);
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(scene->folder, names[i], NULL);
		g_unlink(path);
	}
	g_rmdir(scene->folder);
	g_free(scene->folder);
}

/* cut: bytes that are missing at its end. */
static void
put_page(struct scene *scene, const struct block_page *page, guint cut)
{
	static const struct query_text insert = { "put a page",
		"INSERT INTO term_page (block, first, data) VALUES (1, ?, ?)" };
	g_autoptr(GBytes) data = g_bytes_new(page->data->data, page->data->len - cut);
	g_autoptr(GError) error = NULL;

	query_run(scene->database, &insert,
	    VALUES(query_text_value(page->first->str), query_bytes_value(data)), &error);
	g_assert_no_error(error);
}

/* A word in one of `apart` messages, `times` in each. */
static void
add_word(struct scene *scene, struct block_page *page, const char *word, guint apart, guint times)
{
	const struct posting_frame frame = block_frame(&scene->block, INDEX_SUBJECT);
	g_autoptr(posting) posting = posting_new();
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autoptr(GString) key = g_string_new(NULL);

	for (guint32 rank = apart / 2; rank < COUNT; rank += apart) {
		for (guint32 i = 0; i < times + rank % 5; i++)
			posting_add(posting, rank, i * 700);
	}
	posting_write(posting, &frame, bytes);
	block_append_key(key, word, INDEX_SUBJECT);
	block_page_add(page, key->str, bytes->data, bytes->len);
}

/* What a walk met: of each key how many messages have it, and how often in every 900th message. */
struct met {
	struct posting_frame frame;
	guint64 *wanted;
	GString *out;
	guint visits;
	gsize most; /* bytes of one visit */
};

static bool
meet(const char *key, const guint8 *data, gsize size, void *user)
{
	struct met *met = user;
	g_autofree guint64 *bits = g_new0(guint64, COUNT / 64 + 1);
	g_autoptr(posting) counts = posting_new();
	guint ranks = 0, sum = 0;

	met->visits++;
	met->most = MAX(met->most, size);
	if (!posting_mark(data, size, &met->frame, bits) ||
	    !posting_count(data, size, &met->frame, met->wanted, counts))
		return false;
	for (guint i = 0; i <= COUNT / 64; i++)
		ranks += (guint)__builtin_popcountll(bits[i]);
	for (guint i = 0; i < counts->counts->len; i++)
		sum += g_array_index(counts->counts, guint32, i);
	g_string_append_printf(
	    met->out, "%.*s:%u:%u ", (int)strcspn(key, BLOCK_END), key, ranks, sum);
	return true;
}

static void
met_start(struct met *met, const struct scene *scene)
{
	*met = (struct met){ .frame = block_frame(&scene->block, INDEX_SUBJECT),
		.wanted = g_new0(guint64, COUNT / 64 + 1),
		.out = g_string_new(NULL) };
	for (guint32 i = 0; i < COUNT; i += 900)
		met->wanted[i / 64] |= G_GUINT64_CONSTANT(1) << (i % 64);
}

static void
met_end(struct met *met)
{
	g_free(met->wanted);
	g_string_free(met->out, TRUE);
}

/* Small words, one in every message, one in every third, and small ones behind them. */
static void
put_words(struct scene *scene, guint cut)
{
	g_autoptr(block_page) page = block_page_new();

	add_word(scene, page, "an", 5000, 1);
	add_word(scene, page, "anchor", 900, 2);
	add_word(scene, page, "and", 1, 12);
	put_page(scene, page, cut);
	block_page_clear(page);
	add_word(scene, page, "ant", 3, 4);
	add_word(scene, page, "any", 7000, 1);
	put_page(scene, page, 0);
}

static const char *const beginnings[] = { "an", "an" BLOCK_END, "anchor" BLOCK_END, "and" BLOCK_END,
	"ant", "any" BLOCK_END, "b", "" };

/* By the beginnings of lists the same is found as by all of them, and less is read. */
static void
test_heads(void)
{
	struct scene scene;

	scene_start(&scene);
	put_words(&scene, 0);
	for (guint i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		g_autoptr(GError) error = NULL;
		struct met all, heads;
		met_start(&all, &scene);
		met_start(&heads, &scene);
		g_test_message("'%s'", beginnings[i]);
		g_assert_true(
		    block_scan(scene.database, &scene.block, beginnings[i], meet, &all, &error));
		g_assert_true(block_scan_heads(
		    scene.database, &scene.block, beginnings[i], meet, &heads, &error));
		g_assert_cmpstr(heads.out->str, ==, all.out->str);
		g_assert_cmpuint(strlen(all.out->str) == 0, ==, i == 6);
		if (i == 3) {
			g_assert_cmpuint(all.most, >, 200000);
			g_assert_cmpuint(heads.most, <, all.most / 2);
		}
		met_end(&all);
		met_end(&heads);
	}
	scene_end(&scene);
}

/* What stands behind what was at hand is read where the entry says. */
static bool
see_rest(const struct block_entry *entry, void *user)
{
	struct scene *scene = user;
	g_autofree guint8 *rest = g_malloc(entry->whole);
	g_autoptr(GError) error = NULL;
	g_autoptr(block_reader) reader = block_reader_open(scene->database, entry->page, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(entry->size, <, entry->whole);
	block_reader_get(reader, entry->at, rest, entry->whole, &error);
	g_assert_no_error(error);
	g_assert_cmpint(memcmp(rest, entry->data, entry->size), ==, 0);
	const struct posting_frame frame = block_frame(&scene->block, INDEX_SUBJECT);
	g_autoptr(posting) posting = posting_new();
	g_assert_true(posting_read(rest, entry->whole, &frame, NULL, posting));
	g_assert_cmpuint(posting->ranks->len, ==, COUNT);
	g_test_message("behind the page there is nothing");
	g_assert_false(block_reader_get(reader, entry->at + 1, rest, entry->whole, &error));
	g_assert_nonnull(error);
	return true;
}

static void
test_entries(void)
{
	struct scene scene;
	g_autoptr(GError) error = NULL;

	scene_start(&scene);
	put_words(&scene, 0);
	g_assert_true(block_scan_entries(
	    scene.database, &scene.block, "and" BLOCK_END, see_rest, &scene, &error));
	g_assert_no_error(error);
	g_assert_null(block_reader_open(scene.database, 77, &error));
	g_assert_nonnull(error);
	scene_end(&scene);
}

/* A long page without its end is told, and so is one whose numbers are none. */
static void
test_damaged(void)
{
	static const struct query_text spoil = { "spoil a page",
		"UPDATE term_page SET data = CAST(zeroblob(5) || substr(data, 6) AS BLOB)" };
	struct scene scene;

	scene_start(&scene);
	put_words(&scene, 1);
	for (guint i = 0; i < 2; i++) {
		g_autoptr(GError) error = NULL;
		struct met met;
		met_start(&met, &scene);
		g_assert_false(
		    block_scan_heads(scene.database, &scene.block, "an", meet, &met, &error));
		g_assert_error(error, FAULT, FAULT_DATA);
		met_end(&met);
		g_clear_error(&error);
		query_run(scene.database, &spoil, NO_VALUES, &error);
		g_assert_no_error(error);
	}
	scene_end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/block-scan/heads", test_heads);
	g_test_add_func("/store/block-scan/entries", test_entries);
	g_test_add_func("/store/block-scan/damaged", test_damaged);
	return g_test_run();
}
