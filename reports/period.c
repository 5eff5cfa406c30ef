/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Goes by whole days of the zone, which have 23 to 25 hours, and counts no seconds.
 */
#include "reports/period.h"

#include "base/clock.h"

/* A month may begin 31 days from now, and the hour of its first day be over. */
#define DAYS_MAX 64

bool
period_begins(enum period period, gint64 time, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
	gint64 from, to;

	clock_day(time, zone, &from, &to);
	if (local == NULL || from != time)
		return false;
	switch (period) {
	case PERIOD_WEEK:
		return g_date_time_get_day_of_week(local) == 1;
	case PERIOD_MONTH:
		return g_date_time_get_day_of_month(local) == 1;
	default:
		return true;
	}
}

void
period_of(enum period period, gint64 time, GTimeZone *zone, gint64 *from, gint64 *to)
{
	gint64 ignored;

	clock_day(time, zone, from, to);
	for (guint i = 0; i < DAYS_MAX && !period_begins(period, *from, zone); i++)
		clock_day(*from - 1, zone, from, &ignored);
	for (guint i = 0; i < DAYS_MAX && !period_begins(period, *to, zone); i++)
		clock_day(*to, zone, &ignored, to);
}

gint64
period_next(enum period period, gint64 now, gint minute, GTimeZone *zone)
{
	gint64 from, to;

	clock_day(now, zone, &from, &to);
	for (guint i = 0; i < DAYS_MAX; i++) {
		gint64 at = from + (gint64)minute * 60 * G_USEC_PER_SEC;
		if (at > now && period_begins(period, from, zone))
			return at;
		clock_day(to, zone, &from, &to);
	}
	return from;
}
