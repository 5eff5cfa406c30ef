/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-html - one self-contained page for the officer: no outside request, no script but our own,
 * and nothing lost without it. What was not checked stands before what was found, because silence
 * must never look like cleanliness.
 */
#include "base/text.h"
#include "reports/chart.h"
#include "reports/emit.h"
#include "reports/html.h"
#include "reports/page.h"
#include "reports/tally.h"
#include "reports/wording.h"

/* "+3" beside a count: how it differs from the time before, if anybody looked then. */
static void
put_change(const struct report *report, guint64 now, guint64 before, GString *out)
{
	bool day = report->to - report->from <= G_GINT64_CONSTANT(90000) * G_USEC_PER_SEC;
	guint64 by = now > before ? now - before : before - now;

	if (!wording_has_before(report))
		return;
	html_raw(out, " <span class=\"change\">");
	if (by == 0) {
		html_choose(out, day, "as the day before", "as the period before");
	} else {
		html_choose(out, now > before, "+", "\342\210\222");
		html_number(out, by);
		html_choose(out, day, " from the day before", " from the period before");
	}
	html_raw(out, "</span>");
}

static void
put_counts(const struct report *report, GString *out)
{
	html_raw(out, "<ul class=\"counts\">\n");
	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW; i--) {
		guint64 count = report->totals.flags[i];
		html_raw(out, "<li");
		html_attribute(out, "class", count > 0 ? severity_words[i] : "zero");
		html_raw(out, "><b>");
		html_number(out, count);
		html_raw(out, "</b> ");
		html_text(out, severity_words[i]);
		put_change(report, count, report->before.flags[i], out);
		html_raw(out, "</li>\n");
	}
	html_raw(out, "<li class=\"plain\"><b>");
	html_number(out, report->totals.messages);
	html_raw(out, "</b> new messages</li>\n</ul>\n");
	chart_severities(out, report->totals.flags);
}

/* How many leaks the flags come to, and how many of them somebody still has to decide. */
static void
put_incidents(const struct report *report, GString *out)
{
	const struct view_incidents *leaks = &report->leaks;

	if (leaks->all == 0)
		return;
	html_raw(out, "<p class=\"fold\">");
	html_count(out, leaks->all, "incident", "incidents");
	html_raw(out, ": ");
	html_number(out, leaks->begun);
	html_raw(out, " new, ");
	html_number(out, leaks->all - leaks->begun);
	html_raw(out, " known from before; ");
	html_number(out, leaks->open);
	html_raw(out, " to decide. ");
	if (report->ages.total > 0) {
		html_raw(out, "From before this period ");
		html_number(out, report->ages.total);
		html_choose(out, report->ages.total == 1, " is still open.", " are still open.");
	}
	html_raw(out, "</p>\n");
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
	put_incidents(report, out);
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
	struct tally tally;

	tally_report(report, &tally);
	html_raw(out, "<nav aria-label=\"Contents\"><a href=\"#not-checked\">Not checked <span>");
	html_number(out, tally.gaps);
	html_raw(out, "</span></a> <a href=\"#decide\">Decide today <span>");
	html_number(out, page_open_count(report));
	html_raw(out, "</span></a> <a href=\"#open\">Still open <span>");
	html_number(out, report->ages.total);
	html_raw(out, "</span></a> ");
	if (report->drawn.first != 0) {
		html_raw(out, "<a href=\"#sample\">Sample <span>");
		html_number(out, report->drawn.states[DRAWN_OPEN]);
		html_raw(out, "</span></a> ");
	}
	html_raw(out, "<a href=\"#rules\">Rules</a> ");
	if (report->people)
		html_raw(out, "<a href=\"#people\">People</a> ");
	html_raw(out, "<a href=\"#exceptions\">Exceptions <span>");
	html_number(out, report->totals.excepted);
	html_raw(out, "</span></a> <a href=\"#changes\">Changes</a> <a href=\"#volume\">Volume</a> "
		      "<a href=\"#all-flags\">All flags</a> "
		      "<a href=\"#reading\">How to read this</a></nav>\n");
}

static void
begin(const struct report *report, GString *out)
{
	g_autofree char *period = wording_period(report);
	g_autofree char *title = g_strdup_printf("Flag report, %s%s%s", period,
	    report->organisation[0] != '\0' ? ", " : "", report->organisation);

	html_begin(out, title);
	page_head(report, out);
	html_raw(out, "<main>\n");
	put_verdict(report, out);
	put_contents(report, out);
	page_gaps(report, out);
	page_completeness(report, out);
	page_gone(report, out);
	page_cards(report, out);
	page_open(report, out);
	page_sample(report, out);
	page_rules(report, out);
	page_people(report, out);
	page_exceptions(report, out);
	page_changes(report, out);
	page_volume(report, out);
	page_table(report, out);
	page_reading(report, out);
	html_raw(out, "</main>\n");
	html_end(out);
}

const struct emitter emit_html = {
	.name = "html",
	.extension = "html",
	.begin = begin,
};
