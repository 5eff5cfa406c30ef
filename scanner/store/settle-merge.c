/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several blocks made into one: their keys are walked over side by side, and the postings of each
 * key get the ranks of the new block. Never writes outside of slices, and the blocks count until
 * the one does.
 */
#include <string.h>

#include "base/fault.h"
#include "store/cipher.h"
#include "store/query.h"
#include "store/settle-inner.h"

/* A block that is read, a page at a time. */
struct source {
	struct block *block;
	guint32 *ranks;   /* of the new block, by its own */
	GString *first;   /* of the page at hand */
	GByteArray *page; /* a copy */
	gsize at;         /* behind the entry at hand */
	bool over;
	/* The entry at hand. */
	char key[BLOCK_KEY_MAX];
	guint64 beginning; /* of the key: most keys differ there */
	const guint8 *data;
	gsize size;
};

struct merge {
	struct settle_run *run;
	const GPtrArray *blocks;
	GPtrArray *sources;
	GPtrArray *least;               /* those with the key at hand */
	GArray *docs;                   /* gint64, rising */
	GArray *lengths[BLOCK_LENGTHS]; /* guint32 of each */
	struct block_writer writer;
	struct posting *part, *whole;
	GArray *places; /* struct posting_place, of the key at hand */
	char key[BLOCK_KEY_MAX];
};

static bool
is_damaged(const struct source *source, GError **error)
{
	g_set_error(error, FAULT, FAULT_DATA,
	    "the index is damaged in block %" G_GINT64_FORMAT ": it is not merged",
	    source->block->id);
	return false;
}

/* --- docs --- */

static gint
compare_docs(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;

	return one < other ? -1 : one > other;
}

static void
gather_docs(struct merge *merge)
{
	guint n = 0;

	for (guint i = 0; i < merge->blocks->len; i++) {
		const struct block *block = merge->blocks->pdata[i];
		g_array_append_vals(merge->docs, block->docs, block->count);
	}
	g_array_sort(merge->docs, compare_docs);
	for (guint i = 0; i < merge->docs->len; i++) {
		gint64 doc = g_array_index(merge->docs, gint64, i);
		if (n == 0 || g_array_index(merge->docs, gint64, n - 1) != doc)
			g_array_index(merge->docs, gint64, n++) = doc;
	}
	g_array_set_size(merge->docs, n);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_set_size(merge->lengths[i], n);
}

/* A doc of two blocks has its words in one of them: what is longer is of that one. */
static void
map_ranks(struct merge *merge, struct source *source)
{
	const struct block *block = source->block;
	guint32 rank = 0;

	for (guint32 i = 0; i < block->count; i++) {
		while (g_array_index(merge->docs, gint64, rank) != block->docs[i])
			rank++;
		source->ranks[i] = rank;
		for (guint j = 0; j < BLOCK_LENGTHS; j++) {
			guint32 *length = &g_array_index(merge->lengths[j], guint32, rank);
			*length = MAX(*length, block->lengths[j][i]);
		}
	}
}

static void
describe(const struct merge *merge, struct block *out)
{
	out->count = merge->docs->len;
	out->docs = (gint64 *)(void *)merge->docs->data;
	out->first = out->docs[0];
	out->last = out->docs[out->count - 1];
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		out->lengths[i] = (guint32 *)(void *)merge->lengths[i]->data;
}

/* --- entries of one block --- */

static bool
next_page(struct merge *merge, struct source *source, GError **error)
{
	static const struct query_text find = { "read the next page of a block",
		"SELECT first, data, coalesce(sum, -1) FROM term_page WHERE block = ? AND first > ?"
		" ORDER BY first LIMIT 1" };
	struct query query;
	bool right = true;

	source->at = 0;
	g_byte_array_set_size(source->page, 0);
	if (!query_open(&query, merge->run->reader, &find,
		VALUES(query_int_value(source->block->id), query_text_value(source->first->str)),
		error))
		return false;
	source->over = !query_next(&query);
	if (!source->over) {
		gsize size;
		const guint8 *data = query_blob(&query, 1, &size);
		gint64 sum = query_int(&query, 2);
		right = sum < 0 || sum == cipher_sum(data, size);
		g_byte_array_append(source->page, data, (guint)size);
		g_string_assign(source->first, query_text(&query, 0));
	}
	source->key[0] = '\0';
	return query_close(&query, right ? error : NULL) && (right || is_damaged(source, error));
}

/* merge->key is that of the entry before, or it is the first one. */
static bool
next_entry(struct merge *merge, struct source *source, GError **error)
{
	while (!source->over && source->at >= source->page->len) {
		if (!next_page(merge, source, error))
			return false;
	}
	if (source->over)
		return true;
	const guint8 *begin = source->page->data, *end = begin + source->page->len;
	guint64 size;
	const guint8 *data = block_next_entry(begin + source->at, end, source->key, &size);
	if (data == NULL || size > (gsize)(end - data) || strcmp(source->key, merge->key) <= 0)
		return is_damaged(source, error);
	source->data = data;
	source->size = size;
	source->at = (gsize)(data - begin) + size;
	char padded[sizeof source->beginning] = "";
	memcpy(padded, source->key, strnlen(source->key, sizeof padded));
	memcpy(&source->beginning, padded, sizeof padded);
	source->beginning = GUINT64_FROM_BE(source->beginning);
	return true;
}

static void
source_free(gpointer data)
{
	struct source *source = data;

	g_free(source->ranks);
	g_string_free(source->first, TRUE);
	g_byte_array_unref(source->page);
	g_free(source);
}

static gint
compare_sources(gconstpointer a, gconstpointer b)
{
	const struct source *one = *(const struct source *const *)a,
			    *other = *(const struct source *const *)b;

	return compare_docs(&one->block->first, &other->block->first);
}

static bool
open_sources(struct merge *merge, GError **error)
{
	for (guint i = 0; i < merge->blocks->len; i++) {
		if (!block_load(merge->run->reader, merge->blocks->pdata[i], error))
			return false;
	}
	gather_docs(merge);
	for (guint i = 0; i < merge->blocks->len; i++) {
		struct source *source = g_new0(struct source, 1);
		source->block = merge->blocks->pdata[i];
		source->ranks = g_new(guint32, source->block->count);
		source->first = g_string_new(NULL);
		source->page = g_byte_array_new();
		g_ptr_array_add(merge->sources, source);
		map_ranks(merge, source);
		if (!next_entry(merge, source, error))
			return false;
	}
	/* Those that follow one another in time have their ranks in order then. */
	g_ptr_array_sort(merge->sources, compare_sources);
	return true;
}

/* --- one key --- */

static bool
take_postings(struct merge *merge, const struct source *source)
{
	const struct posting_frame frame = block_frame(source->block, block_column(source->key));
	struct posting *part = merge->part;
	guint before = merge->places->len, next = 0;

	if (!posting_read(source->data, source->size, &frame, NULL, part))
		return false;
	g_array_set_size(
	    merge->places, before + (frame.places ? part->places->len : part->ranks->len));
	struct posting_place *out = &g_array_index(merge->places, struct posting_place, before);
	for (guint i = 0; i < part->ranks->len; i++) {
		guint32 rank = source->ranks[g_array_index(part->ranks, guint32, i)];
		guint32 count = frame.places ? g_array_index(part->counts, guint32, i) : 1;
		for (guint32 j = 0; j < count; j++, next++)
			out[next] = (struct posting_place){ rank,
				frame.places ? g_array_index(part->places, guint32, next) : 0 };
	}
	return true;
}

static gint
compare_places(gconstpointer a, gconstpointer b)
{
	const struct posting_place *one = a, *other = b;

	if (one->rank != other->rank)
		return one->rank < other->rank ? -1 : 1;
	return one->place < other->place ? -1 : one->place > other->place;
}

static bool
is_rising(const struct posting_place *places, guint n)
{
	for (guint i = 1; i < n; i++) {
		if (compare_places(&places[i - 1], &places[i]) >= 0)
			return false;
	}
	return true;
}

/* Most blocks follow one another in time, and so do their ranks. False: two say the same. */
static bool
put_key(struct merge *merge)
{
	GArray *places = merge->places;
	const struct posting_place *all = (const struct posting_place *)(void *)places->data;

	if (!is_rising(all, places->len)) {
		g_array_sort(places, compare_places);
		if (!is_rising(all, places->len))
			return false;
	}
	posting_fill(merge->whole, all, places->len);
	block_writer_put_key(&merge->writer, merge->key, merge->whole);
	return true;
}

static int
compare_keys(const struct source *one, const struct source *other)
{
	if (one->beginning != other->beginning)
		return one->beginning < other->beginning ? -1 : 1;
	return strcmp(one->key, other->key);
}

/* Those that have the least key of all; none: it is over. */
static void
find_least(struct merge *merge)
{
	GPtrArray *least = merge->least;

	g_ptr_array_set_size(least, 0);
	for (guint i = 0; i < merge->sources->len; i++) {
		struct source *source = merge->sources->pdata[i];
		if (source->over)
			continue;
		int order = least->len > 0 ? compare_keys(source, least->pdata[0]) : 0;
		if (order < 0)
			g_ptr_array_set_size(least, 0);
		if (order <= 0)
			g_ptr_array_add(least, source);
	}
}

static bool
merge_key(struct merge *merge, GError **error)
{
	const struct source *first = merge->least->pdata[0];

	g_strlcpy(merge->key, first->key, sizeof merge->key);
	g_array_set_size(merge->places, 0);
	for (guint i = 0; i < merge->least->len; i++) {
		struct source *source = merge->least->pdata[i];
		if (!take_postings(merge, source))
			return is_damaged(source, error);
		if (!next_entry(merge, source, error))
			return false;
	}
	return put_key(merge) || is_damaged(first, error);
}

/* --- slices --- */

static bool
begin(void *user, GError **error)
{
	struct merge *merge = user;

	return settle_drop_unfinished(merge->run->database, error) &&
	       block_writer_begin(&merge->writer, merge->run->database, error);
}

static bool
write_pages(void *user, GError **error)
{
	struct merge *merge = user;

	return block_writer_pages(&merge->writer, merge->run->database, error);
}

/* The one counts, and the others are what is left of something. */
static bool
turn_over(void *user, GError **error)
{
	static const struct query_text end = { "end a block that was merged",
		"UPDATE term_block SET count = 0 WHERE id = ?" };
	struct merge *merge = user;
	struct database *database = merge->run->database;

	if (!block_writer_pages(&merge->writer, database, error) ||
	    !block_writer_count(&merge->writer, database, error))
		return false;
	for (guint i = 0; i < merge->sources->len; i++) {
		const struct source *source = merge->sources->pdata[i];
		if (!query_run(database, &end, VALUES(query_int_value(source->block->id)), error))
			return false;
	}
	return true;
}

static bool
build(struct merge *merge, GError **error)
{
	if (!open_sources(merge, error))
		return false;
	describe(merge, &merge->writer.block);
	if (!settle_slice(merge->run, begin, merge, error))
		return false;
	for (find_least(merge); merge->least->len > 0; find_least(merge)) {
		if (!merge_key(merge, error) ||
		    (merge->writer.size >= SETTLE_SLICE &&
			!settle_slice(merge->run, write_pages, merge, error)))
			return false;
	}
	block_writer_last(&merge->writer);
	return settle_slice(merge->run, turn_over, merge, error) && settle_drop(merge->run, error);
}

bool
settle_merge(struct settle_run *run, const GPtrArray *blocks, GError **error)
{
	struct merge merge = { .run = run,
		.blocks = blocks,
		.sources = g_ptr_array_new_with_free_func(source_free),
		.least = g_ptr_array_new(),
		.docs = g_array_new(FALSE, FALSE, sizeof(gint64)),
		.part = posting_new(),
		.whole = posting_new(),
		.places = g_array_new(FALSE, FALSE, sizeof(struct posting_place)) };

	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		merge.lengths[i] = g_array_new(FALSE, TRUE, sizeof(guint32));
	block_writer_start(&merge.writer);
	bool right = build(&merge, error);
	block_writer_end(&merge.writer);
	g_ptr_array_unref(merge.least);
	g_ptr_array_unref(merge.sources);
	g_array_unref(merge.docs);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_array_unref(merge.lengths[i]);
	posting_free(merge.part);
	posting_free(merge.whole);
	g_array_unref(merge.places);
	return right;
}
