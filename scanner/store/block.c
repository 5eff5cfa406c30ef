/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads alone. What is damaged is told, and nothing is found in its place.
 */
#include "store/block.h"

#include <string.h>

#include "base/fault.h"
#include "store/bits.h"
#include "store/query.h"

#define COUNT_MAX (1u << 24) /* messages of a block: many times what is written */

static void
block_free(gpointer data)
{
	struct block *block = data;

	g_free(block->docs);
	for (guint i = 0; i < BLOCK_LENGTHS; i++)
		g_free(block->lengths[i]);
	g_free(block);
}

bool
block_damaged(const struct block *block, GError **error)
{
	g_set_error(error, FAULT, FAULT_DATA,
	    "the index is damaged in block %" G_GINT64_FORMAT
	    "; flagpost(1) says under DAMAGE how it is made anew",
	    block->id);
	return false;
}

/* --- which there are --- */

static struct block *
block_of(struct database *database, struct query *query)
{
	gint64 id = query_int(query, 0);
	struct block *block = g_hash_table_lookup(database->blocks, &id);

	struct block found = { .id = id,
		.count = (guint32)CLAMP(query_int(query, 1), 0, COUNT_MAX),
		.first = query_int(query, 2),
		.last = query_int(query, 3) };

	/* Numbers come again where the index was made anew. */
	if (block != NULL && block->count == found.count && block->first == found.first &&
	    block->last == found.last)
		return block;
	block = g_memdup2(&found, sizeof found);
	g_hash_table_replace(database->blocks, &block->id, block);
	return block;
}

/* Merged ones are not listed any more. */
static gboolean
is_unlisted(gpointer key, gpointer value, gpointer user)
{
	const GPtrArray *listed = user;

	(void)key;
	return !g_ptr_array_find((GPtrArray *)listed, value, NULL);
}

GPtrArray *
block_list(struct database *database, GError **error)
{
	static const struct query_text all = { "list the blocks of the index",
		"SELECT id, count, first, last FROM term_block WHERE count > 0"
		" ORDER BY last DESC" };
	g_autoptr(GPtrArray) blocks = g_ptr_array_new();
	struct query query;

	if (database->blocks == NULL)
		database->blocks =
		    g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, block_free);
	if (!query_open(&query, database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(blocks, block_of(database, &query));
	if (!query_close(&query, error))
		return NULL;
	if (g_hash_table_size(database->blocks) > blocks->len)
		g_hash_table_foreach_remove(database->blocks, is_unlisted, blocks);
	return g_steal_pointer(&blocks);
}

static bool
parse_docs(struct block *block, const guint8 *data, gsize size)
{
	const guint8 *end = data + size;
	gint64 doc = 0;

	for (guint32 i = 0; i < block->count; i++) {
		guint64 number;
		data = bits_get_varint(data, end, &number);
		if (data == NULL)
			return false;
		doc += (gint64)number;
		block->docs[i] = doc;
		for (guint j = 0; j < BLOCK_LENGTHS; j++) {
			data = bits_get_varint(data, end, &number);
			if (data == NULL || number > G_MAXINT32)
				return false;
			block->lengths[j][i] = (guint32)number;
		}
	}
	return data == end;
}

bool
block_load(struct database *database, struct block *block, GError **error)
{
	static const struct query_text find = { "read a block of the index",
		"SELECT docs FROM term_block WHERE id = ?" };
	struct query query;
	bool right = false;

	if (block->docs != NULL)
		return true;
	if (!query_open(&query, database, &find, VALUES(query_int_value(block->id)), error))
		return false;
	if (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 0, &size);
		block->docs = g_new0(gint64, block->count + 1);
		for (guint i = 0; i < BLOCK_LENGTHS; i++)
			block->lengths[i] = g_new0(guint32, block->count + 1);
		right = parse_docs(block, data, size);
	}
	if (!right)
		g_clear_pointer(&block->docs, g_free);
	for (guint i = 0; !right && i < BLOCK_LENGTHS; i++)
		g_clear_pointer(&block->lengths[i], g_free);
	if (!query_close(&query, error))
		return false;
	return right || block_damaged(block, error);
}

gint64
block_rank(const struct block *block, gint64 doc)
{
	guint32 low = 0, high = block->count; /* the first whose doc is larger lies between */

	while (low < high) {
		guint32 middle = low + (high - low) / 2;
		if (block->docs[middle] <= doc)
			low = middle + 1;
		else
			high = middle;
	}
	return (gint64)low - 1;
}

gsize
block_words(const struct block *block)
{
	return block->count / 64 + 1;
}

guint64 *
block_bits_new(const struct block *block)
{
	return g_new0(guint64, block_words(block));
}

/* --- keys --- */

guint
block_column(const char *key)
{
	const char *end = strrchr(key, BLOCK_END[0]);

	return end != NULL ? (guint)(end[1] - 'a') : INDEX_COLUMNS;
}

void
block_append_key(GString *out, const char *word, guint column)
{
	if (column == INDEX_COLUMNS)
		g_string_append(out, BLOCK_PEOPLE);
	g_string_append(out, word);
	g_string_append(out, BLOCK_END);
	g_string_append_c(out, (char)('a' + column));
}

struct posting_frame
block_frame(const struct block *block, guint column)
{
	return (struct posting_frame){ .count = block->count,
		.lengths = column == INDEX_BODY    ? block->lengths[BLOCK_BODY]
			   : column == INDEX_FILES ? block->lengths[BLOCK_FILES]
						   : NULL,
		.places = column < INDEX_COLUMNS };
}
