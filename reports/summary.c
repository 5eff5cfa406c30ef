/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary - what may stand in a mail about a report: counts and names of our own. No excerpt, no
 * subject, no address and no file name: mail passes through more hands than a report does.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "reports/report.h"
#include "reports/tally.h"
#include "reports/watch.h"
#include "reports/wording.h"

#define TEXT_CHARS 300 /* of what a server said */

char *
report_subject(const struct report *report)
{
	g_autofree char *period = wording_period(report);
	g_autofree char *verdict = report_verdict(report);

	return g_strdup_printf("Flag report, %s: %s", period, verdict);
}

static gint
compare_gaps(gconstpointer a, gconstpointer b)
{
	const struct view_gap_sum *left = *(struct view_gap_sum *const *)a;
	const struct view_gap_sum *right = *(struct view_gap_sum *const *)b;
	int by_kind = strcmp(left->kind, right->kind);

	return by_kind != 0 ? by_kind : strcmp(left->word, right->word);
}

/* "  Part not read: 12 encrypted, 1 over-limit" */
static void
put_gaps(GString *out, const struct report *report)
{
	g_autoptr(GPtrArray) gaps = g_ptr_array_new();
	const char *kind = "";

	for (guint i = 0; i < report->gap_sums->len; i++)
		g_ptr_array_add(gaps, g_ptr_array_index(report->gap_sums, i));
	g_ptr_array_sort(gaps, compare_gaps);
	for (guint i = 0; i < gaps->len; i++) {
		const struct view_gap_sum *gap = g_ptr_array_index(gaps, i);
		g_autofree char *count = text_count(gap->count);
		if (strcmp(kind, gap->kind) != 0)
			g_string_append_printf(
			    out, "%s  %s: ", *kind != '\0' ? "\n" : "", wording_kind(gap->kind));
		else
			g_string_append(out, ", ");
		g_string_append_printf(out, "%s %s", count, gap->word);
		kind = gap->kind;
	}
	g_string_append(out, *kind != '\0' ? "\n" : "");
}

/* "  Account down: failing since 2026-11-22 06:00: connection refused" */
static void
put_accounts(GString *out, const struct report *report)
{
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		const char *state = tally_state(account, report->from);
		g_autofree char *text = text_printable(account->text, TEXT_CHARS);
		if (!account->configured || strcmp(state, "ok") == 0)
			continue;
		g_string_append_printf(out, "  Account %s: %s", account->name, state);
		if (account->failing_since != 0) {
			g_autofree char *since = clock_local(account->failing_since, report->zone);
			g_string_append_printf(out, " since %s", since);
		}
		g_string_append_printf(out, "%s%s\n", *text != '\0' ? ": " : "", text);
	}
}

static void
put_alarms(GString *out, const struct report *report)
{
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		g_autoptr(GPtrArray) lines = watch_lines(account, report->zone, report->made);
		for (guint n = 0; n < lines->len; n++) {
			const struct watch_line *line = g_ptr_array_index(lines, n);
			g_autofree char *text = text_printable(line->text, TEXT_CHARS);
			if (line->bad)
				g_string_append_printf(
				    out, "  Account %s: %s\n", account->name, text);
		}
	}
}

/* Of the service itself; those of passes name folders. */
static void
put_notes(GString *out, const struct report *report)
{
	for (guint i = 0; i < report->notes->len; i++) {
		const struct view_note *note = g_ptr_array_index(report->notes, i);
		g_autofree char *text = text_printable(note->text, TEXT_CHARS);
		if (note->account[0] == '\0')
			g_string_append_printf(out, "  Note: %s\n", text);
	}
}

char *
report_summary(const struct report *report)
{
	GString *out = g_string_new(NULL);
	g_autofree char *period = wording_period(report);
	g_autofree char *verdict = report_verdict(report);
	struct tally tally;

	tally_report(report, &tally);
	g_autofree char *sum = wording_sum(tally.server, tally.kept, tally.failed, tally.waiting);
	if (report->organisation[0] != '\0')
		g_string_append_printf(out, "%s\n", report->organisation);
	g_string_append_printf(out, "Flag report, %s (%s)\n\n%s\n\n%s\n\nNot checked:\n", period,
	    report->zone_name, verdict, sum);
	gsize before = out->len;
	put_gaps(out, report);
	put_accounts(out, report);
	put_alarms(out, report);
	if (out->len == before)
		g_string_append(
		    out, report_has_gaps(report) ? "  See the report.\n" : "  Nothing.\n");
	put_notes(out, report);
	if (report->drawn.first != 0) {
		g_autofree char *drawn = wording_drawn(&report->drawn);
		g_string_append_printf(out, "\nRandom sample: %s.\n", drawn);
	}
	return g_string_free(out, FALSE);
}
