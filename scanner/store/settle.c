/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never empties the young part before all that is in it stands in blocks of the same transaction.
 */
#include "store/settle.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/bits.h"
#include "store/block-page.h"
#include "store/block.h"
#include "store/party.h"
#include "store/query.h"

#define TERM_MAX 200 /* bytes of a word or a token: ours are far shorter */

struct builder {
	struct block block;
	struct posting *postings[INDEX_COLUMNS + 1]; /* of the word at hand */
	struct block_page *page;
	bool touched; /* it has some */
};

struct settle {
	struct database *database;
	GArray *docs;                   /* gint64, rising */
	GArray *lengths[BLOCK_LENGTHS]; /* guint32 of each */
	GPtrArray *builders;            /* each has `share` docs, the last one what is left */
	guint share;
	guint at;      /* the doc that was looked for last */
	GString *term; /* the word at hand */
	GByteArray *bytes;
	GString *key;
};

/* --- the docs of the young part --- */

/* As SQLite writes numbers: the highest seven bits first. */
static const guint8 *
get_number(const guint8 *at, const guint8 *end, guint64 *number)
{
	*number = 0;
	while (at < end) {
		*number = *number << 7 | (*at & 0x7f);
		if ((*at++ & 0x80) == 0)
			break;
	}
	return at;
}

static void
add_doc(struct settle *settle, gint64 doc, const guint8 *sizes, gsize n)
{
	const guint8 *at = sizes, *end = sizes + n;
	guint32 lengths[BLOCK_LENGTHS] = { 0 };

	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		guint64 size;
		at = get_number(at, end, &size);
		guint32 length = (guint32)MIN(size, G_MAXINT32 / INDEX_COLUMNS);
		if (i == INDEX_BODY)
			lengths[BLOCK_BODY] = length;
		if (i == INDEX_FILES)
			lengths[BLOCK_FILES] = length;
		lengths[BLOCK_ALL] += length;
	}
	g_array_append_val(settle->docs, doc);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_append_val(settle->lengths[i], lengths[i]);
}

static bool
read_docs(struct settle *settle, GError **error)
{
	static const struct query_text all = { "list the young part of the index",
		"SELECT id, sz FROM term_index_docsize ORDER BY id" };
	struct query query;

	if (!query_open(&query, settle->database, &all, NO_VALUES, error))
		return false;
	while (query_next(&query)) {
		gsize size;
		const guint8 *sizes = query_blob(&query, 1, &size);
		add_doc(settle, query_int(&query, 0), sizes, size);
	}
	return query_close(&query, error);
}

/* --- blocks --- */

static void
builder_free(gpointer data)
{
	struct builder *builder = data;

	for (guint i = 0; i <= INDEX_COLUMNS; i++)
		posting_free(builder->postings[i]);
	block_page_free(builder->page);
	g_free(builder);
}

static GBytes *
docs_bytes(const struct settle *settle, guint from, guint upto)
{
	GByteArray *out = g_byte_array_new();
	gint64 before = 0;

	for (guint i = from; i < upto; i++) {
		gint64 doc = g_array_index(settle->docs, gint64, i);
		bits_put_varint(out, (guint64)(doc - before));
		before = doc;
		for (guint j = 0; j < BLOCK_LENGTHS; j++)
			bits_put_varint(out, g_array_index(settle->lengths[j], guint32, i));
	}
	return g_byte_array_free_to_bytes(out);
}

static bool
add_builder(struct settle *settle, guint from, guint upto, GError **error)
{
	static const struct query_text insert = { "begin a block of the index",
		"INSERT INTO term_block (count, first, last, docs) VALUES (?, ?, ?, ?)" };
	struct builder *builder = g_new0(struct builder, 1);
	g_autoptr(GBytes) docs = docs_bytes(settle, from, upto);
	struct block *block = &builder->block;

	g_ptr_array_add(settle->builders, builder);
	builder->page = block_page_new();
	for (guint i = 0; i <= INDEX_COLUMNS; i++)
		builder->postings[i] = posting_new();
	block->count = upto - from;
	block->first = g_array_index(settle->docs, gint64, from);
	block->last = g_array_index(settle->docs, gint64, upto - 1);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		block->lengths[i] = &g_array_index(settle->lengths[i], guint32, from);
	if (!query_run(settle->database, &insert,
		VALUES(query_int_value(block->count), query_int_value(block->first),
		    query_int_value(block->last), query_bytes_value(docs)),
		error))
		return false;
	block->id = sqlite3_last_insert_rowid(settle->database->handle);
	return true;
}

static bool
add_builders(struct settle *settle, GError **error)
{
	guint n = settle->docs->len, blocks = (n + SETTLE_DOCS - 1) / SETTLE_DOCS;

	settle->share = (n + blocks - 1) / blocks;
	for (guint from = 0; from < n; from += settle->share) {
		if (!add_builder(settle, from, MIN(from + settle->share, n), error))
			return false;
	}
	return true;
}

static bool
put_page(struct settle *settle, struct builder *builder, GError **error)
{
	static const struct query_text insert = { "write a page of the index",
		"INSERT INTO term_page (block, first, data) VALUES (?, ?, ?)" };
	struct block_page *page = builder->page;
	g_autoptr(GBytes) bytes = g_bytes_new(page->data->data, page->data->len);
	bool right = page->data->len == 0 ||
		     query_run(settle->database, &insert,
			 VALUES(query_int_value(builder->block.id),
			     query_text_value(page->first->str), query_bytes_value(bytes)),
			 error);

	block_page_clear(page);
	return right;
}

static bool
put_posting(struct settle *settle, struct builder *builder, guint column, GError **error)
{
	struct posting *posting = builder->postings[column];
	const struct posting_frame frame = block_frame(&builder->block, column);

	if (posting->ranks->len == 0)
		return true;
	g_byte_array_set_size(settle->bytes, 0);
	posting_write(posting, &frame, settle->bytes);
	posting_clear(posting);
	g_string_truncate(settle->key, 0);
	block_append_key(settle->key, settle->term->str, column);
	if (block_page_is_full(builder->page, settle->key->str, settle->bytes->len) &&
	    !put_page(settle, builder, error))
		return false;
	block_page_add(builder->page, settle->key->str, settle->bytes->data, settle->bytes->len);
	return true;
}

/* The word at hand is over. */
static bool
put_term(struct settle *settle, GError **error)
{
	for (guint i = 0; i < settle->builders->len; i++) {
		struct builder *builder = settle->builders->pdata[i];
		if (!builder->touched)
			continue;
		builder->touched = false;
		for (guint j = 0; j <= INDEX_COLUMNS; j++) {
			if (!put_posting(settle, builder, j, error))
				return false;
		}
	}
	return true;
}

/* --- the walk --- */

/* Docs of a word rise, so most are found a few steps further. */
static bool
find_doc(struct settle *settle, gint64 doc)
{
	const gint64 *docs = (const gint64 *)(void *)settle->docs->data;
	guint low = settle->at, high = settle->docs->len, step = 1;

	if (docs[low] == doc)
		return true;
	if (docs[low] > doc)
		low = 0;
	while (low + step < high && docs[low + step] < doc) {
		low += step;
		step *= 2;
	}
	high = MIN(high, low + step + 1);
	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (docs[middle] < doc)
			low = middle + 1;
		else
			high = middle;
	}
	settle->at = MIN(low, settle->docs->len - 1);
	return docs[settle->at] == doc;
}

static bool
is_strange(const char *what, GError **error)
{
	g_set_error(error, FAULT, FAULT_DATA, "settle the index: %s", what);
	return false;
}

static bool
add_place(
    struct settle *settle, const char *term, gint64 doc, guint column, gint64 place, GError **error)
{
	if (strcmp(term, settle->term->str) != 0) {
		if (strlen(term) > TERM_MAX)
			return is_strange("a word is too long", error);
		if (!put_term(settle, error))
			return false;
		g_string_assign(settle->term, term);
	}
	if (!find_doc(settle, doc))
		return is_strange("a message has words but no length", error);
	struct builder *builder = settle->builders->pdata[settle->at / settle->share];
	guint32 rank = settle->at % settle->share;
	const struct posting_frame frame = block_frame(&builder->block, column);
	if (place < 0 || place > G_MAXINT32 ||
	    (frame.lengths != NULL && place >= (gint64)frame.lengths[rank]))
		return is_strange("a word stands behind the end of its text", error);
	builder->touched = true;
	posting_add(builder->postings[column], rank, (guint32)place);
	return true;
}

static guint
column_named(const char *name)
{
	guint column = 0;

	while (column < INDEX_COLUMNS && strcmp(name, index_columns[column]) != 0)
		column++;
	return column;
}

static bool
walk(struct settle *settle, const struct query_text *text, GError **error)
{
	struct query query;
	bool right = true;

	g_string_truncate(settle->term, 0);
	settle->at = 0;
	if (!query_open(&query, settle->database, text, NO_VALUES, error))
		return false;
	while (right && query_next(&query))
		right = add_place(settle, query_text(&query, 0), query_int(&query, 1),
		    column_named(query_text(&query, 2)), query_int(&query, 3), error);
	return query_close(&query, right ? error : NULL) && right && put_term(settle, error);
}

static bool
build(struct settle *settle, GError **error)
{
	static const struct query_text people = { "walk over people of the index",
		"SELECT term, doc, '', 0 FROM temp.party_places" };
	static const struct query_text words = { "walk over words of the index",
		"SELECT term, doc, col, offset FROM temp.term_places" };

	if (!add_builders(settle, error) || !walk(settle, &people, error) ||
	    !walk(settle, &words, error))
		return false;
	for (guint i = 0; i < settle->builders->len; i++) {
		if (!put_page(settle, settle->builders->pdata[i], error))
			return false;
	}
	return database_script(settle->database, "empty the young part of the index",
	    "INSERT INTO term_index (term_index) VALUES ('delete-all');"
	    "INSERT INTO party_index (party_index) VALUES ('delete-all');",
	    error);
}

static void
settle_free(struct settle *settle)
{
	g_array_unref(settle->docs);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_unref(settle->lengths[i]);
	g_ptr_array_unref(settle->builders);
	g_string_free(settle->term, TRUE);
	g_string_free(settle->key, TRUE);
	g_byte_array_unref(settle->bytes);
}

bool
settle_young(struct database *database, guint least, GError **error)
{
	static const struct query_text count = { "count the young part of the index",
		"SELECT count(*) FROM term_index_docsize" };
	gint64 young = 0;
	bool whole;

	if (!query_number(database, &count, NO_VALUES, &young, error) ||
	    !party_is_whole(database, &whole, error))
		return false;
	if (!whole || young == 0 || young < least)
		return true;

	struct settle settle = { .database = database,
		.docs = g_array_new(FALSE, FALSE, sizeof(gint64)),
		.builders = g_ptr_array_new_with_free_func(builder_free),
		.term = g_string_new(NULL),
		.key = g_string_new(NULL),
		.bytes = g_byte_array_new() };
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		settle.lengths[i] = g_array_new(FALSE, FALSE, sizeof(guint32));
	bool right = database_script(database, "look into the index",
			 "CREATE VIRTUAL TABLE IF NOT EXISTS temp.term_places"
			 " USING fts5vocab(main, term_index, instance);"
			 "CREATE VIRTUAL TABLE IF NOT EXISTS temp.party_places"
			 " USING fts5vocab(main, party_index, instance);",
			 error) &&
		     read_docs(&settle, error) && build(&settle, error);
	settle_free(&settle);
	return right;
}

bool
settle_try(struct database *database, guint least, bool *stays, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	*stays = false;
	if (!database_script(database, "begin to settle", "SAVEPOINT settle", error))
		return false;
	if (settle_young(database, least, &trouble))
		return database_script(database, "end settling", "RELEASE settle", error);
	if (!g_error_matches(trouble, FAULT, FAULT_DATA)) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return false;
	}
	*stays = true;
	log_warning("%s; the search goes on with it", trouble->message);
	return database_script(
	    database, "take settling back", "ROLLBACK TO settle; RELEASE settle", error);
}

bool
settle_is_young(struct database *database, gint64 doc, bool *young, GError **error)
{
	static const struct query_text find = { "look for a message in the index's young part",
		"SELECT 1 FROM term_index_docsize WHERE id = ?" };
	gint64 found = 0;
	bool right = query_number(database, &find, VALUES(query_int_value(doc)), &found, error);

	*young = found != 0;
	return right;
}
