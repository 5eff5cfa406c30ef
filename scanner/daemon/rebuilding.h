/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_REBUILDING_H
#define FLAGPOST_DAEMON_REBUILDING_H
/*
 * rebuilding - makes the search's index once more (store/rebuild): scan workers read the texts of
 * the copies as they did when the mail came; no rule is asked anything.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "store/view.h"

struct rebuilding {
	const struct config *config;
	struct view *view;     /* sees everything, with the keys of the copies */
	bool anew;             /* even where one is under way */
	bool without_archived; /* also where texts are lost by it */
	void (*progress)(guint64 done, guint64 all, void *data);
	void (*trouble)(const char *text, void *data); /* of one message */
	void *data;
};

struct rebuilding_counts {
	guint64 messages; /* that are back */
	guint64 texts;    /* of these, with the words of their texts */
	guint64 archived; /* of these, without: their copies stand in archives */
	guint64 unread;   /* and these: their copies could not be read, or not be scanned */
	bool resumed;
};

/*
 * FAULT_RETRY: somebody polls, or the service runs. FAULT_DATA: texts stand in archives, unless
 * without_archived. FAULT_IO: also where the pages of the index are damaged themselves.
 */
bool rebuilding_run(
    const struct rebuilding *what, struct rebuilding_counts *counts, GError **error);

#endif
