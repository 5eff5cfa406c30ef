/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_REWRITE_H
#define FLAGPOST_STORE_REWRITE_H
/*
 * rewrite - volumes whose copies are to stand in another form: sealed with the key of today,
 * packed because they are old, or plain again.
 *
 * A volume is written anew under another name of its day, read again, and only then, in one
 * transaction, takes the old one's place; the old one is overwritten and removed. A kill at any
 * moment leaves one of the two whole, and what is left to do is found by the next rewriting.
 * Beside a running writer, but for volumes that it may be writing.
 *
 * All of this needs a view that shows everything, with the keys, and nobody who makes or restores
 * an archive or rewrites at the same time.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

struct rewrite_volume {
	gint64 id;
	char *name;  /* "2026/2026-11-22.tar" */
	char *forms; /* of its copies: "plain", "plain, sealed 51f0..." */
	guint64 end, messages;
	char *wanted; /* VAULT_PLAIN, VAULT_PACKED, VAULT_SEALED and a key; NULL: it is right */
};
void rewrite_volume_free(struct rewrite_volume *volume);

struct rewrite_wish {
	gint64 now;
	GTimeZone *zone;
	guint64 compress_after; /* seconds; 0: never. With a key for new copies all are sealed */
};

/* All volumes by name; of struct rewrite_volume. */
GPtrArray *rewrite_list(struct view *view, const struct rewrite_wish *wish, GError **error);
/* "2026-11-22" of a moment. */
char *rewrite_day(const struct rewrite_wish *wish);
bool rewrite_is_before(const struct rewrite_volume *volume, const char *day);

enum rewrite_result {
	REWRITE_DONE,
	REWRITE_LEFT,   /* it changed meanwhile, or a purge has to end first: *error says which */
	REWRITE_FAILED, /* it is damaged, or locked; it is as it was: *error says why */
};
/* FAULT_DATA and FAULT_DENIED concern this volume alone; others concern all. */
enum rewrite_result rewrite_one(
    struct view *view, const struct rewrite_volume *volume, GError **error);

#endif
