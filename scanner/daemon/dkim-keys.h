/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_DKIM_KEYS_H
#define FLAGPOST_DAEMON_DKIM_KEYS_H
/*
 * dkim-keys - asks DNS for the keys of signatures of mail that was kept, soon after the fetch: each
 * name once a day, limits.dkim_names at one time, within limits.seconds_per_dkim. What nobody
 * answered is asked for again for a day. A process apart speaks to the resolver (deliver/resolver).
 * Then the signatures are verified with them (daemon/signatures), and what came of it is recorded.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "store/view.h"

struct dkim_keys_counts {
	guint messages; /* looked at */
	guint asked, found, failed;
	guint verified; /* messages, with signatures or without */
};

/* The view sees everything. FAULT_... only when nothing could be asked or recorded at all. */
bool dkim_keys_ask(const struct config *config, struct view *view, gint64 now,
    struct dkim_keys_counts *out, GError **error);
/* The same behind a poll, which nothing of it stops: what fails is a warning of the log. */
void dkim_keys_after_poll(const struct config *config);

#endif
