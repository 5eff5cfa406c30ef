/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_PURGE_INDEX_H
#define FLAGPOST_STORE_PURGE_INDEX_H
/*
 * purge_index - messages taken out of an index that keeps no text. Seen by store/purge.c alone.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/*
 * Within a write transaction: docs (of gint64) go out of the index, and so do words that no message
 * has any more. What stood there is overwritten.
 */
bool purge_index(struct database *database, const GArray *docs, GError **error);

#endif
