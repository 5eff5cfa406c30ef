/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_INDEX_TAGS_H
#define FLAGPOST_STORE_INDEX_TAGS_H
/*
 * index_tags - tags of a message that no trigger gives it; within the transaction that records it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "mail/verdict.h"
#include "store/database.h"

struct index_tags;

struct index_tags *index_tags_new(struct database *database);
void index_tags_free(struct index_tags *tags);
AUTO_DEFINE(index_tags, index_tags_free)
/* After a rollback: tags may be gone that were made. */
void index_tags_forget(struct index_tags *tags);

/* What is known when a message is recorded, and never changes: by its rows, */
bool index_tags_put(struct index_tags *tags, gint64 message, gint64 doc, GError **error);
/* or before it has any. copy: one of it is kept. */
bool index_tags_put_new(
    struct index_tags *tags, gint64 doc, const struct verdict *verdict, bool copy, GError **error);
/* Of a message that is older than the search: what triggers would have given it. */
bool index_tags_old(struct database *database, gint64 message, gint64 doc, GError **error);

#endif
