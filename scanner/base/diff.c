/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff - see diff.h. By the longest common subsequence of what lies between equal beginnings and
 * equal ends: a table of counts, so its size is bounded before it is made.
 */
#include "base/diff.h"

#include <stdbool.h>
#include <string.h>

struct line {
	const char *data;
	gsize size;
};

struct side {
	GArray *lines; /* of struct line, without the line's end */
	bool open;     /* the last one has no end */
};

struct change {
	char sign; /* ' ', '-' or '+' */
	struct line line;
};

static void
split(GBytes *text, struct side *side)
{
	gsize size = 0;
	const char *at = text != NULL ? g_bytes_get_data(text, &size) : NULL;

	side->lines = g_array_new(FALSE, FALSE, sizeof(struct line));
	side->open = size > 0 && at[size - 1] != '\n';
	while (size > 0) {
		const char *end = memchr(at, '\n', size);
		struct line line = { at, end != NULL ? (gsize)(end - at) : size };
		gsize taken = line.size + (end != NULL ? 1 : 0);
		g_array_append_val(side->lines, line);
		at += taken;
		size -= taken;
	}
}

static const struct line *
line_of(const struct side *side, guint i)
{
	return &g_array_index(side->lines, struct line, i);
}

static bool
alike(const struct line *a, const struct line *b)
{
	return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

static void
add(GArray *out, char sign, const struct line *line)
{
	struct change change = { sign, *line };

	g_array_append_val(out, change);
}

/* Old [from, old_to) against new [from, new_to): removed lines before added ones. */
static void
compare(const struct side *old_side, const struct side *new_side, guint from, guint old_to,
    guint new_to, GArray *out)
{
	guint rows = old_to - from, columns = new_to - from, i = 0, k = 0;
	bool fits = rows <= DIFF_LINES_MAX && columns <= DIFF_LINES_MAX;
	g_autofree guint16 *table =
	    fits ? g_new0(guint16, (gsize)(rows + 1) * (columns + 1)) : NULL;
#define CELL(row, column) table[(gsize)(row) * (columns + 1) + (column)]

	for (guint row = rows; fits && row-- > 0;) {
		for (guint column = columns; column-- > 0;) {
			bool same =
			    alike(line_of(old_side, from + row), line_of(new_side, from + column));
			CELL(row, column) = same
						? (guint16)(CELL(row + 1, column + 1) + 1)
						: MAX(CELL(row + 1, column), CELL(row, column + 1));
		}
	}
	while (i < rows || k < columns) {
		const struct line *left = i < rows ? line_of(old_side, from + i) : NULL;
		const struct line *right = k < columns ? line_of(new_side, from + k) : NULL;
		if (fits && left != NULL && right != NULL && alike(left, right)) {
			add(out, ' ', left);
			i++;
			k++;
		} else if (left != NULL &&
			   (right == NULL || !fits || CELL(i + 1, k) >= CELL(i, k + 1))) {
			add(out, '-', left);
			i++;
		} else {
			add(out, '+', right);
			k++;
		}
	}
#undef CELL
}

static GArray *
changes_of(const struct side *old_side, const struct side *new_side)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct change));
	guint old_to = old_side->lines->len, new_to = new_side->lines->len, from = 0;

	while (from < old_to && from < new_to &&
	       alike(line_of(old_side, from), line_of(new_side, from)))
		add(out, ' ', line_of(old_side, from++));
	while (old_to > from && new_to > from &&
	       alike(line_of(old_side, old_to - 1), line_of(new_side, new_to - 1))) {
		old_to--;
		new_to--;
	}
	compare(old_side, new_side, from, old_to, new_to, out);
	for (guint i = old_to; i < old_side->lines->len; i++)
		add(out, ' ', line_of(old_side, i));
	return out;
}

/* Where a run of changes that stand close together ends: behind its last one. */
static guint
end_of_hunk(const GArray *changes, guint first)
{
	guint end = first + 1;

	for (guint i = first; i < changes->len && i < end + 2 * DIFF_AROUND; i++) {
		if (g_array_index(changes, struct change, i).sign != ' ')
			end = i + 1;
	}
	return end;
}

static void
put_range(GString *out, char sign, guint before, guint count)
{
	g_string_append_printf(out, "%c%u", sign, count > 0 ? before + 1 : before);
	if (count != 1)
		g_string_append_printf(out, ",%u", count);
}

static void
put_hunk(
    const GArray *changes, guint from, guint to, guint old_before, guint new_before, GString *out)
{
	guint removed = 0, added = 0;

	for (guint i = from; i < to; i++) {
		char sign = g_array_index(changes, struct change, i).sign;
		removed += sign != '+';
		added += sign != '-';
	}
	g_string_append(out, "@@ ");
	put_range(out, '-', old_before, removed);
	g_string_append_c(out, ' ');
	put_range(out, '+', new_before, added);
	g_string_append(out, " @@\n");
	for (guint i = from; i < to; i++) {
		const struct change *change = &g_array_index(changes, struct change, i);
		g_string_append_c(out, change->sign);
		g_string_append_len(out, change->line.data, (gssize)change->line.size);
		g_string_append_c(out, '\n');
	}
}

static void
put_hunks(const GArray *changes, GString *out)
{
	guint old_line = 0, new_line = 0, at = 0;

	for (guint i = 0; i < changes->len; i++) {
		if (g_array_index(changes, struct change, i).sign == ' ')
			continue;
		guint from = i - MIN(i - at, DIFF_AROUND);
		guint end = end_of_hunk(changes, i);
		guint to = MIN(end + DIFF_AROUND, changes->len);
		old_line += from - at;
		new_line += from - at;
		put_hunk(changes, from, to, old_line, new_line, out);
		for (guint k = from; k < to; k++) {
			char sign = g_array_index(changes, struct change, k).sign;
			old_line += sign != '+';
			new_line += sign != '-';
		}
		at = to;
		i = to - 1;
	}
}

void
diff_unified(
    const char *old_name, const char *new_name, GBytes *old_text, GBytes *new_text, GString *out)
{
	struct side old_side, new_side;

	split(old_text, &old_side);
	split(new_text, &new_side);
	g_autoptr(GArray) changes = changes_of(&old_side, &new_side);
	bool differs =
	    old_side.open != new_side.open && old_side.lines->len > 0 && new_side.lines->len > 0;
	for (guint i = 0; i < changes->len && !differs; i++)
		differs = g_array_index(changes, struct change, i).sign != ' ';
	if (differs) {
		g_string_append_printf(out, "--- %s\n+++ %s\n", old_name, new_name);
		put_hunks(changes, out);
		if (old_side.open != new_side.open)
			g_string_append_printf(out, "\\ the last line %s with a line end\n",
			    new_side.open ? "does not end" : "now ends");
	}
	g_array_unref(old_side.lines);
	g_array_unref(new_side.lines);
}
