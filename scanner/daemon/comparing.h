/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_COMPARING_H
#define FLAGPOST_DAEMON_COMPARING_H
/*
 * comparing - the differential test of the prefilter over kept mail: a sample is judged twice, with
 * it and without, and what it loses is told. The service has it done once a day (daemon/chores).
 *
 * Rules that gave up on a message on either side are left out of that message: what is given up on
 * depends on time.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "rules/sources.h"
#include "store/view-rules.h"

#define COMPARING_SAMPLE 200
#define COMPARING_DAYS   7 /* from which the sample is */

struct comparing {
	gint64 time;         /* wall clock; 0: never */
	guint64 compared;    /* messages */
	guint64 unread;      /* copies that could not be read or scanned */
	guint64 differences; /* messages that were judged in two ways */
	char *first;         /* what differed first: "3f9a01bc5d: leak"; "" */
};

/* True when both sides say the same; else *rule (owned) is one that they say otherwise of. */
bool comparing_alike(const struct verdict *with, const struct verdict *without, char **rule);

/*
 * Judges the sample. sources have a prefilter. Iterates the default main context. Writes data_dir/
 * compared, where it is ours.
 */
bool comparing_run(const struct config *config, const struct sources *sources, struct view *view,
    guint sample, struct comparing *out, GError **error);

/* What came of the last one. FAULT_DATA when it is of another form. */
bool comparing_read(const char *data_dir, struct comparing *out, GError **error);
void comparing_clear(struct comparing *comparing);
/* "without the prefilter 200 messages are judged as with it, on 2026-11-22 ..."; owned. */
char *comparing_sentence(const struct comparing *comparing, GTimeZone *zone);

#endif
