/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_MAKER_H
#define FLAGPOST_STORE_BLOCK_MAKER_H
/*
 * block_maker - a block_batch that is filled and packed by a thread, beside the caller who records
 * the messages. It touches no database. Where no thread is to be had the caller does the work.
 *
 *	put, drop ... -> pack -> batch -> take -> (the pages are written) -> clear -> put ...
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/block-batch.h"
#include "store/block-write.h"

struct block_maker;

struct block_maker *block_maker_new(void);
void block_maker_free(struct block_maker *maker);
AUTO_DEFINE(block_maker, block_maker_free)

/* What a message is to be found by. */
struct block_text {
	gint64 doc;
	GString *columns[INDEX_COLUMNS];
	GByteArray *people; /* for each a byte, enum address_role, and the address with its zero */
};
struct block_text *block_text_new(gint64 doc);
void block_text_add_person(struct block_text *text, guint role, const char *address);
void block_text_free(struct block_text *text);
AUTO_DEFINE(block_text, block_text_free)

/* Takes the text. */
void block_maker_put(struct block_maker *maker, struct block_text *text);
/* As block_batch_drop. */
void block_maker_drop(struct block_maker *maker, gint64 doc);

/* That was all: it is to become pages. Does not wait. */
void block_maker_pack(struct block_maker *maker);
/*
 * After block_maker_pack: waits until all texts are in the batch, which goes on being packed.
 * Borrowed until block_maker_clear.
 */
const struct block_batch *block_maker_batch(struct block_maker *maker);
/* Helps, and waits until it is packed. NULL: there is no message in it. Borrowed as well. */
struct block_writer *block_maker_take(struct block_maker *maker);
/* Empty again, whatever was under way. */
void block_maker_clear(struct block_maker *maker);

#endif
