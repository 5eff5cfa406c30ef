/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_COPIES_REWRITE_H
#define FLAGPOST_DAEMON_COPIES_REWRITE_H
/*
 * copies_rewrite - all volumes brought into the form that the configuration asks for, one by one
 * and the oldest first (store/rewrite). It may be ended at any time and begun again.
 *
 * A day that is not over is rewritten while nobody polls, else left to another day.
 */
#include "daemon/config.h"
#include "store/rewrite.h"

struct copies_rewrite_counts {
	guint64 volumes, copies;    /* done */
	guint all;                  /* that were to be done */
	guint today, left, damaged; /* left to another time; left alone for what is wrong with it */
};

struct copies_rewrite {
	const struct config *config;
	struct view *view; /* shows everything, with all keys */
	gint64 now;
	void (*progress)(guint64 done, guint64 all, void *data);
	void (*trouble)(const char *text, void *data); /* one volume is left as it was */
	void *data;
};

/* What copies are to be; the zone is borrowed. */
struct rewrite_wish copies_wish(const struct config *config, gint64 now);
/* FAULT_RETRY: archives are made or copies rewritten by another. */
bool copies_rewrite(
    const struct copies_rewrite *rewrite, struct copies_rewrite_counts *out, GError **error);

#endif
