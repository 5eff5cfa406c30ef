/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/review-text.h"

#include "base/clock.h"
#include "base/text.h"
#include "cmd/rows.h"
#include "reports/quote.h"

#define COUNT_MAX   50 /* of each kind, on the tallest terminal */
#define COUNT_CALM  3  /* blank lines go before fewer than this many of a kind are shown */
#define LINE_CHARS  160
#define WHOLE_CHARS 4000

enum kind { KIND_HITS, KIND_PEOPLE, KIND_PLACES, KIND_PARTS, KIND_FLAGS, KINDS };

struct draft {
	const struct review_text *what;
	struct quoter *quoter;
	guint counts[KINDS]; /* shown, at most */
	bool calm;           /* blank lines between the blocks */
	gsize chars;         /* of a line of text */
	GString *out;
};

static void
put(const struct draft *draft, const char *text, gsize chars)
{
	g_autofree char *safe = text_printable(text, chars);

	g_string_append(draft->out, safe);
}

static void
put_line(const struct draft *draft, const char *label, const char *text)
{
	g_string_append_printf(draft->out, "%-12s", label);
	put(draft, text, draft->chars);
	g_string_append_c(draft->out, '\n');
}

static void
put_blank(const struct draft *draft)
{
	if (draft->calm)
		g_string_append_c(draft->out, '\n');
}

/* Ends a list of which `shown` were shown. */
static void
put_more(const struct draft *draft, guint total, guint shown)
{
	if (total > shown)
		g_string_append_printf(draft->out, " and %u more", total - shown);
	g_string_append_c(draft->out, '\n');
}

static void
put_people(const struct draft *draft, const struct view_message *message)
{
	guint total = g_strv_length(message->to), shown = MIN(total, draft->counts[KIND_PEOPLE]);

	put_line(draft, "From", message->from);
	g_string_append_printf(draft->out, "%-12s%s", "To", total == 0 ? "nobody" : "");
	for (guint i = 0; i < shown; i++) {
		g_string_append(draft->out, i > 0 ? ", " : "");
		put(draft, message->to[i], draft->chars);
	}
	put_more(draft, total, shown);
}

static void
put_places(const struct draft *draft, const struct view_message *message)
{
	const GPtrArray *all = message->placements;
	guint shown = MIN(all->len, draft->counts[KIND_PLACES]);
	g_autofree char *seen = clock_local(message->seen, draft->what->zone);

	put_line(draft, "Seen", seen);
	for (guint i = 0; i < shown; i++) {
		const struct view_placement *one = g_ptr_array_index(all, i);
		g_autofree char *place = g_strdup_printf(
		    "%s / %s%s", one->account, one->folder, one->gone != 0 ? " (gone)" : "");
		g_string_append_printf(draft->out, "%-12s", i == 0 ? "Lies in" : "");
		put(draft, place, draft->chars);
		put_more(draft, i + 1 < shown ? 0 : all->len, shown);
	}
}

static void
put_parts(const struct draft *draft, const GPtrArray *parts)
{
	guint shown = MIN(parts->len, draft->counts[KIND_PARTS]);

	for (guint i = 0; i < shown; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		g_autofree char *size = text_size(part->size);
		g_string_append_printf(draft->out, "%-12s", i == 0 ? "Attached" : "");
		put(draft, part->name[0] != '\0' ? part->name : part->path, draft->chars);
		g_string_append_printf(draft->out, ", %s, says ", size);
		put(draft, part->declared_type[0] != '\0' ? part->declared_type : "nothing", 60);
		g_string_append(draft->out, ", is ");
		put(draft, part->true_type[0] != '\0' ? part->true_type : "not known", 60);
		put_more(draft, i + 1 < shown ? 0 : parts->len, shown);
	}
}

static void
put_hit(const struct draft *draft, const struct hit *hit)
{
	bool colour = draft->what->colour;
	g_autofree char *where = quote_where(hit);
	struct quote quote;

	quoter_hit(draft->quoter, hit, &quote);
	g_string_append(draft->out, "  ");
	put(draft, quote.before, draft->chars);
	if (quote.match[0] != '\0') {
		g_string_append(draft->out, colour ? "\033[1m" : "[");
		put(draft, quote.match, draft->chars);
		g_string_append(draft->out, colour ? "\033[0m" : "]");
	}
	put(draft, quote.after, draft->chars);
	g_string_append_printf(draft->out, "\n    %s in ", hit->section);
	put(draft, where, draft->chars);
	g_string_append(draft->out, hit->hidden ? ", hidden from whoever reads the mail\n" : "\n");
	quote_clear(&quote);
}

static void
put_hits(const struct draft *draft, const struct flag *flag)
{
	guint shown = MIN(flag->hits->len, draft->counts[KIND_HITS]);

	g_string_append_printf(draft->out, "Why: rule %s", flag->rule);
	if (flag->hits_total > shown)
		g_string_append_printf(
		    draft->out, ", %u of %" G_GUINT64_FORMAT " matches", shown, flag->hits_total);
	g_string_append_c(draft->out, '\n');
	for (guint i = 0; i < shown; i++)
		put_hit(draft, g_ptr_array_index(flag->hits, i));
}

static void
put_decided(const struct draft *draft, const struct view_flag *row)
{
	const struct {
		const char *label, *text;
	} lines[] = {
		{ "Harmless if", row->false_positives },
		{ "Next step", row->next_step },
		{ "Assigned to", row->assignee },
		{ "Note", row->note },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		if (lines[i].text[0] != '\0')
			put_line(draft, lines[i].label, lines[i].text);
	}
}

static void
put_others(const struct draft *draft)
{
	guint total = draft->what->others_count, shown = MIN(total, draft->counts[KIND_FLAGS]);

	if (total == 0)
		return;
	put_blank(draft);
	g_string_append(draft->out, "The same incident:");
	for (guint i = 0; i < shown; i++)
		g_string_append_printf(
		    draft->out, " flag-%" G_GINT64_FORMAT, draft->what->others[i]);
	put_more(draft, total, shown);
}

static char *
write_text(struct draft *draft)
{
	const struct review_text *what = draft->what;
	const struct view_flag *row = what->flag;
	const struct flag *flag = row->flag;
	g_autofree char *subject = quoter_subject(draft->quoter, row->message->subject);

	draft->out = g_string_new(NULL);
	g_string_append_printf(draft->out,
	    "I-%" G_GINT64_FORMAT "  flag-%" G_GINT64_FORMAT "  %s  %s, %s  (%u of %u open)\n",
	    row->incident, row->id, severity_words[flag->severity],
	    direction_words[row->message->direction], review_state_words[row->state], what->at,
	    what->open);
	put_blank(draft);
	put(draft, flag->title[0] != '\0' ? flag->title : flag->rule, draft->chars);
	g_string_append_c(draft->out, '\n');
	put_blank(draft);
	put_people(draft, row->message);
	put_line(draft, "Subject", subject[0] != '\0' ? subject : "(no subject)");
	put_places(draft, row->message);
	put_parts(draft, row->parts);
	put_blank(draft);
	put_hits(draft, flag);
	put_decided(draft, row);
	put_others(draft);
	return g_string_free(g_steal_pointer(&draft->out), FALSE);
}

/* One less of the kind of which there are most. False when one is left of each. */
static bool
shrink(struct draft *draft)
{
	guint most = KINDS - 1;

	/* Excerpts, which come first, go last. */
	for (guint i = KINDS - 1; i-- > 0;) {
		if (draft->counts[i] > draft->counts[most])
			most = i;
	}
	if (draft->calm && draft->counts[most] <= COUNT_CALM)
		draft->calm = false;
	else if (draft->counts[most] > 1)
		draft->counts[most]--;
	else
		return false;
	return true;
}

static void
begin(struct draft *draft, const struct review_text *what)
{
	*draft = (struct draft){ .what = what, .calm = true };
	draft->quoter = quoter_new(what->flag->flag, what->clear ? QUOTE_CLEAR : QUOTE_MASKED);
}

char *
review_text_whole(const struct review_text *what)
{
	struct draft draft;

	begin(&draft, what);
	for (guint i = 0; i < KINDS; i++)
		draft.counts[i] = G_MAXUINT;
	draft.chars = WHOLE_CHARS;
	char *text = write_text(&draft);
	quoter_free(draft.quoter);
	return text;
}

char *
review_text_fit(const struct review_text *what, guint rows, guint columns)
{
	const struct view_flag *row = what->flag;
	const guint held[KINDS] = { row->flag->hits->len, g_strv_length(row->message->to),
		row->message->placements->len, row->parts->len, what->others_count };
	struct draft draft;
	char *text;

	begin(&draft, what);
	draft.chars = LINE_CHARS;
	for (guint i = 0; i < KINDS; i++)
		draft.counts[i] = MIN(held[i], COUNT_MAX);
	for (;;) {
		text = write_text(&draft);
		g_autoptr(GPtrArray) split = rows_split(text, columns);
		if (split->len <= rows || !shrink(&draft))
			break;
		g_free(text);
	}
	quoter_free(draft.quoter);
	return text;
}
