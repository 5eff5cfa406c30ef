/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-html - one self-contained page for the officer: no script, no outside request. What was
 * not checked stands before what was found, because silence must never look like cleanliness.
 */
#include "base/text.h"
#include "reports/emit.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/tally.h"
#include "reports/wording.h"

static const char *const severity_classes[] = { "low", "medium", "high" };

void
page_place(GString *out, const char *account, const char *folder)
{
	html_raw(out, "<span class=\"place\">");
	html_text(out, account);
	if (folder[0] != '\0') {
		html_raw(out, " <span class=\"sep\">/</span> ");
		html_text(out, folder);
	}
	html_raw(out, "</span>");
}

void
page_severity(GString *out, enum severity severity)
{
	html_raw(out, "<span");
	g_autofree char *class = g_strconcat("sev ", severity_classes[severity], NULL);
	html_attribute(out, "class", class);
	html_raw(out, ">");
	html_text(out, wording_severity(severity));
	html_raw(out, "</span>");
}

static void
put_head(const struct report *report, GString *out)
{
	g_autofree char *period = wording_period(report);
	g_autofree char *digest = wording_digest(report->ruleset);

	html_raw(out, "<header class=\"top\">\n<p class=\"org\">");
	html_text(out, report->organisation[0] != '\0' ? report->organisation : "Flagpost");
	html_raw(out, "</p>\n<h1>Flag report <span class=\"period\">");
	html_text(out, period);
	html_raw(out, "</span></h1>\n<p class=\"meta\">Time zone ");
	html_text(out, report->zone_name);
	html_raw(out, " · made ");
	html_time(out, report->made, report->zone);
	html_raw(out, " · rule set ");
	if (digest[0] != '\0')
		html_element(out, "code", digest);
	else
		html_raw(out, "none: nothing ran");
	if (report->clear)
		html_raw(out, " · <strong>matches in clear</strong>");
	html_raw(out, "</p>\n");
	if (report->made < report->to)
		html_raw(out,
		    "<p class=\"note\">This period is not over yet: the report holds what "
		    "was seen until it was made.</p>\n");
	html_raw(out, "</header>\n");
}

/* One bar, split by severity. */
static void
put_bar(const guint64 *flags, GString *out)
{
	guint64 total = flags[0] + flags[1] + flags[2];
	double x = 0;

	if (total == 0)
		return;
	html_raw(out, "<svg class=\"bar\" viewBox=\"0 0 100 2\" preserveAspectRatio=\"none\" "
		      "aria-hidden=\"true\" focusable=\"false\">");
	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW; i--) {
		double width = 100.0 * (double)flags[i] / (double)total;
		char number[2][G_ASCII_DTOSTR_BUF_SIZE];
		if (flags[i] == 0)
			continue;
		html_raw(out, "<rect height=\"2\"");
		html_attribute(out, "class", severity_classes[i]);
		g_ascii_formatd(number[0], sizeof(number[0]), "%.2f", x);
		g_ascii_formatd(number[1], sizeof(number[1]), "%.2f", width);
		html_attribute(out, "x", number[0]);
		html_attribute(out, "width", number[1]);
		html_raw(out, "/>");
		x += width;
	}
	html_raw(out, "</svg>\n");
}

static void
put_counts(const struct report *report, GString *out)
{
	html_raw(out, "<ul class=\"counts\">\n");
	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW; i--) {
		guint64 count = report->totals.flags[i];
		html_raw(out, "<li");
		html_attribute(out, "class", count > 0 ? severity_classes[i] : "zero");
		html_raw(out, "><b>");
		html_number(out, count);
		html_raw(out, "</b> ");
		html_text(out, severity_words[i]);
		html_raw(out, "</li>\n");
	}
	html_raw(out, "<li class=\"plain\"><b>");
	html_number(out, report->totals.messages);
	html_raw(out, "</b> new messages</li>\n</ul>\n");
	put_bar(report->totals.flags, out);
}

static void
put_verdict(const struct report *report, GString *out)
{
	g_autofree char *verdict = report_verdict(report);
	struct tally tally;

	tally_report(report, &tally);
	g_autofree char *sum = wording_sum(tally.server, tally.kept, tally.failed, tally.waiting);
	guint unknown = tally.failing + tally.unseen;
	verdict[0] = g_ascii_toupper(verdict[0]);
	html_raw(out, "<section class=\"verdict\" aria-label=\"Verdict\">\n<p class=\"sentence\">");
	html_text(out, verdict);
	html_raw(out, ".</p>\n");
	put_counts(report, out);
	html_raw(out, "<p");
	html_attribute(
	    out, "class", tally.holds && tally.failed + unknown == 0 ? "sum" : "sum bad");
	html_raw(out, "><a href=\"#completeness\">");
	html_text(out, sum);
	html_raw(out, "</a>");
	if (unknown > 0) {
		html_raw(out, " <span>without ");
		html_count(out, unknown, "account that was not wholly read",
		    "accounts that were not wholly read");
		html_raw(out, "</span>");
	}
	html_raw(out, "</p>\n</section>\n");
}

static void
put_contents(const struct report *report, GString *out)
{
	html_raw(out, "<nav aria-label=\"Contents\"><a href=\"#completeness\">Completeness</a> "
		      "<a href=\"#not-checked\">Not checked <span>");
	html_number(out, report->gaps->len);
	html_raw(out, "</span></a> <a href=\"#flags\">Flags <span>");
	html_number(out, report->flags->len);
	html_raw(out, "</span></a> <a href=\"#exceptions\">Exceptions <span>");
	html_number(out, report->excepted->len);
	html_raw(out, "</span></a> <a href=\"#rules\">Rules</a> <a href=\"#all-flags\">Table</a> "
		      "<a href=\"#reading\">How to read this</a></nav>\n");
}

static void
render(const struct report *report, GString *out)
{
	g_autofree char *period = wording_period(report);
	g_autofree char *title = g_strdup_printf("Flag report, %s%s%s", period,
	    report->organisation[0] != '\0' ? ", " : "", report->organisation);

	html_begin(out, title);
	put_head(report, out);
	html_raw(out, "<main>\n");
	put_verdict(report, out);
	put_contents(report, out);
	page_completeness(report, out);
	page_gaps(report, out);
	page_gone(report, out);
	page_flags(report, out);
	page_exceptions(report, out);
	page_rules(report, out);
	page_table(report, out);
	page_reading(report, out);
	html_raw(out, "</main>\n");
	html_end(out);
}

const struct emitter emit_html = { "html", "html", render };
