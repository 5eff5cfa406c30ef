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

/*
 * A phrase of several words over one block. What is read of its words stays, so that it can be
 * asked by windows; but not where the last word may go on, which may be much: that is read each
 * time.
 */
struct block_phrase;

/* All of them are borrowed. */
struct block_phrase *block_phrase_new(
    struct database *database, const struct block *block, const struct block_expr *phrase);
void block_phrase_free(struct block_phrase *phrase);
AUTO_DEFINE(block_phrase, block_phrase_free)
/* The ranks that have all its words, wherever; borrowed. NULL after an error. */
const guint64 *block_phrase_all(struct block_phrase *phrase, GError **error);
/* Where it stands in ranks from <= rank < upto; looked_at: bits of those that are looked at. */
bool block_phrase_match(struct block_phrase *phrase, guint32 from, guint32 upto,
    const guint64 *looked_at, const struct block_phrase_sink *sink, GError **error);

/* Phrases that are asked about in one search, each block's read once, whoever asks. */
struct block_phrases;
struct block_phrases *block_phrases_new(void);
void block_phrases_free(struct block_phrases *phrases);
AUTO_DEFINE(block_phrases, block_phrases_free)
/* As block_phrase_new, but borrowed; expr has to live as long as somebody asks. */
struct block_phrase *block_phrases_get(struct block_phrases *phrases, struct database *database,
    const struct block *block, const struct block_expr *expr);

#endif
