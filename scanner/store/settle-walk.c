/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads alone. Words of FTS5 are walked over in their order; those of one are gathered, and become
 * postings when it is over.
 */
#include <string.h>

#include "base/fault.h"
#include "store/bits.h"
#include "store/query.h"
#include "store/settle-inner.h"

#define TERM_MAX 200 /* bytes of a word or a token: ours are far shorter */

/* --- docs --- */

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
	static const struct query_text all = { "list what FTS5 has of the index",
		"SELECT id, sz FROM term_index_docsize ORDER BY id" };
	struct query query;

	if (!query_open(&query, settle->run->database, &all, NO_VALUES, error))
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
	block_writer_end(&builder->writer);
	g_free(builder);
}

static void
add_builder(struct settle *settle, guint from, guint upto)
{
	struct settle_builder *builder = g_new0(struct settle_builder, 1);
	struct block *block = &builder->writer.block;

	g_ptr_array_add(settle->builders, builder);
	builder->from = from;
	block_writer_start(&builder->writer);
	for (guint i = 0; i <= INDEX_COLUMNS; i++)
		builder->postings[i] = posting_new();
	block->count = upto - from;
	block->first = g_array_index(settle->docs, gint64, from);
	block->last = g_array_index(settle->docs, gint64, upto - 1);
	block->docs = &g_array_index(settle->docs, gint64, from);
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

void
settle_last_pages(struct settle *settle)
{
	for (guint i = 0; i < settle->builders->len; i++)
		block_writer_last(&((struct settle_builder *)settle->builders->pdata[i])->writer);
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
		for (guint j = 0; j <= INDEX_COLUMNS; j++) {
			block_writer_put(
			    &builder->writer, settle->term->str, j, builder->postings[j]);
			posting_clear(builder->postings[j]);
		}
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
	const struct posting_frame frame = block_frame(&builder->writer.block, column);
	if (place < 0 || place > G_MAXINT32 ||
	    (frame.lengths != NULL && place >= (gint64)frame.lengths[rank]))
		return is_strange("a word stands behind the end of its text", error);
	settle->words += column < INDEX_COLUMNS;
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
is_much(const struct settle *settle)
{
	gsize bytes = 0;

	for (guint i = 0; i < settle->builders->len; i++)
		bytes += ((struct settle_builder *)settle->builders->pdata[i])->writer.size;
	return bytes >= SETTLE_SLICE;
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
	if (!query_open(&query, settle->run->database, people ? &tokens : &words,
		VALUES(query_text_value(after)), error))
		return false;
	while (right && !*more && query_next(&query)) {
		const char *term = query_text(&query, 0);
		*more = strcmp(term, settle->term->str) != 0 && is_much(settle);
		right =
		    *more || add_place(settle, term, query_int(&query, 1),
				 column_named(query_text(&query, 2)), query_int(&query, 3), error);
	}
	put_term(settle);
	return query_close(&query, right ? error : NULL) && right;
}

bool
settle_has_all(const struct settle *settle, GError **error)
{
	guint64 words = 0;

	for (guint i = 0; i < settle->docs->len; i++)
		words += g_array_index(settle->lengths[BLOCK_ALL], guint32, i);
	return words == settle->words || is_strange("it has not all of its words", error);
}

/* --- its life --- */

void
settle_start(struct settle *settle, struct settle_run *run)
{
	*settle = (struct settle){ .run = run,
		.docs = g_array_new(FALSE, FALSE, sizeof(gint64)),
		.builders = g_ptr_array_new_with_free_func(builder_free),
		.term = g_string_new(NULL) };
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		settle->lengths[i] = g_array_new(FALSE, FALSE, sizeof(guint32));
}

void
settle_end(struct settle *settle)
{
	g_ptr_array_unref(settle->builders);
	g_array_unref(settle->docs);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_unref(settle->lengths[i]);
	g_string_free(settle->term, TRUE);
}
