/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_HOLD_H
#define FLAGPOST_STORE_HOLD_H
/*
 * hold - what must not be purged, whatever its age: of a query, of people, or of flags.
 *
 * A hold has the messages that its query found when it was added, for good, and those that it finds
 * when a purge is to begin (hold_extend): mail that comes later is held as well. Each change is a
 * row of the ledger, in the same transaction. For those who see all mail; others get FAULT_DENIED.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

#define HOLD_NAME_MAX 80   /* bytes */
#define HOLD_TEXT_MAX 4000 /* of a query, of a note */

struct hold {
	gint64 id;
	char *name, *note, *who;
	char *query;            /* words as for `search`, a line each; "": the messages alone */
	gint64 begun, released; /* released 0: it holds */
	guint64 messages;
};

/* messages: of gint64, and may be empty. FAULT_USAGE when a hold of that name holds already. */
bool hold_add(struct view *view, const char *name, const char *query, const char *note,
    const GArray *messages, GError **error);
/* Those in force first, then by name; of struct hold. all: released ones too. */
GPtrArray *hold_list(struct view *view, bool all, GError **error);
/* The messages stay with it, for the record. FAULT_USAGE when none of that name holds. */
bool hold_release(struct view *view, const char *name, const char *note, GError **error);
/* What its query finds now is held as well. */
bool hold_extend(struct view *view, gint64 hold, const GArray *messages, GError **error);

/* The name of a hold that holds the message, or NULL; within any transaction. */
bool hold_of(struct view *view, gint64 message, char **name, GError **error);

#endif
