/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wraps - see wraps.h. */
#include "worker/wraps.h"

#include <string.h>

#define EDGE_MAX 16 /* blanks and marks of quotation at a line's edges */

enum kind { BREAK_KEPT, BREAK_BLANK, BREAK_NOTHING, BREAK_JOINT };

/* One line end with all that stands around it. */
struct line_end {
	gsize start, end; /* from behind the last letter to the first of the next line */
	enum kind kind;
};

struct work {
	const char *text;
	gsize size;
	enum text_wrap wrap;
	char *data;
	gsize room, used;
	GArray *seams; /* of struct seam */
};

/* Scripts in which a line may end between any two letters, and does. */
static bool
has_no_blanks(gunichar c)
{
	return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xF900 && c < 0xFB00) ||
	       (c >= 0x20000 && c < 0x40000) || (c >= 0x0E00 && c < 0x0F00) ||
	       (c >= 0x1000 && c < 0x10A0) || (c >= 0x1780 && c < 0x1800);
}

/* kind_between for plain letters, which most lines end in. */
static enum kind
kind_between_ascii(char last, char next)
{
	bool last_alpha = g_ascii_isalpha(last), next_alpha = g_ascii_isalpha(next);

	if (!g_ascii_isalnum(last) || !g_ascii_isalnum(next))
		return BREAK_KEPT;
	if (!last_alpha || !next_alpha)
		return last_alpha || next_alpha ? BREAK_BLANK : BREAK_KEPT;
	return g_ascii_isupper(next) && g_ascii_islower(last) ? BREAK_BLANK : BREAK_JOINT;
}

static enum kind
kind_between(gunichar last, gunichar next)
{
	bool letters = g_unichar_isalpha(last) && g_unichar_isalpha(next);

	if (!g_unichar_isalnum(last) || !g_unichar_isalnum(next))
		return BREAK_KEPT;
	if (has_no_blanks(last) && has_no_blanks(next))
		return BREAK_NOTHING;
	/* Columns of numbers are not one number. */
	if (!letters)
		return g_unichar_isalpha(last) || g_unichar_isalpha(next) ? BREAK_BLANK
									  : BREAK_KEPT;
	bool new_word = g_unichar_isupper(next) && g_unichar_islower(last);
	return new_word ? BREAK_BLANK : BREAK_JOINT;
}

/* The last character before `at`, as text is valid. */
static gunichar
before(const struct work *work, gsize at)
{
	return g_utf8_get_char(g_utf8_prev_char(work->text + at));
}

static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The next line end at or behind `from`; false when there is none. */
static bool
next_end(const struct work *work, gsize from, struct line_end *out)
{
	const char *text = work->text;
	const char *found = from < work->size ? memchr(text + from, '\n', work->size - from) : NULL;

	if (found == NULL)
		return false;
	gsize at = (gsize)(found - text), low = at - MIN(at - from, EDGE_MAX);
	*out = (struct line_end){ at, at + 1, BREAK_KEPT };
	while (out->start > low && is_gap(text[out->start - 1]))
		out->start--;
	gsize high = MIN(work->size, out->end + EDGE_MAX);
	while (out->end < high &&
	       (text[out->end] == ' ' || text[out->end] == '\t' || text[out->end] == '>'))
		out->end++;
	if (out->start == 0 || out->end >= work->size)
		return true;
	char last = text[out->start - 1], first = text[out->end];
	out->kind = ((guint8)last | (guint8)first) < 0x80
			? kind_between_ascii(last, first)
			: kind_between(before(work, out->start), g_utf8_get_char(text + out->end));
	/* Who ends a line with a blank ends a word. */
	if (out->kind == BREAK_JOINT && (text[out->start] == ' ' || text[out->start] == '\t'))
		out->kind = BREAK_BLANK;
	return true;
}

static void
copy(struct work *work, gsize from, gsize to)
{
	memcpy(work->data + work->used, work->text + from, to - from);
	work->used += to - from;
}

static bool
seam(struct work *work, gsize from)
{
	struct seam seam = { (guint32)work->used, (guint32)from };

	if (work->seams->len >= WRAPS_SEAMS_MAX)
		return false;
	g_array_append_val(work->seams, seam);
	return true;
}

static bool
put_end(struct work *work, const struct line_end *end, bool joins)
{
	if (end->kind == BREAK_KEPT) {
		copy(work, end->start, end->end);
		return true;
	}
	if (end->kind == BREAK_BLANK || (end->kind == BREAK_JOINT && !joins))
		work->data[work->used++] = ' ';
	return seam(work, end->end);
}

/* True when from `from` to `to` stand letters alone. */
static bool
is_word(const struct work *work, gsize from, gsize to)
{
	while (from < to && g_unichar_isalpha(g_utf8_get_char(work->text + from)))
		from = (gsize)(g_utf8_next_char(work->text + from) - work->text);
	return from >= to;
}

/* True when the line at `at` surely holds more than one word, as nearly all do. */
static bool
is_sentence(const struct work *work, gsize at)
{
	const char *text = work->text;

	while (at < work->size && g_ascii_isalpha(text[at]))
		at++;
	while (at < work->size && is_gap(text[at]))
		at++;
	return at < work->size && text[at] != '\n' && (guint8)text[at] < 0x80;
}

static gsize
line_start(const struct work *work, gsize at)
{
	const char *found = at > 0 ? memrchr(work->text, '\n', at) : NULL;

	return found != NULL ? (gsize)(found - work->text) + 1 : 0;
}

/* One row of lines of one word, from the line before it to the one behind it. */
struct row {
	gsize start, end; /* bytes of text */
	guint n_joints;
};

/* The row that begins with the joint `first`. */
static struct row
row_at(const struct work *work, const struct line_end *first)
{
	struct row row = { line_start(work, first->start), first->end, 1 };
	struct line_end next;

	for (gsize at = first->end; next_end(work, at, &next); at = next.end) {
		row.end = next.start;
		if (next.kind != BREAK_JOINT || !is_word(work, at, next.start))
			return row;
		row.n_joints++;
		row.end = next.end;
	}
	row.end = work->size;
	return row;
}

/* A row once more, with every other joint made, on a line of its own. */
static bool
put_row(struct work *work, const struct row *row, guint parity)
{
	struct line_end end;
	gsize at = row->start;
	guint n = 0;

	work->data[work->used++] = '\n';
	if (!seam(work, at))
		return false;
	while (next_end(work, at, &end) && end.start < row->end) {
		copy(work, at, end.start);
		bool joins = end.kind == BREAK_JOINT && n++ % 2 == parity;
		if (!put_end(work, &end, joins))
			return false;
		at = end.end;
	}
	copy(work, at, MAX(at, row->end));
	return true;
}

/*
 * The bytes of all rows, as far as they are needed for copies; one more a row for its line end.
 * With `put`, they are copied, too.
 */
static bool
rows(struct work *work, bool put, gsize *bytes)
{
	struct line_end end;

	*bytes = 0;
	for (gsize at = 0; next_end(work, at, &end);) {
		at = end.end;
		if (end.kind != BREAK_JOINT || is_sentence(work, at))
			continue;
		struct row row = row_at(work, &end);
		if (row.n_joints < 2)
			continue;
		*bytes += row.end - row.start + 1;
		if (put && (!put_row(work, &row, 0) || !put_row(work, &row, 1)))
			return false;
		at = row.end;
	}
	return true;
}

/* What the text asks for at all: WRAP_JOINED where words may be joined. */
static bool
is_worth(const struct work *work)
{
	enum kind least = work->wrap == WRAP_JOINED ? BREAK_JOINT : BREAK_BLANK;
	struct line_end end;

	for (gsize at = 0; next_end(work, at, &end); at = end.end) {
		if (end.kind >= least)
			return true;
	}
	return false;
}

static bool
undo(struct work *work, bool has_rows)
{
	bool joins = work->wrap == WRAP_JOINED;
	struct line_end end;
	gsize at = 0, unused;

	if (!seam(work, 0))
		return false;
	for (; next_end(work, at, &end); at = end.end) {
		copy(work, at, end.start);
		if (!put_end(work, &end, joins))
			return false;
	}
	copy(work, at, work->size);
	if (has_rows && !rows(work, true, &unused))
		return false;
	work->data[work->used] = '\0';
	return true;
}

enum wraps_result
wraps_undo(const char *text, gsize size, enum text_wrap wrap, struct wrapped *out)
{
	struct work work = { .text = text, .size = size, .wrap = wrap };
	gsize twice = 0;

	if (size >= G_MAXUINT32 / 4)
		return WRAPS_NO_MEMORY;
	if (!is_worth(&work))
		return WRAPS_NONE;
	if (wrap == WRAP_JOINED)
		(void)rows(&work, false, &twice);
	work.data = g_try_malloc(size + 2 * twice + 1);
	if (work.data == NULL)
		return WRAPS_NO_MEMORY;
	work.seams = g_array_new(FALSE, FALSE, sizeof(struct seam));
	if (!undo(&work, twice > 0)) {
		g_free(work.data);
		g_array_unref(work.seams);
		return WRAPS_NO_MEMORY;
	}
	out->data = g_realloc(work.data, work.used + 1);
	out->size = work.used;
	out->n_seams = work.seams->len;
	out->seams = (struct seam *)(void *)g_array_free(work.seams, FALSE);
	return WRAPS_MADE;
}
