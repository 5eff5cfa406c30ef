/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_DATABASE_H
#define FLAGPOST_STORE_DATABASE_H
/*
 * database - one SQLite connection, opened the one way that evidence allows.
 *
 * WAL, synchronous=FULL, foreign keys, secure delete; no double-quoted strings, no trust in the
 * schema, no writing to it behind SQLite's back. Statements are in store/query.h.
 */
#include <glib.h>
#include <sqlite3.h>
#include <stdbool.h>
#include "base/auto.h"

#define DATABASE_BUSY_MS 30000

struct database {
	sqlite3 *handle;
	GHashTable
	    *statements;    /* struct query_text * -> sqlite3_stmt *, for the connection's life */
	GHashTable *blocks; /* of store/block.h, which fills it */
};

/* create: makes the file (0600) when it is not there; else a missing file is an error. */
struct database *database_open(const char *path, bool create, GError **error);
/* Brings what stands in the WAL into the file when nobody else has it open. */
void database_close(struct database *database);
AUTO_DEFINE(database, database_close)

/* Statements without values, separated by semicolons; what names them in errors. */
bool database_script(struct database *database, const char *what, const char *sql, GError **error);

/* A write transaction: waits for another writer up to DATABASE_BUSY_MS, then FAULT_RETRY. */
bool database_begin(struct database *database, GError **error);
bool database_commit(struct database *database, GError **error);
/* Also when SQLite took the transaction back itself. */
void database_rollback(struct database *database);

/*
 * Sets the error for an SQLite result: FAULT_RETRY when busy, FAULT_DENIED for permissions,
 * FAULT_BUG for a broken constraint, else FAULT_IO; "what: SQLite's text: the system's", of a
 * damaged file with where it is written what mends it.
 */
void database_fault(struct database *database, const char *what, GError **error);
/* Whether the last statement failed since pages are other ones than were written, and not for a
 * disk that does not give them. */
bool database_is_damaged(struct database *database);

#endif
