/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_CLOCK_H
#define FLAGPOST_BASE_CLOCK_H
/*
 * clock - the time, and its forms. Times are microseconds since 1970 in UTC, in a gint64.
 *
 * Waiting uses g_get_monotonic_time; only records and windows use the wall clock.
 */
#include <glib.h>
#include <stdbool.h>

gint64 clock_now(void);

/* "2026-11-22T09:02:05Z" (second precision). Never NULL: years are clamped to 0001-9999. */
char *clock_iso(gint64 time);
/* The same instant in a zone: "2026-11-22 10:02" ; zone NULL means UTC. */
char *clock_local(gint64 time, GTimeZone *zone);

/*
 * Reads "2026-11-22" (midnight in zone), "2026-11-22T09:02[:05][Z]", or a distance into the
 * past such as "30m", "12h", "2d". False after a FAULT_USAGE that shows the forms.
 */
bool clock_parse(const char *text, GTimeZone *zone, gint64 *out, GError **error);

/* How that day begins in zone (NULL: UTC): its first instant, also where it has no midnight, or
 * two. NULL: there is no such day. */
GDateTime *clock_midnight(GTimeZone *zone, int year, int month, int day);

/* The day [*from, *to) in zone that contains time. */
void clock_day(gint64 time, GTimeZone *zone, gint64 *from, gint64 *to);

#endif
