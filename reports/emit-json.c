/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-json - the whole report as one JSON document. Words and names are those of
 * `flagpost scan --json` (DESIGN section 7).
 */
#include "base/clock.h"
#include "base/json.h"
#include "reports/emit.h"
#include "reports/flag-json.h"
#include "reports/tally.h"

#define JSON_SCHEMA 3

static void
put_time(struct json *json, const char *key, gint64 time)
{
	g_autofree char *iso = time != 0 && time != MESSAGE_NO_DATE ? clock_iso(time) : NULL;

	json_put(json, key, iso);
}

static void
put_head(struct json *json, const struct report *report)
{
	g_autofree char *verdict = report_verdict(report);

	json_put_int(json, "schema", JSON_SCHEMA);
	json_put(json, "organisation", report->organisation);
	put_time(json, "from", report->from);
	put_time(json, "to", report->to);
	json_put(json, "zone", report->zone_name);
	put_time(json, "made", report->made);
	json_put(json, "ruleset", report->ruleset);
	json_put_int(json, "number", (gint64)report->number);
	json_put(json, "previous", report->previous);
	json_put_int(json, "ledger_row", report->ledger_row);
	json_put(json, "ledger_head", report->ledger_head);
	json_put(json, "rule", report->rule);
	json_put(json, "account", report->account);
	json_put(json, "group", report->group);
	json_put(json, "reader", report->reader);
	json_put(json, "verdict", verdict);
	json_put_bool(json, "everything_checked", !report_has_gaps(report));
	json_put_bool(json, "masked", !report->clear);
}

static void
put_totals(struct json *json, const struct report *report)
{
	const struct view_totals *totals = &report->totals;
	struct tally tally;

	tally_report(report, &tally);
	json_key(json, "totals");
	json_begin(json, '{');
	json_put_int(json, "server", (gint64)tally.server);
	json_put_int(json, "kept", (gint64)tally.kept);
	json_put_int(json, "failed", (gint64)tally.failed);
	json_put_int(json, "waiting", (gint64)tally.waiting);
	json_put_bool(json, "sum_holds", tally.holds);
	json_put_int(json, "messages", (gint64)totals->messages);
	json_put_int(json, "flagged", (gint64)totals->flagged);
	json_key(json, "flags");
	json_begin(json, '{');
	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW; i--)
		json_put_int(json, severity_words[i], (gint64)totals->flags[i]);
	json_end(json);
	json_put_int(json, "excepted", (gint64)totals->excepted);
	json_put_int(json, "partial", (gint64)totals->partial);
	json_put_int(json, "unscannable", (gint64)totals->unscannable);
	json_put_int(json, "bytes", (gint64)totals->bytes);
	json_put_int(json, "copies", (gint64)totals->copies);
	json_put_int(json, "deleted", (gint64)totals->deleted);
	json_put_int(json, "deleted_flagged", (gint64)totals->deleted_flagged);
	json_put_int(json, "unseen", (gint64)totals->unseen);
	json_put_int(json, "drafts_vanished", (gint64)totals->drafts);
	json_put_int(json, "dead_drops", (gint64)totals->dead_drops);
	json_put_int(json, "purged", (gint64)report->volume.purged);
	json_put_int(json, "purged_bytes", (gint64)report->volume.purged_bytes);
	json_end(json);
}

static void
put_folders(struct json *json, const GPtrArray *folders)
{
	json_key(json, "folders");
	json_begin(json, '[');
	for (guint i = 0; i < folders->len; i++) {
		const struct view_folder *folder = g_ptr_array_index(folders, i);
		json_begin(json, '{');
		json_put(json, "folder", folder->folder);
		json_put_int(json, "uidvalidity", folder->uidvalidity);
		json_put_int(json, "server", (gint64)folder->server);
		json_put_int(json, "kept", (gint64)folder->kept);
		json_put_int(json, "failed", (gint64)folder->failed);
		json_put_int(json, "waiting", (gint64)folder->waiting);
		json_put_int(json, "gone", (gint64)folder->gone);
		json_put_bool(json, "failing", folder->failing);
		json_put(json, "text", folder->text);
		put_time(json, "checked", folder->checked);
		json_put_int(json, "unseen", (gint64)folder->unseen);
		json_end(json);
	}
	json_end(json);
}

static void
put_watch(struct json *json, const struct view_account *account, gint64 now)
{
	json_put(json, "canary", view_canary_words[view_canary_state(&account->canary, now)]);
	put_time(json, "canary_planted", account->canary.planted);
	put_time(json, "canary_seen", account->canary.seen);
	put_time(json, "arrived", account->arrived);
	json_put_bool(json, "silent", view_is_silent(account, now));
	put_time(json, "exposed_since", account->exposed.since);
	put_time(json, "exposed_upto", account->exposed.upto);
	json_put_bool(json, "stalled", view_is_stalled(account, now));
}

static void
put_accounts(struct json *json, const struct report *report)
{
	json_key(json, "accounts");
	json_begin(json, '[');
	for (guint i = 0; i < report->accounts->len; i++) {
		const struct view_account *account = g_ptr_array_index(report->accounts, i);
		json_begin(json, '{');
		json_put(json, "account", account->name);
		json_put(json, "protocol", account->protocol);
		json_put(json, "host", account->host);
		json_put(json, "user", account->user);
		json_put(json, "purpose", account->purpose);
		json_put(json, "keep", account->keep);
		json_put(json, "status", tally_state(account, report->from));
		json_put(json, "state", account->state);
		json_put(json, "text", account->text);
		put_time(json, "checked", account->checked);
		put_time(json, "last_ok", account->last_ok);
		put_time(json, "failing_since", account->failing_since);
		put_folders(json, account->folders);
		put_watch(json, account, report->made);
		json_end(json);
	}
	json_end(json);
}

static void
put_gap(const struct report *report, const struct view_gap *gap, guint64 number, GString *out)
{
	struct json json;

	g_string_append(out, number > 0 ? "," : "");
	json_init(&json, out);
	json_begin(&json, '{');
	json_put(&json, "kind", gap->kind);
	json_put(&json, "word", gap->word);
	json_put(&json, "what", gap->what);
	json_put(&json, "detail", gap->detail);
	json_put(&json, "account", gap->account);
	json_put(&json, "folder", gap->folder);
	put_time(&json, "seen", gap->seen);
	json_put(&json, "sha256", gap->message != NULL ? gap->message->sha256 : NULL);
	json_end(&json);
	(void)report;
}

static void
put_notes(struct json *json, const GPtrArray *notes)
{
	json_key(json, "notes");
	json_begin(json, '[');
	for (guint i = 0; i < notes->len; i++) {
		const struct view_note *note = g_ptr_array_index(notes, i);
		json_begin(json, '{');
		json_put(json, "account", note->account);
		json_put(json, "folder", note->folder);
		json_put(json, "word", note->word);
		json_put(json, "text", note->text);
		put_time(json, "seen", note->seen);
		json_end(json);
	}
	json_end(json);
}

static void
put_runs(struct json *json, const GPtrArray *runs)
{
	json_key(json, "runs");
	json_begin(json, '[');
	for (guint i = 0; i < runs->len; i++) {
		const struct view_run *run = g_ptr_array_index(runs, i);
		json_begin(json, '{');
		json_put_int(json, "id", run->id);
		json_put(json, "command", run->command);
		put_time(json, "begun", run->begun);
		put_time(json, "ended", run->ended);
		json_put_int(json, "exit_code", run->exit_code);
		json_put(json, "ruleset", run->ruleset);
		json_end(json);
	}
	json_end(json);
}

/* What was deleted; of messages without a flag nothing is told but that they were there. */
static void
put_gone(struct json *json, const GPtrArray *rows)
{
	json_key(json, "gone");
	json_begin(json, '[');
	for (guint i = 0; i < rows->len; i++) {
		const struct view_gone *row = g_ptr_array_index(rows, i);
		json_begin(json, '{');
		json_put(json, "sha256", row->message->sha256);
		put_time(json, "date", row->message->date);
		put_time(json, "flagged", row->flagged);
		json_put(json, "account", row->placement->account);
		json_put(json, "folder", row->placement->folder);
		json_put(json, "uid", row->placement->uid);
		put_time(json, "first_seen", row->placement->first_seen);
		put_time(json, "last_seen", row->placement->last_seen);
		put_time(json, "gone", row->placement->gone);
		json_put_bool(json, "copy", row->message->has_copy);
		json_end(json);
	}
	json_end(json);
}

static void
put_sample(struct json *json, const struct report *report)
{
	json_key(json, "sample");
	json_begin(json, '{');
	flag_json_sample(json, "period", &report->drawn);
	flag_json_sample(json, "thirty_days", &report->drawn_month);
	json_end(json);
}

static void
put_excepted(struct json *json, const struct report *report)
{
	json_key(json, "excepted");
	json_begin(json, '[');
	for (guint i = 0; i < report->excepted->len; i++) {
		const struct view_flag *row = g_ptr_array_index(report->excepted, i);
		flag_json_put(json, row, emit_quoter(report, row));
	}
	json_end(json);
}

/* Gaps and flags stand between what begin, between and end write; the braces of all three are taken
 * apart for it. */
static void
begin(const struct report *report, GString *out)
{
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_head(&json, report);
	put_totals(&json, report);
	put_accounts(&json, report);
	json_end(&json);
	g_string_truncate(out, out->len - 1);
	g_string_append(out, ",\"gaps\":[");
}

static void
between(const struct report *report, GString *out)
{
	g_autoptr(GString) rest = g_string_new(NULL);
	struct json json;

	json_init(&json, rest);
	json_begin(&json, '{');
	put_notes(&json, report->notes);
	json_end(&json);
	g_string_truncate(rest, rest->len - 1);
	g_string_append(out, "],");
	g_string_append(out, rest->str + 1);
	g_string_append(out, ",\"flags\":[");
}

static void
put_row(const struct report *report, const struct view_flag *row, guint64 number, GString *out)
{
	struct json json;

	g_string_append(out, number > 0 ? "," : "");
	json_init(&json, out);
	flag_json_put(&json, row, emit_quoter(report, row));
}

static void
end(const struct report *report, GString *out)
{
	g_autoptr(GString) rest = g_string_new(NULL);
	struct json json;

	json_init(&json, rest);
	json_begin(&json, '{');
	put_excepted(&json, report);
	put_runs(&json, report->runs);
	put_gone(&json, report->gone);
	put_sample(&json, report);
	json_end(&json);
	g_string_append(out, "],");
	g_string_append(out, rest->str + 1);
	g_string_append_c(out, '\n');
}

const struct emitter emit_json = {
	.name = "json",
	.extension = "json",
	.begin = begin,
	.gap = put_gap,
	.between = between,
	.row = put_row,
	.end = end,
};
