/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names and order are promised to users; new members come behind the old ones.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "mail/part-json.h"
#include "cmd/cmd-verdict.h"
#include "cmd/proofs.h"

static void
put_recipients(struct json *json, const GPtrArray *addresses)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	json_key(json, "to");
	json_begin(json, '[');
	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		if (address_is_recipient(address) && g_hash_table_add(seen, address->address))
			json_string(json, address->address);
	}
	json_end(json);
}

static void
put_hit(struct json *json, const struct hit *hit, bool clear)
{
	g_autofree char *component = hit_component(hit), *excerpt = hit_excerpt(hit, clear);

	json_begin(json, '{');
	json_put(json, "component", component);
	json_put(json, "part", hit->part);
	json_put(json, "name", hit->name);
	json_put_int(json, "offset", (gint64)hit->offset);
	json_put_int(json, "length", (gint64)hit->length);
	json_put(json, "excerpt", excerpt);
	json_put_bool(json, "hidden", hit->hidden);
	json_end(json);
}

static void
put_flag(struct json *json, const struct flag *flag, bool clear)
{
	json_begin(json, '{');
	json_put(json, "rule", flag->rule);
	json_put(json, "severity", severity_words[flag->severity]);
	json_key(json, "hits");
	json_begin(json, '[');
	for (guint i = 0; i < flag->hits->len; i++)
		put_hit(json, g_ptr_array_index(flag->hits, i), clear);
	json_end(json);
	json_put_int(json, "hits_total", (gint64)flag->hits_total);
	if (flag->exception[0] != '\0') {
		json_put(json, "exception", flag->exception);
		json_put(json, "reason", flag->except_reason);
	}
	json_end(json);
}

static void
put_flags(struct json *json, const char *key, const struct cmd_verdict *item, bool excepted)
{
	const GPtrArray *flags = item->verdict->flags;

	json_key(json, key);
	json_begin(json, '[');
	for (guint i = 0; i < flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(flags, i);
		if ((flag->exception[0] != '\0') == excepted)
			put_flag(json, flag, item->clear);
	}
	json_end(json);
}

static void
put_undecided(struct json *json, const GPtrArray *undecided)
{
	json_key(json, "undecided");
	json_begin(json, '[');
	for (guint i = 0; i < undecided->len; i++) {
		const struct undecided *one = g_ptr_array_index(undecided, i);
		json_begin(json, '{');
		json_put(json, "rule", one->rule);
		json_put(json, "section", one->section);
		json_put(json, "part", one->part);
		json_put(json, "reason", one->reason);
		json_end(json);
	}
	json_end(json);
}

static void
put_head(struct json *json, const struct cmd_verdict *item)
{
	const struct verdict *verdict = item->verdict;
	const struct address *from = verdict_address(verdict, ADDRESS_FROM);
	g_autofree char *date = verdict->date != MESSAGE_NO_DATE ? clock_iso(verdict->date) : NULL;

	json_put(json, "file", item->file);
	json_put(json, "sha256", item->sha256);
	json_put(json, "message_id", verdict->message_id);
	json_put(json, "date", date);
	json_put(json, "from", from != NULL ? from->address : "");
	put_recipients(json, verdict->addresses);
	json_put(json, "subject", verdict->subject);
	json_put(json, "direction", direction_words[verdict->direction]);
	json_put(json, "outcome", outcome_words[verdict->outcome]);
	part_json_facts(json, message_fact_words, verdict->facts);
}

static void
put_proved(struct json *json, const struct dkim_verified *proved)
{
	if (proved == NULL)
		return;
	json_key(json, "dkim");
	json_begin(json, '[');
	for (guint i = 0; i < proved->list->len; i++)
		proofs_json(json, proved->list->pdata[i], proved->computed, PROOFS_KEPT);
	json_end(json);
}

void
cmd_verdict_json(GString *out, const struct cmd_verdict *item)
{
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_head(&json, item);
	put_flags(&json, "flags", item, false);
	part_json_put(&json, item->verdict->parts);
	put_flags(&json, "excepted", item, true);
	put_undecided(&json, item->verdict->undecided);
	json_put(&json, "reason", item->verdict->reason);
	json_key(&json, "warnings");
	json_begin(&json, '[');
	for (guint i = 0; i < item->verdict->warnings->len; i++)
		json_string(&json, item->verdict->warnings->pdata[i]);
	json_end(&json);
	put_proved(&json, item->proved);
	json_end(&json);
	g_string_append_c(out, '\n');
}

void
cmd_verdict_explained_json(GString *out, const struct cmd_verdict *item)
{
	static const char *const truth_words[] = { "false", "true", "undecided" };
	struct json json;

	json_init(&json, out);
	json_begin(&json, '{');
	put_head(&json, item);
	put_flags(&json, "flags", item, false);
	put_flags(&json, "excepted", item, true);
	put_undecided(&json, item->verdict->undecided);
	json_key(&json, "explained");
	json_begin(&json, '[');
	for (guint i = 0; i < item->verdict->explained->len; i++) {
		const struct explained *line = g_ptr_array_index(item->verdict->explained, i);
		json_begin(&json, '{');
		json_put(&json, "rule", line->rule);
		json_put_int(&json, "depth", line->depth);
		json_put(&json, "truth", truth_words[line->truth]);
		json_put(&json, "label", line->label);
		json_put_int(&json, "matched", line->matched);
		json_put(&json, "detail", line->detail);
		json_end(&json);
	}
	json_end(&json);
	json_put(&json, "reason", item->verdict->reason);
	json_end(&json);
	g_string_append_c(out, '\n');
}
