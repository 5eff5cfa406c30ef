/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was read of a message, for people: the subject, the body, then each attachment below its
 * heading. All of it is hostile text: it must not move a cursor, nor look like a heading.
 */
#include "cmd/cmd-verdict.h"

#include <string.h>

#include "base/text.h"

#define HEADING "--- "

/* One line, its tabs kept. */
static void
put_line(GString *out, const char *line)
{
	g_auto(GStrv) pieces = g_strsplit(line, "\t", -1);

	for (guint i = 0; pieces[i] != NULL; i++) {
		g_autofree char *safe = text_printable(pieces[i], 0);
		g_string_append_printf(out, "%s%s", i > 0 ? "\t" : "", safe);
	}
	g_string_append_c(out, '\n');
}

static void
put_lines(GString *out, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		gsize length = strlen(lines[i]);
		if (length > 0 && lines[i][length - 1] == '\r')
			lines[i][length - 1] = '\0';
		if (lines[i + 1] == NULL && lines[i][0] == '\0')
			break;
		/* One blank more, and it is no heading. */
		if (g_str_has_prefix(lines[i], HEADING))
			g_string_append_c(out, ' ');
		put_line(out, lines[i]);
	}
}

static void
put_text(GString *out, const struct verdict_text *text)
{
	gsize shown = strlen(text->text);

	if (text->hidden)
		g_string_append(out, HEADING "not shown to a reader of the mail:\n");
	put_lines(out, text->text);
	if (text->size > shown)
		g_string_append_printf(out,
		    HEADING "cut: %" G_GSIZE_FORMAT " of %" G_GUINT64_FORMAT " bytes are shown\n",
		    shown, text->size);
}

static const struct part *
find_part(const struct verdict *verdict, const char *path)
{
	for (guint i = 0; i < verdict->parts->len; i++) {
		const struct part *part = g_ptr_array_index(verdict->parts, i);
		if (g_str_equal(part->path, path))
			return part;
	}
	return NULL;
}

/* "--- 1.2 plan.docx"; of a part without a name its type. */
static void
put_heading(GString *out, const struct part *part, const char *path)
{
	const char *name = "";

	if (part != NULL)
		name = part->name[0] != '\0'        ? part->name
		       : part->true_type[0] != '\0' ? part->true_type
						    : part->declared_type;
	g_autofree char *title = g_strdup_printf("%s%s%s", path, name[0] != '\0' ? " " : "", name);
	g_autofree char *safe = text_printable(title, 0);
	g_string_append_printf(out, "\n" HEADING "%s", safe);
}

/* The texts of one component in order; a heading where another part begins. */
static void
put_texts(GString *out, const struct verdict *verdict, enum component component, bool headings)
{
	const char *path = NULL;

	for (guint i = 0; i < verdict->texts->len; i++) {
		const struct verdict_text *text = g_ptr_array_index(verdict->texts, i);
		if (text->component != component)
			continue;
		bool begins = path == NULL || !g_str_equal(path, text->part);
		if (begins && (headings || path != NULL))
			put_heading(out, find_part(verdict, text->part), text->part);
		if (begins)
			g_string_append_c(out, '\n');
		path = text->part;
		put_text(out, text);
	}
}

/* Attachments without text, and whatever was not read. */
static void
put_textless(GString *out, const struct verdict *verdict)
{
	g_autoptr(GHashTable) shown = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < verdict->texts->len; i++) {
		const struct verdict_text *text = g_ptr_array_index(verdict->texts, i);
		g_hash_table_add(shown, text->part);
	}
	for (guint i = 0; i < verdict->parts->len; i++) {
		const struct part *part = g_ptr_array_index(verdict->parts, i);
		bool missed = part->outcome != PART_READ && part->outcome != PART_NO_TEXT;
		if (!missed && (!part->attachment || g_hash_table_contains(shown, part->path)))
			continue;
		g_autofree char *detail = text_printable(part->detail, 0);
		put_heading(out, part, part->path);
		g_string_append_printf(out, ": %s%s%s\n",
		    missed ? part_outcome_words[part->outcome] : "no text",
		    detail[0] != '\0' ? ": " : "", detail);
	}
}

void
cmd_verdict_texts(GString *out, const struct verdict *verdict)
{
	for (guint i = 0; i < verdict->texts->len; i++) {
		const struct verdict_text *text = g_ptr_array_index(verdict->texts, i);
		if (text->component != COMPONENT_SUBJECT)
			continue;
		g_autofree char *subject = text_printable(text->text, 0);
		g_string_append_printf(out, "Subject: %s\n", subject);
	}
	put_texts(out, verdict, COMPONENT_BODY, false);
	put_texts(out, verdict, COMPONENT_ATTACHMENTS, true);
	put_textless(out, verdict);
}
