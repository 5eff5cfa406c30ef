/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_PURGE_INDEX_H
#define FLAGPOST_STORE_PURGE_INDEX_H
/*
 * purge_index - messages taken out of an index that keeps no text. Seen by store/purge.c alone.
 *
 * The words that a message was put in with are read back from the postings, in one walk over the
 * whole young part of the index for many messages; blocks are walked over when all are known. What
 * is taken out stands in the index's older segments until they are merged: purge_index_merge does
 * that, a slice at a time.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"

struct purge_words;

/* A message as the index knows it. */
struct purge_doc {
	gint64 doc, level; /* level: enum index_level */
};

/* docs: of struct purge_doc. Reads only, but for a table of the connection's own. */
struct purge_words *purge_words_read(struct database *database, const GArray *docs, GError **error);
void purge_words_free(struct purge_words *words);
AUTO_DEFINE(purge_words, purge_words_free)

/* Whether its words were read back as it stands in the index now. */
bool purge_words_are_of(const struct purge_words *words, const struct purge_doc *doc);

/* Within a write transaction, each. */
bool purge_words_take_out(
    struct purge_words *words, struct database *database, gint64 doc, GError **error);
/*
 * Ends what was taken out, in the same transaction: of blocks, and words that no message has any
 * more. Nothing knows them then.
 */
bool purge_words_forget(struct purge_words *words, struct database *database, GError **error);

/* One slice. *more: there is another. Outside of transactions. */
bool purge_index_merge(struct database *database, bool begin, bool *more, GError **error);

#endif
