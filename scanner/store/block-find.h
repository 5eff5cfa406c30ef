/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_FIND_H
#define FLAGPOST_STORE_BLOCK_FIND_H
/*
 * block_find - docs of the blocks that match an expression of store/block-expr.h, newest first.
 *
 * A block is looked at when its newest doc is reached: words as a whole, phrases of several words
 * by windows, the newest ranks first.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/block-phrase.h"

/* Ends a count: the time for it is over. */
typedef bool block_find_over(void *user);

struct block_find;

/* people: match is of tokens of store/party.h; phrases are borrowed. NULL: error. */
struct block_find *block_find_new(struct database *database, struct block_phrases *phrases,
    const char *match, bool people, GError **error);
void block_find_free(struct block_find *find);
AUTO_DEFINE(block_find, block_find_free)

/* The largest doc at or below at_most; 0: none, or an error. */
gint64 block_find_seek(struct block_find *find, gint64 at_most, GError **error);
/* Adds how many docs match. False: over said so, and there may be more than that; or an error. */
bool block_find_count(
    struct block_find *find, guint64 *count, block_find_over *over, void *user, GError **error);

/* --- block-match.c: one block --- */

struct block_match {
	struct database *database;
	struct block *block;
	const struct block_expr *expr;
	guint64 **nodes; /* by expr's numbers: what has no phrase in it; NULL: not known yet */
	struct block_phrases *phrases; /* of several words */
	guint n;                       /* nodes */
	guint64 *bits;                 /* ranks that match, from `from` on */
	guint64 *possible;             /* ranks that may match; NULL: not known yet */
	guint32 from;                  /* what was looked at; count: nothing yet */
	guint32 window;                /* how much is looked at next */
	bool grows;                    /* each time more, since much is done anew for each */
};

struct block_match *block_match_new(struct database *database, struct block_phrases *phrases,
    struct block *block, const struct block_expr *expr, guint nodes);
void block_match_free(struct block_match *match);
/* Looks at a window more of lower ranks: match->from falls, to 0 at last. */
bool block_match_more(struct block_match *match, GError **error);

#endif
