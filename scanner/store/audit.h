/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_AUDIT_H
#define FLAGPOST_STORE_AUDIT_H
/*
 * audit - the ledger, as those read it who watch the watchers: who did what and when, the proof
 * that no row was changed, and its head, which reports carry.
 *
 * A head that stands in a report or a mail outside of this machine proves every row up to it: a
 * chain that was written anew has other heads.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

struct audit_row {
	gint64 id, seen;
	char *who, *verb, *object, *hash;
};

/* NULL and 0 leave a filter out. who and verb are globs, object is a part of the text. */
struct audit_query {
	gint64 from, to; /* [from, to) */
	const char *who, *verb, *object;
	guint limit; /* the newest rows at most; 0: all */
};

/* Of struct audit_row, the oldest first. */
GPtrArray *audit_rows(struct view *view, const struct audit_query *query, GError **error);

/*
 * The lines that a change of rules changed: a unified diff, as it was kept (of rows that are older
 * than that: made of the rules' texts). FAULT_DATA when row is no change of rules, was written
 * before changes had diffs, or the diff is not that of that day any more.
 */
bool audit_diff(struct view *view, gint64 row, GString *out, GError **error);

struct audit_head {
	guint64 rows;
	gint64 seen; /* of the last row; 0: there is none */
	char hash[65];
};

/* The last row; nothing is proved. */
bool audit_head(struct view *view, struct audit_head *head, GError **error);
/*
 * Proves the whole chain; FAULT_DATA names the first bad row. noted (may be NULL): a head that
 * stands elsewhere, 8 digits of it or more: it must be the hash of a row, *row says of which.
 */
bool audit_verify(
    struct view *view, const char *noted, struct audit_head *head, guint64 *row, GError **error);

#endif
