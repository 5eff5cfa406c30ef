/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-sample - mail without a flag that was drawn for people to look at, and what they made of it:
 * how much the rules miss. People and digests alone: nobody has found anything in this mail.
 */
#include "base/text.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/wording.h"

static void
put_row(const struct report *report, const struct drawn *row, GString *out)
{
	const struct view_message *message = row->message;
	g_autofree char *digest = wording_digest(message->sha256);
	guint to = g_strv_length(message->to);

	html_raw(out, "<tr><th scope=\"row\"><code>");
	html_text(out, digest);
	html_raw(out, "</code></th><td>");
	html_time(out, message->seen, report->zone);
	html_raw(out, "</td><td>");
	html_text(out, direction_words[message->direction]);
	html_raw(out, "</td><td>");
	page_address(report, message->from, out);
	html_raw(out, "</td><td>");
	if (to > 0)
		page_address(report, message->to[0], out);
	else
		html_raw(out, "nobody");
	if (to > 1) {
		html_raw(out, " and ");
		html_number(out, to - 1);
		html_raw(out, " more");
	}
	html_raw(out, "</td></tr>\n");
}

static void
put_open(const struct report *report, GString *out)
{
	page_fold_begin(out, report->sample->len, 12);
	html_raw(out, "<summary>Nobody has looked at these: the oldest ");
	html_number(out, report->sample->len);
	html_raw(out, "</summary>\n");
	page_table_begin(out, "rows", "Mail of the random sample that nobody has looked at",
	    "Message|Seen|Direction|From|To");
	for (guint i = 0; i < report->sample->len; i++)
		put_row(report, g_ptr_array_index(report->sample, i), out);
	page_table_end(out);
	html_raw(out, "<p><code>flagpost review --sample</code></p>\n");
	page_fold_end(out, report->sample->len, "");
}

void
page_sample(const struct report *report, GString *out)
{
	if (report->drawn.first == 0)
		return;
	g_autofree char *day = wording_drawn(&report->drawn);
	g_autofree char *estimate = wording_missed(&report->drawn_month);
	html_raw(out, "<section id=\"sample\">\n<h2>Random sample</h2>\n<p>In this period ");
	html_text(out, day);
	html_raw(out, ".</p>\n<p>Over thirty days ");
	html_text(out, estimate);
	html_raw(out, ".</p>\n");
	if (report->drawn.cut > 0) {
		html_raw(out, "<p class=\"note\">");
		html_count(out, report->drawn.cut, "more message was drawn and let go",
		    "more messages were drawn and let go");
		html_raw(out, ": the day's limit was reached ([review] at_most).</p>\n");
	}
	if (report->sample != NULL && report->sample->len > 0)
		put_open(report, out);
	html_raw(out, "</section>\n");
}
