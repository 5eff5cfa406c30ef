/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_PURGE_H
#define FLAGPOST_STORE_PURGE_H
/*
 * purge - messages that are no longer to be kept: their copy is overwritten, what the database and
 * the index know of them is removed, and a tombstone stays: digest, size, times and places, and a
 * row of the ledger with the digest and the reason. What a hold holds stays.
 *
 * Beside a running writer, a slice at a time. What a kill leaves half done, the next purge does
 * first: a message is first removed from the database together with an order to overwrite it.
 *
 *	purge_new -> purge_step until it says PURGE_DONE -> purge_free
 *
 * A message that was purged is told as purged wherever it is asked for, and is not kept again when
 * the same bytes are met again.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

struct purge_item {
	gint64 message, seen;
	guint64 size;
	char *sha256, *subject;
	char *why;  /* for the ledger: a rule of retention, or a person's order */
	char *held; /* the hold that keeps it, or NULL */
};
void purge_item_free(struct purge_item *item);

/* All messages that an address sent or received and that are not purged yet; of struct purge_item.
 */
GPtrArray *purge_of_person(struct view *view, const char *address, const char *why, GError **error);
/* One, by view_find's number; it may be purged already, and then nothing happens to it. */
struct purge_item *purge_of_message(
    struct view *view, gint64 message, const char *why, GError **error);
/* Fills in what is held of a list. */
bool purge_mark_held(struct view *view, GPtrArray *items, GError **error);

struct purge_counts {
	guint64 messages, bytes; /* purged, by this purge */
	guint64 held;            /* left, for a hold holds them */
	guint64 resumed;         /* copies whose overwriting an earlier purge had not ended */
	guint64 archived; /* purged, but a copy stands in an archive: archive_stale names it */
	guint64 waiting;  /* copies that cannot be overwritten now: their volume is away */
	bool log_stays;   /* a reader was at it: old pages may stand in the database's log */
};

enum purge_state { PURGE_MORE, PURGE_DONE, PURGE_FAILED };

struct purge;

/* FAULT_DENIED for who does not see all mail. items: borrowed until the end. */
struct purge *purge_new(struct view *view, const GPtrArray *items, GError **error);
enum purge_state purge_step(struct purge *purge, GError **error);
const struct purge_counts *purge_counts(const struct purge *purge);
void purge_free(struct purge *purge);
AUTO_DEFINE(purge, purge_free)

#endif
