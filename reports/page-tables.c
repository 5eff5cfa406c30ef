/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page-tables - the back of the report: exceptions, rules, all flags in rows, how to read it.
 */
#include <string.h>

#include "base/clock.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define ROWS_OPEN 20 /* longer tables start folded */

/* Flags that share a key: of one rule, or of one exception of a rule. */
struct group {
	const struct view_flag *first;
	guint64 count;
};

static int
compare_groups(gconstpointer a, gconstpointer b)
{
	const struct group *one = *(struct group *const *)a, *other = *(struct group *const *)b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return strcmp(one->first->flag->rule, other->first->flag->rule);
}

static GPtrArray *
group_flags(const GPtrArray *flags)
{
	GPtrArray *groups = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < flags->len; i++) {
		const struct view_flag *row = g_ptr_array_index(flags, i);
		g_autofree char *key =
		    g_strconcat(row->flag->rule, "\n", row->flag->exception, NULL);
		struct group *group = g_hash_table_lookup(known, key);
		if (group == NULL) {
			group = g_new0(struct group, 1);
			group->first = row;
			g_ptr_array_add(groups, group);
			g_hash_table_insert(known, g_steal_pointer(&key), group);
		}
		group->count++;
	}
	g_ptr_array_sort(groups, compare_groups);
	return groups;
}

void
page_exceptions(const struct report *report, GString *out)
{
	g_autoptr(GPtrArray) groups = group_flags(report->excepted);

	html_raw(out, "<section id=\"exceptions\">\n<h2>Exceptions</h2>\n");
	if (groups->len == 0) {
		html_raw(
		    out, "<p class=\"empty\">No flag fell under an exception.</p>\n</section>\n");
		return;
	}
	html_raw(out,
	    "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Exceptions\">"
	    "<table><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Exception</th>"
	    "<th scope=\"col\">Reason</th>"
	    "<th scope=\"col\" class=\"num\">Flags swallowed</th></tr></thead><tbody>\n");
	for (guint i = 0; i < groups->len; i++) {
		const struct group *group = g_ptr_array_index(groups, i);
		const struct flag *flag = group->first->flag;
		html_raw(out, "<tr><th scope=\"row\"><code>");
		html_text(out, flag->rule);
		html_raw(out, "</code></th>");
		html_element(out, "td", flag->exception);
		html_element(out, "td", flag->except_reason);
		html_raw(out, "<td class=\"num\">");
		html_number(out, group->count);
		html_raw(out, "</td></tr>\n");
	}
	html_raw(out, "</tbody></table></div>\n</section>\n");
}

static void
put_rule(const struct group *group, guint64 most, GString *out)
{
	const struct flag *flag = group->first->flag;
	char width[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(width, sizeof(width), "%.2f", 100.0 * (double)group->count / (double)most);
	html_raw(out, "<tr><th scope=\"row\"><code>");
	html_text(out, flag->rule);
	html_raw(out, "</code></th>");
	html_element(out, "td", flag->title);
	html_raw(out, "<td class=\"num\">");
	html_number(out, group->count);
	html_raw(out, "</td><td class=\"gauge\"><svg class=\"bar\" viewBox=\"0 0 100 2\" "
		      "preserveAspectRatio=\"none\" aria-hidden=\"true\" focusable=\"false\">"
		      "<rect height=\"2\"");
	html_attribute(out, "class", severity_words[flag->severity]);
	html_attribute(out, "width", width);
	html_raw(out, "/></svg></td></tr>\n");
}

void
page_rules(const struct report *report, GString *out)
{
	g_autoptr(GPtrArray) groups = group_flags(report->flags);

	html_raw(out, "<section id=\"rules\">\n<h2>Rules</h2>\n");
	if (groups->len == 0) {
		html_raw(out, "<p class=\"empty\">No rule flagged a message.</p>\n</section>\n");
		return;
	}
	const struct group *busiest = g_ptr_array_index(groups, 0);
	html_raw(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Flags by "
		      "rule\"><table><thead><tr><th scope=\"col\">Rule</th>"
		      "<th scope=\"col\">Title</th><th scope=\"col\" class=\"num\">Flags</th>"
		      "<td></td></tr></thead><tbody>\n");
	for (guint i = 0; i < groups->len; i++)
		put_rule(g_ptr_array_index(groups, i), busiest->count, out);
	html_raw(out, "</tbody></table></div>\n</section>\n");
}

static void
put_row(const struct report *report, const struct view_flag *row, GString *out)
{
	const struct view_message *message = row->message;
	g_autofree char *link = g_strdup_printf("#flag-%" G_GINT64_FORMAT, row->id);
	g_autofree char *to = wording_join((const char *const *)message->to, ", ");
	g_autofree char *subject = quote_subject(row->flag, message->subject, report->clear);

	html_raw(out, "<tr><th scope=\"row\"><a");
	html_attribute(out, "href", link);
	html_raw(out, ">");
	html_text(out, link + 1);
	html_raw(out, "</a></th><td>");
	page_severity(out, row->flag->severity);
	html_raw(out, "</td><td><code>");
	html_text(out, row->flag->rule);
	html_raw(out, "</code></td><td>");
	html_text(out, direction_words[message->direction]);
	html_raw(out, "</td><td>");
	html_text(out, message->from);
	html_raw(out, "</td><td>");
	html_text(out, to);
	html_raw(out, "</td><td>");
	html_text(out, subject);
	html_raw(out, "</td><td>");
	html_time(out, message->seen, report->zone);
	html_raw(out, "</td></tr>\n");
}

void
page_table(const struct report *report, GString *out)
{
	html_raw(out, "<section id=\"all-flags\">\n<h2>All flags in rows</h2>\n");
	if (report->flags->len == 0) {
		html_raw(out, "<p class=\"empty\">None.</p>\n</section>\n");
		return;
	}
	html_choose(out, report->flags->len > ROWS_OPEN, "<details>", "<details open>");
	html_raw(out, "<summary>");
	html_count(out, report->flags->len, "flag", "flags");
	html_raw(out, "</summary>\n<div class=\"wide\" role=\"region\" tabindex=\"0\" "
		      "aria-label=\"All flags\"><table class=\"rows\"><thead><tr>"
		      "<th scope=\"col\">Flag</th><th scope=\"col\">Severity</th>"
		      "<th scope=\"col\">Rule</th><th scope=\"col\">Direction</th>"
		      "<th scope=\"col\">From</th><th scope=\"col\">To</th>"
		      "<th scope=\"col\">Subject</th><th scope=\"col\">Seen</th></tr></thead>"
		      "<tbody>\n");
	for (guint i = 0; i < report->flags->len; i++)
		put_row(report, g_ptr_array_index(report->flags, i), out);
	html_raw(out, "</tbody></table></div></details>\n</section>\n");
}

static void
put_runs(const struct report *report, GString *out)
{
	if (report->runs->len == 0)
		return;
	html_raw(out, "<details><summary>");
	html_count(out, report->runs->len, "run", "runs");
	html_raw(out, " of Flagpost in this period</summary>\n<div class=\"wide\" role=\"region\" "
		      "tabindex=\"0\" aria-label=\"Runs\"><table><thead><tr>"
		      "<th scope=\"col\">Begun</th><th scope=\"col\">Ended</th>"
		      "<th scope=\"col\">Command</th><th scope=\"col\">Exit code</th>"
		      "<th scope=\"col\">Rule set</th></tr></thead><tbody>\n");
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
		html_element(out, "td", run->ended != 0 ? code : "");
		html_raw(out, "<td><code>");
		html_text(out, digest);
		html_raw(out, "</code></td></tr>\n");
	}
	html_raw(out, "</tbody></table></div></details>\n");
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
	    " and masked: the first and the last characters stay, the "
	    "rest are stars.");
	html_raw(out,
	    " The domains of addresses are in <b>bold</b>. Codes such as <code>\\u{202E}</code> "
	    "stand for characters that cannot be seen or that turn the direction of writing; they "
	    "were in the mail.</p>\n"
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
	put_runs(report, out);
	html_raw(out, "<p class=\"quiet\">Made by Flagpost " FLAGPOST_VERSION
		      ". This page holds personal data; pass it on only to those who may read "
		      "it.</p>\n</section>\n");
}
