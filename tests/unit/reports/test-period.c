/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "reports/period.h"

static gint64
moment(const char *text, GTimeZone *zone)
{
	gint64 at;

	g_assert_true(clock_parse(text, zone, &at, NULL));
	return at;
}

static void
test_windows(void)
{
	static const struct {
		const char *label;
		enum period period;
		const char *at, *from, *to;
	} cases[] = {
		{ "a day", PERIOD_DAY, "2026-11-22T12:00", "2026-11-22", "2026-11-23" },
		{ "a Sunday belongs to the week that ends", PERIOD_WEEK, "2026-11-22T23:59",
		    "2026-11-16", "2026-11-23" },
		{ "a Monday begins one", PERIOD_WEEK, "2026-11-23", "2026-11-23", "2026-11-30" },
		{ "a week over the end of summer time", PERIOD_WEEK, "2026-10-25T12:00",
		    "2026-10-19", "2026-10-26" },
		{ "a month over the begin of summer time", PERIOD_MONTH, "2026-03-29T12:00",
		    "2026-03-01", "2026-04-01" },
		{ "a short month", PERIOD_MONTH, "2028-02-29", "2028-02-01", "2028-03-01" },
		{ "over a year's end", PERIOD_WEEK, "2027-01-01", "2026-12-28", "2027-01-04" },
	};
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		gint64 from, to;
		g_test_message("%s", cases[i].label);
		period_of(cases[i].period, moment(cases[i].at, zone), zone, &from, &to);
		g_assert_cmpint(from, ==, moment(cases[i].from, zone));
		g_assert_cmpint(to, ==, moment(cases[i].to, zone));
	}
}

static void
test_next(void)
{
	static const struct {
		const char *label;
		enum period period;
		const char *now, *next;
	} cases[] = {
		{ "today, before the hour", PERIOD_DAY, "2026-11-22T06:29", "2026-11-22T06:30" },
		{ "tomorrow, once it struck", PERIOD_DAY, "2026-11-22T06:30", "2026-11-23T06:30" },
		{ "on the next Monday", PERIOD_WEEK, "2026-11-22T12:00", "2026-11-23T06:30" },
		{ "a week later, once it struck", PERIOD_WEEK, "2026-11-23T06:30",
		    "2026-11-30T06:30" },
		{ "on the first", PERIOD_MONTH, "2026-11-22T12:00", "2026-12-01T06:30" },
		{ "on the first of the month after", PERIOD_MONTH, "2026-12-01T06:31",
		    "2027-01-01T06:30" },
	};
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		gint64 next =
		    period_next(cases[i].period, moment(cases[i].now, zone), 6 * 60 + 30, zone);
		g_assert_cmpint(next, ==, moment(cases[i].next, zone));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/period/windows", test_windows);
	g_test_add_func("/period/next", test_next);
	return g_test_run();
}
