/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/tally.h"
#include "reports/wording.h"

#include "sample.h"

/* What is the matter on that day; each case must change the sentence and hide nothing. */
enum day {
	DAY_QUIET,
	DAY_FLAGS,
	DAY_FAILING,
	DAY_FOLDER,
	DAY_UNSEEN,
	DAY_REMOVED,
	DAY_SUM,
	DAY_PARTS,
	DAY_PARTIAL,
};

static void
make_day(struct report *report, enum day day)
{
	struct view_account *account = sample_account(report, "hq", "imap");
	struct view_folder *folder = sample_folder(account, "INBOX", 1204, 0);

	report->totals.flags[SEVERITY_HIGH] = day == DAY_FLAGS;
	report->totals.flags[SEVERITY_LOW] = day == DAY_FLAGS ? 1200 : 0;
	account->failing_since = day == DAY_FAILING ? SAMPLE_DAY : 0;
	folder->failing = day == DAY_FOLDER;
	account->configured = day != DAY_REMOVED;
	if (day == DAY_UNSEEN || day == DAY_REMOVED)
		account->checked = SAMPLE_DAY - 1;
	if (day == DAY_SUM)
		folder->kept = 1200;
	if (day == DAY_PARTS) {
		sample_gap(report, "part", "encrypted", "a.zip");
		sample_gap(report, "part", "broken", "b.zip");
		sample_gap(report, "rule", "match limit", "r");
		sample_gap(report, "fetch", "over-limit", "7");
		sample_gap(report, "message", "crash", "");
	}
	report->totals.partial = day == DAY_PARTIAL;
}

static void
test_sentence(void)
{
	static const struct {
		const char *label;
		enum day day;
		const char *verdict;
		bool gaps;
	} cases[] = {
		{ "a quiet day says that all was checked", DAY_QUIET,
		    "no flags in 1,204 new messages; everything was checked", false },
		{ "the worst comes first", DAY_FLAGS,
		    "1,201 flags (1 high, 1,200 low) in 1,204 new messages; everything was checked",
		    false },
		{ "an account that fails", DAY_FAILING,
		    "no flags in 1,204 new messages; 1 account is failing", true },
		{ "a folder that fails", DAY_FOLDER,
		    "no flags in 1,204 new messages; 1 account is failing", true },
		{ "an account that nobody asked in the period", DAY_UNSEEN,
		    "no flags in 1,204 new messages; 1 account was not polled", true },
		{ "one that is no longer configured is no gap", DAY_REMOVED,
		    "no flags in 1,204 new messages; everything was checked", false },
		{ "a message that nobody can account for", DAY_SUM,
		    "no flags in 1,204 new messages; the completeness sum does not hold", true },
		{ "what was not read, by kind", DAY_PARTS,
		    "no flags in 1,204 new messages; 1 message was not fetched; 1 message could "
		    "not be "
		    "scanned; 2 parts were not read; 1 check gave up",
		    true },
		{ "a partial message never counts as checked", DAY_PARTIAL,
		    "no flags in 1,204 new messages; not everything was checked", true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(report) report = sample_report();
		g_test_message("%s", cases[i].label);
		make_day(report, cases[i].day);
		g_autofree char *verdict = report_verdict(report);
		g_assert_cmpstr(verdict, ==, cases[i].verdict);
		g_assert_true(report_has_gaps(report) == cases[i].gaps);
	}
}

/* The change since the day before stands in the sentence itself, as in each form of the report. */
static void
test_change(void)
{
	static const struct {
		const char *label;
		guint64 number, flags, before, days;
		const char *begins;
		gint64
		    first; /* hours into the window at which the first run began; 0: long before */
	} cases[] = {
		{ "the first day has none before it", 1, 2, 0, 1, "2 flags (2 low) in 1,204 new",
		    0 },
		{ "more", 9, 7, 3, 1, "7 flags (7 low), 4 more than the day before, in 1,204 new",
		    0 },
		{ "fewer", 9, 0, 1300, 1, "no flags, 1,300 fewer than the day before, in 1,204",
		    0 },
		{ "none twice", 9, 0, 0, 1, "no flags, as many as the day before, in 1,204 new",
		    0 },
		{ "a week", 9, 2, 1, 7, "2 flags (2 low), 1 more than the period before, in", 0 },
		{ "the first week, in the midst of which it began", 5, 2, 0, 7,
		    "2 flags (2 low) in 1,204 new", 48 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		static const char *const forms[] = { "html", "text", "json", NULL };
		g_autoptr(report) report = sample_report();
		g_test_message("%s", cases[i].label);
		report->number = cases[i].number;
		if (cases[i].first != 0)
			report->volume.first_run = report->from + cases[i].first * SAMPLE_HOUR;
		report->totals.flags[SEVERITY_LOW] = cases[i].flags;
		report->before.flags[SEVERITY_HIGH] = cases[i].before;
		report->to = report->from + (gint64)cases[i].days * 24 * SAMPLE_HOUR;
		g_autofree char *verdict = report_verdict(report);
		g_assert_true(g_str_has_prefix(verdict, cases[i].begins));
		for (gsize j = 0; forms[j] != NULL; j++) {
			GString *out = sample_render(report, forms[j]);
			g_assert_nonnull(strstr(out->str, cases[i].begins + 1));
			g_string_free(out, TRUE);
		}
	}
}

static void
test_sum(void)
{
	static const struct {
		const char *label;
		guint64 server, kept, failed, waiting;
		const char *sum;
	} cases[] = {
		{ "it holds", 1204, 1203, 1, 0, "server 1,204 = kept 1,203 + failed 1" },
		{ "an empty folder", 0, 0, 0, 0, "server 0 = kept 0 + failed 0" },
		{ "messages are missing", 10, 7, 1, 0,
		    "server 10 ≠ kept 7 + failed 1: 2 not accounted for" },
		{ "what waits for the next day is accounted for", 500, 200, 3, 297,
		    "server 500 = kept 200 + failed 3 + waiting 297" },
		{ "and yet some are missing", 500, 200, 3, 290,
		    "server 500 ≠ kept 200 + failed 3 + waiting 290: 7 not accounted for" },
		{ "more is kept than there is", 1, 3, 0, 0,
		    "server 1 ≠ kept 3 + failed 0: 2 more than is there" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *sum =
		    wording_sum(cases[i].server, cases[i].kept, cases[i].failed, cases[i].waiting);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(sum, ==, cases[i].sum);
	}
}

static void
test_period(void)
{
	g_autoptr(report) report = sample_report();
	g_autofree char *day = wording_period(report);

	g_assert_cmpstr(day, ==, "Sunday, 22 November 2026");
	report->to += SAMPLE_HOUR;
	g_autofree char *longer = wording_period(report);
	g_assert_cmpstr(longer, ==, "2026-11-22 00:00 to 2026-11-23 01:00");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/verdict/sentence", test_sentence);
	g_test_add_func("/verdict/change", test_change);
	g_test_add_func("/verdict/sum", test_sum);
	g_test_add_func("/verdict/period", test_period);
	return g_test_run();
}
