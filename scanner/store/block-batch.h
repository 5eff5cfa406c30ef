/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_BATCH_H
#define FLAGPOST_STORE_BLOCK_BATCH_H
/*
 * block_batch - words of some messages, gathered in memory and written as a block of the index.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"

struct block_batch;
struct block_writer;

struct block_batch *block_batch_new(void);
void block_batch_free(struct block_batch *batch);
AUTO_DEFINE(block_batch, block_batch_free)

/* What follows is of this message, in whatever order docs come. */
void block_batch_doc(struct block_batch *batch, gint64 doc);
/*
 * Words of a column, once a message: letters, digits and what is not ASCII; anything else stands
 * between words. column: INDEX_COLUMNS for tokens of store/party.h.
 */
void block_batch_words(struct block_batch *batch, guint column, const char *words);
/* Forgets what was gathered of this message, so that it may come once more. */
void block_batch_drop(struct block_batch *batch, gint64 doc);

/*
 * Each word of a column once, in no order; tokens of people are none. False: an error, the end. May
 * run while another thread packs the batch.
 */
typedef bool block_batch_visit(const char *word, guint column, void *user, GError **error);
bool block_batch_each(
    const struct block_batch *batch, block_batch_visit *visit, void *user, GError **error);

/* Nothing may be added any more. False: no message is in it. */
bool block_batch_order(struct block_batch *batch);
/*
 * Behind that: a half of it, the first or the second one, into a writer that was started, whose
 * docs and lengths are the batch's then. Two threads may pack a half each.
 */
void block_batch_pack(const struct block_batch *batch, guint half, struct block_writer *writer);
#define BLOCK_BATCH_HALVES 2

#endif
