/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-tables - the back of the report: all flags in rows, and how to read it.
 */
#include <string.h>

#include "base/clock.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define ROWS_OPEN     20 /* longer tables start folded */
#define SUBJECT_CHARS 120

/* A row of an incident that has a card leads there. */
static void
put_row(const struct report *report, guint number, GHashTable *cards, GString *out)
{
	const struct view_flag *row = g_ptr_array_index(report->flags, number);
	const struct view_message *message = row->message;
	g_autofree char *anchor = g_strdup_printf("flag-%" G_GINT64_FORMAT, row->id);
	g_autofree char *name = incident_name(row->incident);
	guint more = message->to != NULL ? g_strv_length(message->to) : 0;

	html_raw(out, "<tr");
	html_attribute(out, "id", anchor);
	html_raw(out, "><th scope=\"row\">");
	html_text(out, anchor);
	html_raw(out, "</th><td>");
	if (g_hash_table_contains(cards, &row->incident)) {
		g_autofree char *link = g_strconcat("#", name, NULL);
		html_raw(out, "<a");
		html_attribute(out, "href", link);
		html_raw(out, ">");
		html_text(out, name);
		html_raw(out, "</a>");
	} else {
		html_text(out, name);
	}
	html_raw(out, "</td><td>");
	page_severity(out, row->flag->severity);
	html_raw(out, "</td><td>");
	page_state(out, row->state);
	html_raw(out, "</td><td>");
	html_text(out, row->flag->rule);
	html_raw(out, "</td><td>");
	html_address(out, message->from);
	html_raw(out, "</td><td>");
	html_address(out, more > 0 ? message->to[0] : "");
	if (more > 1) {
		html_raw(out, " +");
		html_number(out, more - 1);
	}
	html_raw(out, "</td><td>");
	html_short(out, report_subject_at(report, number), SUBJECT_CHARS);
	html_raw(out, "</td><td>");
	html_time(out, message->seen, report->zone);
	html_raw(out, "</td></tr>\n");
}

void
page_table(const struct report *report, GString *out)
{
	guint64 all = report->totals.flags[0] + report->totals.flags[1] + report->totals.flags[2];
	g_autoptr(GHashTable) cards = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (guint i = 0; i < report->incidents->len; i++) {
		struct incident *incident = g_ptr_array_index(report->incidents, i);
		if (page_has_card(report, i))
			g_hash_table_add(cards, &incident->id);
	}
	html_raw(out, "<section id=\"all-flags\">\n<h2>All flags in rows</h2>\n");
	if (report->flags->len == 0) {
		html_raw(out, "<p class=\"empty\">None.</p>\n</section>\n");
		return;
	}
	page_fold_begin(out, report->flags->len, ROWS_OPEN);
	html_raw(out, "<summary>");
	html_count(out, report->flags->len, "flag", "flags");
	html_raw(out, "</summary>\n");
	if (report->flags->len < all) {
		html_raw(out, "<p class=\"note\">These are the most severe of ");
		html_number(out, all);
		html_raw(out, "; the CSV file has all.</p>\n");
	}
	page_table_begin(out, "rows sorted", "All flags",
	    "Flag|Incident|Severity|State|Rule|From|To|Subject|Seen");
	for (guint i = 0; i < report->flags->len; i++)
		put_row(report, i, cards, out);
	page_table_end(out);
	page_fold_end(out, report->flags->len, "; the CSV file has them");
	html_raw(out, "</section>\n");
}

void
page_reading(const struct report *report, GString *out)
{
	html_raw(out,
	    "<section id=\"reading\" class=\"reading\">\n<h2>How to read this report</h2>\n"
	    "<p>A message counts in the period in which Flagpost first saw it, whatever its own "
	    "date says. <b>Not checked</b> comes before the flags on purpose: a report without "
	    "flags says little when much went unread.</p>\n"
	    "<p>In each card the match is <mark>marked</mark>");
	html_choose(out, report->clear, " and shown in clear.",
	    " and masked: the first and the last characters stay where there are enough, "
	    "the rest are stars.");
	html_raw(out,
	    " The domains of addresses are in <b>bold</b>. Codes such as <code>\\u{202E}</code> "
	    "stand for characters that cannot be seen or that turn the direction of writing; they "
	    "were in the mail. Domains that are not our own are <span class=\"out\"><b>marked</b>"
	    "</span>.</p>\n"
	    "<p>An <b>incident</b> is one leak, however often it was found: the same mail in Sent "
	    "and in five inboxes, or nearly the same mail sent again. It stays on this page until "
	    "it is decided, as false-positive or as resolved, by <code>flagpost review</code>. "
	    "What "
	    "was decided holds for the same mail wherever it is found again.</p>\n"
	    "<p><code>flagpost show</code> with the digits of a card shows the message; "
	    "<code>flagpost explain</code> says why each rule did or did not flag it. The SHA-256 "
	    "is that of the exact bytes that the server sent, which is also the name of the "
	    "kept copy.</p>\n");
	if (report->data_dir[0] != '\0') {
		html_raw(out, "<p>Copies lie in <code>");
		html_text(out, report->data_dir);
		html_raw(out, "/copies</code>, reports in <code>");
		html_text(out, report->data_dir);
		html_raw(out, "/reports</code>.</p>\n");
	}
	html_raw(out, "<p class=\"quiet\">Made by Flagpost " FLAGPOST_VERSION
		      ". This page holds personal data; pass it on only to those who may read "
		      "it.</p>\n</section>\n");
}
