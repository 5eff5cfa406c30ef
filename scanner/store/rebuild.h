/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_REBUILD_H
#define FLAGPOST_STORE_REBUILD_H
/*
 * rebuild - the search's index made once more of what it is an index of: rows of the database, and
 * texts of the copies, which somebody else reads.
 *
 *	rebuild_open -> rebuild_begin -> (rebuild_next -> rebuild_put) ... -> rebuild_close
 *
 * rebuild_begin empties all that the search keeps and marks every message as not indexed, in one
 * transaction; then messages come back in the order of their docs, a batch each transaction. A kill
 * loses no more than a batch: the next one goes on. Until it is done a search finds only what is
 * back, and search_missing says how many are not.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/verdict.h"
#include "store/view.h"

struct rebuild;

/* Takes the writer's lock (store/store.h): FAULT_RETRY while somebody polls. The view is borrowed,
 * sees everything, and is written through until rebuild_close. */
struct rebuild *rebuild_open(struct view *view, const char *data_dir, GError **error);
void rebuild_close(struct rebuild *rebuild);
AUTO_DEFINE(rebuild, rebuild_close)

/* Messages whose only copy stands in an archive: their texts do not come back. */
bool rebuild_archived(struct rebuild *rebuild, guint64 *count, GError **error);
/*
 * Goes on with one that did not end, unless anew. *resumed says which; *left: messages to do.
 * Where pages of the index cannot be read the database is written anew without them, within one
 * transaction as well (store/renew.h). FAULT_IO: also where pages of another table are damaged.
 */
bool rebuild_begin(
    struct rebuild *rebuild, bool anew, bool *resumed, guint64 *left, GError **error);

struct rebuild_message {
	gint64 id, doc;
	bool copy; /* its texts are to be had */
	char sha256[65];
};
/* The next ones, at most; of struct rebuild_message. Empty: all is done, and marked so. */
GArray *rebuild_next(struct rebuild *rebuild, guint most, GError **error);
/* terms: of struct verdict *, one for each; NULL: its texts are not to be had. */
bool rebuild_put(
    struct rebuild *rebuild, const GArray *messages, const GPtrArray *verdicts, GError **error);

/* Messages that a search does not find yet, since the index is made anew; 0: none. Any view. */
bool rebuild_missing(struct view *view, guint64 *count, GError **error);
/* Whether texts of some messages could not be put into it, for it is damaged. Any view. */
bool rebuild_wanted(struct view *view, bool *wanted, GError **error);

#endif
