/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-text - the report for a terminal or a plain mail: no escape sequence of any kind, lines
 * that may be long but are never forged.
 */
#include "base/clock.h"
#include "base/text.h"
#include "reports/emit.h"
#include "reports/quote.h"
#include "reports/tally.h"
#include "reports/watch.h"
#include "reports/wording.h"

#define HITS_SHOWN       3
#define RECIPIENTS_SHOWN 5

static void put(GString *out, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* A line; whatever it holds, it stays one. */
static void
put(GString *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *line = g_strdup_vprintf(format, args);
	va_end(args);
	g_autofree char *safe = text_printable(line, 0);
	g_string_append(out, safe);
	g_string_append_c(out, '\n');
}

static void
put_heading(GString *out, const char *heading)
{
	put(out, "%s", "");
	put(out, "%s", heading);
}

/* Who reads on knows that it is not the whole. */
static void
put_limits(const struct report *report, GString *out)
{
	const struct {
		const char *what, *name;
	} limits[] = { { "rule", report->rule }, { "account", report->account },
		{ "group", report->group }, { "what this person may see:", report->reader } };

	for (gsize i = 0; i < G_N_ELEMENTS(limits); i++)
		if (limits[i].name[0] != '\0')
			put(out, "Only %s %s", limits[i].what, limits[i].name);
}

static void
put_accounts(const struct report *report, GString *out)
{
	put_heading(out, "Completeness");
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		struct tally tally;
		tally_account(account, &tally);
		g_autofree char *sum =
		    wording_sum(tally.server, tally.kept, tally.failed, tally.waiting);
		put(out, "  %-20s %s; %s", account->name, sum, tally_state(account, report->from));
		if (account->failing_since != 0) {
			g_autofree char *since = clock_local(account->failing_since, report->zone);
			put(out, "  %-20s since %s: %s", "", since, account->text);
		}
		g_autoptr(GPtrArray) lines = watch_lines(account, report->zone, report->made);
		for (guint n = 0; n < lines->len; n++)
			put(out, "  %-20s %s", "", ((struct watch_line *)lines->pdata[n])->text);
	}
	if (report->accounts->len == 0)
		put(out, "  No account was ever polled.");
}

static void
put_gaps(const struct report *report, GString *out)
{
	put_heading(out, "Not checked");
	for (guint i = 0; i < report->gaps->len; i++) {
		const struct view_gap *gap = g_ptr_array_index(report->gaps, i);
		g_autofree char *place = wording_place(gap->account, gap->folder);
		g_autofree char *digest =
		    wording_digest(gap->message != NULL ? gap->message->sha256 : "");
		put(out, "  %s, %s: %s  (%s)%s%s%s%s", wording_kind(gap->kind), gap->word,
		    gap->what, place, digest[0] != '\0' ? "  " : "", digest,
		    gap->detail[0] != '\0' ? "  " : "", gap->detail);
	}
	struct tally tally;
	tally_report(report, &tally);
	if (tally.gaps > report->gaps->len) {
		g_autofree char *more = text_count(tally.gaps - report->gaps->len);
		put(out, "  and %s more; the JSON file names each", more);
	}
	for (guint i = 0; i < report->notes->len; i++) {
		const struct view_note *note = g_ptr_array_index(report->notes, i);
		g_autofree char *place = wording_place(note->account, note->folder);
		put(out, "  Note, %s: %s", place, note->text);
	}
	if (report->gaps->len == 0 && report->notes->len == 0)
		put(out, report_has_gaps(report) ? "  See the accounts above." : "  Nothing.");
}

/* Flagged mail by name; the rest in numbers. */
static void
put_gone(const struct report *report, GString *out)
{
	const struct view_totals *totals = &report->totals;

	if (totals->deleted + totals->unseen == 0)
		return;
	put_heading(out, "Gone");
	for (guint i = 0; i < report->gone->len; i++) {
		const struct view_gone *row = g_ptr_array_index(report->gone, i);
		if (row->flagged == 0)
			break;
		g_autofree char *place =
		    wording_place(row->placement->account, row->placement->folder);
		g_autofree char *fate = wording_gone(row, report->zone);
		g_autofree char *digest = wording_digest(row->message->sha256);
		put(out, "  %s, %s: %s  %s", place, row->message->from, fate, digest);
	}
	g_autofree char *sum = wording_deleted(totals);
	put(out, "  %s", sum);
}

static void
put_purged(const struct report *report, GString *out)
{
	if (report->volume.purged == 0)
		return;
	g_autofree char *size = text_size(report->volume.purged_bytes);
	put_heading(out, "Purged");
	put(out, "  %" G_GUINT64_FORMAT " messages that have had their time or were erased, %s",
	    report->volume.purged, size);
}

static void
put_hits(const struct report *report, const struct flag *flag, GString *out)
{
	for (guint i = 0; i < flag->hits->len && i < HITS_SHOWN; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *excerpt = quote_text(flag, hit, report_mask(report));
		g_autofree char *where = quote_where(hit);
		put(out, "    %s in %s: %s%s", hit->section, where, excerpt,
		    hit->hidden ? " [hidden]" : "");
	}
	if (flag->hits_total > HITS_SHOWN) {
		g_autofree char *more = text_count(flag->hits_total - HITS_SHOWN);
		put(out, "    and %s more", more);
	}
}

static void
put_flag(const struct report *report, const struct view_flag *row, GString *out)
{
	const struct view_message *message = row->message;
	const struct flag *flag = row->flag;
	g_autoptr(GString) to = g_string_new(NULL);

	for (guint i = 0; message->to != NULL && message->to[i] != NULL; i++) {
		if (i == RECIPIENTS_SHOWN) {
			g_string_append(to, " and others");
			break;
		}
		g_string_append_printf(to, "%s%s", i > 0 ? ", " : "", message->to[i]);
	}
	g_autofree char *seen = clock_local(message->seen, report->zone);
	g_autofree char *subject = quote_subject(flag, message->subject, report_mask(report));
	g_autofree char *digest = wording_digest(message->sha256);
	put(out, "%s", "");
	put(out, "  [%s] %s  (%s, flag %" G_GINT64_FORMAT ")", wording_severity(flag->severity),
	    flag->title, flag->rule, row->id);
	put(out, "    %s -> %s  (%s)", message->from[0] != '\0' ? message->from : "nobody",
	    to->len > 0 ? to->str : "nobody", direction_words[message->direction]);
	put(out, "    Subject: %s", subject);
	for (guint i = 0; i < message->placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(message->placements, i);
		g_autofree char *place = wording_place(one->account, one->folder);
		g_autofree char *fate = wording_fate(one, report->zone);
		put(out, "    In %s, first seen %s%s%s", place, seen, fate[0] != '\0' ? ", " : "",
		    fate);
	}
	put_hits(report, flag, out);
	if (row->next_step[0] != '\0')
		put(out, "    Next step: %s", row->next_step);
	put(out, "    flagpost show %s", digest);
}

static void
begin(const struct report *report, GString *out)
{
	g_autofree char *period = wording_period(report);
	g_autofree char *verdict = report_verdict(report);
	struct tally tally;

	tally_report(report, &tally);
	g_autofree char *sum = wording_sum(tally.server, tally.kept, tally.failed, tally.waiting);
	put(out, "Flag report%s%s: %s (%s)", report->organisation[0] != '\0' ? ", " : "",
	    report->organisation, period, report->zone_name);
	put_limits(report, out);
	put(out, "%s", verdict);
	put(out, "%s", sum);
	put_accounts(report, out);
	put_gaps(report, out);
	put_gone(report, out);
	put_purged(report, out);
	put_heading(out, "Flags");
}

static void
put_row(const struct report *report, const struct view_flag *row, guint64 number, GString *out)
{
	put_flag(report, row, out);
	(void)number;
}

static void
end(const struct report *report, GString *out)
{
	if (report->flags->len == 0)
		put(out, "  No message was flagged.");
	if (report->excepted->len > 0) {
		g_autofree char *count = text_count(report->excepted->len);
		put(out, "%s", "");
		put(out, "  %s more fell under an exception.", count);
	}
	if (report->drawn.first != 0) {
		g_autofree char *day = wording_drawn(&report->drawn);
		g_autofree char *month = wording_missed(&report->drawn_month);
		put_heading(out, "Random sample");
		put(out, "  In this period %s.", day);
		put(out, "  Over thirty days %s.", month);
	}
}

const struct emitter emit_text = {
	.name = "text",
	.extension = "txt",
	.begin = begin,
	.row = put_row,
	.end = end,
};
