/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_PURGE_ROWS_H
#define FLAGPOST_STORE_PURGE_ROWS_H
/*
 * purge_rows - what the database holds of one message, removed. Seen by store/purge.c alone.
 *
 * What stays is the message's row with digest, size, times, direction and outcome, so that counts
 * of the past stay true, and where it lay, so that it is not fetched again.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"
#include "store/purge-index.h"

enum purge_rows_result {
	PURGE_ROWS_REMOVED,
	PURGE_ROWS_BEFORE,  /* it was purged already */
	PURGE_ROWS_CHANGED, /* its words are not those that were read back: another time */
};

/* doc 0: it is not in the index, or was purged. */
bool purge_rows_doc(
    struct database *database, gint64 message, struct purge_doc *out, GError **error);
/* Within a write transaction. words were read back with what purge_rows_doc gave. */
bool purge_rows_remove(struct database *database, gint64 message, struct purge_words *words,
    gint64 now, enum purge_rows_result *result, GError **error);

#endif
