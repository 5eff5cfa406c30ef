/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never reads the places of a word that stands in most messages where its ranks will do: they are
 * nine tenths of what there is to read.
 */
#include <string.h>

#include "base/auto.h"
#include "store/bits.h"
#include "store/block.h"
#include "store/cipher.h"
#include "store/query.h"

#define LONG       "32768" /* bytes of a page that is read by its beginning */
#define FIRST      24576   /* so much of it at first, and then four times as much */
#define ENTRY_HEAD (BLOCK_KEY_MAX + 32)

/* A walk over the entries of pages, up to those that begin so. */
struct walk {
	struct database *database;
	const char *beginning;
	block_visit_entry *visit;
	void *user;
	gint64 page;
	char key[BLOCK_KEY_MAX]; /* the entry's */
	bool over;               /* it is behind them */
};

/* Who does not ask where postings stand. */
struct plain {
	block_visit *visit;
	void *user;
};

static bool
visit_plain(const struct block_entry *entry, void *user)
{
	const struct plain *plain = user;

	return plain->visit(entry->key, entry->data, entry->size, plain->user);
}

/* size: what is at hand of whole bytes. */
static bool
show(const struct walk *walk, const guint8 *page, gsize at, gsize size, gsize whole)
{
	const struct block_entry entry = { walk->key, page + at, size, whole, walk->page, at };

	return walk->visit(&entry, walk->user);
}

const guint8 *
block_next_entry(const guint8 *at, const guint8 *end, char *key, guint64 *bytes)
{
	guint64 same, more;

	at = bits_get_varint(at, end, &same);
	at = at != NULL ? bits_get_varint(at, end, &more) : NULL;
	if (at == NULL || same > strlen(key) || more > (gsize)(end - at) ||
	    same + more >= BLOCK_KEY_MAX)
		return NULL;
	memcpy(key + same, at, more);
	key[same + more] = '\0';
	return bits_get_varint(at + more, end, bytes);
}

static bool
is_looked_for(struct walk *walk)
{
	int order = strncmp(walk->key, walk->beginning, strlen(walk->beginning));

	walk->over = order > 0;
	return order == 0;
}

static bool
walk_page(struct walk *walk, const guint8 *data, gsize size)
{
	const guint8 *at = data, *end = data + size;
	guint64 bytes;

	walk->key[0] = '\0';
	while (!walk->over && at < end) {
		at = block_next_entry(at, end, walk->key, &bytes);
		if (at == NULL || bytes > (gsize)(end - at) ||
		    (is_looked_for(walk) && !show(walk, data, (gsize)(at - data), bytes, bytes)))
			return false;
		at += bytes;
	}
	return true;
}

bool
block_scan_page(const guint8 *data, gsize size, const char *beginning, block_visit *visit,
    void *user, bool *over)
{
	struct plain plain = { visit, user };
	struct walk walk = { .beginning = beginning, .visit = visit_plain, .user = &plain };
	bool right = walk_page(&walk, data, size);

	*over = *over || walk.over;
	return right;
}

/* --- a long page --- */

struct block_reader {
	struct database *database;
	sqlite3_blob *blob;
};

static bool
fails(const struct block_reader *reader, GError **error)
{
	database_fault(reader->database, "read a page of the index", error);
	return false;
}

struct block_reader *
block_reader_open(struct database *database, gint64 page, GError **error)
{
	g_autoptr(block_reader) reader = g_new0(struct block_reader, 1);

	reader->database = database;
	if (sqlite3_blob_open(
		database->handle, "main", "term_page", "data", page, 0, &reader->blob) == SQLITE_OK)
		return g_steal_pointer(&reader);
	fails(reader, error);
	return NULL;
}

bool
block_reader_get(struct block_reader *reader, gsize at, guint8 *out, gsize size, GError **error)
{
	return sqlite3_blob_read(reader->blob, out, (int)size, (int)at) == SQLITE_OK ||
	       fails(reader, error);
}

void
block_reader_close(struct block_reader *reader)
{
	if (reader == NULL)
		return;
	sqlite3_blob_close(reader->blob);
	g_free(reader);
}

struct row {
	struct block_reader *reader;
	guint8 *data;
	gsize size, have; /* have: at hand of it, from its beginning */
	GError *error;    /* what kept it from being read */
};

static bool
row_need(struct row *row, gsize upto)
{
	gsize wanted = MIN(upto, row->size);

	if (wanted <= row->have)
		return true;
	if (!block_reader_get(
		row->reader, row->have, row->data + row->have, wanted - row->have, &row->error))
		return false;
	row->have = wanted;
	return true;
}

/* With ever more of the entry's postings, until there are enough. */
static bool
visit_more(struct walk *walk, struct row *row, gsize at, gsize bytes)
{
	gsize n = MIN(bytes, row->have - at);

	while (!show(walk, row->data, at, n, bytes)) {
		if (n == bytes || !row_need(row, row->have * 4))
			return false;
		n = MIN(bytes, row->have - at);
	}
	return true;
}

static bool
walk_row(struct walk *walk, struct row *row)
{
	gsize at = 0;
	guint64 bytes;

	walk->key[0] = '\0';
	while (!walk->over && at < row->size) {
		if (!row_need(row, MAX(at + ENTRY_HEAD, FIRST)))
			return false;
		const guint8 *begin =
		    block_next_entry(row->data + at, row->data + row->have, walk->key, &bytes);
		if (begin == NULL)
			return false;
		at = (gsize)(begin - row->data);
		if (bytes > row->size - at ||
		    (is_looked_for(walk) && !visit_more(walk, row, at, bytes)))
			return false;
		at += bytes;
	}
	return true;
}

/* False: without an error it is damaged. */
static bool
walk_long(struct walk *walk, gint64 size, GError **error)
{
	g_autoptr(block_reader) reader =
	    size <= G_MAXINT32 ? block_reader_open(walk->database, walk->page, error) : NULL;
	struct row row = { .reader = reader, .size = (gsize)size };

	if (reader == NULL)
		return false;
	row.data = g_malloc(row.size);
	bool right = walk_row(walk, &row);
	g_free(row.data);
	if (row.error != NULL)
		g_propagate_error(error, row.error);
	return right;
}

/* --- all pages --- */

/* One without a sum was written before there were any. */
static bool
is_as_written(struct query *query, const guint8 *data, gsize size)
{
	gint64 sum = query_int(query, 3);

	return sum < 0 || sum == cipher_sum(data, size);
}

/* pages: a page's id, its size, bytes and sum; no bytes: it is long. */
static bool
walk_all(
    struct walk *walk, const struct block *block, const struct query_text *pages, GError **error)
{
	GError *trouble = NULL;
	bool right = true;
	struct query query;

	if (!query_open(&query, walk->database, pages,
		VALUES(query_int_value(block->id), query_text_value(walk->beginning)), error))
		return false;
	while (right && !walk->over && query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 2, &size);
		gint64 whole = query_int(&query, 1);
		walk->page = query_int(&query, 0);
		right = size == 0 && whole > 0
			    ? walk_long(walk, whole, &trouble)
			    : is_as_written(&query, data, size) && walk_page(walk, data, size);
	}
	if (!query_close(&query, right ? error : NULL))
		return false;
	if (trouble != NULL)
		g_propagate_error(error, trouble);
	return right || (trouble == NULL && block_damaged(block, error));
}

#define PAGES(data)                                                                                \
	"SELECT id, length(data), " data                                                           \
	", coalesce(sum, -1) FROM term_page WHERE block = ?1 AND first >="                         \
	" coalesce((SELECT max(first) FROM term_page WHERE block = ?1 AND first <= ?2), '')"       \
	" ORDER BY first"

bool
block_scan(struct database *database, const struct block *block, const char *beginning,
    block_visit *visit, void *user, GError **error)
{
	static const struct query_text pages = { "look into a block of the index", PAGES("data") };
	struct plain plain = { visit, user };
	struct walk walk = { database, beginning, visit_plain, &plain, 0, "", false };

	return walk_all(&walk, block, &pages, error);
}

bool
block_scan_entries(struct database *database, const struct block *block, const char *beginning,
    block_visit_entry *visit, void *user, GError **error)
{
	static const struct query_text pages = { "look for words in a block of the index",
		PAGES("CASE WHEN length(data) <= " LONG " THEN data END") };
	struct walk walk = { database, beginning, visit, user, 0, "", false };

	return walk_all(&walk, block, &pages, error);
}

bool
block_scan_heads(struct database *database, const struct block *block, const char *beginning,
    block_visit *visit, void *user, GError **error)
{
	struct plain plain = { visit, user };

	return block_scan_entries(database, block, beginning, visit_plain, &plain, error);
}
