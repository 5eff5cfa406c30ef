/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_POSTING_INNER_H
#define FLAGPOST_STORE_POSTING_INNER_H
/*
 * posting_inner - what store/posting.c reads for store/posting-list.c.
 */
#include "store/bits.h"
#include "store/posting.h"

/* NULL: all are. */
static inline bool
posting_is_wanted(const guint64 *wanted, guint32 rank)
{
	return wanted == NULL || (wanted[rank / 64] >> (rank % 64) & 1) != 0;
}

/* Ranks and counts of all, into both; *behind stands behind them. */
bool posting_heads(const guint8 *data, gsize size, const struct posting_frame *frame, GArray *ranks,
    GArray *counts, struct bit_reader *behind);
/* The places of one message, whose text has so many words, or 0; out: NULL to pass over them. */
void posting_places(struct bit_reader *reader, guint32 count, guint32 length, GArray *out);

#endif
