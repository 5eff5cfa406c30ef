/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_BUNDLE_PARTS_H
#define FLAGPOST_CMD_BUNDLE_PARTS_H
/*
 * bundle-parts - what the files of the bundle share. Seen by nobody else.
 *
 *	bundle.c         its life, volumes, files and their sums
 *	bundle-name.c    names of files
 *	bundle-mbox.c    members of an mbox
 *	bundle-table.c   tables: messages, flags, looks, what servers said of the sender
 *	bundle-keys.c    keys of DKIM signatures, and what these prove
 *	bundle-page.c    the page, and how to check it all
 *	bundle-stamps.c         time stamps of the ledger
 *	bundle-attachments.c    decoded files beside a message
 */
#include "cmd/bundle.h"
#include "store/dkim.h"

struct bundle_volume {
	char *folder;
	guint number;
	guint64 used;  /* bytes of files that are written */
	GString *rows; /* of the page */
	GString *manifest, *flags, *claims, *keys, *results, *attachments, *sums;
	GHashTable *digests, *flag_numbers; /* of what is in it: char *; gint64 * */
	GHashTable *rules, *mboxes;         /* names of files: char * */
	char *example;                      /* a file in it, for the instructions; NULL */
	guint messages, missing;
	guint files, not_decoded; /* attachments */
};

struct bundle {
	const struct bundle_options *options;
	struct bundle_volume *volume; /* that is being filled */
	GPtrArray *folders;
	GString *sums; /* of the volumes' sums */
	guint oversized;
	char digest[DIGEST_HEX];
};

/* What a file of so many bytes takes on a disc, with its entry. */
guint64 bundle_on_disc(guint64 bytes);

/* Of the Date header, else when it was first seen. */
gint64 bundle_time(const struct view_message *message);
char *bundle_local(const struct view_message *message, GTimeZone *zone, const char *form);
/* "RULE-3f9a01bc5d6e.ini" */
char *bundle_rule_name(const char *rule, const char *digest);

/* Heads of the tables, and their rows. */
/* The stamps beside the ledger, and how to check them. */
bool bundle_put_stamps(struct bundle *bundle, GError **error);
void bundle_tell_stamps(const struct bundle *bundle, GString *out);

void bundle_table_row(GString *out, const char *const *cells, guint n);
void bundle_table_begin(struct bundle_volume *volume);
void bundle_table_message(
    struct bundle_volume *volume, const struct view_message *message, const char *file);
void bundle_table_flag(
    struct bundle_volume *volume, const struct view_flag *flag, const char *file, const char *rule);
/* Fields of the header block in which servers on the way say what they found of the sender, and
 * which of them is the word of a server of our own. */
void bundle_table_claims(struct bundle *bundle, GBytes *bytes, const char *file);
/* dkim-keys.csv: for each signature the key as DNS had it when the message was fetched, or why
 * there is none. */
bool bundle_table_keys(struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const char *file, GError **error);
/* dkim-results.csv: what each signature proves. *last: the newest of them, the caller's. */
bool bundle_table_results(struct bundle *bundle, const struct view_message *message, GBytes *bytes,
    const char *file, struct dkim_verified **last, GError **error);
/* What the two take in all files, at most. */
guint64 bundle_keys_cost(GBytes *bytes);
/* looks.csv: rows of the ledger that name what is in the volume. */
GString *bundle_table_looks(const struct bundle_volume *volume, const GPtrArray *ledger);
GString *bundle_ledger(const GPtrArray *ledger);

/* A row of attachments.csv; file "" and why say that it is not there. part NULL: none is known. */
void bundle_table_attachment(struct bundle_volume *volume, const char *message_file,
    const char *sha256, const struct part *part, const char *file, const char *why);

/* Writes a file into the volume, and its line for SHA256SUMS. */
bool bundle_put_file(
    struct bundle_volume *volume, const char *name, const void *data, gsize size, GError **error);
/* Of char *: the names of the files that are written to the folder of that .eml. */
GPtrArray *bundle_put_attachments(struct bundle *bundle, const struct view_message *message,
    const struct attachments *attachments, const char *message_file, GError **error);
/* What they take, at most. */
guint64 bundle_attachments_cost(const struct attachments *attachments);

/* files: of char *, its attachments; or NULL. proved: of its signatures; or NULL */
void bundle_page_row(struct bundle *bundle, const struct view_message *message, const char *file,
    const GPtrArray *files, const struct dkim_verified *proved);
GString *bundle_page(const struct bundle *bundle);
char *bundle_how_to_check(const struct bundle *bundle);

#endif
