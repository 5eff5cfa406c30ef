/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_HOLDS_H
#define FLAGPOST_CMD_HOLDS_H
/*
 * holds - the queries of holds, which are words as people type them to search.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

/*
 * The messages (gint64) that words find now, a line each in query. FAULT_USAGE when
 * that is not what the words say: the search has a note.
 */
GArray *holds_find(struct view *view, const char *query, GTimeZone *zone, GError **error);
/* What the queries of all holds in force find now is held. Before anything is purged. */
bool holds_extend(struct view *view, GTimeZone *zone, GError **error);

#endif
