/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-csv - one row a flag, for spreadsheets (RFC 4180, UTF-8 with a byte order mark).
 *
 * A cell from mail must stay text: what a spreadsheet would take for a formula gets a leading
 * apostrophe (OWASP, CSV injection), also behind a semicolon, where a spreadsheet set to
 * semicolons begins a new cell. docs/report.md describes the columns; their order is fixed.
 */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "reports/emit.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define CSV_SCHEMA "3"
#define CELL_MAX   8000 /* characters; a spreadsheet takes 32,767 */
#define CELL_BYTES (4 * CELL_MAX)

static const char *const columns[] = { "schema", "flag", "flagged_at", "severity", "rule", "title",
	"direction", "from", "to", "subject", "message_id", "sent_at", "seen_at", "places",
	"message_outcome", "message_facts", "hits", "sections", "components", "excerpts",
	"attachments", "attachment_facts", "escalated_by", "copy_kept", "sha256", "rule_digest",
	"ruleset_digest", "gone", "incident", "fingerprint", "state", "assignee", NULL };

static bool
starts_formula(const char *p)
{
	/* The full-width forms of = + - @ count in spreadsheets set to East Asian languages. */
	static const char *const wide[] = { "\357\274\235", "\357\274\213", "\357\274\215",
		"\357\274\240" };

	while (*p == ' ')
		p++;
	if (*p != '\0' && strchr("=+-@\t\r\n", *p) != NULL)
		return true;
	for (gsize i = 0; i < G_N_ELEMENTS(wide); i++) {
		if (g_str_has_prefix(p, wide[i]))
			return true;
	}
	return false;
}

static void
put_cell(GString *out, const char *text)
{
	bool first = out->len == 0 || out->str[out->len - 1] == '\n';
	g_autofree char *safe = text_printable(text, CELL_MAX);

	g_string_append(out, first ? "\"" : ",\"");
	/* Asked of the text as it was: a tab is written \u{9} in what is shown. */
	if (starts_formula(text))
		g_string_append_c(out, '\'');
	for (const char *p = safe; *p != '\0';) {
		gsize plain = strcspn(p, "\";");
		g_string_append_len(out, p, (gssize)plain);
		p += plain;
		if (*p == '"')
			g_string_append(out, "\"\"");
		else if (*p == ';')
			g_string_append(out, starts_formula(p + 1) ? ";'" : ";");
		p += *p != '\0';
	}
	g_string_append_c(out, '"');
}

static void
put_time(GString *out, gint64 time)
{
	g_autofree char *iso = time != MESSAGE_NO_DATE ? clock_iso(time) : g_strdup("");

	put_cell(out, iso);
}

static void
put_number(GString *out, gint64 number)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, number);

	put_cell(out, text);
}

static void
append_item(GString *list, const char *item)
{
	if (item[0] == '\0')
		return;
	g_string_append(list, list->len > 0 ? " | " : "");
	g_string_append(list, item);
}

/* Once each, in the order of the hits. */
static void
append_new(GString *list, GHashTable *seen, const char *item)
{
	if (g_hash_table_add(seen, g_strdup(item)))
		append_item(list, item);
}

static void
put_hits(GString *out, const struct flag *flag, const struct quoter *quoter)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GString) sections = g_string_new(NULL);
	g_autoptr(GString) components = g_string_new(NULL);
	g_autoptr(GString) excerpts = g_string_new(NULL);

	for (guint i = 0; i < flag->hits->len; i++) {
		const struct hit *hit = g_ptr_array_index(flag->hits, i);
		g_autofree char *component = hit_component(hit);
		/* What a cell cannot hold need not be masked either. */
		g_autofree char *excerpt =
		    excerpts->len < CELL_BYTES ? quoter_text(quoter, hit) : g_strdup("");
		append_new(sections, seen, hit->section);
		append_new(components, used, component);
		append_item(excerpts, excerpt);
	}
	put_number(out, (gint64)flag->hits_total);
	put_cell(out, sections->str);
	put_cell(out, components->str);
	put_cell(out, excerpts->str);
}

static void
put_attachments(GString *out, const GPtrArray *parts)
{
	g_autoptr(GString) names = g_string_new(NULL);
	g_autoptr(GString) facts = g_string_new(NULL);

	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		g_autofree char *size = text_size(part->size);
		const char *name = part->name[0] != '\0' ? part->name : part->path;
		g_autofree char *item = g_strdup_printf("%s (%s, %s, %s)", name,
		    part->true_type[0] != '\0' ? part->true_type : part->declared_type, size,
		    part_outcome_words[part->outcome]);
		g_autofree const char **words = fact_words(part_fact_words, part->facts);
		g_autofree char *joined = wording_join(words, " ");
		append_item(names, item);
		append_item(facts, joined);
	}
	put_cell(out, names->str);
	put_cell(out, facts->str);
}

static void
put_places(GString *out, const GPtrArray *placements)
{
	g_autoptr(GString) places = g_string_new(NULL);

	for (guint i = 0; i < placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(placements, i);
		g_autofree char *place = wording_place(one->account, one->folder);
		append_item(places, place);
	}
	put_cell(out, places->str);
}

/* "hq / Sent gone between 2026-11-22T09:05:00Z and 2026-11-22T09:06:00Z" */
static void
put_gone(GString *out, const GPtrArray *placements)
{
	g_autoptr(GString) gone = g_string_new(NULL);

	for (guint i = 0; i < placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(placements, i);
		if (one->gone == 0)
			continue;
		g_autofree char *place = wording_place(one->account, one->folder);
		g_autofree char *from = clock_iso(one->last_seen);
		g_autofree char *to = clock_iso(one->gone);
		g_autofree char *item = g_strdup_printf("%s %s%s%s between %s and %s", place,
		    one->fate, one->moved_to[0] != '\0' ? " to " : "", one->moved_to, from, to);
		append_item(gone, item);
	}
	put_cell(out, gone->str);
}

static void
put_message(GString *out, const struct view_message *message, const struct quoter *quoter)
{
	g_autofree char *to = wording_join((const char *const *)message->to, " | ");
	g_autofree const char **facts = fact_words(message_fact_words, message->facts);
	g_autofree char *words = wording_join(facts, " ");
	g_autofree char *subject = quoter_subject(quoter, message->subject);

	put_cell(out, direction_words[message->direction]);
	put_cell(out, message->from);
	put_cell(out, to);
	put_cell(out, subject);
	put_cell(out, message->message_id);
	put_time(out, message->date);
	put_time(out, message->seen);
	put_places(out, message->placements);
	put_cell(out, outcome_words[message->outcome]);
	put_cell(out, words);
}

static void
put_row(const struct report *report, const struct view_flag *row, guint64 number, GString *out)
{
	const struct flag *flag = row->flag;
	const struct quoter *quoter = emit_quoter(report, row);

	(void)number;
	put_cell(out, CSV_SCHEMA);
	put_number(out, row->id);
	put_time(out, row->seen);
	put_cell(out, severity_words[flag->severity]);
	put_cell(out, flag->rule);
	put_cell(out, flag->title);
	put_message(out, row->message, quoter);
	put_hits(out, flag, quoter);
	put_attachments(out, row->parts);
	put_cell(out, flag->escalated_by);
	put_cell(out, row->message->has_copy ? "yes" : "no");
	put_cell(out, row->message->sha256);
	put_cell(out, flag->rule_digest);
	put_cell(out, row->ruleset);
	put_gone(out, row->message->placements);
	g_autofree char *incident = incident_name(row->incident);
	put_cell(out, incident);
	put_cell(out, row->fingerprint);
	put_cell(out, review_state_words[row->state]);
	put_cell(out, row->assignee);
	g_string_append(out, "\r\n");
}

static void
begin(const struct report *report, GString *out)
{
	/* The mark goes in last: put_cell looks at the end of the row before. */
	for (gsize i = 0; columns[i] != NULL; i++)
		put_cell(out, columns[i]);
	g_string_append(out, "\r\n");
	if (!report->no_mark)
		g_string_prepend(out, "\357\273\277");
}

const struct emitter emit_csv = {
	.name = "csv",
	.extension = "csv",
	.begin = begin,
	.row = put_row,
};
