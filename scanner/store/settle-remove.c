/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages taken out of blocks. A page that has something of them is written anew without it; what
 * stood there is overwritten (secure_delete). Never writes a page that has nothing of them.
 */
#include <string.h>

#include "store/block-page.h"
#include "store/block.h"
#include "store/cipher.h"
#include "store/query.h"
#include "store/settle.h"

struct removal {
	struct database *database;
	const struct block *block;
	guint64 *ranks;   /* bits: what goes */
	GHashTable *gone; /* of strings; may be NULL */
	/* The page at hand. */
	struct block_page *page;
	guint64 *bits;
	GByteArray *bytes;
	bool changed;
};

/* Of a key's postings: whether some of them go. */
static bool
meets(struct removal *removal, const struct posting_frame *frame, const guint8 *data, gsize size,
    bool *does)
{
	gsize n = removal->block->count / 64 + 1;

	memset(removal->bits, 0, n * sizeof *removal->bits);
	*does = false;
	if (!posting_mark(data, size, frame, removal->bits))
		return false;
	for (gsize i = 0; i < n && !*does; i++)
		*does = (removal->bits[i] & removal->ranks[i]) != 0;
	return true;
}

static void
without(const struct removal *removal, const struct posting *all, bool places, struct posting *out)
{
	guint place = 0;

	for (guint i = 0; i < all->ranks->len; i++) {
		guint32 rank = g_array_index(all->ranks, guint32, i);
		guint32 count = g_array_index(all->counts, guint32, i);
		bool stays = (removal->ranks[rank / 64] >> (rank % 64) & 1) == 0;
		for (guint32 j = 0; stays && j < count; j++)
			posting_add(
			    out, rank, places ? g_array_index(all->places, guint32, place + j) : 0);
		place += places ? count : 0;
	}
}

static void
note_gone(struct removal *removal, const char *key)
{
	const char *end = strrchr(key, BLOCK_END[0]);

	if (removal->gone != NULL && key[0] != BLOCK_PEOPLE[0] && end != NULL)
		g_hash_table_add(removal->gone, g_strndup(key, (gsize)(end - key)));
}

static bool
copy_key(const char *key, const guint8 *data, gsize size, void *user)
{
	struct removal *removal = user;
	const struct posting_frame frame = block_frame(removal->block, block_column(key));
	bool meet;

	if (!meets(removal, &frame, data, size, &meet))
		return false;
	if (!meet) {
		block_page_add(removal->page, key, data, size);
		return true;
	}
	g_autoptr(posting) all = posting_new(), rest = posting_new();
	if (!posting_read(data, size, &frame, NULL, all))
		return false;
	removal->changed = true;
	without(removal, all, frame.places, rest);
	if (rest->ranks->len == 0) {
		note_gone(removal, key);
		return true;
	}
	g_byte_array_set_size(removal->bytes, 0);
	posting_write(rest, &frame, removal->bytes);
	block_page_add(removal->page, key, removal->bytes->data, removal->bytes->len);
	return true;
}

static bool
put_page(struct removal *removal, gint64 id, GError **error)
{
	static const struct query_text update = { "write a page of the index anew",
		"UPDATE term_page SET first = ?, data = ?, sum = ? WHERE id = ?" };
	static const struct query_text remove = { "remove a page of the index",
		"DELETE FROM term_page WHERE id = ?" };
	struct block_page *page = removal->page;
	g_autoptr(GBytes) bytes = g_bytes_new(page->data->data, page->data->len);

	if (page->data->len == 0)
		return query_run(removal->database, &remove, VALUES(query_int_value(id)), error);
	return query_run(removal->database, &update,
	    VALUES(query_text_value(page->first->str), query_bytes_value(bytes),
		query_int_value(cipher_sum(page->data->data, page->data->len)),
		query_int_value(id)),
	    error);
}

static GArray *
pages_of(struct removal *removal, GError **error)
{
	static const struct query_text all = { "list the pages of a block",
		"SELECT id FROM term_page WHERE block = ? ORDER BY id" };
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct query query;

	if (!query_open(&query, removal->database, &all,
		VALUES(query_int_value(removal->block->id)), error))
		return NULL;
	while (query_next(&query)) {
		gint64 id = query_int(&query, 0);
		g_array_append_val(ids, id);
	}
	return query_close(&query, error) ? g_steal_pointer(&ids) : NULL;
}

static bool
clean_page(struct removal *removal, gint64 id, GError **error)
{
	static const struct query_text find = { "read a page of the index",
		"SELECT data, coalesce(sum, -1) FROM term_page WHERE id = ?" };
	bool over = false, right = true;
	struct query query;

	block_page_clear(removal->page);
	removal->changed = false;
	if (!query_open(&query, removal->database, &find, VALUES(query_int_value(id)), error))
		return false;
	if (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 0, &size);
		gint64 sum = query_int(&query, 1);
		right = (sum < 0 || sum == cipher_sum(data, size)) &&
			block_scan_page(data, size, "", copy_key, removal, &over);
	}
	if (!query_close(&query, error))
		return false;
	if (!right)
		return block_damaged(removal->block, error);
	return !removal->changed || put_page(removal, id, error);
}

static bool
clean_block(struct removal *removal, GError **error)
{
	g_autoptr(GArray) ids = pages_of(removal, error);
	bool right = ids != NULL;

	for (guint i = 0; right && i < ids->len; i++)
		right = clean_page(removal, g_array_index(ids, gint64, i), error);
	return right;
}

/* Whether there are some of the block. */
static bool
mark_docs(struct removal *removal, const GArray *docs)
{
	bool some = false;

	for (guint i = 0; i < docs->len; i++) {
		gint64 doc = g_array_index(docs, gint64, i);
		gint64 rank = block_rank(removal->block, doc);
		if (rank < 0 || removal->block->docs[rank] != doc)
			continue;
		removal->ranks[rank / 64] |= G_GUINT64_CONSTANT(1) << (rank % 64);
		some = true;
	}
	return some;
}

static bool
is_about(const struct block *block, const GArray *docs)
{
	for (guint i = 0; i < docs->len; i++) {
		gint64 doc = g_array_index(docs, gint64, i);
		if (doc >= block->first && doc <= block->last)
			return true;
	}
	return false;
}

static bool
remove_of(struct database *database, struct block *block, const GArray *docs, GHashTable *gone,
    GError **error)
{
	if (!is_about(block, docs))
		return true;
	if (!block_load(database, block, error))
		return false;
	struct removal removal = { .database = database,
		.block = block,
		.ranks = g_new0(guint64, block->count / 64 + 1),
		.gone = gone,
		.page = block_page_new(),
		.bits = g_new0(guint64, block->count / 64 + 1),
		.bytes = g_byte_array_new() };
	bool right = !mark_docs(&removal, docs) || clean_block(&removal, error);
	g_free(removal.ranks);
	g_free(removal.bits);
	block_page_free(removal.page);
	g_byte_array_unref(removal.bytes);
	return right;
}

bool
settle_remove(struct database *database, const GArray *docs, GHashTable *gone, GError **error)
{
	g_autoptr(GPtrArray) blocks = block_list(database, error);
	bool right = blocks != NULL;

	for (guint i = 0; right && docs->len > 0 && i < blocks->len; i++)
		right = remove_of(database, blocks->pdata[i], docs, gone, error);
	return right;
}

static bool
note_key(const char *key, const guint8 *data, gsize size, void *user)
{
	bool *has = user;

	(void)key;
	(void)data;
	(void)size;
	*has = true;
	return true;
}

bool
settle_has_word(struct database *database, const char *word, bool *has, GError **error)
{
	g_autoptr(GPtrArray) blocks = block_list(database, error);
	g_autofree char *beginning = g_strconcat(word, BLOCK_END, NULL);
	bool right = blocks != NULL;

	*has = false;
	for (guint i = 0; right && !*has && i < blocks->len; i++)
		right = block_scan(database, blocks->pdata[i], beginning, note_key, has, error);
	return right;
}
