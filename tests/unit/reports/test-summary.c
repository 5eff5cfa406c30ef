/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sample.h"

static struct report *
bad_day(void)
{
	struct report *report = sample_report();
	struct view_account *hq = sample_account(report, "hq", "imap");
	struct view_account *down = sample_account(report, "down", "imap");

	sample_folder(hq, "INBOX", 1204, 1);
	report->totals.flags[SEVERITY_HIGH] = 1;
	down->failing_since = SAMPLE_DAY;
	sample_set(&down->text, "connection refused by localhost:1\r\n" SAMPLE_HOSTILE);
	sample_gap(report, "part", "encrypted", "secret-plan.zip");
	sample_gap(report, "fetch", "over-limit", "7");
	sample_gap(report, "part", "broken", "b.zip");
	sample_gap(report, "part", "encrypted", "c.zip");
	sample_note(report, "uidvalidity-changed", "the folder Board/Merger was made anew");
	sample_note(report, "report-not-mailed", "the report was not mailed");
	struct view_note *own = g_ptr_array_index(report->notes, 1);
	sample_set(&own->account, "");
	return report;
}

static void
test_summary(void)
{
	static const struct {
		const char *label, *text;
		bool there;
	} cases[] = {
		{ "the verdict", "\n1 flag (1 high) in ", true },
		{ "the sum", "server 1,204 = kept 1,203 + failed 1\n", true },
		{ "what was not read, by kind and word", "  Part not read: 1 broken, 2 encrypted\n",
		    true },
		{ "what was not fetched", "  Message not fetched: 1 over-limit\n", true },
		{ "an account that fails, and since when",
		    "  Account down: failing since 2026-11-22 00:00: connection refused", true },
		{ "a note of the service", "  Note: the report was not mailed\n", true },
		{ "no name of a file", "secret-plan", false },
		{ "no name of a folder", "Merger", false },
		{ "no line of a server's making", "\nFrom:", false },
		{ "no control character of a server's", "\033", false },
	};
	g_autoptr(report) report = bad_day();
	g_autofree char *summary = report_summary(report);

	g_test_message("%s", summary);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_cmpint(strstr(summary, cases[i].text) != NULL, ==, cases[i].there);
	}
}

/* Nothing that stands in a flag may stand in the mail's own text or subject. */
static void
test_secrecy(void)
{
	g_autoptr(report) report = sample_report();

	sample_account(report, "hq", "imap");
	struct view_message *message =
	    sample_message("anna@falcon.example", "b@rival.example", "Project Falcon");
	struct view_flag *flag = sample_flag(report->flags, "competitor", SEVERITY_HIGH, message);
	sample_hit(flag->flag, COMPONENT_SUBJECT, "Project ", "Falcon", "");
	sample_part(flag, "1.2", "falcon.pdf");
	g_autofree char *summary = report_summary(report);
	g_autofree char *subject = report_subject(report);
	g_assert_null(strstr(summary, "alcon"));
	g_assert_null(strstr(subject, "alcon"));
	g_assert_true(g_str_has_prefix(subject, "Flag report, Sunday, 22 November 2026: "));
}

/* What the mail of a week, of a month and of some hours is called; days are those of the zone. */
static void
test_periods(void)
{
	static const struct {
		const char *label;
		gint64 from, to; /* hours from 22 November 2026, 00:00 UTC */
		const char *zone, *words;
	} cases[] = {
		{ "a day", 0, 24, "UTC", "Sunday, 22 November 2026" },
		{ "a day elsewhere", -1, 23, "Europe/Berlin", "Sunday, 22 November 2026" },
		{ "a week", -6 * 24, 24, "UTC", "16 to 22 November 2026" },
		{ "a week of two months", 8 * 24, 15 * 24, "UTC",
		    "30 November to 6 December 2026" },
		{ "a week of two years", 36 * 24, 43 * 24, "UTC",
		    "28 December 2026 to 3 January 2027" },
		{ "a month", -21 * 24, 9 * 24, "UTC", "November 2026" },
		{ "a month less a day", -21 * 24, 8 * 24, "UTC", "1 to 29 November 2026" },
		{ "a month in which the clock changed", -52 * 24 - 2, -21 * 24 - 1, "Europe/Berlin",
		    "October 2026" },
		{ "a year", -325 * 24, 40 * 24, "UTC", "1 January to 31 December 2026" },
		{ "some hours", 9, 11, "UTC", "2026-11-22 09:00 to 2026-11-22 11:00" },
		{ "a day of another zone is none here", 0, 24, "Europe/Berlin",
		    "2026-11-22 01:00 to 2026-11-23 01:00" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(report) report = bad_day();
		g_time_zone_unref(report->zone);
		report->zone = g_time_zone_new_identifier(cases[i].zone);
		report->from = SAMPLE_DAY + cases[i].from * SAMPLE_HOUR;
		report->to = SAMPLE_DAY + cases[i].to * SAMPLE_HOUR;
		g_autofree char *subject = report_subject(report);
		g_autofree char *summary = report_summary(report);
		g_autofree char *begin =
		    g_strdup_printf("Flag report, %s: 1 flag (1 high) in ", cases[i].words);
		g_autofree char *line = g_strdup_printf("\nFlag report, %s (", cases[i].words);
		g_test_message("%s", cases[i].label);
		if (!g_str_has_prefix(subject, begin))
			g_error("%s: %s", cases[i].label, subject);
		g_assert_nonnull(strstr(summary, line));
		g_assert_nonnull(strstr(summary, "  Part not read: 1 broken, 2 encrypted\n"));
	}
}

static void
test_quiet(void)
{
	g_autoptr(report) report = sample_report();

	sample_account(report, "hq", "imap");
	g_autofree char *summary = report_summary(report);
	g_assert_nonnull(strstr(summary, "Not checked:\n  Nothing.\n"));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/summary/bad-day", test_summary);
	g_test_add_func("/summary/secrecy", test_secrecy);
	g_test_add_func("/summary/quiet", test_quiet);
	g_test_add_func("/summary/periods", test_periods);
	return g_test_run();
}
