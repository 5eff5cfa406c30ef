/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SQLITE_TALLY_H
#define FLAGPOST_STORE_SQLITE_TALLY_H
/*
 * sqlite_tally - what the messages of a batch add to rows that they share: how far a folder was
 * read, where a volume ends, how many came on a day. Each such row is read once and written once,
 * however many messages the batch has.
 *
 * Between sqlite_record and sqlite_tally_write the rows are behind; so whoever else reads or writes
 * them within the batch calls sqlite_tally_write first (store.c sees to that, by ops->gather).
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/sqlite.h"

struct sqlite_tally *sqlite_tally_new(struct database *database);
void sqlite_tally_free(struct sqlite_tally *tally);
AUTO_DEFINE(sqlite_tally, sqlite_tally_free)

/* A folder, as long as nothing is written. */
struct sqlite_tally_folder {
	struct sqlite_folder folder;
	gint64 account;
	bool failures;    /* it has some */
	guint32 position; /* to which it comes */
	gint64 newest;
};

/* As sqlite_folder. Borrowed; NULL after an error. */
struct sqlite_tally_folder *sqlite_tally_folder(
    struct sqlite_tally *tally, const struct placement *at, gint64 now, GError **error);
/* The volume's row; its end will be behind this copy, and it has copies of that form. */
bool sqlite_tally_volume(
    struct sqlite_tally *tally, const struct vault_place *place, gint64 *id, GError **error);
/* On that day (microseconds) one more came to the account. */
void sqlite_tally_arrival(struct sqlite_tally *tally, gint64 account, gint64 time);

/* Writes all, and knows nothing any more. */
bool sqlite_tally_write(struct sqlite_tally *tally, GError **error);
/* After a rollback. */
void sqlite_tally_forget(struct sqlite_tally *tally);

#endif
