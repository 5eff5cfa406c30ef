/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <string.h>

#include "base/fault.h"

#define FORMS "write 2026-11-22, 2026-11-22T09:02 or a distance such as 30m, 12h, 2d"

/* 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in seconds. */
#define FIRST_SECOND G_GINT64_CONSTANT(-62135596800)
#define LAST_SECOND  G_GINT64_CONSTANT(253402300799)

gint64
clock_now(void)
{
	return g_get_real_time();
}

/* Rounds towards the past, also before 1970. */
static gint64
seconds_of(gint64 time)
{
	gint64 seconds = time / G_USEC_PER_SEC - (time % G_USEC_PER_SEC < 0 ? 1 : 0);

	return CLAMP(seconds, FIRST_SECOND, LAST_SECOND);
}

/* In zone; in UTC where the zone leads out of the years that can be written. */
static GDateTime *
date_time(gint64 time, GTimeZone *zone)
{
	GDateTime *utc = g_date_time_new_from_unix_utc(seconds_of(time));
	GDateTime *local = zone != NULL ? g_date_time_to_timezone(utc, zone) : NULL;

	if (local == NULL)
		return utc;
	g_date_time_unref(utc);
	return local;
}

char *
clock_iso(gint64 time)
{
	g_autoptr(GDateTime) at = date_time(time, NULL);

	return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02dZ", g_date_time_get_year(at),
	    g_date_time_get_month(at), g_date_time_get_day_of_month(at), g_date_time_get_hour(at),
	    g_date_time_get_minute(at), g_date_time_get_second(at));
}

char *
clock_local(gint64 time, GTimeZone *zone)
{
	g_autoptr(GDateTime) at = date_time(time, zone);

	return g_strdup_printf("%04d-%02d-%02d %02d:%02d", g_date_time_get_year(at),
	    g_date_time_get_month(at), g_date_time_get_day_of_month(at), g_date_time_get_hour(at),
	    g_date_time_get_minute(at));
}

/* True when text looks like form, where '0' stands for a digit, up to form's end. */
static bool
has_form(const char *text, const char *form)
{
	for (; *form != '\0'; form++, text++) {
		if (*form == '0' ? !g_ascii_isdigit(*text) : *text != *form)
			return false;
	}
	return true;
}

/* Where the clock goes back to midnight or over it, GLib gives the second one, and the day would
 * lack what lies between. */
GDateTime *
clock_midnight(GTimeZone *zone, int year, int month, int day)
{
	static const int back[] = { 1800, 3600, 7200 }; /* seconds by which clocks are set */
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	GDateTime *at = g_date_time_new(zone != NULL ? zone : utc, year, month, day, 0, 0, 0);

	for (gsize i = 0; at != NULL && i < G_N_ELEMENTS(back); i++) {
		g_autoptr(GDateTime) first = g_date_time_add_seconds(at, -back[i]);
		if (first == NULL || g_date_time_get_day_of_month(first) != day ||
		    g_date_time_get_hour(first) != 0 || g_date_time_get_minute(first) != 0)
			continue;
		g_date_time_unref(at);
		return g_steal_pointer(&first);
	}
	return at;
}

static int
two_digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

/* A day, or a day and a time of day; in zone unless it ends in Z. */
static bool
parse_instant(const char *text, GTimeZone *zone, gint64 *out)
{
	int hour = 0, minute = 0, second = 0;
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	const char *rest = text + 10;

	if (!has_form(text, "0000-00-00"))
		return false;
	if (has_form(rest, "T00:00")) {
		hour = two_digits(rest + 1);
		minute = two_digits(rest + 4);
		rest += 6;
		if (has_form(rest, ":00")) {
			second = two_digits(rest + 1);
			rest += 3;
		}
		if (*rest == 'Z') {
			zone = utc;
			rest++;
		}
	}
	if (*rest != '\0')
		return false;
	int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5);
	int day = two_digits(text + 8);
	g_autoptr(GDateTime) at = text[10] == '\0' ? clock_midnight(zone, year, month, day)
						   : g_date_time_new(zone != NULL ? zone : utc,
							 year, month, day, hour, minute, second);
	if (at == NULL)
		return false;
	*out = g_date_time_to_unix(at) * G_USEC_PER_SEC;
	return true;
}

static bool
parse_distance(const char *text, gint64 *out)
{
	static const struct {
		char letter;
		gint64 seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	gint64 number = 0;

	if (!g_ascii_isdigit(*text))
		return false;
	/* Seven digits of days reach past the year 1 and cannot overflow. */
	for (guint i = 0; g_ascii_isdigit(*text); text++, i++) {
		if (i == 7)
			return false;
		number = number * 10 + g_ascii_digit_value(*text);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		if (text[0] == units[i].letter && text[1] == '\0') {
			*out = clock_now() - number * units[i].seconds * G_USEC_PER_SEC;
			return true;
		}
	}
	return false;
}

bool
clock_parse(const char *text, GTimeZone *zone, gint64 *out, GError **error)
{
	if (parse_instant(text, zone, out) || parse_distance(text, out))
		return true;
	g_set_error(error, FAULT, FAULT_USAGE, "'%s' is not a time: " FORMS, text);
	return false;
}

void
clock_day(gint64 time, GTimeZone *zone, gint64 *from, gint64 *to)
{
	g_autoptr(GDateTime) at = date_time(time, zone);
	int year = g_date_time_get_year(at), month = g_date_time_get_month(at);

	/* The next day is asked for by its date: with summer time a day has 23 or 25 hours. */
	g_autoptr(GDateTime) start =
	    clock_midnight(zone, year, month, g_date_time_get_day_of_month(at));
	*from = g_date_time_to_unix(start) * G_USEC_PER_SEC;
	*to = *from + G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC;
	g_autoptr(GDateTime) noon = g_date_time_add_hours(start, 36);
	/* There is none after the last day that can be written. */
	if (noon == NULL)
		return;
	g_autoptr(GDateTime) next = clock_midnight(zone, g_date_time_get_year(noon),
	    g_date_time_get_month(noon), g_date_time_get_day_of_month(noon));
	*to = g_date_time_to_unix(next) * G_USEC_PER_SEC;
}
