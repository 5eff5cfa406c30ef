/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_WATCHING_H
#define FLAGPOST_DAEMON_WATCHING_H
/*
 * watching - which folders of accounts with `watch = yes` are to be watched anew, and when. Pure:
 * time goes in, decisions come out. Times are g_get_monotonic_time microseconds.
 *
 * Each account has a connection on its INBOX, its sent mail and its drafts. One that breaks comes
 * back within seconds; one that breaks again and again less and less often, up to once an hour. A
 * server that cannot, and a folder that is not there, are asked again after an hour. At most
 * WATCHING_A_SECOND connections are begun in one second.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "fetchers/fetch.h"

#define WATCHING_A_SECOND  64
#define WATCHING_LEAST_US  (10 * G_USEC_PER_SEC)  /* between two tries; doubled by failures */
#define WATCHING_STEADY_US (300 * G_USEC_PER_SEC) /* what lasted so long was no failure */
#define WATCHING_CANNOT_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)

struct watching;

/*
 * accounts: of struct account, borrowed; those without watch are left out. Of an account with
 * connections = 2 its INBOX alone is watched, and so on; of a server's per_server connections one
 * is left for passes. What is left out is only polled, and the log says so.
 */
struct watching *watching_new(
    const GPtrArray *accounts, guint64 per_server, gint64 now, guint32 seed);
/* Calls back once for each connection that is to be kept. */
void watching_each(const struct watching *watching,
    void (*one)(const struct account *account, void *data), void *data);
void watching_free(struct watching *watching);
AUTO_DEFINE(watching, watching_free)

/* True and what is to be watched now, which counts as begun. */
bool watching_due(
    struct watching *watching, gint64 now, const struct account **account, const char **role);
/* When to ask again; SCHEDULE_NEVER: not before something ends. */
gint64 watching_next(const struct watching *watching);
/* News came from there. True when it is the first one, so that the connection stands now. */
bool watching_news(struct watching *watching, const struct fetch_watch *news);
/* Returns for how long it is not watched; -1 when nobody did. */
gint64 watching_ended(struct watching *watching, const struct fetch_watch *end, gint64 now);
void watching_lost(struct watching *watching, gint64 now); /* the fetcher: all ended */

#endif
