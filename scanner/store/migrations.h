/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_MIGRATIONS_H
#define FLAGPOST_STORE_MIGRATIONS_H
/*
 * migrations - the schema as a list of numbered steps that only ever grows.
 *
 * PRAGMA user_version holds the number of the last step taken. Each step is one transaction: a
 * kill between two leaves a store that the next start takes further.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* What was in the index before it goes to where it is now, behind this step and before the next. */
#define MIGRATIONS_INDEX 28

guint migrations_newest(void);

/* The database's own number. */
bool migrations_version(struct database *database, guint *out, GError **error);

/* Takes the steps up to and including `upto`. A newer database is refused (FAULT_CONFIG). */
bool migrations_apply(struct database *database, guint upto, GError **error);

/* True when the database is at the newest step; FAULT_CONFIG says whether it is older or newer. */
bool migrations_check(struct database *database, GError **error);

#endif
