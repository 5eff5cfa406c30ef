/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-ocsf - one JSON object a flag, one a line: Detection Finding (class 2004) of the Open
 * Cybersecurity Schema Framework 1.5. What it has no word for stands under "unmapped".
 */
#include "base/json.h"
#include "reports/emit.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define OCSF_VERSION  "1.5.0"
#define CATEGORY      2 /* Findings */
#define CLASS         2004
#define CREATE        1
#define CLOSE         3
#define ANALYTIC_RULE 1
#define HASH_SHA256   3
#define FILE_REGULAR  1

/* Times are milliseconds. */
static void
put_time(struct json *json, const char *key, gint64 time)
{
	if (time != 0 && time != MESSAGE_NO_DATE)
		json_put_int(json, key, time / 1000);
}

static void
object(struct json *json, const char *key)
{
	json_key(json, key);
	json_begin(json, '{');
}

static void
put_classes(struct json *json, const struct view_flag *row)
{
	/* New, in progress, in progress (escalated), suppressed, resolved. */
	static const gint64 statuses[] = { 1, 2, 2, 3, 4 };
	gint64 activity = review_is_open(row->state) ? CREATE : CLOSE;

	json_put_int(json, "activity_id", activity);
	json_put_int(json, "category_uid", CATEGORY);
	json_put_int(json, "class_uid", CLASS);
	json_put_int(json, "type_uid", CLASS * 100 + activity);
	json_put_int(json, "severity_id", 2 + (gint64)row->flag->severity);
	json_put(json, "severity", wording_severity(row->flag->severity));
	json_put_int(json, "status_id", statuses[row->state]);
	json_put_bool(json, "is_alert", activity == CREATE);
	put_time(json, "time", row->seen);
}

static void
put_metadata(struct json *json, const struct view_flag *row)
{
	g_autofree char *id = g_strdup_printf("flag-%" G_GINT64_FORMAT, row->id);

	object(json, "metadata");
	json_put(json, "version", OCSF_VERSION);
	json_put(json, "uid", id);
	object(json, "product");
	json_put(json, "name", "Flagpost");
	json_put(json, "vendor_name", "Flagpost");
	json_put(json, "version", FLAGPOST_VERSION);
	json_end(json);
	json_end(json);
}

static void
put_finding(struct json *json, const struct view_flag *row)
{
	object(json, "finding_info");
	json_put(json, "uid", row->fingerprint);
	json_put(json, "title", row->flag->title);
	if (row->description != NULL && row->description[0] != '\0')
		json_put(json, "desc", row->description);
	put_time(json, "created_time", row->seen);
	put_time(json, "first_seen_time", row->begun);
	object(json, "analytic");
	json_put_int(json, "type_id", ANALYTIC_RULE);
	json_put(json, "name", row->flag->title);
	json_put(json, "uid", row->flag->rule);
	if (row->flag->rule_digest[0] != '\0')
		json_put(json, "version", row->flag->rule_digest);
	json_end(json);
	json_end(json);
}

static void
put_file(struct json *json, const struct part *part)
{
	json_begin(json, '{');
	object(json, "file");
	json_put(json, "name", part->name[0] != '\0' ? part->name : part->path);
	json_put_int(json, "type_id", FILE_REGULAR);
	json_put_int(json, "size", (gint64)part->size);
	json_put(
	    json, "mime_type", part->true_type[0] != '\0' ? part->true_type : part->declared_type);
	if (part->sha256[0] != '\0') {
		json_key(json, "hashes");
		json_begin(json, '[');
		json_begin(json, '{');
		json_put_int(json, "algorithm_id", HASH_SHA256);
		json_put(json, "value", part->sha256);
		json_end(json);
		json_end(json);
	}
	json_end(json);
	json_end(json);
}

static void
put_evidences(struct json *json, const struct view_flag *row, const struct quoter *quoter)
{
	const struct view_message *message = row->message;
	g_autofree char *subject = quoter_subject(quoter, message->subject);

	json_key(json, "evidences");
	json_begin(json, '[');
	json_begin(json, '{');
	object(json, "email");
	json_put(json, "from", message->from);
	json_put_strings(json, "to", (const char *const *)message->to);
	json_put(json, "subject", subject);
	if (message->message_id[0] != '\0')
		json_put(json, "message_uid", message->message_id);
	json_put(json, "uid", message->sha256);
	json_put_int(json, "size", (gint64)message->size);
	json_end(json);
	json_end(json);
	for (guint i = 0; i < row->parts->len; i++)
		put_file(json, g_ptr_array_index(row->parts, i));
	json_end(json);
}

static void
put_unmapped(struct json *json, const struct view_flag *row, const struct quoter *quoter)
{
	json_key(json, "unmapped");
	json_begin(json, '{');
	json_put_int(json, "incident", row->incident);
	json_put(json, "state", review_state_words[row->state]);
	json_put(json, "direction", direction_words[row->message->direction]);
	json_put(json, "outcome", outcome_words[row->message->outcome]);
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
begin(const struct report *report, GString *out)
{
	(void)report;
	(void)out;
}

static void
put_row(const struct report *report, const struct view_flag *row, guint64 number, GString *out)
{
	g_autoptr(quoter) quoter = quoter_new(row->flag, report_mask(report));
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_classes(&json, row);
	json_put(&json, "message", row->flag->title);
	put_metadata(&json, row);
	put_finding(&json, row);
	put_evidences(&json, row, quoter);
	put_unmapped(&json, row, quoter);
	json_end(&json);
	g_string_append_c(out, '\n');
	(void)number;
}

const struct emitter emit_ocsf = {
	.name = "ocsf",
	.extension = "ocsf.ndjson",
	.begin = begin,
	.row = put_row,
};
