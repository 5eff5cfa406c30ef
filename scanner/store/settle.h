/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SETTLE_H
#define FLAGPOST_STORE_SETTLE_H
/*
 * settle - blocks of the search's index (store/block.h) made into larger ones.
 *
 * Each batch of messages is a block. Sixteen of about one size become one of the next size, and all
 * that are small one of SETTLE_DOCS messages, so that there are few to look into and few that have
 * the same words. A merged block counts for nothing until all of it is there; then it counts, and
 * those that it was made of do not any more, within one transaction, so that every reader sees
 * either.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

#define SETTLE_DOCS 65536

/* Within the caller's write transaction. Small blocks of `least` docs in all become one. */
bool settle_young(struct database *database, guint least, GError **error);
/*
 * The same outside of transactions, by whoever alone adds messages: the writer's lock is held for
 * some pages at a time. FAULT_RETRY: somebody
 * purged words meanwhile, or holds the lock: it is to be begun anew. What ends in between leaves
 * pages that count for nothing, and go before the next one begins.
 */
bool settle_slices(struct database *database, guint least, GError **error);
/*
 * The same, but what cannot be settled (FAULT_DATA: the index is damaged) stays as it was, and
 * *stays says so: mail goes on being kept, and is found as well as before.
 */
bool settle_try(struct database *database, guint least, bool *stays, GError **error);
/* Within a write transaction: what is left of one that did not end. Whoever purges does that. */
bool settle_drop_unfinished(struct database *database, GError **error);

/*
 * Outside of transactions: what a store of an older program has in tables of FTS5 becomes blocks,
 * and the tables go. Where they are damaged the index is emptied, to be made anew.
 */
bool settle_old(struct database *database, GError **error);

/*
 * Within a write transaction: takes docs (of gint64) out of blocks, words and people. Words that a
 * block has in no message any more are added to gone, which has strings of its own; NULL: nobody
 * asks. Docs that are in no block are passed over. FAULT_DATA: a block is damaged.
 */
bool settle_remove(struct database *database, const GArray *docs, GHashTable *gone, GError **error);
/* Whether some block has the word, in any column. */
bool settle_has_word(struct database *database, const char *word, bool *has, GError **error);

#endif
