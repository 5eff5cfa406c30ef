/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/when.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"

/* It is Sunday, 22 November 2026, 09:02:05 UTC; in Berlin an hour later. */
static const struct {
	const char *label, *text, *from, *to;
} times[] = {
	{ "a day", "2026-05-30", "2026-05-29T22:00:00Z", "2026-05-30T22:00:00Z" },
	{ "a day with slashes, year first", "2026/05/30", "2026-05-29T22:00:00Z",
	    "2026-05-30T22:00:00Z" },
	{ "a day with dots", "30.5.2026", "2026-05-29T22:00:00Z", "2026-05-30T22:00:00Z" },
	{ "the day first, since there is no month 30", "30/5/2026", "2026-05-29T22:00:00Z",
	    "2026-05-30T22:00:00Z" },
	{ "the month first", "5/30/2026", "2026-05-29T22:00:00Z", "2026-05-30T22:00:00Z" },
	{ "both are the same day", "5/5/2026", "2026-05-04T22:00:00Z", "2026-05-05T22:00:00Z" },
	{ "a month's name", "May 30", "2026-05-29T22:00:00Z", "2026-05-30T22:00:00Z" },
	{ "and the day first", "30 may 2025", "2025-05-29T22:00:00Z", "2025-05-30T22:00:00Z" },
	{ "a comma", "May 30, 2025", "2025-05-29T22:00:00Z", "2025-05-30T22:00:00Z" },
	{ "an ordinal", "June 30th 2005", "2005-06-29T22:00:00Z", "2005-06-30T22:00:00Z" },
	{ "without a year it has begun", "Dec 24", "2025-12-23T23:00:00Z", "2025-12-24T23:00:00Z" },
	{ "dots without a year", "24.12.", "2025-12-23T23:00:00Z", "2025-12-24T23:00:00Z" },
	{ "a day that is not in every year", "Feb 29", "2024-02-28T23:00:00Z",
	    "2024-02-29T23:00:00Z" },
	{ "a month", "2026-05", "2026-04-30T22:00:00Z", "2026-05-31T22:00:00Z" },
	{ "a month by its name", "October 2026", "2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z" },
	{ "a year", "2025", "2024-12-31T23:00:00Z", "2025-12-31T23:00:00Z" },
	{ "the day on which summer time ends has 25 hours", "2026-10-25", "2026-10-24T22:00:00Z",
	    "2026-10-25T23:00:00Z" },
	{ "today", "today", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z" },
	{ "yesterday", "Yesterday", "2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z" },
	{ "a weekday", "friday", "2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z" },
	{ "a weekday that is today", "Sun", "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z" },
	{ "a minute", "2026-05-30T09:02", "2026-05-30T07:02:00Z", "2026-05-30T07:03:00Z" },
	{ "a second in UTC", "2026-05-30t09:02:05z", "2026-05-30T09:02:05Z",
	    "2026-05-30T09:02:06Z" },
	{ "days back", "7d", "2026-11-15T09:02:05Z", "2026-11-22T09:02:05Z" },
	{ "weeks back", "2w", "2026-11-08T09:02:05Z", "2026-11-22T09:02:05Z" },
};

static void
test_times(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Europe/Berlin");

	for (gsize i = 0; i < G_N_ELEMENTS(times); i++) {
		g_autoptr(GError) error = NULL;
		gint64 from = 0, to = 0;
		g_test_message("%s: %s", times[i].label, times[i].text);
		when_parse(times[i].text, zone, &from, &to, &error);
		g_assert_no_error(error);
		g_autofree char *begin = clock_iso(from), *end = clock_iso(to);
		g_assert_cmpstr(begin, ==, times[i].from);
		g_assert_cmpstr(end, ==, times[i].to);
	}
}

/* At one in the morning of that Sunday it is midnight once more. */
static const struct {
	const char *label, *text, *from, *to;
} twice[] = {
	{ "a day with two midnights", "2026-10-25", "2026-10-25T00:00:00Z",
	    "2026-10-26T01:00:00Z" },
	{ "the day before it", "2026-10-24", "2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z" },
	{ "its month", "2026-10", "2026-10-01T00:00:00Z", "2026-11-01T01:00:00Z" },
};

static void
test_twice(void)
{
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier("Atlantic/Azores");

	for (gsize i = 0; i < G_N_ELEMENTS(twice); i++) {
		g_autoptr(GError) error = NULL;
		gint64 from = 0, to = 0;
		g_test_message("%s: %s", twice[i].label, twice[i].text);
		when_parse(twice[i].text, zone, &from, &to, &error);
		g_assert_no_error(error);
		g_autofree char *begin = clock_iso(from), *end = clock_iso(to);
		g_assert_cmpstr(begin, ==, twice[i].from);
		g_assert_cmpstr(end, ==, twice[i].to);
	}
}

static const struct {
	const char *label, *text, *says;
} wrong[] = {
	{ "two days in one", "5/6/2026", "may be two days" },
	{ "a year of two digits", "5/30/26", "may be two days" },
	{ "a day that is none", "2026-02-30", "not a time" },
	{ "a month that is none", "2026-13", "not a time" },
	{ "a month 0", "2026-00", "not a time" },
	{ "a word", "soon", "not a time" },
	{ "two months", "May June", "not a time" },
	{ "nothing", "", "not a time" },
	{ "more than a time can be", "2026-05-30 2026-05-30 2026-05-30 2026-05-30 2026", "not a" },
	{ "no text", "\xff", "not a time" },
};

static void
test_wrong(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autoptr(GError) error = NULL;
		gint64 from, to;
		g_test_message("%s", wrong[i].label);
		g_assert_false(when_parse(wrong[i].text, NULL, &from, &to, &error));
		g_assert_error(error, FAULT, FAULT_USAGE);
		g_assert_nonnull(strstr(error->message, wrong[i].says));
	}
}

int
main(int argc, char **argv)
{
	g_setenv("FLAGPOST_TEST_CLOCK", "2026-11-22T09:02:05Z", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/when/times", test_times);
	g_test_add_func("/when/twice", test_twice);
	g_test_add_func("/when/wrong", test_wrong);
	return g_test_run();
}
