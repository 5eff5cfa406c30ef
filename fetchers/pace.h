/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_PACE_H
#define FLAGPOST_FETCHERS_PACE_H
/*
 * pace - so many commands a minute to one account's server. A minute's commands may go at once
 * after a quiet minute; then one goes whenever its share of the minute is over. Times are
 * monotonic microseconds.
 */
#include <glib.h>
#include <stdbool.h>

struct pace {
	gint64 share; /* of a minute: what one command takes */
	gint64 free;  /* time that is not taken; a minute at most, below 0 after pace_charge */
	gint64 at;    /* when free was reckoned */
};

void pace_init(struct pace *pace, guint64 a_minute, gint64 now);
bool pace_take(struct pace *pace, gint64 now);         /* true: one command may go */
void pace_charge(struct pace *pace, guint commands);   /* that went without being asked about */
gint64 pace_next(const struct pace *pace, gint64 now); /* when the next one may go */

#endif
