/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_WRITE_H
#define FLAGPOST_STORE_BLOCK_WRITE_H
/*
 * block_write - a block of the index on its way into the database: postings in the order of their
 * keys become pages, which are written by and by. It counts for nothing until block_writer_count.
 */
#include "store/block-page.h"
#include "store/block.h"

struct block_writer {
	struct block block; /* docs and lengths are the caller's */
	struct block_page *page;
	GByteArray *bytes;
	GString *key;
	GPtrArray *pages; /* full ones that are not written yet */
	gsize size;       /* bytes of them */
};

void block_writer_start(struct block_writer *writer);
void block_writer_end(struct block_writer *writer);

/* Keys come rising: tokens of people (the column INDEX_COLUMNS), then words, columns of each. No
 * postings: nothing is put. */
void block_writer_put(
    struct block_writer *writer, const char *word, guint column, const struct posting *posting);
/* The same; the key is block_append_key's. */
void block_writer_put_key(
    struct block_writer *writer, const char *key, const struct posting *posting);
/* Pages of another one, whose keys are all larger, behind its own. */
void block_writer_take(struct block_writer *writer, struct block_writer *other);
/* Behind the last one. */
void block_writer_last(struct block_writer *writer);

/* All of these within a write transaction. */

/* Gives it its id. */
bool block_writer_begin(struct block_writer *writer, struct database *database, GError **error);
/* The pages that are full by now. */
bool block_writer_pages(struct block_writer *writer, struct database *database, GError **error);
/* All of it is written: from now on it counts. */
bool block_writer_count(struct block_writer *writer, struct database *database, GError **error);
/* All three, behind block_writer_last. */
bool block_writer_put_all(struct block_writer *writer, struct database *database, GError **error);

#endif
