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
	return g_test_run();
}
