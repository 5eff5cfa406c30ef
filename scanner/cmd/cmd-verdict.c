/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All text that comes from mail goes through text_printable: a subject must not move the cursor.
 */
#include "cmd/cmd-verdict.h"

#include <string.h>

#include "base/text.h"

#define HITS_SHOWN  5
#define EXCERPT_MAX 160 /* characters */
#define STATUS_WIDE 12

#define RED    "\033[1;31m"
#define YELLOW "\033[33m"
#define GREEN  "\033[32m"
#define RESET  "\033[0m"

static void
put(GString *out, const char *text, gsize max_chars)
{
	g_autofree char *safe = text_printable(text, max_chars);

	g_string_append(out, safe);
}

static void
put_tinted(GString *out, const char *tint, bool colour, const char *word, int width)
{
	g_string_append_printf(
	    out, "%s%-*s%s", colour ? tint : "", width, word, colour ? RESET : "");
}

static const char *
severity_tint(enum severity severity)
{
	return severity == SEVERITY_HIGH ? RED : YELLOW;
}

static bool
is_unread(const struct part *part)
{
	return part->outcome != PART_READ && part->outcome != PART_NO_TEXT;
}

bool
cmd_verdict_has_gap(const struct verdict *verdict)
{
	return verdict->outcome != OUTCOME_SCANNED || verdict->undecided->len > 0;
}

static void
put_hit(GString *out, const struct hit *hit, bool clear)
{
	g_autofree char *component = hit_component(hit), *excerpt = hit_excerpt(hit, clear);

	g_string_append_printf(out, "          %s", component);
	if (hit->part[0] != '\0') {
		g_string_append_c(out, ' ');
		put(out, hit->part, 80);
	}
	if (hit->name[0] != '\0') {
		g_string_append_c(out, ' ');
		put(out, hit->name, 80);
	}
	if (excerpt[0] != '\0') {
		g_string_append(out, ": ");
		put(out, excerpt, EXCERPT_MAX);
	}
	g_string_append(out, hit->hidden ? " (hidden)\n" : "\n");
}

static void
put_flag(GString *out, const struct cmd_verdict *item, const struct flag *flag)
{
	guint shown = MIN(flag->hits->len, HITS_SHOWN);

	g_string_append(out, "  ");
	if (flag->exception[0] != '\0')
		put_tinted(out, GREEN, item->colour, "except", 8);
	else
		put_tinted(out, severity_tint(flag->severity), item->colour,
		    severity_words[flag->severity], 8);
	put(out, flag->rule, 80);
	g_string_append(out, "  ");
	put(out, flag->title, 120);
	if (flag->escalated_by[0] != '\0') {
		g_string_append(out, " (raised by ");
		put(out, flag->escalated_by, 80);
		g_string_append_c(out, ')');
	}
	if (flag->exception[0] != '\0') {
		g_string_append(out, " (exception ");
		put(out, flag->exception, 80);
		g_string_append(out, ": ");
		put(out, flag->except_reason, 120);
		g_string_append_c(out, ')');
	}
	g_string_append_c(out, '\n');
	for (guint i = 0; i < shown; i++)
		put_hit(out, g_ptr_array_index(flag->hits, i), item->clear);
	if (flag->hits_total > shown)
		g_string_append_printf(
		    out, "          and %" G_GUINT64_FORMAT " more\n", flag->hits_total - shown);
}

static void
put_unread(GString *out, const struct part *part)
{
	g_string_append(out, "  not read: ");
	put(out, part->path[0] != '\0' ? part->path : "message", 120);
	if (part->name[0] != '\0') {
		g_string_append_c(out, ' ');
		put(out, part->name, 80);
	}
	g_string_append_printf(out, ": %s", part_outcome_words[part->outcome]);
	if (part->detail[0] != '\0') {
		g_string_append(out, " (");
		put(out, part->detail, 120);
		g_string_append_c(out, ')');
	}
	g_string_append_c(out, '\n');
}

static void
put_undecided(GString *out, const struct undecided *one)
{
	g_string_append(out, "  not decided: ");
	put(out, one->rule, 80);
	g_string_append_c(out, ' ');
	put(out, one->section, 80);
	if (one->part[0] != '\0') {
		g_string_append(out, ", part ");
		put(out, one->part, 80);
	}
	g_string_append(out, ": ");
	put(out, one->reason, 120);
	g_string_append_c(out, '\n');
}

void
cmd_verdict_details(GString *out, const struct cmd_verdict *item)
{
	const struct verdict *verdict = item->verdict;

	for (guint i = 0; i < verdict->flags->len; i++)
		put_flag(out, item, g_ptr_array_index(verdict->flags, i));
	for (guint i = 0; i < verdict->parts->len; i++) {
		if (is_unread(g_ptr_array_index(verdict->parts, i)))
			put_unread(out, g_ptr_array_index(verdict->parts, i));
	}
	for (guint i = 0; i < verdict->undecided->len; i++)
		put_undecided(out, g_ptr_array_index(verdict->undecided, i));
}

void
cmd_verdict_text(GString *out, const struct cmd_verdict *item)
{
	const struct verdict *verdict = item->verdict;

	if (verdict_flag_count(verdict) > 0)
		put_tinted(out, RED, item->colour, "flagged", STATUS_WIDE);
	else if (verdict->outcome != OUTCOME_SCANNED)
		put_tinted(out, YELLOW, item->colour, outcome_words[verdict->outcome], STATUS_WIDE);
	else
		put_tinted(out, GREEN, item->colour, "clean", STATUS_WIDE);
	put(out, item->file, 0);
	if (verdict->outcome == OUTCOME_UNSCANNABLE) {
		g_string_append(out, ": not scanned: ");
		put(out, verdict->reason, 120);
	}
	g_string_append_c(out, '\n');
	cmd_verdict_details(out, item);
}

static const struct flag *
find_flag(const struct verdict *verdict, const char *rule)
{
	for (guint i = 0; i < verdict->flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(verdict->flags, i);
		if (strcmp(flag->rule, rule) == 0)
			return flag;
	}
	return NULL;
}

/* "FLAG high  RULE", "no flag  RULE" */
static void
put_rule_head(
    GString *out, const struct verdict *verdict, const struct explained *line, bool colour)
{
	const struct flag *flag = find_flag(verdict, line->rule);

	if (flag != NULL && flag->exception[0] == '\0') {
		g_autofree char *word = g_strdup_printf("FLAG %s", severity_words[flag->severity]);
		put_tinted(out, severity_tint(flag->severity), colour, word, 0);
	} else if (flag != NULL) {
		put_tinted(out, GREEN, colour, "excepted", 0);
	} else if (line->truth == TRUTH_UNDECIDED) {
		put_tinted(out, YELLOW, colour, "not decided", 0);
	} else {
		g_string_append(out, "no flag");
	}
	g_string_append(out, "  ");
	put(out, line->rule, 0);
	if (flag != NULL && flag->escalated_by[0] != '\0') {
		g_string_append(out, " (raised by ");
		put(out, flag->escalated_by, 80);
		g_string_append_c(out, ')');
	}
	if (flag != NULL && flag->exception[0] != '\0') {
		g_string_append(out, " (by ");
		put(out, flag->exception, 80);
		g_string_append(out, ": ");
		put(out, flag->except_reason, 120);
		g_string_append_c(out, ')');
	}
	/* A plain outcome is said by the first word already. */
	if (flag == NULL && line->detail[0] != '\0' && strcmp(line->detail, "no flag") != 0) {
		g_string_append(out, ": ");
		put(out, line->detail, 0);
	}
	g_string_append_c(out, '\n');
}

/* Width of the widest "indent + label" below the rule at start. */
static int
label_width(const GPtrArray *lines, guint start)
{
	glong width = 0;

	for (guint i = start + 1; i < lines->len; i++) {
		const struct explained *line = g_ptr_array_index(lines, i);
		if (line->depth == 0)
			break;
		width = MAX(width, (glong)line->depth * 2 + g_utf8_strlen(line->label, -1));
	}
	return (int)MIN(width, 60);
}

static void
put_condition(GString *out, const struct explained *line, int width, bool colour)
{
	static const char *const words[] = { "false", "true", "not decided" };
	static const char *const tints[] = { "", GREEN, YELLOW };
	int indent = (int)MIN(line->depth, 20) * 2;

	g_string_append_printf(out, "%*s", indent, "");
	g_autofree char *label = text_printable(line->label, 0);
	int pad = width - indent - (int)g_utf8_strlen(label, -1);
	g_string_append_printf(out, "%s%*s  ", label, MAX(pad, 0), "");
	put_tinted(out, tints[line->truth], colour && line->truth != TRUTH_FALSE,
	    words[line->truth], line->detail[0] != '\0' || line->matched > 1 ? 11 : 0);
	if (line->matched > 1)
		g_string_append_printf(out, "  %u matches", line->matched);
	if (line->detail[0] != '\0') {
		g_string_append(out, "  ");
		put(out, line->detail, 0);
	}
	g_string_append_c(out, '\n');
}

void
cmd_verdict_explained(GString *out, const struct verdict *verdict, bool colour)
{
	int width = 0;

	for (guint i = 0; i < verdict->explained->len; i++) {
		const struct explained *line = g_ptr_array_index(verdict->explained, i);
		if (line->depth == 0) {
			if (i > 0)
				g_string_append_c(out, '\n');
			put_rule_head(out, verdict, line, colour);
			width = label_width(verdict->explained, i);
		} else {
			put_condition(out, line, width, colour);
		}
	}
}
