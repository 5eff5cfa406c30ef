/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_BUDGET_H
#define FLAGPOST_DAEMON_BUDGET_H
/*
 * budget - how much of an account's bytes_a_day is left. Days begin at midnight in the zone of
 * [general]; what was used of them stands in the store.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/account.h"
#include "store/store.h"

/* *bytes: as for struct fetch_task; without a budget FETCH_ANY_BYTES. */
bool budget_left(struct store *store, const struct account *account, GTimeZone *zone, gint64 now,
    guint64 *bytes, GError **error);

/* "the day's budget of 2.0 GB is used; goes on at 00:00", and in how many seconds that is. */
char *budget_text(const struct account *account, GTimeZone *zone, gint64 now, guint64 *seconds);

#endif
