/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never lists a block before all of it is there: one of no messages is not listed.
 */
#include "store/block-write.h"

#include "store/bits.h"
#include "store/cipher.h"
#include "store/query.h"

struct full_page {
	char *first;
	GBytes *data;
	gint64 sum;
};

static void
full_page_free(gpointer data)
{
	struct full_page *page = data;

	g_free(page->first);
	g_bytes_unref(page->data);
	g_free(page);
}

void
block_writer_start(struct block_writer *writer)
{
	*writer = (struct block_writer){ .page = block_page_new(),
		.bytes = g_byte_array_new(),
		.key = g_string_new(NULL),
		.pages = g_ptr_array_new_with_free_func(full_page_free) };
}

void
block_writer_end(struct block_writer *writer)
{
	block_page_free(writer->page);
	g_byte_array_unref(writer->bytes);
	g_string_free(writer->key, TRUE);
	g_ptr_array_unref(writer->pages);
}

void
block_writer_last(struct block_writer *writer)
{
	struct block_page *page = writer->page;

	if (page->data->len > 0) {
		struct full_page *full = g_new(struct full_page, 1);
		*full = (struct full_page){ g_strdup(page->first->str),
			g_bytes_new(page->data->data, page->data->len),
			cipher_sum(page->data->data, page->data->len) };
		g_ptr_array_add(writer->pages, full);
		writer->size += page->data->len;
	}
	block_page_clear(page);
}

void
block_writer_take(struct block_writer *writer, struct block_writer *other)
{
	g_ptr_array_extend_and_steal(writer->pages, other->pages);
	other->pages = g_ptr_array_new_with_free_func(full_page_free);
	writer->size += other->size;
	other->size = 0;
}

void
block_writer_put_key(struct block_writer *writer, const char *key, const struct posting *posting)
{
	const struct posting_frame frame = block_frame(&writer->block, block_column(key));
	GByteArray *bytes = writer->bytes;

	if (posting->ranks->len == 0)
		return;
	g_byte_array_set_size(bytes, 0);
	posting_write(posting, &frame, bytes);
	if (block_page_is_full(writer->page, key, bytes->len))
		block_writer_last(writer);
	block_page_add(writer->page, key, bytes->data, bytes->len);
}

void
block_writer_put(
    struct block_writer *writer, const char *word, guint column, const struct posting *posting)
{
	g_string_truncate(writer->key, 0);
	block_append_key(writer->key, word, column);
	block_writer_put_key(writer, writer->key->str, posting);
}

bool
block_writer_begin(struct block_writer *writer, struct database *database, GError **error)
{
	static const struct query_text insert = { "begin a block of the index",
		"INSERT INTO term_block (count, first, last, docs) VALUES (0, 0, 0, x'')" };

	if (!query_run(database, &insert, NO_VALUES, error))
		return false;
	writer->block.id = sqlite3_last_insert_rowid(database->handle);
	return true;
}

bool
block_writer_pages(struct block_writer *writer, struct database *database, GError **error)
{
	static const struct query_text insert = { "write a page of the index",
		"INSERT INTO term_page (block, first, data, sum) VALUES (?, ?, ?, ?)" };

	for (guint i = 0; i < writer->pages->len; i++) {
		const struct full_page *page = writer->pages->pdata[i];
		if (!query_run(database, &insert,
			VALUES(query_int_value(writer->block.id), query_text_value(page->first),
			    query_bytes_value(page->data), query_int_value(page->sum)),
			error))
			return false;
	}
	g_ptr_array_set_size(writer->pages, 0);
	writer->size = 0;
	return true;
}

/* As term_block.docs has them. */
static GBytes *
docs_of(const struct block *block)
{
	GByteArray *out = g_byte_array_new();
	gint64 before = 0;

	for (guint32 i = 0; i < block->count; i++) {
		bits_put_varint(out, (guint64)(block->docs[i] - before));
		before = block->docs[i];
		for (guint j = 0; j < BLOCK_LENGTHS; j++)
			bits_put_varint(out, block->lengths[j][i]);
	}
	return g_byte_array_free_to_bytes(out);
}

bool
block_writer_count(struct block_writer *writer, struct database *database, GError **error)
{
	static const struct query_text update = { "end a block of the index",
		"UPDATE term_block SET count = ?, first = ?, last = ?, docs = ? WHERE id = ?" };
	const struct block *block = &writer->block;
	g_autoptr(GBytes) docs = docs_of(block);

	return query_run(database, &update,
	    VALUES(query_int_value(block->count), query_int_value(block->first),
		query_int_value(block->last), query_bytes_value(docs), query_int_value(block->id)),
	    error);
}

bool
block_writer_put_all(struct block_writer *writer, struct database *database, GError **error)
{
	return block_writer_begin(writer, database, error) &&
	       block_writer_pages(writer, database, error) &&
	       block_writer_count(writer, database, error);
}
