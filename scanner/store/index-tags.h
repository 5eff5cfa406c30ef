/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_INDEX_TAGS_H
#define FLAGPOST_STORE_INDEX_TAGS_H
/*
 * index_tags - tags of a message that no trigger gives it; within the transaction that records it.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* What is known when a message is recorded, and never changes. */
bool index_tags(struct database *database, gint64 message, gint64 doc, GError **error);
/* Of a message that is older than the search: what triggers would have given it. */
bool index_tags_old(struct database *database, gint64 message, gint64 doc, GError **error);

#endif
