/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CHECKING_H
#define FLAGPOST_DAEMON_CHECKING_H
/*
 * checking - the day's share of copies, read again in small slices between all else that the
 * service does: after VERIFY_DAYS days every copy was looked at.
 */
#include <glib.h>

#include "base/auto.h"
#include "daemon/config.h"

/* One deviation, or what ended the check: for the log, and for the next report. */
typedef void checking_found(const char *word, const char *text, void *data);

struct checking;

/* Begins at once, on the default main context. NULL after an error. */
struct checking *checking_new(
    const struct config *config, gint64 now, checking_found *found, void *data, GError **error);
gboolean checking_is_done(const struct checking *checking);
/* Also when it is not done: the rest is looked at when its turn comes again. */
void checking_free(struct checking *checking);
AUTO_DEFINE(checking, checking_free)

#endif
