/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-ecs - one JSON object a flag, one a line, in the words of the Elastic Common Schema 8.11:
 * fields base, event, rule, email, file hashes, observer, organization, related. What it has no
 * word for stands under "flagpost".
 */
#include "base/clock.h"
#include "base/json.h"
#include "reports/emit.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define ECS_VERSION "8.11.0"

/* As SIEMs rank: low 21 to 46, medium 47 to 72, high 73 to 98. */
static const gint64 scores[] = { 21, 47, 73 };

static void
put_time(struct json *json, const char *key, gint64 time)
{
	if (time == 0 || time == MESSAGE_NO_DATE)
		return;
	g_autofree char *iso = clock_iso(time);
	json_put(json, key, iso);
}

/* Absent, not empty: an index would hold "" as a value. */
static void
put_known(struct json *json, const char *key, const char *value)
{
	if (value[0] != '\0')
		json_put(json, key, value);
}

static void
object(struct json *json, const char *key)
{
	json_key(json, key);
	json_begin(json, '{');
}

static void
put_event(struct json *json, const struct view_flag *row)
{
	static const char *const category[] = { "email", NULL }, *const type[] = { "info", NULL };
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, row->id);

	object(json, "event");
	json_put(json, "kind", "alert");
	json_put_strings(json, "category", category);
	json_put_strings(json, "type", type);
	json_put(json, "module", "flagpost");
	json_put(json, "dataset", "flagpost.flag");
	json_put(json, "action", "flagged");
	json_put(json, "id", id);
	json_put_int(json, "severity", scores[row->flag->severity]);
	put_time(json, "created", row->seen);
	json_end(json);
}

static void
put_rule(struct json *json, const struct view_flag *row)
{
	object(json, "rule");
	json_put(json, "id", row->flag->rule);
	json_put(json, "name", row->flag->title);
	put_known(json, "description", row->description != NULL ? row->description : "");
	put_known(json, "ruleset", row->ruleset);
	put_known(json, "version", row->flag->rule_digest);
	json_end(json);
}

static void
put_attachments(struct json *json, const GPtrArray *parts)
{
	json_key(json, "attachments");
	json_begin(json, '[');
	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		json_begin(json, '{');
		object(json, "file");
		put_known(json, "name", part->name);
		put_known(json, "mime_type",
		    part->true_type[0] != '\0' ? part->true_type : part->declared_type);
		json_put_int(json, "size", (gint64)part->size);
		object(json, "hash");
		put_known(json, "sha256", part->sha256);
		json_end(json);
		json_end(json);
		json_end(json);
	}
	json_end(json);
}

static void
put_email(struct json *json, const struct view_flag *row, const struct quoter *quoter)
{
	const struct view_message *message = row->message;
	const char *const from[] = { message->from, NULL };
	g_autofree char *subject = quoter_subject(quoter, message->subject);

	object(json, "email");
	object(json, "from");
	json_put_strings(json, "address", message->from[0] != '\0' ? from : from + 1);
	json_end(json);
	object(json, "to");
	json_put_strings(json, "address", (const char *const *)message->to);
	json_end(json);
	json_put(json, "direction", direction_words[message->direction]);
	put_known(json, "message_id", message->message_id);
	json_put(json, "subject", subject);
	put_time(json, "origination_timestamp", message->date);
	put_attachments(json, row->parts);
	json_end(json);
}

static void
put_own(struct json *json, const struct view_flag *row, const struct quoter *quoter)
{
	object(json, "flagpost");
	json_put_int(json, "incident", row->incident);
	json_put(json, "fingerprint", row->fingerprint);
	json_put(json, "state", review_state_words[row->state]);
	json_put(json, "severity", severity_words[row->flag->severity]);
	json_put(json, "outcome", outcome_words[row->message->outcome]);
	json_put_int(json, "hits", (gint64)row->flag->hits_total);
	json_key(json, "places");
	json_begin(json, '[');
	for (guint i = 0; i < row->message->placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(row->message->placements, i);
		g_autofree char *place = wording_place(one->account, one->folder);
		json_string(json, place);
	}
	json_end(json);
	json_key(json, "excerpts");
	json_begin(json, '[');
	for (guint i = 0; i < row->flag->hits->len; i++) {
		g_autofree char *text = quoter_text(quoter, g_ptr_array_index(row->flag->hits, i));
		json_string(json, text);
	}
	json_end(json);
	json_end(json);
}

static void
put_related(struct json *json, const struct view_message *message)
{
	const char *const hashes[] = { message->sha256, NULL };

	object(json, "related");
	json_put_strings(json, "hash", hashes);
	json_end(json);
}

static void
begin(const struct report *report, GString *out)
{
	(void)report;
	(void)out;
}

static void
put_row(const struct report *report, const struct view_flag *row, guint64 number, GString *out)
{
	g_autoptr(quoter) quoter = quoter_new(row->flag, report_mask(report));
	g_autofree char *sentence =
	    g_strdup_printf("%s: %s", wording_severity(row->flag->severity), row->flag->title);
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_time(&json, "@timestamp", row->seen);
	json_put(&json, "message", sentence);
	object(&json, "ecs");
	json_put(&json, "version", ECS_VERSION);
	json_end(&json);
	put_event(&json, row);
	put_rule(&json, row);
	put_email(&json, row, quoter);
	object(&json, "observer");
	json_put(&json, "vendor", "Flagpost");
	json_put(&json, "product", "Flagpost");
	json_put(&json, "type", "email-scanner");
	json_put(&json, "version", FLAGPOST_VERSION);
	json_end(&json);
	if (report->organisation[0] != '\0') {
		object(&json, "organization");
		json_put(&json, "name", report->organisation);
		json_end(&json);
	}
	put_related(&json, row->message);
	put_own(&json, row, quoter);
	json_end(&json);
	g_string_append_c(out, '\n');
	(void)number;
}

const struct emitter emit_ecs = {
	.name = "ecs",
	.extension = "ecs.ndjson",
	.begin = begin,
	.row = put_row,
};
