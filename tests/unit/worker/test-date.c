/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-date - dates as programs write them, and what is no date; GMime says the same of most. */
#include <gmime/gmime.h>
#include <string.h>

#include "mail/message.h"
#include "worker/date.h"

static const struct {
	const char *label, *raw;
	const char *utc; /* ISO 8601; NULL: no date */
	bool gmime_errs; /* what GMime makes of it is another */
} rows[] = {
	{ "by the book", "Sun, 22 Nov 2026 09:02:05 +0100", "2026-11-22T08:02:05Z", false },
	{ "no weekday, no seconds", "22 Nov 2026 09:02 -0330", "2026-11-22T12:32:00Z", false },
	{ "folded, with a comment", "Sun, 22 Nov 2026\r\n 09:02:05 +0000 (Greenwich (old))",
	    "2026-11-22T09:02:05Z", false },
	{ "a comment in the middle", "22 (the day) Nov 2026 09:02:05 +0000", "2026-11-22T09:02:05Z",
	    true },
	{ "one digit", "Tue, 3 Mar 2026 09:02:05 GMT", "2026-03-03T09:02:05Z", false },
	{ "zone by name", "Tue, 3 Mar 2026 09:02:05 PDT", "2026-03-03T16:02:05Z", false },
	{ "zone that nobody knows", "Tue, 3 Mar 2026 09:02:05 XYZ", "2026-03-03T09:02:05Z", false },
	{ "no zone", "Tue, 3 Mar 2026 09:02:05", "2026-03-03T09:02:05Z", false },
	{ "years of two digits", "1 Jan 49 00:00:00 +0000", "2049-01-01T00:00:00Z", true },
	{ "years of two digits, before", "1 Jan 97 00:00:00 +0000", "1997-01-01T00:00:00Z", false },
	{ "years of three digits", "1 Jan 102 00:00:00 +0000", "2002-01-01T00:00:00Z", true },
	{ "as asctime writes it", "Sun Nov 22 09:02:05 2026", "2026-11-22T09:02:05Z", false },
	{ "with dashes", "22-Nov-2026 09:02:05 +0000", "2026-11-22T09:02:05Z", true },
	{ "month in full", "22 November 2026 09:02:05 +0000", "2026-11-22T09:02:05Z", false },
	{ "a zone without a blank", "1 Jan 2001 00:01+0100", "2000-12-31T23:01:00Z", true },
	{ "an afternoon", "May 8, 2005 1:17 PM", "2005-05-08T13:17:00Z", true },
	{ "midnight", "8 May 2005 12:17 AM", "2005-05-08T00:17:00Z", true },
	{ "a fraction", "17 Jul 2012 22:23:35.882 +0000", "2012-07-17T22:23:35Z", true },
	{ "ISO 8601", " 2017-11-09T08:30:47+01:00", "2017-11-09T07:30:47Z", true },
	{ "minutes that are none", "7 Apr 2026 10:00:t", "2026-04-07T00:00:00Z", true },
	{ "a leap second", "31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59Z", true },
	{ "a day that is none", "31 Feb 2026 09:02:05 +0000", NULL, true },
	{ "an hour that is none", "22 Nov 2026 24:02:05 +0000", "2026-11-22T00:00:00Z", true },
	{ "words", "yesterday", NULL, false },
	{ "nothing", "", NULL, false },
	{ "parentheses without end", "((((((", NULL, false },
	{ "a number of many digits", "22 Nov 99999999999999999999 09:02:05 +0000", NULL, true },
	{ "a month alone", "Nov", NULL, false },
};

static void
test_rows(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		gint64 got = date_parse(rows[i].raw);
		g_autoptr(GDateTime) date =
		    got != MESSAGE_NO_DATE ? g_date_time_new_from_unix_utc(got / G_USEC_PER_SEC)
					   : NULL;
		g_autofree char *utc = date != NULL ? g_date_time_format_iso8601(date) : NULL;
		g_test_message("%s: %s", rows[i].label, rows[i].raw);
		g_assert_cmpstr(utc, ==, rows[i].utc);
		if (rows[i].gmime_errs)
			continue;
		g_autoptr(GDateTime) other = g_mime_utils_header_decode_date(rows[i].raw);
		g_assert_true((other != NULL) == (date != NULL));
		if (other != NULL)
			g_assert_cmpint(g_date_time_to_unix(other), ==, got / G_USEC_PER_SEC);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_mime_init();
	g_test_add_func("/worker/date", test_rows);
	return g_test_run();
}
