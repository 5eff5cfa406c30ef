/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <string.h>

#include "base/fault.h"

#define SECOND ((gint64)G_USEC_PER_SEC)
#define HOUR   (3600 * SECOND)

static void
test_iso(void)
{
	static const struct {
		const char *label;
		gint64 time;
		const char *iso;
	} cases[] = {
		{ "the epoch", 0, "1970-01-01T00:00:00Z" },
		{ "fractions are cut, not rounded", 1999999, "1970-01-01T00:00:01Z" },
		{ "before the epoch they are cut towards the past", -1, "1969-12-31T23:59:59Z" },
		{ "a leap day", 1835395199 * SECOND, "2028-02-28T23:59:59Z" },
		{ "a date of mail that cannot be written", G_MAXINT64, "9999-12-31T23:59:59Z" },
		{ "one from before all calendars", G_MININT64, "0001-01-01T00:00:00Z" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *iso = clock_iso(cases[i].time);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(iso, ==, cases[i].iso);
	}
}

static void
test_local(void)
{
	g_autoptr(GTimeZone) berlin = g_time_zone_new_identifier("Europe/Berlin");
	g_autoptr(GTimeZone) east = g_time_zone_new_offset(14 * 3600);
	g_autofree char *winter = clock_local(1795424525 * SECOND, berlin);
	g_autofree char *utc = clock_local(1795424525 * SECOND, NULL);
	g_autofree char *last = clock_local(G_MAXINT64, east);

	g_assert_cmpstr(winter, ==, "2026-11-23 10:02");
	g_assert_cmpstr(utc, ==, "2026-11-23 09:02");
	g_test_message("a zone that leads out of the last year");
	g_assert_nonnull(last);
}

static void
test_parse(void)
{
	static const struct {
		const char *label, *text, *iso; /* NULL: refused */
	} cases[] = {
		{ "a day begins at the zone's midnight", "2026-11-22", "2026-11-21T23:00:00Z" },
		{ "a time of day in the zone", "2026-07-01T09:02", "2026-07-01T07:02:00Z" },
		{ "with seconds", "2026-11-22T09:02:05", "2026-11-22T08:02:05Z" },
		{ "in UTC", "2026-11-22T09:02:05Z", "2026-11-22T09:02:05Z" },
		{ "minutes ago", "30m", "2026-03-01T11:30:00Z" },
		{ "hours ago", "12h", "2026-03-01T00:00:00Z" },
		{ "days ago", "2d", "2026-02-27T12:00:00Z" },
		{ "no such day", "2026-02-29", NULL },
		{ "no such hour", "2026-02-28T25:00", NULL },
		{ "year 0", "0000-01-01", NULL },
		{ "a bare number: of what?", "30", NULL },
		{ "an unknown unit", "2w", NULL },
		{ "a distance beyond all time", "99999999d", NULL },
		{ "the future is not asked for", "-2d", NULL },
		{ "a cut text is not read past its end", "2026-1", NULL },
		{ "a time without minutes", "2026-11-22T09", NULL },
		{ "something behind", "2026-11-22T09:02Zx", NULL },
		{ "nothing", "", NULL },
	};
	g_autoptr(GTimeZone) berlin = g_time_zone_new_identifier("Europe/Berlin");

	g_assert_true(g_setenv("FLAGPOST_TEST_CLOCK", "2026-03-01T12:00:00Z", TRUE));
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		gint64 time = 77;
		g_test_message("%s: '%s'", cases[i].label, cases[i].text);
		bool is_time = clock_parse(cases[i].text, berlin, &time, &error);
		g_assert_cmpint(is_time, ==, cases[i].iso != NULL);
		if (is_time) {
			g_autofree char *iso = clock_iso(time);
			g_assert_cmpstr(iso, ==, cases[i].iso);
			continue;
		}
		g_assert_cmpint(time, ==, 77);
		g_assert_error(error, FAULT, FAULT_USAGE);
		g_assert_nonnull(strstr(error->message, "2026-11-22"));
	}
	g_unsetenv("FLAGPOST_TEST_CLOCK");
}

/* Evidence is dated by the system's clock and by nothing that whoever starts the program can set.
 */
static void
test_now(void)
{
	g_assert_true(g_setenv("FLAGPOST_TEST_CLOCK", "2026-03-01T12:00:00Z", TRUE));
	g_autofree char *fixed = clock_iso(clock_now());
	g_assert_cmpstr(fixed, ==, "2026-03-01T12:00:00Z");
	g_unsetenv("FLAGPOST_TEST_CLOCK");
	g_assert_true(g_setenv("FLAGPOST_CLOCK", "2026-03-01T12:00:00Z", TRUE));
	g_assert_cmpint(ABS(clock_now() - g_get_real_time()), <, 60 * SECOND);
	g_unsetenv("FLAGPOST_CLOCK");
}

static void
test_day(void)
{
	static const struct {
		const char *label, *zone, *text; /* text in UTC */
		gint64 hours;
	} cases[] = {
		{ "an ordinary day", "Europe/Berlin", "2026-11-22T09:02:05Z", 24 },
		{ "just after the zone's midnight", "Europe/Berlin", "2026-11-21T23:00:00Z", 24 },
		{ "the day that loses an hour", "Europe/Berlin", "2026-03-29T12:00:00Z", 23 },
		{ "the day that gains one", "Europe/Berlin", "2026-10-25T22:59:59Z", 25 },
		{ "a day without a midnight", "America/Sao_Paulo", "2018-11-04T12:00:00Z", 23 },
		{ "the day before it", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 24 },
		{ "the first hour of a day with two midnights", "Atlantic/Azores",
		    "2026-10-25T00:30:00Z", 25 },
		{ "its second hour", "Atlantic/Azores", "2026-10-25T01:30:00Z", 25 },
		{ "the day before it", "Atlantic/Azores", "2026-10-24T12:00:00Z", 24 },
		{ "UTC", NULL, "2026-11-22T23:59:59Z", 24 },
		{ "the last day", NULL, "9999-12-31T23:59:59Z", 24 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GTimeZone) zone =
		    cases[i].zone != NULL ? g_time_zone_new_identifier(cases[i].zone) : NULL;
		gint64 time = 0, from = 0, to = 0, before = 0, until = 0;

		g_test_message("%s", cases[i].label);
		g_assert_true(clock_parse(cases[i].text, NULL, &time, NULL));
		clock_day(time, zone, &from, &to);
		g_assert_cmpint(from, <=, time);
		g_assert_cmpint(time, <, to);
		g_assert_cmpint((to - from) / HOUR, ==, cases[i].hours);
		/* No instant is in two days or in none. */
		clock_day(from - 1, zone, &before, &until);
		g_assert_cmpint(until, ==, from);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_unsetenv("FLAGPOST_TEST_CLOCK");
	g_test_add_func("/clock/iso", test_iso);
	g_test_add_func("/clock/local", test_local);
	g_test_add_func("/clock/parse", test_parse);
	g_test_add_func("/clock/now", test_now);
	g_test_add_func("/clock/day", test_day);
	return g_test_run();
}
