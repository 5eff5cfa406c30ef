/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_DRAWN_H
#define FLAGPOST_STORE_DRAWN_H
/*
 * drawn - mail without a flag that was drawn by chance, so that people say whether the rules
 * missed something: which messages, what was said of them, and what that says of all others.
 *
 * Drawn while mail is recorded (daemon/sampling.h). What got a flag later, by another place or
 * another rule set, is for nobody to look at here any more, and is not counted. Days are those of
 * the draw; windows are [from, to) by their begin.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

enum drawn_state { DRAWN_OPEN, DRAWN_NOTHING, DRAWN_MISSED };
extern const char *const drawn_state_words[]; /* "open", "nothing-to-see", "missed" */

struct drawn {
	gint64 day; /* when the day of the draw began */
	enum drawn_state state;
	char *rule; /* that should have had it, or "" */
	char *note, *who;
	gint64 decided; /* 0: nobody looked yet */
	struct view_message *message;
};
void drawn_free(struct drawn *drawn);
AUTO_DEFINE(drawn, drawn_free)

/* Of struct drawn, the oldest first; open: those alone that nobody has looked at. limit 0: all. */
GPtrArray *drawn_list(
    struct view *view, gint64 from, gint64 to, bool open, guint limit, GError **error);

struct drawn_sums {
	guint64 eligible;        /* messages without a flag that were drawn from */
	guint64 cut;             /* drawn beyond [review] at_most, and let go */
	guint64 states[3];       /* by enum drawn_state */
	gint64 first;            /* the first day with any; 0: nothing was ever drawn */
	double share, low, high; /* missed of what was looked at, and the bounds of 95 percent */
};
bool drawn_sums(struct view *view, gint64 from, gint64 to, struct drawn_sums *out, GError **error);
/* How many were looked at. */
guint64 drawn_decided(const struct drawn_sums *sums);

/* How many each rule is said to have missed. */
struct drawn_miss {
	char *rule; /* "" where none was named */
	guint64 count;
};
GPtrArray *drawn_misses(struct view *view, gint64 from, gint64 to, GError **error);

struct drawn_order {
	enum drawn_state state; /* DRAWN_OPEN takes a verdict back */
	const char *rule;       /* of DRAWN_MISSED: one that has been in force; NULL: none */
	const char *note;       /* NULL: none */
};
/*
 * Says it of the message whose SHA-256 begins with prefix (8 digits or more). FAULT_USAGE when that
 * was not drawn, or the rule is not known; FAULT_DENIED for who may not decide about flags. A row
 * of the ledger in the same transaction.
 */
bool drawn_set(
    struct view *view, const char *prefix, const struct drawn_order *order, GError **error);

#endif
