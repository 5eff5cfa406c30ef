/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-activity - who changed and who read what in this period; how much mail there was, where it
 * lies, and what proves that nothing of it was altered.
 */
#include "base/text.h"
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/wording.h"

#define CHANGES_OPEN 12

/* --- changes and accesses --- */

static void
put_change(const struct report *report, const struct review_change *change, GString *out)
{
	g_autofree char *flag = g_strdup_printf("flag-%" G_GINT64_FORMAT, change->flag);

	html_raw(out, "<tr><td>");
	html_time(out, change->seen, report->zone);
	html_raw(out, "</td>");
	html_element(out, "td", change->who);
	html_raw(out, "<td><code>");
	html_text(out, flag);
	html_raw(out, "</code> ");
	html_text(out, change->rule);
	html_raw(out, "</td><td>");
	page_state(out, change->was);
	html_raw(out, " → ");
	page_state(out, change->state);
	html_raw(out, "</td><td>");
	html_text(out, change->note);
	html_raw(out, "</td></tr>\n");
}

static void
put_changes(const struct report *report, GString *out)
{
	if (report->changes->len == 0) {
		html_raw(out, "<p>Nothing was decided in this period.</p>\n");
		return;
	}
	page_fold_begin(out, report->changes->len, CHANGES_OPEN);
	html_raw(out, "<summary>");
	html_count(out, report->changes->len, "decision", "decisions");
	html_raw(out, "</summary>\n");
	page_table_begin(out, "rows", "Decisions", "When|Who|Flag|State|Note");
	for (guint i = 0; i < report->changes->len; i++)
		put_change(report, g_ptr_array_index(report->changes, i), out);
	page_table_end(out);
	page_fold_end(out, report->changes->len, "");
	if (report->changes->len == REPORT_CHANGES_MAX)
		html_raw(out, "<p class=\"quiet\">No more are listed here.</p>\n");
}

static void
put_rule_changes(const struct report *report, GString *out)
{
	guint new = 0, changed = 0;

	for (guint i = 0; i < report->rules->len; i++) {
		const struct view_rule *rule = g_ptr_array_index(report->rules, i);
		bool is_new = rule->in_force && rule->known >= report->from;
		new += is_new;
		changed += rule->in_force && !is_new && rule->changed >= report->from;
	}
	if (new + changed == 0) {
		html_raw(out, "<p>No rule changed in this period.</p>\n");
		return;
	}
	html_raw(out, "<p>");
	html_count(out, new, "rule is new", "rules are new");
	html_raw(out, ", ");
	html_count(out, changed, "was changed", "were changed");
	/* The lines may name what is secret: they stay with those who may read the ledger. */
	html_raw(out, "; they are marked <a href=\"#rules\">above</a>, and <code>flagpost audit "
		      "diff</code> shows the lines.</p>\n");
}

static void
put_accesses(const struct report *report, GString *out)
{
	if (report->accesses->len == 0) {
		html_raw(out, "<p>Nobody read anything in this period.</p>\n");
		return;
	}
	page_table_begin(
	    out, "rows accesses", "Accesses by person and kind", "Who|What|>How often|Last");
	for (guint i = 0; i < report->accesses->len; i++) {
		const struct view_access *access = g_ptr_array_index(report->accesses, i);
		html_raw(out, "<tr><th scope=\"row\">");
		html_text(out, access->who);
		html_raw(out, "</th>");
		html_element(out, "td", access->verb);
		html_raw(out, "<td class=\"num\">");
		html_number(out, access->count);
		html_raw(out, "</td><td>");
		html_time(out, access->last, report->zone);
		html_raw(out, "</td></tr>\n");
	}
	page_table_end(out);
}

void
page_changes(const struct report *report, GString *out)
{
	html_raw(out, "<section id=\"changes\">\n<h2>Changes and accesses</h2>\n");
	put_rule_changes(report, out);
	put_changes(report, out);
	put_accesses(report, out);
	html_raw(out, "</section>\n");
}

/* --- volume, storage, integrity --- */

static void
put_size(GString *out, const char *name, guint64 bytes)
{
	g_autofree char *size = text_size(bytes);

	html_element(out, "dt", name);
	html_element(out, "dd", size);
	html_raw(out, "\n");
}

static void
put_runs(const struct report *report, GString *out)
{
	if (report->runs->len == 0)
		return;
	page_fold_begin(out, report->runs->len, 0);
	html_raw(out, "<summary>");
	html_count(out, report->runs->len, "run", "runs");
	html_raw(out, " of Flagpost in this period</summary>\n");
	page_table_begin(out, "rows runs", "Runs", "Begun|Ended|Command|>Exit code|Rule set");
	for (guint i = 0; i < report->runs->len; i++) {
		const struct view_run *run = g_ptr_array_index(report->runs, i);
		g_autofree char *digest = wording_digest(run->ruleset);
		g_autofree char *code = g_strdup_printf("%d", run->exit_code);
		html_raw(out, "<tr><td>");
		html_time(out, run->begun, report->zone);
		html_raw(out, "</td><td>");
		if (run->ended != 0)
			html_time(out, run->ended, report->zone);
		else
			html_raw(out, "still running, or cut off");
		html_raw(out, "</td>");
		html_element(out, "td", run->command);
		html_raw(out, "<td class=\"num\">");
		html_text(out, run->ended != 0 ? code : "");
		html_raw(out, "</td><td><code>");
		html_text(out, digest);
		html_raw(out, "</code></td></tr>\n");
	}
	page_table_end(out);
	page_fold_end(out, report->runs->len, "; the JSON file has them");
}

void
page_volume(const struct report *report, GString *out)
{
	const struct view_volume *volume = &report->volume;

	html_raw(out, "<section id=\"volume\">\n<h2>Volume, storage, integrity</h2>\n<dl>\n"
		      "<dt>New messages</dt><dd>");
	html_number(out, report->totals.messages);
	html_raw(out, ", ");
	g_autofree char *size = text_size(report->totals.bytes);
	html_text(out, size);
	html_raw(out, " in all; copies kept of ");
	html_number(out, report->totals.copies);
	html_raw(out, "</dd>\n<dt>30 days</dt><dd class=\"gauge\">");
	chart_days(out, volume->messages, VIEW_DAYS, "Messages a day");
	html_raw(out, "</dd>\n");
	put_size(out, "Database", volume->database);
	put_size(out, "Copies", volume->copies);
	html_element(out, "dt", "Volumes of copies");
	html_raw(out, "<dd>");
	html_number(out, volume->volumes);
	html_raw(out, "</dd>\n");
	if (volume->purged > 0) {
		g_autofree char *purged = text_size(volume->purged_bytes);
		html_raw(out, "<dt>Purged in this period</dt><dd>");
		html_count(out, volume->purged, "message", "messages");
		html_raw(out, ", ");
		html_text(out, purged);
		html_raw(out, "</dd>\n");
	}
	html_raw(out, "<dt>Ledger</dt><dd>");
	html_number(out, (guint64)report->ledger_row);
	html_raw(out, " rows up to the end of this report");
	if (report->ledger_head[0] != '\0') {
		html_raw(out, "; its head is <code class=\"digest\">");
		html_text(out, report->ledger_head);
		html_raw(out, "</code>");
	}
	html_raw(out, "</dd>\n");
	if (report->previous[0] != '\0') {
		html_raw(out, "<dt>Report before</dt><dd>SHA-256 <code class=\"digest\">");
		html_text(out, report->previous);
		html_raw(out, "</code></dd>\n");
	}
	html_raw(out,
	    "</dl>\n<p class=\"quiet\">Each row of the ledger holds the digest of the row before. "
	    "Whoever keeps this page can show later that nothing before its head was changed or "
	    "taken out.</p>\n");
	put_runs(report, out);
	html_raw(out, "</section>\n");
}
