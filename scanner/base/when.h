/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_WHEN_H
#define FLAGPOST_BASE_WHEN_H
/*
 * when - times as people write them, each as the stretch of time that it names.
 *
 *	2026-05-30  2026/05/30  30.5.2026
 *	30/5/2026, 5/30/2026          where only one of the two can be a day
 *	May 30, 30 May, May 30 2026   without a year: the last one that has begun
 *	2026-05  May 2026  2026       a month, a year
 *	today yesterday  monday       the last one that has begun
 *	2026-05-30T09:02[:05][Z]      a minute, a second
 *	30m 12h 2d 3w                 from so long ago until now
 */
#include <glib.h>
#include <stdbool.h>

/* Days are days of zone. False after a FAULT_USAGE that shows the forms, or says what is unclear.
 */
bool when_parse(const char *text, GTimeZone *zone, gint64 *from, gint64 *to, GError **error);

#endif
