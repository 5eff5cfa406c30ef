/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SQLITE_H
#define FLAGPOST_STORE_SQLITE_H
/*
 * sqlite - what the files of the SQLite driver share. Seen by nobody else.
 *
 *	sqlite.c          the table of operations; runs, accounts, notes
 *	sqlite-rulesets.c rule sets, and what each change of them changed
 *	sqlite-record.c   messages with all that belongs to them
 *	sqlite-tally.c    what a batch of them adds to rows that they share
 *	sqlite-folders.c  positions, failures, ends of passes
 *	sqlite-gone.c     what is no longer on the server
 *	sqlite-drafts.c   revisions of drafts, and what became of them
 *	sqlite-incidents.c  flags that are one leak
 *	sqlite-canary.c   messages of our own that prove the whole way
 *	sqlite-sample.c   mail without a flag that is drawn for a look
 *	sqlite-watch.c    how long nobody looked, and what of the past is forgotten
 */
#include "store/database.h"
#include "store/fates.h"
#include "store/index.h"
#include "store/query.h"
#include "store/store-ops.h"

/* Who stands in the ledger for what the service did by itself. */
#define SQLITE_SERVICE "service"

struct sqlite_tally;

struct store_driver {
	struct database *database;
	struct index *index;
	struct sqlite_tally *tally;
};

struct sqlite_folder {
	gint64 id;
	guint32 uidvalidity;
	gint64 last_uid;
	gint64 rest_from, rest_upto; /* see store_folder */
	gint64 confirmed;  /* when all that is recorded was last known to be there; 0: never */
	gint64 counted_to; /* UIDs below are counted: recorded, failed or never seen */
};

/* Ends a transaction of one operation. */
bool sqlite_settle(struct database *database, bool right, GError **error);
bool sqlite_ruleset(
    struct store_driver *driver, const struct store_ruleset *set, gint64 now, GError **error);

/* The account's row; made, as not configured, where there is none. */
bool sqlite_account_id(
    struct database *database, const char *account, gint64 now, gint64 *id, GError **error);
/*
 * The folder's row, made where there is none. Another uidvalidity than the row's becomes the row's:
 * the position starts again at 0 and what was recorded under the old one counts as gone.
 */
bool sqlite_folder(struct database *database, const char *account, const char *folder,
    guint32 uidvalidity, gint64 now, struct sqlite_folder *out, GError **error);
/* What the position is behind that message; 0 with POP3, which has no UIDVALIDITY and no order. */
guint32 sqlite_position(const struct sqlite_folder *folder, const char *uid);
/* It comes there, when that lies ahead; newest (0: none) is when a message was seen. */
bool sqlite_folder_advance(struct database *database, const struct sqlite_folder *folder,
    guint32 position, gint64 newest, GError **error);

GPtrArray *sqlite_keys(struct store_driver *driver, GError **error);
bool sqlite_lookup(struct store_driver *driver, const char *sha256, const char *message_id,
    bool *known, struct vault_place *place, bool *reused, GError **error);
bool sqlite_record(
    struct store_driver *driver, const struct store_message *message, GError **error);
GPtrArray *sqlite_folders(
    struct store_driver *driver, const char *account, bool with_uidls, GError **error);
bool sqlite_fail(struct store_driver *driver, const struct store_failure *failure, GError **error);
bool sqlite_folder_rest(struct store_driver *driver, const char *account, const char *folder,
    guint32 uidvalidity, guint32 from, guint32 upto, gint64 seen, GError **error);
bool sqlite_folder_end(
    struct store_driver *driver, const struct store_folder_end *end, GError **error);

/* Records that what lay there is gone: between folder->confirmed and now; deleted or moved. */
bool sqlite_gone(struct database *database, const struct sqlite_folder *folder, const char *uid,
    gint64 now, GError **error);
bool sqlite_back(
    struct database *database, const struct sqlite_folder *folder, const char *uid, GError **error);
/* A message has a new place: what was gone from another one of the account was moved. */
bool sqlite_arrived(
    struct database *database, const struct sqlite_folder *folder, gint64 message, GError **error);
/* The UIDVALIDITY in folder no longer holds. */
bool sqlite_renumber(
    struct database *database, const struct sqlite_folder *folder, gint64 now, GError **error);
/* A message that could never be fetched is gone. */
bool sqlite_failure_gone(struct database *database, const struct sqlite_folder *folder, gint64 uid,
    gint64 now, GError **error);
/* After all else of a folder's end: what was never seen, and whether all is known to be there. */
bool sqlite_folder_settle(struct database *database, const struct sqlite_folder *folder,
    const struct store_folder_end *end, GError **error);
/* At the end of a complete pass over an account: folders that this and the last one missed. */
bool sqlite_folders_absent(struct database *database, gint64 account, gint64 now, GError **error);

/* A draft lies in a folder anew: the next revision of one, or the first of another. */
bool sqlite_draft_seen(struct database *database, gint64 folder, const struct store_message *what,
    gint64 message, GError **error);
/* At the end of a pass over a folder: drafts that are revisions of one another become one. */
bool sqlite_drafts_join(struct database *database, gint64 folder, GError **error);
/* At the end of a complete pass over an account: which drafts were sent, which vanished. */
bool sqlite_drafts_end(
    struct database *database, gint64 account, gint64 now, gint64 run, GError **error);

/* Before a commit: flags without an incident get one, and the verdict of their fingerprint. */
bool sqlite_incidents(struct database *database, GError **error);

/* A message that was not known is counted for the random sample, and drawn where it is to be. */
bool sqlite_draw(
    struct database *database, const struct store_message *what, gint64 message, GError **error);

/* At the end of a complete pass over an account: how long it was not read before. */
bool sqlite_exposure(
    struct database *database, gint64 account, const struct store_account_end *end, GError **error);
bool sqlite_canary_get(
    struct store_driver *driver, const char *account, struct store_canary *out, GError **error);
bool sqlite_canary_put(struct store_driver *driver, const char *account,
    const struct store_canary *canary, const char *message_id, const char *sha256, GError **error);
bool sqlite_canary_planted(struct store_driver *driver, const char *account, const char *trouble,
    gint64 now, GError **error);
bool sqlite_canary_seen(struct store_driver *driver, const char *account, const char *message_id,
    const char *sha256, gint64 now, bool *exact, GError **error);
bool sqlite_pulse(struct store_driver *driver, gint64 run, gint64 now, GError **error);
bool sqlite_pulse_none(struct database *database, GError **error); /* no pass is under way */
bool sqlite_last_pulse(struct store_driver *driver, gint64 *last, GError **error);
bool sqlite_pulse_account(
    struct store_driver *driver, const char *account, gint64 begun, gint64 moved, GError **error);
bool sqlite_traffic(
    struct store_driver *driver, const char *account, gint64 day, guint64 bytes, GError **error);
bool sqlite_traffic_of(
    struct store_driver *driver, const char *account, gint64 day, guint64 *bytes, GError **error);
/* Passes, notes and counts older than STORE_HISTORY_DAYS go. */
bool sqlite_prune(struct database *database, gint64 now, GError **error);
bool sqlite_note(struct store_driver *driver, const char *account, const char *folder,
    const char *word, const char *text, gint64 seen, gint64 run, GError **error);

#endif
