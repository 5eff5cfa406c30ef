/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_PROGRESS_H
#define FLAGPOST_CMD_PROGRESS_H
/*
 * progress - one line on a terminal that says how far a poll or a scan is, and then goes away.
 *
 * Drawn at most ten times a second, never on anything but a terminal, never wider than it.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/auto.h"

struct progress;

/* out: stderr. Silent when out is no terminal, or quiet. Never NULL. */
struct progress *progress_new(FILE *out, bool quiet);
/* total 0: not known. label may be NULL; it is made printable here. */
void progress_set(struct progress *progress, guint64 done, guint64 total, const char *label);
/* Takes the line away, so that others may print; the next progress_set draws it anew. */
void progress_clear(struct progress *progress);
void progress_free(struct progress *progress); /* clears */
AUTO_DEFINE(progress, progress_free)

/* The line for a terminal of that many columns: at most width - 1 cells. elapsed_ms since start. */
char *progress_line(
    guint width, guint64 done, guint64 total, const char *label, guint64 elapsed_ms);

#endif
