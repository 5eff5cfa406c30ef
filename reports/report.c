/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/report.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "reports/pseudonym.h"
#include "reports/quote.h"

#define DAY (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

/* --- flags --- */

struct collector {
	struct report *report;
	GHashTable *cards; /* of incidents whose matches are kept */
};

static void
drop_matches(struct flag *flag)
{
	g_ptr_array_set_size(flag->hits, 0);
	g_clear_pointer(&flag->matches, g_ptr_array_unref);
}

/* Of what no card shows, the masked subject is all that is kept. */
static bool
collect(struct view_flag *row, gpointer data, GError **error)
{
	struct collector *collector = data;
	struct report *report = collector->report;

	if (report->pseudonyms != NULL)
		pseudonyms_put_flag(report->pseudonyms, row, report_mask(report));
	g_ptr_array_add(
	    report->subjects, quote_subject(row->flag, row->message->subject, report_mask(report)));
	g_ptr_array_add(report->flags, row);
	if (!g_hash_table_contains(collector->cards, &row->incident)) {
		if (g_hash_table_size(collector->cards) < REPORT_CARDS_MAX)
			g_hash_table_add(collector->cards, &row->incident);
		else
			drop_matches(row->flag);
	}
	(void)error;
	return true;
}

static bool
gather_flags(struct report *report, bool rows_alone, GError **error)
{
	g_autoptr(GHashTable) cards = g_hash_table_new(g_int64_hash, g_int64_equal);
	struct collector collector = { report, cards };
	struct view_flag_query some = report->which;

	report->flags = g_ptr_array_new_with_free_func((GDestroyNotify)view_flag_free);
	report->subjects = g_ptr_array_new_with_free_func(g_free);
	some.limit = REPORT_FLAGS_MAX;
	if ((!rows_alone && !view_flags_each(report->view, &some, collect, &collector, error)) ||
	    !view_flags_count(report->view, &report->which, report->totals.flags, error) ||
	    (!rows_alone &&
		!view_incidents_count(report->view, &report->which, &report->leaks, error)))
		return false;
	some.excepted = true;
	some.hits = 1;
	report->excepted = view_flags_some(report->view, &some, error);
	return report->excepted != NULL;
}

static bool
gather_incidents(struct report *report, GError **error)
{
	report->incidents = incident_fold(report->flags);
	for (guint i = 0; i < report->incidents->len && i < REPORT_CARDS_MAX; i++) {
		struct incident *incident = g_ptr_array_index(report->incidents, i);
		if (!view_repeats(report->view, incident->id, report->from - VIEW_DAYS * DAY,
			report->from, &incident->repeats, &incident->last, error))
			return false;
	}
	return true;
}

/* --- the rest --- */

static bool
gather_lists(struct report *report, GError **error)
{
	struct view *view = report->view;
	gint64 from = report->from, to = report->to;

	return (report->accounts = view_accounts(view, error)) != NULL &&
	       (report->gaps = view_gaps(view, from, to, REPORT_GAPS_MAX, error)) != NULL &&
	       (report->gap_sums = view_gap_sums(view, from, to, error)) != NULL &&
	       (report->notes = view_notes(view, from, to, error)) != NULL &&
	       (report->runs = view_runs(view, from, to, error)) != NULL &&
	       (report->gone = view_gone(view, from, to, REPORT_GONE_MAX, error)) != NULL &&
	       (report->rules = view_rules(view, from, to, error)) != NULL &&
	       (report->open = view_oldest_open(view, from, REPORT_OPEN_MAX, error)) != NULL &&
	       (report->changes = review_changes(view, from, to, REPORT_CHANGES_MAX, error)) !=
		   NULL &&
	       (report->accesses = view_accesses(view, from, to, error)) != NULL;
}

/* A sample says nothing of one rule, account or group. */
static bool
gather_sample(struct report *report, GError **error)
{
	struct view *view = report->view;

	if (report->rule[0] != '\0' || report->account[0] != '\0' || report->group[0] != '\0')
		return true;
	report->sample = drawn_list(view, 0, report->to, true, REPORT_SAMPLE_MAX, error);
	return report->sample != NULL &&
	       drawn_sums(view, report->from, report->to, &report->drawn, error) &&
	       drawn_sums(
		   view, report->to - VIEW_DAYS * DAY, report->to, &report->drawn_month, error);
}

static bool
gather_sums(struct report *report, GError **error)
{
	struct view *view = report->view;
	struct view_flag_query before = report->which;

	report_before(report->from, report->to, report->zone, &before.from, &before.to);
	if (!view_totals(view, report->from, report->to, &report->totals, error) ||
	    !view_flags_count(view, &before, report->before.flags, error) ||
	    !view_open_sums(view, report->from, report->made, &report->ages, error) ||
	    !view_ledger_head(
		view, report->made, &report->ledger_row, &report->ledger_head, error) ||
	    !view_volume(view, report->from, report->made, &report->volume, error) ||
	    !view_trend(view, report->zone, clock_now(), &report->trend, error))
		return false;
	gint64 since = report->to - report->volume.first_run;
	if (report->volume.first_run != 0 && since > 0)
		report->number = (guint64)((since + DAY - 1) / DAY);
	return true;
}

/* The rule set of the newest run in the window; "" when nothing ran. */
static char *
newest_ruleset(const GPtrArray *runs)
{
	const struct view_run *newest = NULL;

	for (guint i = 0; i < runs->len; i++) {
		const struct view_run *run = g_ptr_array_index(runs, i);
		if (newest == NULL || run->begun > newest->begun)
			newest = run;
	}
	return g_strdup(newest != NULL ? newest->ruleset : "");
}

static bool
begins_month(gint64 time, GTimeZone *zone)
{
	g_autofree char *local = clock_local(time, zone);

	return g_str_has_suffix(local, "-01 00:00");
}

void
report_before(gint64 from, gint64 to, GTimeZone *zone, gint64 *begin, gint64 *end)
{
	bool month = begins_month(from, zone) && begins_month(to, zone) && to - from < 32 * DAY;
	gint64 day_begin, day_end, at = from;

	*end = from;
	*begin = from - (to - from);
	clock_day(from, zone, &day_begin, &day_end);
	if (day_begin != from)
		return;
	clock_day(to - 1, zone, &day_begin, &day_end);
	if (day_end != to)
		return;
	/* Days have 23 to 25 hours; half a day more or less does not change their number. */
	gint64 days = (to - from + DAY / 2) / DAY;
	for (gint64 i = 0; month ? i == 0 || !begins_month(at, zone) : i < days; i++)
		clock_day(at - 1, zone, &at, &day_end);
	*begin = at;
}

static char *
digest_before(const struct report_options *options, GTimeZone *zone)
{
	gint64 begin, end;

	report_before(options->from, options->to, zone, &begin, &end);
	g_autofree char *path =
	    options->folder != NULL ? report_path(options->folder, begin, end, zone) : NULL;
	g_autoptr(GMappedFile) file = path != NULL ? g_mapped_file_new(path, FALSE, NULL) : NULL;
	char digest[DIGEST_HEX] = "";

	if (file != NULL)
		digest_bytes(
		    g_mapped_file_get_contents(file), g_mapped_file_get_length(file), digest);
	return g_strdup(digest);
}

static char *
copy(const char *text)
{
	return g_strdup(text != NULL ? text : "");
}

/* "\na@x\nb@y\n", as view_flag_query has it. */
static char *
join_members(const char *const *members)
{
	GString *out = g_string_new("\n");

	for (gsize i = 0; members[i] != NULL; i++) {
		g_autofree char *lower = g_ascii_strdown(members[i], -1);
		g_string_append_printf(out, "%s\n", lower);
	}
	return g_string_free(out, FALSE);
}

static struct report *
report_new(struct view *view, const struct report_options *options)
{
	static const char *const none[] = { NULL };
	struct report *report = g_new0(struct report, 1);

	report->organisation = copy(options->organisation);
	report->confidential = copy(options->confidential);
	report->legal_basis = copy(options->legal_basis);
	report->zone =
	    options->zone != NULL ? g_time_zone_ref(options->zone) : g_time_zone_new_utc();
	report->zone_name = g_strdup(g_time_zone_get_identifier(report->zone));
	report->from = options->from;
	report->to = options->to;
	report->made = MIN(clock_now(), options->to);
	report->clear = options->clear;
	report->masked = options->masked;
	report->people = options->people;
	report->no_mark = options->no_mark;
	report->rule = copy(options->rule);
	report->account = copy(options->account);
	report->group = copy(options->group);
	report->reader = copy(view_sees_all(view) ? NULL : view_person(view));
	report->own_domains =
	    g_strdupv((GStrv)(options->own_domains != NULL ? options->own_domains : none));
	report->data_dir = copy(options->data_dir);
	report->previous = digest_before(options, report->zone);
	report->people_list =
	    options->members != NULL ? join_members(options->members) : copy(NULL);
	report->account_asked = copy(options->account);
	report->view = view;
	report->which = (struct view_flag_query){ .from = report->from,
		.to = report->to,
		.rule = report->rule,
		.account = report->account_asked,
		.people = report->people_list };
	return report;
}

/* Names hold for the month that the period begins in. */
static bool
know_people(struct report *report, GError **error)
{
	g_autofree char *month = clock_local(report->from, report->zone);
	g_autoptr(GPtrArray) accounts = view_accounts(report->view, error);

	if (accounts == NULL)
		return false;
	month[strlen("2026-11")] = '\0';
	report->pseudonyms = pseudonyms_new(
	    report->view, report->data_dir, (const char *const *)report->own_domains, month, error);
	if (report->pseudonyms == NULL)
		return false;
	for (guint i = 0; i < accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(accounts, i);
		pseudonyms_know_account(report->pseudonyms, account->name, account->user);
	}
	return true;
}

struct report *
report_gather(struct view *view, const struct report_options *options, GError **error)
{
	if (!view_hold(view, error))
		return NULL;
	g_autoptr(report) report = report_new(view, options);
	if (options->pseudonyms && !know_people(report, error))
		return NULL;
	if (!gather_sums(report, error) || !gather_flags(report, options->rows_alone, error) ||
	    !gather_incidents(report, error) || !gather_lists(report, error) ||
	    !gather_sample(report, error))
		return NULL;
	report->ruleset = newest_ruleset(report->runs);
	if (report->pseudonyms != NULL)
		report_hide_people(report);
	return g_steal_pointer(&report);
}

static void
free_lists(struct report *report)
{
	GPtrArray **const lists[] = { &report->incidents, &report->accounts, &report->flags,
		&report->subjects, &report->excepted, &report->gaps, &report->gap_sums,
		&report->notes, &report->runs, &report->gone, &report->rules, &report->open,
		&report->changes, &report->accesses, &report->sample };

	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		g_clear_pointer(lists[i], g_ptr_array_unref);
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	char *const texts[] = { report->organisation, report->confidential, report->legal_basis,
		report->zone_name, report->rule, report->account, report->group, report->reader,
		report->ruleset, report->previous, report->ledger_head, report->data_dir,
		report->people_list, report->account_asked };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		g_free(texts[i]);
	g_strfreev(report->own_domains);
	g_clear_pointer(&report->zone, g_time_zone_unref);
	g_clear_pointer(&report->copies, g_hash_table_unref);
	free_lists(report);
	g_clear_pointer(&report->pseudonyms, pseudonyms_free);
	if (report->view != NULL)
		view_let_go(report->view);
	g_free(report);
}

int
report_mask(const struct report *report)
{
	return report->clear ? QUOTE_CLEAR : (int)report->masked;
}

const char *
report_subject_at(const struct report *report, guint row)
{
	return g_ptr_array_index(report->subjects, row);
}
