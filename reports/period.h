/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_PERIOD_H
#define FLAGPOST_REPORTS_PERIOD_H
/*
 * period - days, weeks (from Monday) and months in a zone, as windows [from, to) of UTC.
 */
#include <glib.h>
#include <stdbool.h>

enum period { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH };

/* The one that contains time. */
void period_of(enum period period, gint64 time, GTimeZone *zone, gint64 *from, gint64 *to);
/* True when one of them begins just then. */
bool period_begins(enum period period, gint64 time, GTimeZone *zone);
/* When the clock shows so many minutes after midnight next, on the first day of a period. */
gint64 period_next(enum period period, gint64 now, gint minute, GTimeZone *zone);

#endif
