/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-open - what was flagged before this period and is still undecided, the oldest first.
 */
#include "reports/html.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define ROWS_OPEN 12 /* longer lists start folded */
#define DAY       (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

static void
put_ages(const struct view_open *ages, GString *out)
{
	static const char *const names[] = { "up to a day", "up to a week", "up to 30 days",
		"older" };

	page_table_begin(out, "ages", "Open incidents by age", "Age|>High|>Medium|>Low|>All");
	for (guint i = 0; i < VIEW_AGES; i++) {
		guint64 sum = 0;
		html_raw(out, "<tr><th scope=\"row\">");
		html_text(out, names[i]);
		html_raw(out, "</th>");
		for (int j = SEVERITY_HIGH; j >= SEVERITY_LOW; j--) {
			html_raw(out, "<td class=\"num\">");
			html_number(out, ages->incidents[i][j]);
			html_raw(out, "</td>");
			sum += ages->incidents[i][j];
		}
		html_raw(out, "<td class=\"num\"><b>");
		html_number(out, sum);
		html_raw(out, "</b></td></tr>\n");
	}
	page_table_end(out);
}

static void
put_row(const struct report *report, const struct view_flag *row, GString *out)
{
	g_autofree char *name = incident_name(row->incident);
	g_autofree char *subject =
	    quote_subject(row->flag, row->message->subject, report_mask(report));
	gint64 days = (report->made - row->seen) / DAY;

	html_raw(out, "<tr><th scope=\"row\"><code>");
	html_text(out, name);
	html_raw(out, "</code></th><td class=\"num\">");
	html_number(out, days > 0 ? (guint64)days : 0);
	html_raw(out, "</td><td>");
	page_severity(out, row->flag->severity);
	html_raw(out, "</td><td>");
	page_state(out, row->state);
	html_raw(out, "</td><td><code>");
	html_text(out, row->flag->rule);
	html_raw(out, "</code></td><td>");
	page_address(report, row->message->from, out);
	html_raw(out, "<br>");
	html_text(out, subject[0] != '\0' ? subject : "(no subject)");
	html_raw(out, "</td><td>");
	html_text(out, row->assignee[0] != '\0' ? row->assignee : "nobody");
	html_raw(out, "</td></tr>\n");
}

void
page_open(const struct report *report, GString *out)
{
	html_raw(out, "<section id=\"open\">\n<h2>Still open</h2>\n");
	if (report->ages.total == 0) {
		html_raw(out, "<p class=\"empty\">Nothing from before this period is open.</p>\n"
			      "</section>\n");
		return;
	}
	html_raw(out, "<p>");
	html_count(out, report->ages.total, "incident", "incidents");
	html_raw(out, " from before this period, none of them decided.</p>\n");
	put_ages(&report->ages, out);
	page_fold_begin(out, report->open->len, ROWS_OPEN);
	html_raw(out, "<summary>The oldest ");
	html_number(out, report->open->len);
	html_raw(out, "</summary>\n");
	page_table_begin(out, "rows aged", "The oldest open incidents",
	    "Incident|>Days|Severity|State|Rule|From, subject|Assigned");
	for (guint i = 0; i < report->open->len; i++)
		put_row(report, g_ptr_array_index(report->open, i), out);
	page_table_end(out);
	page_fold_end(out, report->open->len, "");
	html_raw(out, "</section>\n");
}
