/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_BUNDLE_H
#define FLAGPOST_CMD_BUNDLE_H
/*
 * bundle - a folder of exact messages for people without tools: a folder a day, names that say
 * what is in them, a page that searches and opens without a server, tables, checksums, and
 * how to check all of it with sha256sum and openssl alone.
 *
 *	OUT/2026-05-30/090205 anna@corp.example - Price list - 3f9a01bc5d6e.eml
 *	OUT/2026-05-30/2026-05-30.mbox                        where mbox is asked for
 *	OUT/2026-05-30/090205 ... 3f9a01bc5d6e.files/01 plan.docx    where attachments are
 *	OUT/rules/RULE-DIGEST.ini             rules as they stood on the day of a flag
 *	OUT/index.html  manifest.csv  flags.csv  looks.csv  authentication.csv
 *	OUT/dkim-keys.csv  dkim-results.csv  ledger.json  HOW-TO-CHECK.txt  SHA256SUMS  stamps/
 *
 * With a size of volumes OUT holds volume-001, volume-002, ..., each of them all this for itself
 * (the ledger in the first alone), and a SHA256SUMS over theirs.
 *
 *	bundle_new -> bundle_add ... -> bundle_finish -> bundle_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/digest.h"
#include "cmd/attachments.h"
#include "store/view.h"

#define BUNDLE_UNSAFE     ".unsafe"          /* behind the name of what a double click could run */
#define BUNDLE_NAME_MAX   100                /* bytes of a file's name: also Joliet's take it */
#define BUNDLE_VOLUME_MIN (4u * 1024 * 1024) /* bytes of a volume, at least */
#define BUNDLE_RESERVE    (1024u * 1024 + 512u * 1024) /* of each, for a file system's own tables */

struct bundle;

struct bundle_options {
	const char *folder; /* is made, or empty: FAULT_USAGE when something lies there */
	const char *title;  /* what was exported */
	GTimeZone *zone;
	guint64 volume_bytes;        /* 0: one folder, whatever its size */
	bool eml, mbox;              /* one of them at least */
	bool attachments;            /* beside the messages, decoded */
	struct view *view;           /* for flags and rules; NULL: neither is for this person */
	const struct limits *limits; /* with a view: of who verifies signatures */
	const GPtrArray *ledger;     /* of struct audit_row, all of it; NULL: not for this person */
	const char *head;            /* of the ledger */
	const GPtrArray *stamps;     /* of struct stamping: time stamps of the ledger; or NULL */
	GBytes *signers;             /* certificates that prove them, PEM; or NULL */
	const char *const *trusted;  /* servers of our own, by their names in results; or NULL */
};

/* "650M", "4.7G": powers of 1000, as discs are sold. FAULT_USAGE: no size, or too small. */
bool bundle_volume_size(const char *text, guint64 *bytes, GError **error);

/* options must outlive it. */
struct bundle *bundle_new(const struct bundle_options *options, GError **error);
/*
 * Its exact bytes into files of its day; bytes NULL: no copy is kept, which the manifest says.
 * attachments may be NULL.
 */
bool bundle_add(struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const struct attachments *attachments, GError **error);
bool bundle_finish(struct bundle *bundle, GError **error);
void bundle_free(struct bundle *bundle);
AUTO_DEFINE(bundle, bundle_free)

/* Of char *: the folder, or those of the volumes. */
const GPtrArray *bundle_folders(const struct bundle *bundle);
/* Messages that are larger than a volume: each lies in one of its own, which is too large too. */
guint bundle_oversized(const struct bundle *bundle);
/* Of the SHA256SUMS in OUT, which is over all. */
const char *bundle_digest(const struct bundle *bundle);

/* "090205 anna@corp.example - Price list - 3f9a01bc5d6e.eml": ASCII, and nothing that a shell, a
 * page or a file system takes for more than a letter. */
char *bundle_name(const struct view_message *message, GTimeZone *zone);

/* "01 plan.docx", "02 invoice.exe.unsafe": under the same rules; number is what keeps it apart. */
char *bundle_attachment_name(const struct part *part, guint number);

/* The lines of message as a member of an mbox (mboxrd: lines that could begin one get a '>'). */
GString *bundle_mbox(const struct view_message *message, GBytes *bytes);

#endif
