/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/wording.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "reports/tally.h"

static const struct {
	const char *word, *meaning;
} meanings[] = {
	{ "encrypted", "locked with a password or a key; nobody but its readers can open it" },
	{ "over-limit", "larger or deeper than the limits allow" },
	{ "broken", "damaged, or not what it claims to be" },
	{ "unknown-type", "a kind of file that Flagpost has no reader for" },
	{ "timeout", "reading it took longer than the limit" },
	{ "crashed", "reading it ended the reader" },
	{ "crash", "scanning ended the worker, twice" },
	{ "time", "took longer than the limit" },
	{ "memory", "took more memory than the limit" },
	{ "protocol", "the worker's answer made no sense and was not believed" },
	{ "match limit", "the pattern needed too many steps on this text" },
	{ "depth limit", "the pattern went too deep on this text" },
	{ "missing", "a volume of copies that was kept is not there any more" },
	{ "shortened", "a volume of copies has lost what stood at its end" },
	{ "heap limit", "the pattern needed too much memory on this text" },
};

static const char *const severity_names[] = { "Low", "Medium", "High" };

/* g_date_time_format would follow the locale of whoever runs the program. */
static const char *const weekdays[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday", "Sunday" };
static const char *const months[] = { "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December" };

static GDateTime *
local_time(gint64 time, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);

	return utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
}

/* "22 November 2026", without what the date behind it says as well. */
static char *
date_words(GDateTime *day, bool month, bool year)
{
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%d", g_date_time_get_day_of_month(day));
	if (month)
		g_string_append_printf(out, " %s", months[g_date_time_get_month(day) - 1]);
	if (year)
		g_string_append_printf(out, " %d", g_date_time_get_year(day));
	return g_string_free(out, FALSE);
}

/* A day, a calendar month, or the first and the last of several days. */
static char *
days_words(GDateTime *first, GDateTime *last)
{
	bool same_year = g_date_time_get_year(first) == g_date_time_get_year(last);
	bool same_month = same_year && g_date_time_get_month(first) == g_date_time_get_month(last);
	g_autofree char *end = date_words(last, true, true);
	g_autofree char *begin = date_words(first, !same_month, !same_year);
	g_autoptr(GDateTime) next = g_date_time_add_days(last, 1);

	if (same_month && g_date_time_get_day_of_month(first) == 1 && next != NULL &&
	    g_date_time_get_day_of_month(next) == 1)
		return g_strdup_printf(
		    "%s %d", months[g_date_time_get_month(first) - 1], g_date_time_get_year(first));
	if (same_month && g_date_time_get_day_of_month(first) == g_date_time_get_day_of_month(last))
		return g_strdup_printf(
		    "%s, %s", weekdays[g_date_time_get_day_of_week(first) - 1], end);
	return g_strdup_printf("%s to %s", begin, end);
}

char *
wording_period(const struct report *report)
{
	gint64 from, to, last, ignored;

	clock_day(report->from, report->zone, &from, &ignored);
	clock_day(report->to - 1, report->zone, &last, &to);
	g_autoptr(GDateTime) first_day = local_time(from, report->zone);
	g_autoptr(GDateTime) last_day = local_time(last, report->zone);
	if (from == report->from && to == report->to && first_day != NULL && last_day != NULL)
		return days_words(first_day, last_day);
	g_autofree char *begin = clock_local(report->from, report->zone);
	g_autofree char *end = clock_local(report->to, report->zone);
	return g_strdup_printf("%s to %s", begin, end);
}

char *
wording_sum(guint64 server, guint64 kept, guint64 failed, guint64 waiting)
{
	g_autofree char *all = text_count(server);
	g_autofree char *good = text_count(kept);
	g_autofree char *bad = text_count(failed);
	g_autofree char *later = text_count(waiting);
	g_autofree char *plus =
	    waiting > 0 ? g_strdup_printf(" + waiting %s", later) : g_strdup("");
	guint64 known = kept + failed + waiting;

	if (server == known)
		return g_strdup_printf("server %s = kept %s + failed %s%s", all, good, bad, plus);
	g_autofree char *rest = text_count(server > known ? server - known : known - server);
	return g_strdup_printf("server %s ≠ kept %s + failed %s%s: %s %s", all, good, bad, plus,
	    rest, server > known ? "not accounted for" : "more than is there");
}

const char *
wording_gap(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(meanings); i++) {
		if (strcmp(meanings[i].word, word) == 0)
			return meanings[i].meaning;
	}
	return "";
}

const char *
wording_kind(const char *kind)
{
	static const char *const kinds[] = { "part", "rule", "fetch", "message", "copies", NULL };
	static const char *const names[] = { "Part not read", "Rule gave up", "Message not fetched",
		"Message not scanned", "Copies not readable" };
	int i = word_index(kinds, kind);

	return i >= 0 ? names[i] : "Not checked";
}

const char *
wording_severity(enum severity severity)
{
	return severity_names[severity];
}

char *
wording_fate(const struct view_placement *placement, GTimeZone *zone)
{
	const char *fate = placement->gone != 0 ? placement->fate : "";

	if (fate[0] == '\0')
		return g_strdup("");
	if (strcmp(fate, "renumbered") == 0)
		return g_strdup("renumbered by the server, not found again yet");
	if (strcmp(fate, "relinked") == 0)
		return g_strdup("renumbered by the server");
	g_autofree char *from = clock_local(placement->last_seen, zone);
	g_autofree char *to = clock_local(placement->gone, zone);
	if (strcmp(fate, "moved") == 0)
		return g_strdup_printf(
		    "moved to %s between %s and %s", placement->moved_to, from, to);
	return g_strdup_printf("gone between %s and %s", from, to);
}

char *
wording_gone(const struct view_gone *gone, GTimeZone *zone)
{
	GString *out = g_string_new(NULL);
	g_autofree char *fate = wording_fate(gone->placement, zone);

	if (gone->message->date != MESSAGE_NO_DATE) {
		g_autofree char *sent = clock_local(gone->message->date, zone);
		g_string_append_printf(out, "dated %s, ", sent);
	}
	if (gone->flagged != 0) {
		g_autofree char *flagged = clock_local(gone->flagged, zone);
		g_string_append_printf(out, "flagged %s, ", flagged);
	}
	g_string_append(out, fate);
	return g_string_free(out, FALSE);
}

char *
wording_deleted(const struct view_totals *totals)
{
	g_autofree char *deleted = text_count(totals->deleted);
	g_autofree char *flagged = text_count(totals->deleted_flagged);
	g_autofree char *unseen = text_count(totals->unseen);
	GString *out = g_string_new(NULL);

	g_string_append_printf(out, "%s message%s deleted, %s of them flagged", deleted,
	    totals->deleted == 1 ? " was" : "s were", flagged);
	if (totals->unseen > 0)
		g_string_append_printf(out,
		    "; %s came and went before any pass saw %s, by the server's numbers", unseen,
		    totals->unseen == 1 ? "it" : "them");
	if (totals->drafts > 0) {
		g_autofree char *drafts = text_count(totals->drafts);
		g_autofree char *changed = text_count(totals->dead_drops);
		g_string_append_printf(out, "; %s draft%s vanished unsent, %s after changes",
		    drafts, totals->drafts == 1 ? "" : "s", changed);
	}
	return g_string_free(out, FALSE);
}

char *
wording_place(const char *account, const char *folder)
{
	if (folder[0] == '\0')
		return g_strdup(account);
	return g_strdup_printf("%s / %s", account, folder);
}

char *
wording_digest(const char *digest)
{
	return g_strndup(digest, WORDING_DIGEST);
}

char *
wording_join(const char *const *texts, const char *separator)
{
	return texts != NULL ? g_strjoinv(separator, (char **)texts) : g_strdup("");
}

/* "; 3 parts were not read" */
static void
add_count(GString *out, guint64 number, const char *noun, const char *text, const char *texts)
{
	if (number == 0)
		return;
	g_autofree char *count = text_count(number);
	g_string_append_printf(
	    out, "; %s %s%s %s", count, noun, number == 1 ? "" : "s", number == 1 ? text : texts);
}

static void
add_severities(GString *out, const guint64 *flags)
{
	const char *separator = " (";

	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW; i--) {
		if (flags[i] == 0)
			continue;
		g_autofree char *count = text_count(flags[i]);
		g_string_append_printf(out, "%s%s %s", separator, count, severity_words[i]);
		separator = ", ";
	}
	g_string_append(out, separator[0] == ',' ? ")" : "");
}

bool
wording_has_before(const struct report *report)
{
	return report->number > 1 && report->volume.first_run < report->from;
}

/* ", 3 fewer than the day before,": where anybody looked then. */
static void
add_change(GString *out, const struct report *report, guint64 flags)
{
	bool day = report->to - report->from <= G_GINT64_CONSTANT(90000) * G_USEC_PER_SEC;
	guint64 before =
	    report->before.flags[0] + report->before.flags[1] + report->before.flags[2];
	g_autofree char *by = text_count(flags > before ? flags - before : before - flags);

	if (!wording_has_before(report))
		return;
	if (flags == before)
		g_string_append_printf(out, ", as many as the %s before,", day ? "day" : "period");
	else
		g_string_append_printf(out, ", %s %s than the %s before,", by,
		    flags > before ? "more" : "fewer", day ? "day" : "period");
}

char *
report_verdict(const struct report *report)
{
	const struct view_totals *totals = &report->totals;
	guint64 flags = totals->flags[0] + totals->flags[1] + totals->flags[2];
	GString *out = g_string_new(NULL);
	struct tally tally;

	tally_report(report, &tally);
	g_autofree char *count = text_count(flags);
	g_autofree char *messages = text_count(totals->messages);
	g_string_append_printf(out, "%s flag%s", flags == 0 ? "no" : count, flags == 1 ? "" : "s");
	add_severities(out, totals->flags);
	add_change(out, report, flags);
	g_string_append_printf(out, " in %s new message%s", totals->messages == 0 ? "no" : messages,
	    totals->messages == 1 ? "" : "s");
	gsize bare = out->len;
	add_count(out, tally.failing, "account", "is failing", "are failing");
	add_count(out, tally.unseen, "account", "was not polled", "were not polled");
	add_count(out, tally.alarms, "account", "may not be read", "may not be read");
	add_count(out, tally.fetches, "message", "was not fetched", "were not fetched");
	add_count(out, tally.messages, "message", "could not be scanned", "could not be scanned");
	add_count(out, tally.waiting, "message", "waits for the next day's budget",
	    "wait for the next day's budget");
	add_count(out, tally.parts, "part", "was not read", "were not read");
	add_count(out, tally.rules, "check", "gave up", "gave up");
	add_count(out, tally.volumes, "volume of copies", "is damaged", "are damaged");
	if (!tally.holds)
		g_string_append(out, "; the completeness sum does not hold");
	if (out->len == bare)
		g_string_append(out, report_has_gaps(report) ? "; not everything was checked"
							     : "; everything was checked");
	return g_string_free(out, FALSE);
}

bool
report_has_gaps(const struct report *report)
{
	struct tally tally;

	tally_report(report, &tally);
	return tally.gaps > 0 || tally.failing > 0 || tally.unseen > 0 || tally.failed > 0 ||
	       tally.alarms > 0 || tally.waiting > 0 || !tally.holds ||
	       report->totals.partial > 0 || report->totals.unscannable > 0;
}

char *
wording_drawn(const struct drawn_sums *sums)
{
	guint64 looked = drawn_decided(sums), open = sums->states[DRAWN_OPEN];
	g_autofree char *drawn = text_count(looked + open);
	g_autofree char *of = text_count(sums->eligible);
	g_autofree char *said = text_count(looked);
	g_autofree char *missed = text_count(sums->states[DRAWN_MISSED]);
	g_autofree char *left = text_count(open);

	return g_strdup_printf("%s of %s messages without a flag %s drawn: %s looked at, %s missed "
			       "by the rules, %s open",
	    drawn, of, looked + open == 1 ? "was" : "were", said, missed, left);
}

char *
wording_missed(const struct drawn_sums *sums)
{
	guint64 looked = drawn_decided(sums);
	g_autofree char *said = text_count(looked);
	g_autofree char *missed = text_count(sums->states[DRAWN_MISSED]);
	g_autofree char *of = text_count(sums->eligible);
	g_autofree char *low = text_count((guint64)(sums->low * (double)sums->eligible));
	g_autofree char *high = text_count((guint64)(sums->high * (double)sums->eligible + 0.999));

	if (looked == 0)
		return g_strdup("nobody has looked at any: how much the rules miss is not known");
	return g_strdup_printf("%s %s looked at and %s missed by the rules: %.1f percent, with 95 "
			       "percent certainty between %.1f and %.1f; of %s messages without a "
			       "flag that would be %s to %s",
	    said, looked == 1 ? "was" : "were", missed, sums->share * 100, sums->low * 100,
	    sums->high * 100, of, low, high);
}
