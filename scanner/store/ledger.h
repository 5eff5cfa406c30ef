/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_LEDGER_H
#define FLAGPOST_STORE_LEDGER_H
/*
 * ledger - who did what and when, as a chain: each row holds SHA-256 over the row before and
 * itself.
 *
 * A row changed, taken out or put between others breaks the chain at that row. That rows were cut
 * off at the end shows only against a head that was noted elsewhere.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* Within a write transaction of the caller. */
bool ledger_append(struct database *database, const char *who, const char *verb, const char *object,
    gint64 now, GError **error);

/* FAULT_DATA names the first row that does not fit. *head (may be NULL): hash of the last row. */
bool ledger_verify(struct database *database, guint64 *rows, char **head, GError **error);

#endif
