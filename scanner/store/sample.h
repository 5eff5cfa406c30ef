/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SAMPLE_H
#define FLAGPOST_STORE_SAMPLE_H
/*
 * sample - mail without a flag that was drawn by chance, so that people say whether the rules
 * missed something: which messages, what was said of them, and what that says of all others.
 *
 * Drawn while mail is recorded (daemon/sampling.h). What got a flag later, by another place or
 * another rule set, is for nobody to look at here any more, and is not counted. Days are those of
 * the draw; windows are [from, to) by their begin.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/view.h"

enum sample_state { SAMPLE_OPEN, SAMPLE_NOTHING, SAMPLE_MISSED };
extern const char *const sample_state_words[]; /* "open", "nothing-to-see", "missed" */

struct sample {
	gint64 day; /* when the day of the draw began */
	enum sample_state state;
	char *rule; /* that should have had it, or "" */
	char *note, *who;
	gint64 decided; /* 0: nobody looked yet */
	struct view_message *message;
};
void sample_free(struct sample *sample);
AUTO_DEFINE(sample, sample_free)

/* Of struct sample, the oldest first; open: those alone that nobody has looked at. limit 0: all. */
GPtrArray *sample_list(
    struct view *view, gint64 from, gint64 to, bool open, guint limit, GError **error);

struct sample_sums {
	guint64 eligible;        /* messages without a flag that were drawn from */
	guint64 cut;             /* drawn beyond [review] at_most, and let go */
	guint64 states[3];       /* by enum sample_state */
	gint64 first;            /* the first day with any; 0: nothing was ever drawn */
	double share, low, high; /* missed of what was looked at, and the bounds of 95 percent */
};
bool sample_sums(
    struct view *view, gint64 from, gint64 to, struct sample_sums *out, GError **error);
/* How many were looked at. */
guint64 sample_decided(const struct sample_sums *sums);

/* How many each rule is said to have missed. */
struct sample_miss {
	char *rule; /* "" where none was named */
	guint64 count;
};
GPtrArray *sample_misses(struct view *view, gint64 from, gint64 to, GError **error);

struct sample_order {
	enum sample_state state; /* SAMPLE_OPEN takes a verdict back */
	const char *rule;        /* of SAMPLE_MISSED: one that has been in force; NULL: none */
	const char *note;        /* NULL: none */
};
/*
 * Says it of the message whose SHA-256 begins with prefix (8 digits or more). FAULT_USAGE when that
 * was not drawn, or the rule is not known; FAULT_DENIED for who may not decide about flags. A row
 * of the ledger in the same transaction.
 */
bool sample_set(
    struct view *view, const char *prefix, const struct sample_order *order, GError **error);

#endif
