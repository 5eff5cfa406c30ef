/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_PHRASE_H
#define FLAGPOST_STORE_BLOCK_PHRASE_H
/*
 * block_phrase - the keys of a phrase's words in a block, and where all of them stand in a row.
 */
#include "store/block-count.h"

/* What a word's keys begin with: "word", or all that begins so. Words are counted from 0. */
char *block_phrase_begins(const struct block_expr *phrase, guint word);
/* Whether a key is in one of the phrase's columns. */
bool block_phrase_has(const struct block_expr *phrase, const char *key);

/* What is done with each place where it stands is one of these, the other NULL. */
struct block_phrase_sink {
	guint64 *bits;               /* ranks are marked */
	struct block_wanted *wanted; /* places are counted */
};

/* Of several words; looked_at: bits of the ranks that are looked at. */
bool block_phrase_match(struct database *database, const struct block *block,
    const struct block_expr *phrase, const guint64 *looked_at, const struct block_phrase_sink *sink,
    GError **error);

#endif
