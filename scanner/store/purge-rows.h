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

/*
 * Within a write transaction. Appends its number in the index to docs (gint64), where it has one:
 * purge_index is to follow. *removed: false where it was purged already.
 */
bool purge_rows_remove(struct database *database, gint64 message, GArray *docs, gint64 now,
    bool *removed, GError **error);

#endif
