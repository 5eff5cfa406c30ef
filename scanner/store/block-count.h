/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_COUNT_H
#define FLAGPOST_STORE_BLOCK_COUNT_H
/*
 * block_count - how often what is looked for stands in each column of some messages of a block.
 */
#include "store/block-expr.h"
#include "store/block.h"

struct block_wanted {
	guint64 *bits;   /* the ranks that are asked about */
	gsize words;     /* of bits */
	guint32 *before; /* how many are asked about below each word of bits */
	guint32 *sums[INDEX_COLUMNS];
};

struct block_wanted *block_wanted_new(const struct block *block);
void block_wanted_free(struct block_wanted *wanted);
AUTO_DEFINE(block_wanted, block_wanted_free)
void block_wanted_add(struct block_wanted *wanted, guint32 rank);

struct block_phrases;

/* Counts the phrases of the expression in what is wanted; phrases: what was read of them. */
bool block_count(struct database *database, struct block_phrases *phrases,
    const struct block *block, const struct block_expr *expr, struct block_wanted *wanted,
    GError **error);
/* After that, of a rank that is wanted. */
guint32 block_wanted_sum(const struct block_wanted *wanted, guint column, guint32 rank);
/* While it counts. */
void block_wanted_count(struct block_wanted *wanted, guint column, guint32 rank, guint32 more);

#endif
