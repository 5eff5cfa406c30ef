/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads alone. Words of FTS5 are walked over in their order; those of one are gathered, and become
 * postings when it is over.
 */
#include <string.h>

#include "base/fault.h"
#include "store/bits.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/settle-inner.h"

#define TERM_MAX 200 /* bytes of a word or a token: ours are far shorter */

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
	struct settle_builder *builder = data;

	for (guint i = 0; i <= INDEX_COLUMNS; i++)
		posting_free(builder->postings[i]);
	block_page_free(builder->page);
	g_free(builder);
}

GBytes *
settle_docs(const struct settle *settle, const struct settle_builder *builder)
{
	GByteArray *out = g_byte_array_new();
	guint from = builder->from, upto = from + builder->block.count;
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

static void
add_builder(struct settle *settle, guint from, guint upto)
{
	struct settle_builder *builder = g_new0(struct settle_builder, 1);
	struct block *block = &builder->block;

	g_ptr_array_add(settle->builders, builder);
	builder->from = from;
	builder->page = block_page_new();
	for (guint i = 0; i <= INDEX_COLUMNS; i++)
		builder->postings[i] = posting_new();
	block->count = upto - from;
	block->first = g_array_index(settle->docs, gint64, from);
	block->last = g_array_index(settle->docs, gint64, upto - 1);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		block->lengths[i] = &g_array_index(settle->lengths[i], guint32, from);
}

/* None smaller than SETTLE_DOCS where there are more: small ones have more keys. */
static void
add_builders(struct settle *settle)
{
	guint n = settle->docs->len, blocks = MAX(n / SETTLE_DOCS, 1);

	settle->share = (n + blocks - 1) / blocks;
	for (guint from = 0; from < n; from += settle->share)
		add_builder(settle, from, MIN(from + settle->share, n));
}

bool
settle_read(struct settle *settle, GError **error)
{
	if (!read_docs(settle, error))
		return false;
	add_builders(settle);
	return true;
}

static void
put_page(struct settle *settle, struct settle_builder *builder)
{
	struct block_page *page = builder->page;

	if (page->data->len > 0) {
		struct settle_page *full = g_new(struct settle_page, 1);
		*full = (struct settle_page){ builder->block.id, g_strdup(page->first->str),
			g_bytes_new(page->data->data, page->data->len) };
		g_ptr_array_add(settle->pages, full);
		settle->page_bytes += page->data->len;
	}
	block_page_clear(page);
}

void
settle_last_pages(struct settle *settle)
{
	for (guint i = 0; i < settle->builders->len; i++)
		put_page(settle, settle->builders->pdata[i]);
}

static void
put_posting(struct settle *settle, struct settle_builder *builder, guint column)
{
	struct posting *posting = builder->postings[column];
	const struct posting_frame frame = block_frame(&builder->block, column);

	if (posting->ranks->len == 0)
		return;
	g_byte_array_set_size(settle->bytes, 0);
	posting_write(posting, &frame, settle->bytes);
	posting_clear(posting);
	g_string_truncate(settle->key, 0);
	block_append_key(settle->key, settle->term->str, column);
	if (block_page_is_full(builder->page, settle->key->str, settle->bytes->len))
		put_page(settle, builder);
	block_page_add(builder->page, settle->key->str, settle->bytes->data, settle->bytes->len);
}

/* The word at hand is over. */
static void
put_term(struct settle *settle)
{
	for (guint i = 0; i < settle->builders->len; i++) {
		struct settle_builder *builder = settle->builders->pdata[i];
		if (!builder->touched)
			continue;
		builder->touched = false;
		for (guint j = 0; j <= INDEX_COLUMNS; j++)
			put_posting(settle, builder, j);
	}
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
		put_term(settle);
		g_string_assign(settle->term, term);
	}
	if (!find_doc(settle, doc))
		return is_strange("a message has words but no length", error);
	struct settle_builder *builder = settle->builders->pdata[settle->at / settle->share];
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

bool
settle_walk(struct settle *settle, bool people, bool *more, GError **error)
{
	static const struct query_text tokens = { "walk over people of the index",
		"SELECT term, doc, '', 0 FROM temp.party_places WHERE term > ?" };
	static const struct query_text words = { "walk over words of the index",
		"SELECT term, doc, col, offset FROM temp.term_places WHERE term > ?" };
	g_autofree char *after = g_strdup(settle->term->str);
	struct query query;
	bool right = true;

	*more = false;
	settle->at = 0;
	if (!query_open(&query, settle->database, people ? &tokens : &words,
		VALUES(query_text_value(after)), error))
		return false;
	while (right && !*more && query_next(&query)) {
		const char *term = query_text(&query, 0);
		*more = settle->page_bytes >= SETTLE_SLICE && strcmp(term, settle->term->str) != 0;
		right =
		    *more || add_place(settle, term, query_int(&query, 1),
				 column_named(query_text(&query, 2)), query_int(&query, 3), error);
	}
	put_term(settle);
	return query_close(&query, right ? error : NULL) && right;
}

/* --- its life --- */

static void
page_free(gpointer data)
{
	struct settle_page *page = data;

	g_free(page->first);
	g_bytes_unref(page->data);
	g_free(page);
}

void
settle_start(struct settle *settle, struct database *database, bool slices)
{
	*settle = (struct settle){ .database = database,
		.docs = g_array_new(FALSE, FALSE, sizeof(gint64)),
		.builders = g_ptr_array_new_with_free_func(builder_free),
		.term = g_string_new(NULL),
		.key = g_string_new(NULL),
		.bytes = g_byte_array_new(),
		.pages = g_ptr_array_new_with_free_func(page_free),
		.slices = slices };
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		settle->lengths[i] = g_array_new(FALSE, FALSE, sizeof(guint32));
}

void
settle_end(struct settle *settle)
{
	new_words_free(settle->words);
	g_array_unref(settle->docs);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_unref(settle->lengths[i]);
	g_ptr_array_unref(settle->builders);
	g_ptr_array_unref(settle->pages);
	g_string_free(settle->term, TRUE);
	g_string_free(settle->key, TRUE);
	g_byte_array_unref(settle->bytes);
}
