/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CANARY_H
#define FLAGPOST_DAEMON_CANARY_H
/*
 * canary - `canary = yes`: one small harmless message of our own a day in an account's INBOX, which
 * must be found there, scanned and told in the report. That it was not is the alarm: a pass that
 * fetches nothing and says nothing looks like an account in which nothing happens.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/account.h"
#include "store/store.h"

/* To be seen within three intervals, and this long at least: who polls by cron has no interval. */
#define CANARY_DUE_LEAST_S (2 * 3600)

/*
 * The message that is to be planted with this pass, known to the store from then on; NULL without
 * an error: none, or it is planted already. *late: the last one was planted and not seen in time.
 */
char *canary_next(struct store *store, const struct account *account, GTimeZone *zone, gint64 now,
    bool *late, GError **error);

/* As canary_next makes it: CRLF, ASCII, the same for the same token and time. */
char *canary_text(const struct account *account, const char *token, gint64 made);
/* "flagpost-canary.TOKEN@HOST", as verdicts hold a Message-ID. */
char *canary_message_id(const struct account *account, const char *token);
/* Worth asking the store about. */
bool canary_is_named(const char *message_id);

#endif
