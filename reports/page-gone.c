/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-gone - deletion as evidence: flagged mail that was deleted, with the interval in which it
 * happened, and how much else went.
 */
#include "reports/html.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/wording.h"

static void
put_row(const struct report *report, const struct view_gone *row, GString *out)
{
	const struct view_message *message = row->message;
	g_autofree char *gone = wording_gone(row, report->zone);
	g_autofree char *digest = wording_digest(message->sha256);

	html_raw(out, "<tr><th scope=\"row\">");
	page_place(out, row->placement->account, row->placement->folder);
	html_raw(out, "</th><td>");
	html_address(out, message->from);
	html_raw(out, "<br><code>flagpost show ");
	html_text(out, digest);
	html_raw(out, "</code></td><td>");
	html_text(out, gone);
	html_raw(out, "</td><td>");
	html_text(out, message->has_copy ? "kept" : "not kept");
	html_raw(out, "</td></tr>\n");
}

/* The flagged ones stand first. */
static void
put_flagged(const struct report *report, GString *out)
{
	const struct view_gone *first =
	    report->gone->len > 0 ? g_ptr_array_index(report->gone, 0) : NULL;

	if (first == NULL || first->flagged == 0)
		return;
	html_raw(out,
	    "<div class=\"wide\" role=\"region\" tabindex=\"0\" "
	    "aria-label=\"Flagged messages that were deleted\">\n<table "
	    "class=\"gaps\">\n<thead><tr>"
	    "<th scope=\"col\">Where</th><th scope=\"col\">Message</th>"
	    "<th scope=\"col\">When</th><th scope=\"col\">Copy</th></tr></thead>\n<tbody>\n");
	for (guint i = 0; i < report->gone->len; i++) {
		const struct view_gone *row = g_ptr_array_index(report->gone, i);
		if (row->flagged != 0)
			put_row(report, row, out);
	}
	html_raw(out, "</tbody></table></div>\n");
}

void
page_gone(const struct report *report, GString *out)
{
	const struct view_totals *totals = &report->totals;

	if (totals->deleted + totals->unseen == 0)
		return;
	g_autofree char *sum = wording_deleted(totals);
	html_raw(out, "<section id=\"gone\">\n<h2>Gone</h2>\n<p>");
	html_text(out, sum);
	html_raw(out, ".</p>\n");
	put_flagged(report, out);
	html_raw(out,
	    "<p class=\"quiet\">A message counts as deleted when the server, asked a second time, "
	    "no "
	    "longer has it and it lies nowhere else in the account. The times are the last pass "
	    "that "
	    "knew it there and the first that did not. Numbers that a server gave out and no pass "
	    "saw "
	    "are most likely mail that came and went between two passes; a server may also skip "
	    "numbers.</p>\n</section>\n");
}
