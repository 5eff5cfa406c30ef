/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SETTLE_H
#define FLAGPOST_STORE_SETTLE_H
/*
 * settle - the young part of the search's index made into blocks (store/block.h), which need less
 * than half the room.
 *
 * New messages go into term_index and party_index, which FTS5 keeps sorted as they come. When
 * SETTLE_DOCS of them are there, their words are walked once in order and written into blocks,
 * which count for nothing until all is there; then both tables are emptied, and the blocks count,
 * within one transaction, so that every reader sees either.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

#define SETTLE_DOCS 65536

/*
 * Less than `least` docs, or people not all in yet: nothing is done. settle_young is all of it
 * within the caller's write transaction.
 */
bool settle_young(struct database *database, guint least, GError **error);
/*
 * The same outside of transactions, by whoever alone adds messages: the writer's lock is held for
 * some pages at a time, and a little longer when the young part is emptied. FAULT_RETRY: somebody
 * purged words meanwhile, or holds the lock: it is to be begun anew. What ends in between leaves
 * pages that count for nothing, and go before the next one begins.
 */
bool settle_slices(struct database *database, guint least, GError **error);
/*
 * The same, but what cannot be settled (FAULT_DATA: the young part is damaged) stays as it was, and
 * *stays says so: mail goes on being kept, and is found as well as before.
 */
bool settle_try(struct database *database, guint least, bool *stays, GError **error);
/* Within a write transaction: what is left of one that did not end. Whoever purges does that. */
bool settle_drop_unfinished(struct database *database, GError **error);

/* Whether a doc is in the young part. */
bool settle_is_young(struct database *database, gint64 doc, bool *young, GError **error);

/*
 * Within a write transaction: takes docs (of gint64) out of blocks, words and people. Words that a
 * block has in no message any more are added to gone, which has strings of its own; NULL: nobody
 * asks. Docs that are in no block are passed over.
 */
bool settle_remove(struct database *database, const GArray *docs, GHashTable *gone, GError **error);
/* Whether some block has the word, in any column. */
bool settle_has_word(struct database *database, const char *word, bool *has, GError **error);

#endif
