/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_REVIEW_H
#define FLAGPOST_STORE_REVIEW_H
/*
 * review - what people decided about flags: states, notes, who is to look.
 *
 * Through a view, like all that a person does. A decision belongs to the fingerprint of a flag
 * (rule, author, recipients, digests of all parts), so it holds for every flag that has the same
 * one, now and later. Each change is a row of the history and one of the ledger, in one
 * transaction.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

#define REVIEW_NOTE_MAX  2000   /* bytes */
#define REVIEW_FLAGS_MAX 100000 /* that one order may name */

/* True for new, in-review and escalated: somebody still has to decide. */
bool review_is_open(enum review_state state);

/*
 * Appends the numbers (gint64) of the flags that a person named: "17" or "flag-17" is one,
 * "I-4" all of an incident. FAULT_USAGE for other words and for flags that are not there.
 */
bool review_find(struct view *view, const char *name, GArray *flags, GError **error);
/*
 * Of all messages that a query finds, those flags that it means: by their own rule and state where
 * it names any (query->rule, SEARCH_RULE, SEARCH_STATE), else all.
 */
bool review_query(struct view *view, const struct view_query *query, GArray *flags, GError **error);
/*
 * Open flags, the most severe first, then the oldest; those of one incident stand together. limit
 * 0: all.
 */
bool review_open_flags(struct view *view, guint limit, GArray *flags, GError **error);

struct review_order {
	int state;            /* enum review_state, or -1: as it is */
	const char *note;     /* NULL: none; the former ones stay in the history */
	const char *assignee; /* NULL: as it is; "" for nobody */
};

struct review_change {
	gint64 flag; /* that was named */
	gint64 seen;
	char *rule, *who, *assignee, *note;
	enum review_state was, state;
};

/*
 * Carries an order out, on all flags or on none; of struct review_change, what changed. A flag on
 * which nothing changes is not among them, and gets no row anywhere.
 */
GPtrArray *review_set(
    struct view *view, const GArray *flags, const struct review_order *order, GError **error);

/* What review_set would change. */
GPtrArray *review_plan(
    struct view *view, const GArray *flags, const struct review_order *order, GError **error);

/* Of struct review_change: what was decided about a fingerprint, the oldest first. */
GPtrArray *review_history(struct view *view, const char *fingerprint, GError **error);
/* What was decided in a window, by whom, the oldest first; at most limit rows. */
GPtrArray *review_changes(struct view *view, gint64 from, gint64 to, guint limit, GError **error);

#endif
