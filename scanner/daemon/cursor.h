/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CURSOR_H
#define FLAGPOST_DAEMON_CURSOR_H
/*
 * cursor - how far those who tell of flags are, and when their mails of the last hour went out, in
 * a file of DATA_DIR: a restart forgets nothing, and tells nobody of what was there before.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

struct cursor {
	gint64 start, sent; /* flags: what was there before us; the last that was looked at */
	GArray *mails;      /* gint64: when those of the last hour went out, microseconds UTC */
	bool known;         /* the three above */
};

struct cursor *cursor_new(void);
void cursor_free(struct cursor *cursor);
AUTO_DEFINE(cursor, cursor_free)

/*
 * Once, before any other: from the file at path, where there is none from the newest flag on.
 * *damaged: it does not say how far we were, or more than there is; then it begins anew as well.
 */
bool cursor_load(
    struct cursor *cursor, const char *path, struct view *view, bool *damaged, GError **error);
/* Durable when it returns. */
bool cursor_save(const struct cursor *cursor, const char *path, GError **error);

/* When the next mail may go, with at_most an hour: now, or later. Forgets what is older. */
gint64 cursor_next(struct cursor *cursor, guint at_most, gint64 now);
void cursor_mailed(struct cursor *cursor, gint64 now);

#endif
