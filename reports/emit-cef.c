/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * emit-cef - one line a flag in the Common Event Format, version 0, as collectors of logs take it.
 *
 * Seven fields between bars, then NAME=VALUE: a bar in the former, an equals sign in the latter
 * and a backslash in both are escaped with a backslash. Nothing from mail can end a line or begin a
 * field.
 */
#include <string.h>

#include "base/text.h"
#include "reports/emit.h"
#include "reports/quote.h"
#include "reports/wording.h"

#define HEAD_CHARS  200
#define VALUE_CHARS 1000 /* 1,023 is what its dictionary gives a message */
#define LIST_MAX    20   /* recipients, names of files */

static void
put_escaped(GString *out, const char *text, gsize max, const char *special)
{
	g_autofree char *safe = text_printable(text, max);

	for (const char *p = safe; *p != '\0'; p++) {
		if (strchr(special, *p) != NULL)
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
}

static void
put_head(GString *out, const char *text)
{
	put_escaped(out, text, HEAD_CHARS, "\\|");
	g_string_append_c(out, '|');
}

static void
put_pair(GString *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	g_string_append_printf(out, "%s%s=", out->str[out->len - 1] == '|' ? "" : " ", name);
	put_escaped(out, value, VALUE_CHARS, "\\=");
}

static void
put_int(GString *out, const char *name, gint64 value)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

	put_pair(out, name, text);
}

static void
put_custom(GString *out, guint number, const char *label, const char *value)
{
	g_autofree char *name = g_strdup_printf("cs%u", number);
	g_autofree char *label_name = g_strdup_printf("cs%uLabel", number);

	if (value[0] == '\0')
		return;
	put_pair(out, label_name, label);
	put_pair(out, name, value);
}

static void
put_recipients(GString *out, const struct view_message *message)
{
	g_autoptr(GString) list = g_string_new(NULL);

	for (guint i = 0; message->to != NULL && message->to[i] != NULL && i < LIST_MAX; i++)
		g_string_append_printf(list, "%s%s", i > 0 ? "," : "", message->to[i]);
	put_pair(out, "duser", list->str);
}

static void
put_files(GString *out, const GPtrArray *parts)
{
	g_autoptr(GString) names = g_string_new(NULL);

	for (guint i = 0; i < parts->len && i < LIST_MAX; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		g_string_append_printf(names, "%s%s", i > 0 ? "," : "", part->name);
	}
	put_pair(out, "fname", names->str);
	if (parts->len > 0)
		put_pair(out, "fileHash", ((const struct part *)parts->pdata[0])->sha256);
}

static void
put_extension(GString *out, const struct report *report, const struct view_flag *row)
{
	const struct view_message *message = row->message;
	g_autoptr(quoter) quoter = quoter_new(row->flag, report_mask(report));
	g_autofree char *subject = quoter_subject(quoter, message->subject);
	g_autofree char *incident = incident_name(row->incident);
	g_autofree char *excerpt = row->flag->hits->len > 0
				       ? quoter_text(quoter, row->flag->hits->pdata[0])
				       : g_strdup("");

	put_int(out, "rt", row->seen / 1000);
	put_int(out, "externalId", row->id);
	put_pair(out, "cat", "mail");
	put_pair(out, "suser", message->from);
	put_recipients(out, message);
	put_pair(out, "msg", subject);
	if (message->direction == DIRECTION_INBOUND || message->direction == DIRECTION_OUTBOUND)
		put_int(out, "deviceDirection", message->direction == DIRECTION_OUTBOUND);
	put_int(out, "cnt", (gint64)row->flag->hits_total);
	put_files(out, row->parts);
	put_custom(out, 1, "incident", incident);
	put_custom(out, 2, "state", review_state_words[row->state]);
	put_custom(out, 3, "excerpt", excerpt);
	put_custom(out, 4, "messageSha256", message->sha256);
	put_custom(out, 5, "ruleSet", row->ruleset);
	put_custom(out, 6, "direction", direction_words[message->direction]);
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
	/* Of 0 to 10: low ends at 3, medium at 6, high at 8. */
	static const char *const severities[] = { "3", "6", "8" };

	g_string_append(out, "CEF:0|Flagpost|Flagpost|" FLAGPOST_VERSION "|");
	put_head(out, row->flag->rule);
	put_head(out, row->flag->title);
	put_head(out, severities[row->flag->severity]);
	put_extension(out, report, row);
	g_string_append_c(out, '\n');
	(void)number;
}

const struct emitter emit_cef = {
	.name = "cef",
	.extension = "cef",
	.begin = begin,
	.row = put_row,
};
