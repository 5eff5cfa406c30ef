/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/flag-json.h"

#include "base/clock.h"
#include "mail/part-json.h"
#include "reports/quote.h"

static void
put_time(struct json *json, const char *key, gint64 time)
{
	g_autofree char *iso = time != 0 && time != MESSAGE_NO_DATE ? clock_iso(time) : NULL;

	json_put(json, key, iso);
}

static void
put_hits(struct json *json, const struct flag *flag, const struct quoter *quoter)
{
	json_key(json, "hits");
	json_begin(json, '[');
	for (guint i = 0; i < flag->hits->len; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *component = hit_component(hit);
		g_autofree char *excerpt = quoter_text(quoter, hit);
		json_begin(json, '{');
		json_put(json, "section", hit->section);
		json_put(json, "component", component);
		json_put(json, "part", hit->part);
		json_put(json, "name", hit->name);
		json_put_int(json, "offset", (gint64)hit->offset);
		json_put_int(json, "length", (gint64)hit->length);
		json_put(json, "excerpt", excerpt);
		json_put_bool(json, "hidden", hit->hidden);
		json_end(json);
	}
	json_end(json);
}

static void
put_placements(struct json *json, const GPtrArray *placements)
{
	json_key(json, "placements");
	json_begin(json, '[');
	for (guint i = 0; i < placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(placements, i);
		json_begin(json, '{');
		json_put(json, "account", one->account);
		json_put(json, "folder", one->folder);
		json_put_int(json, "uidvalidity", one->uidvalidity);
		json_put(json, "uid", one->uid);
		put_time(json, "first_seen", one->first_seen);
		put_time(json, "gone", one->gone);
		put_time(json, "last_seen", one->gone != 0 ? one->last_seen : 0);
		json_put(json, "fate", one->gone != 0 ? one->fate : "");
		json_put(json, "moved_to", one->gone != 0 ? one->moved_to : "");
		json_end(json);
	}
	json_end(json);
}

static void
put_message(struct json *json, const struct view_message *message, const struct quoter *quoter)
{
	g_autofree char *subject = quoter_subject(quoter, message->subject);

	json_key(json, "message");
	json_begin(json, '{');
	json_put(json, "sha256", message->sha256);
	json_put(json, "message_id", message->message_id);
	put_time(json, "date", message->date);
	put_time(json, "seen", message->seen);
	json_put(json, "from", message->from);
	json_put_strings(json, "to", (const char *const *)message->to);
	json_put(json, "subject", subject);
	json_put_int(json, "size", (gint64)message->size);
	json_put(json, "direction", direction_words[message->direction]);
	json_put(json, "outcome", outcome_words[message->outcome]);
	part_json_facts(json, message_fact_words, message->facts);
	json_put_bool(json, "copy", message->has_copy);
	put_placements(json, message->placements);
	json_end(json);
}

static void
put_review(struct json *json, const struct view_flag *row)
{
	json_put_int(json, "incident", row->incident);
	json_put(json, "fingerprint", row->fingerprint);
	json_put(json, "state", review_state_words[row->state]);
	json_put(json, "assignee", row->assignee);
	json_put(json, "reviewer", row->reviewer);
	put_time(json, "reviewed", row->reviewed);
}

void
flag_json_put(struct json *json, const struct view_flag *row, const struct quoter *quoter)
{
	const struct flag *flag = row->flag;

	json_begin(json, '{');
	json_put_int(json, "id", row->id);
	put_time(json, "seen", row->seen);
	json_put(json, "rule", flag->rule);
	json_put(json, "title", flag->title);
	json_put(json, "severity", severity_words[flag->severity]);
	json_put(json, "escalated_by", flag->escalated_by);
	json_put(json, "exception", flag->exception);
	json_put(json, "exception_reason", flag->except_reason);
	json_put(json, "rule_digest", flag->rule_digest);
	json_put(json, "ruleset", row->ruleset);
	put_review(json, row);
	json_put_int(json, "hits_total", (gint64)flag->hits_total);
	put_hits(json, flag, quoter);
	part_json_put(json, row->parts);
	put_message(json, row->message, quoter);
	json_end(json);
}

/* Parts of a million; null where nobody looked at any. */
static void
put_share(struct json *json, const char *key, const struct drawn_sums *sums, double share)
{
	if (drawn_decided(sums) > 0)
		json_put_int(json, key, (gint64)(share * 1000000 + 0.5));
	else
		json_put(json, key, NULL);
}

void
flag_json_sample(struct json *json, const char *key, const struct drawn_sums *sums)
{
	json_key(json, key);
	json_begin(json, '{');
	json_put_int(json, "eligible", (gint64)sums->eligible);
	json_put_int(json, "let_go", (gint64)sums->cut);
	json_put_int(json, "open", (gint64)sums->states[DRAWN_OPEN]);
	json_put_int(json, "nothing_to_see", (gint64)sums->states[DRAWN_NOTHING]);
	json_put_int(json, "missed", (gint64)sums->states[DRAWN_MISSED]);
	put_share(json, "missed_ppm", sums, sums->share);
	put_share(json, "missed_ppm_low", sums, sums->low);
	put_share(json, "missed_ppm_high", sums, sums->high);
	json_end(json);
}
