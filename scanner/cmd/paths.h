/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_PATHS_H
#define FLAGPOST_CMD_PATHS_H
/*
 * paths - the messages behind the arguments of `scan`, one after the other, in a fixed order.
 *
 * A file that begins with "From " is an mbox; any other named file is one message; "-" is
 * standard input, either of the two. Folders are walked in name order: *.eml, mboxes, and the
 * cur/ and new/ of Maildirs. What a folder holds beside that is counted, not scanned. Files are
 * opened read-only; folders behind symbolic links are not followed.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct paths;

struct path_item {
	char *name;      /* "a/b.eml", "inbox.mbox#3", "-" */
	int fd;          /* read-only; -1 when error is set, and for some that are over the limit */
	guint64 size;    /* bytes of the message */
	bool over_limit; /* longer than max_bytes: not to be scanned */
	GError *error;   /* this path could not be read; the walk goes on */
};

/* max_bytes: of one message. spool_folder: for large messages from mboxes and standard input. */
struct paths *paths_new(const char *const *arguments, guint64 max_bytes, const char *spool_folder);
void paths_free(struct paths *paths);
AUTO_DEFINE(paths, paths_free)

/* The next message, or a path that could not be read. False at the end. */
bool paths_next(struct paths *paths, struct path_item *out);
void path_item_clear(struct path_item *item);

/* Entries of arguments and folders seen and known so far; both grow. For a progress bar. */
void paths_progress(const struct paths *paths, guint64 *seen, guint64 *known);

/* Files in folders that are no mail by name or beginning. */
guint64 paths_left_out(const struct paths *paths);

#endif
