/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tables as CSV (RFC 4180): a spreadsheet takes no text from mail for a formula.
 */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cmd/bundle-parts.h"
#include "mail/fields.h"
#include "store/audit.h"

#define RESULTS    "Authentication-Results"
#define CLAIMS_MAX 100  /* fields of one message */
#define CLAIM_MAX  8192 /* bytes of one */

/* Spreadsheets take what begins with one of these signs for a formula. */
static void
add_cell(GString *out, const char *text, const char *end)
{
	g_string_append_c(out, '"');
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		g_string_append_c(out, '\'');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p == '\r' || *p == '\n' ? ' ' : *p);
	}
	g_string_append_printf(out, "\"%s", end);
}

void
bundle_table_row(GString *out, const char *const *cells, guint n)
{
	for (guint i = 0; i < n; i++)
		add_cell(out, cells[i], i + 1 < n ? "," : "\r\n");
}

void
bundle_table_begin(struct bundle_volume *volume)
{
	volume->manifest =
	    g_string_new("file,sha256,bytes,date,first_seen,from,to,subject,message_id,flags\r\n");
	volume->flags = g_string_new("flag,incident,severity,rule,title,flagged,state,reviewer,"
				     "reviewed,found,file,sha256,rule_file,rule_sha256\r\n");
	volume->claims = g_string_new("file,field,text,server,standing\r\n");
	volume->keys = g_string_new("file,selector,domain,outcome,first_asked,last_asked,key\r\n");
	volume->results =
	    g_string_new("file,result,domain,selector,algorithm,body_signed,body,made,expires,"
			 "facts,verified,standing,reason\r\n");
	volume->attachments = g_string_new("file,message_file,message_sha256,part,name,declared,"
					   "true_type,bytes,sha256,facts,why_not\r\n");
}

void
bundle_table_message(
    struct bundle_volume *volume, const struct view_message *message, const char *file)
{
	g_autofree char *date =
	    message->date != MESSAGE_NO_DATE ? clock_iso(message->date) : g_strdup("");
	g_autofree char *seen = clock_iso(message->seen);
	g_autofree char *to = g_strjoinv(" ", message->to);
	g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, message->size);
	g_autofree char *flags = g_strdup_printf("%u", message->flags);
	const char *const cells[] = { file, message->sha256, size, date, seen, message->from, to,
		message->subject, message->message_id, flags };

	bundle_table_row(volume->manifest, cells, G_N_ELEMENTS(cells));
}

void
bundle_table_attachment(struct bundle_volume *volume, const char *message_file, const char *sha256,
    const struct part *part, const char *file, const char *why)
{
	const char *const unknown[] = { "", message_file, sha256, "", "", "", "", "", "", "", why };

	if (part == NULL) {
		bundle_table_row(volume->attachments, unknown, G_N_ELEMENTS(unknown));
		return;
	}
	g_autofree char *size = g_strdup_printf("%" G_GUINT64_FORMAT, part->size);
	g_autofree const char **words = fact_words(part_fact_words, part->facts);
	g_autofree char *facts = g_strjoinv(" ", (char **)words);
	const char *const cells[] = { file, message_file, sha256, part->path, part->name,
		part->declared_type, part->true_type, size, part->sha256, facts, why };
	bundle_table_row(volume->attachments, cells, G_N_ELEMENTS(cells));
}

/* "attachments 1.2 plan.docx: the pr***ct plan; ..." */
static char *
found_of(const struct flag *flag)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < flag->hits->len; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *where = hit_component(hit);
		g_autofree char *excerpt = hit_excerpt(hit, false);
		g_string_append_printf(out, "%s%s%s%s%s%s: %s", i > 0 ? "; " : "", where,
		    hit->part[0] != '\0' ? " " : "", hit->part, hit->name[0] != '\0' ? " " : "",
		    hit->name, excerpt);
	}
	if (flag->hits_total > flag->hits->len)
		g_string_append_printf(
		    out, "; and %" G_GUINT64_FORMAT " more", flag->hits_total - flag->hits->len);
	return g_string_free(out, FALSE);
}

void
bundle_table_flag(
    struct bundle_volume *volume, const struct view_flag *flag, const char *file, const char *rule)
{
	g_autofree char *number = g_strdup_printf("flag-%" G_GINT64_FORMAT, flag->id);
	g_autofree char *incident = g_strdup_printf("I-%" G_GINT64_FORMAT, flag->incident);
	g_autofree char *seen = clock_iso(flag->seen);
	g_autofree char *reviewed = flag->reviewed != 0 ? clock_iso(flag->reviewed) : g_strdup("");
	g_autofree char *found = found_of(flag->flag);
	const char *const cells[] = { number, incident, severity_words[flag->flag->severity],
		flag->flag->rule, flag->flag->title, seen, review_state_words[flag->state],
		flag->reviewer, reviewed, found, file, flag->message->sha256, rule,
		flag->flag->rule_digest };

	bundle_table_row(volume->flags, cells, G_N_ELEMENTS(cells));
}

/* --- what servers said of the sender --- */

static bool
is_claim(const char *field, gsize size)
{
	static const char *const names[] = { RESULTS, "DKIM-Signature", "Received-SPF",
		"ARC-Authentication-Results", "ARC-Message-Signature", "ARC-Seal" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (fields_is(field, size, names[i]))
			return true;
	return false;
}

static void
add_claim(struct bundle_volume *volume, const char *file, const char *field, gsize size,
    const char *server, bool trusted)
{
	const char *standing = trusted ? "trusted" : "claim";
	g_autofree char *text = g_utf8_make_valid(field, (gssize)MIN(size, CLAIM_MAX));
	char *colon = strchr(text, ':');

	*colon = '\0';
	const char *const cells[] = { file, text, g_strstrip(colon + 1), server, standing };
	bundle_table_row(volume->claims, cells, G_N_ELEMENTS(cells));
	if (size > CLAIM_MAX) {
		const char *const cut[] = { file, text, "(cut: the whole stands in the message)",
			server, standing };
		bundle_table_row(volume->claims, cut, G_N_ELEMENTS(cut));
	}
}

/*
 * A server writes its results above all that it got. So of those in its name the topmost alone can
 * be its own; it is, where the server takes such fields away from mail that comes from outside (RFC
 * 8601 section 5), as who calls it trusted is told.
 */
static bool
is_trusted(const struct bundle *bundle, const char *server, GHashTable *met)
{
	const char *const *trusted = bundle->options->trusted;

	return server[0] != '\0' && trusted != NULL && g_strv_contains(trusted, server) &&
	       g_hash_table_add(met, g_strdup(server));
}

void
bundle_table_claims(struct bundle *bundle, GBytes *bytes, const char *file)
{
	g_autoptr(GHashTable) met = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct bundle_volume *volume = bundle->volume;
	gsize size, from = 0, length;
	const char *data = g_bytes_get_data(bytes, &size), *field;
	char server[FIELDS_NAME_MAX + 1];
	guint n = 0;

	while (fields_next(data, size, &from, &field, &length)) {
		if (!is_claim(field, length))
			continue;
		if (n++ == CLAIMS_MAX) {
			const char *const more[] = { file, "",
				"(there are more: they stand in the message)", "", "" };
			bundle_table_row(volume->claims, more, G_N_ELEMENTS(more));
			return;
		}
		server[0] = '\0';
		if (fields_is(field, length, RESULTS))
			fields_results_server(field, length, server);
		add_claim(volume, file, field, length, server, is_trusted(bundle, server, met));
	}
}

/* --- the ledger --- */

/* Whether a row is about a message or a flag of this volume: "DIGEST (raw): why", "flag-17 ...". */
static bool
is_about(const struct bundle_volume *volume, const struct audit_row *row)
{
	gint64 flag = 0;

	if (strlen(row->object) >= DIGEST_HEX - 1) {
		g_autofree char *digest = g_strndup(row->object, DIGEST_HEX - 1);
		if (g_hash_table_contains(volume->digests, digest))
			return true;
	}
	if (g_str_has_prefix(row->object, "flag-"))
		flag = (gint64)g_ascii_strtoull(row->object + strlen("flag-"), NULL, 10);
	return flag > 0 && g_hash_table_contains(volume->flag_numbers, &flag);
}

GString *
bundle_table_looks(const struct bundle_volume *volume, const GPtrArray *ledger)
{
	GString *out = g_string_new("row,time,who,what,about\r\n");

	for (guint i = 0; i < ledger->len; i++) {
		const struct audit_row *row = g_ptr_array_index(ledger, i);
		if (!is_about(volume, row))
			continue;
		g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
		g_autofree char *seen = clock_iso(row->seen);
		const char *const cells[] = { number, seen, row->who, row->verb, row->object };
		bundle_table_row(out, cells, G_N_ELEMENTS(cells));
	}
	return out;
}

GString *
bundle_ledger(const GPtrArray *ledger)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < ledger->len; i++) {
		const struct audit_row *row = g_ptr_array_index(ledger, i);
		g_autofree char *seen = clock_iso(row->seen);
		struct json json;
		json_init(&json, out);
		json_begin(&json, '{');
		json_put_int(&json, "row", row->id);
		json_put(&json, "time", seen);
		json_put_int(&json, "microseconds", row->seen);
		json_put(&json, "who", row->who);
		json_put(&json, "what", row->verb);
		json_put(&json, "object", row->object);
		json_put(&json, "hash", row->hash);
		json_end(&json);
		g_string_append_c(out, '\n');
	}
	return out;
}
