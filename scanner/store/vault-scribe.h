/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_SCRIBE_H
#define FLAGPOST_STORE_VAULT_SCRIBE_H
/*
 * vault_scribe - writes entries of a volume beside the caller, in the order they were given. Seen
 * by the vault alone.
 *
 * A thread of its own reads, checks and writes the bytes, so that the caller's time goes to the
 * database. It touches the pen and what stands behind it, and nothing else of the process: no
 * table, no log, no loop. The pen is the scribe's from the first entry until vault_scribe_wait
 * returns; from then on the thread sleeps, so that whoever forks between batches forks one that
 * holds nothing.
 */
#include "store/vault-parts.h"

struct vault_scribe;

/* What makes the entries durable; called by the thread, after all that were given before it. */
typedef bool vault_scribe_end(void *user, GError **error);

/* pen and user are borrowed and must outlive it. NULL: the system gives no thread. */
struct vault_scribe *vault_scribe_new(struct vault_pen *pen, vault_scribe_end *end, void *user);
/* Waits for what is under way; what was not begun is not written. */
void vault_scribe_free(struct vault_scribe *scribe);

/* What is written into one entry, as by vault_pen_put. */
struct vault_entry {
	int fd; /* the caller's, who may close it */
	guint64 size;
	char sha256[DIGEST_HEX];
	char clock[8]; /* "090205" */
	gint64 mtime;
};
/*
 * Begun at the latest when VAULT_SCRIBE_GROUP are there, or the caller waits for something. Waits
 * where VAULT_SCRIBE_QUEUE are to be written, until half of them are.
 */
#define VAULT_SCRIBE_GROUP 8
#define VAULT_SCRIBE_QUEUE 256 /* more than the caller has at a time, as a rule */
bool vault_scribe_put(struct vault_scribe *scribe, const struct vault_entry *entry, GError **error);
/* Calls end when all entries are written, which are begun at once. */
void vault_scribe_finish(struct vault_scribe *scribe);
/*
 * Until all is done that was asked for. False with the first failure since vault_scribe_forget:
 * after it nothing more is written, and each call says so.
 */
bool vault_scribe_wait(struct vault_scribe *scribe, GError **error);
/* Waits, and what failed is forgotten: the pen stands at the last entry that was written. */
void vault_scribe_forget(struct vault_scribe *scribe);

#endif
