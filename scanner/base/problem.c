/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of broken files are quoted on a terminal, so whatever is kept here is made printable
 * when it is added, and the caret is placed in cells of that printable form.
 */
#include "base/problem.h"

#include <string.h>

#include "base/text.h"

#define SOURCE_CELLS  160 /* of a longer line only the surroundings of the column are kept */
#define SOURCE_BEFORE 100 /* of these at most so many before the column */
#define WORD_MAX      64  /* bytes of a word that is compared */

struct problems {
	GPtrArray *all;    /* of struct problem */
	GHashTable *known; /* what stands in it: the same place may be read more than once */
	guint counts[2];
};

static void
problem_free(gpointer data)
{
	struct problem *problem = data;

	g_free(problem->file);
	g_free(problem->text);
	g_free(problem->mend);
	g_free(problem->source);
	g_free(problem);
}

struct problems *
problems_new(void)
{
	struct problems *problems = g_new0(struct problems, 1);

	problems->all = g_ptr_array_new_with_free_func(problem_free);
	problems->known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return problems;
}

void
problems_free(struct problems *problems)
{
	if (problems == NULL)
		return;
	g_ptr_array_unref(problems->all);
	g_hash_table_unref(problems->known);
	g_free(problems);
}

static guint
cells(const char *text)
{
	guint width = 0;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (!g_unichar_iszerowidth(c))
			width += g_unichar_iswide(c) ? 2 : 1;
	}
	return width;
}

/* Tabs become blanks, so that the caret stands under its byte whatever the tab width is. */
static char *
quotable(const char *bytes, gsize size)
{
	g_autofree char *part = g_strndup(bytes, size);

	g_strdelimit(part, "\t", ' ');
	return text_printable(part, 0);
}

/*
 * A password that stands where it does not belong must not be repeated on a terminal or in a
 * journal. Bytes are replaced one for one, so columns stay true.
 */
static void
hide_password(char *source)
{
	const char *key = source + strspn(source, " \t#");
	gsize length = strcspn(key, " \t=");
	char *value = strchr(source, '=');
	char *user = strstr(source, "://");

	if (value != NULL && g_ascii_strncasecmp(key, "pass", 4) == 0 &&
	    !(length == strlen("password_file") && strncmp(key, "password_file", length) == 0)) {
		value += 1 + strspn(value + 1, " \t");
		memset(value, '*', strcspn(value, "\r\n"));
	}
	if (user == NULL)
		return;
	user += strlen("://");
	gsize authority = strcspn(user, "/ \t\r\n");
	const char *at = memrchr(user, '@', authority);
	if (at != NULL)
		memset(user, '*', (gsize)(at - user));
}

/* Where to begin quoting a line, so that the byte at offset is seen. */
static gsize
window_start(const char *source, gsize size, gsize offset)
{
	if (size <= SOURCE_CELLS || offset <= SOURCE_BEFORE)
		return 0;
	return text_cut(source, size, offset - SOURCE_BEFORE);
}

static void
quote(struct problem *problem, const char *line)
{
	g_autofree char *source = g_strdup(line);

	hide_password(source);
	gsize size = strcspn(source, "\r\n");
	gsize offset = MIN(problem->column > 0 ? problem->column - 1 : 0, size);
	gsize start = window_start(source, size, offset);
	gsize end = start + text_cut(source + start, size - start, SOURCE_CELLS);

	g_autofree char *before = quotable(source + start, offset - start);
	g_autofree char *after = quotable(source + offset, end - offset);
	const char *left = start > 0 ? "…" : "";
	problem->source = g_strconcat(left, before, after, end < size ? "…" : "", NULL);
	problem->caret = cells(left) + cells(before);
}

void
problems_add(struct problems *problems, enum problem_level level, const char *file, guint line,
    guint column, const char *source, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	if (!g_hash_table_add(problems->known,
		g_strdup_printf("%u:%u:%d:%s:%s", line, column, level, file, text)))
		return;
	struct problem *problem = g_new0(struct problem, 1);
	problem->level = level;
	problem->file = text_printable(file, 0);
	problem->line = line;
	problem->column = column;
	problem->text = text_printable(text, 0);
	problem->mend = mend != NULL ? text_printable(mend, 0) : NULL;
	if (source != NULL)
		quote(problem, source);
	g_ptr_array_add(problems->all, problem);
	problems->counts[level]++;
}

guint
problems_count(const struct problems *problems, enum problem_level level)
{
	return problems->counts[level];
}

guint
problems_total(const struct problems *problems)
{
	return problems->all->len;
}

const struct problem *
problems_get(const struct problems *problems, guint index)
{
	return g_ptr_array_index(problems->all, index);
}

static void
print_place(const struct problem *problem, FILE *out)
{
	fputs(problem->file, out);
	if (problem->line > 0)
		fprintf(out, ":%u", problem->line);
	if (problem->line > 0 && problem->column > 0)
		fprintf(out, ":%u", problem->column);
	fputs(": ", out);
}

static void
print_one(const struct problem *problem, FILE *out, bool colour)
{
	const char *reset = colour ? "\033[0m" : "", *bold = colour ? "\033[1m" : "";
	bool is_error = problem->level == PROBLEM_ERROR;
	const char *tint = !colour ? "" : is_error ? "\033[1;31m" : "\033[1;35m";
	const char *green = colour ? "\033[32m" : "";

	fputs(bold, out);
	print_place(problem, out);
	fprintf(out, "%s%s%s:%s %s\n", reset, tint, is_error ? "error" : "warning", reset,
	    problem->text);
	if (problem->source != NULL && problem->line > 0) {
		fprintf(out, "%5u | %s\n", problem->line, problem->source);
		if (problem->column > 0 && problem->mend != NULL)
			fprintf(out, "      | %*s%s^ %s%s\n", (int)problem->caret, "", green,
			    problem->mend, reset);
		else if (problem->column > 0)
			fprintf(out, "      | %*s%s^%s\n", (int)problem->caret, "", green, reset);
		else if (problem->mend != NULL)
			fprintf(out, "      | %s%s%s\n", green, problem->mend, reset);
	} else if (problem->mend != NULL) {
		fprintf(out, "      | %s%s%s\n", green, problem->mend, reset);
	}
}

void
problems_print(const struct problems *problems, FILE *out, bool colour)
{
	for (guint i = 0; i < problems->all->len; i++)
		print_one(g_ptr_array_index(problems->all, i), out, colour);
}

/* Edit distance where two swapped neighbours count as one edit. Both at most WORD_MAX long. */
static gsize
distance(const char *a, const char *b)
{
	gsize rows[3][WORD_MAX + 1];
	gsize m = strlen(a), n = strlen(b);

	for (gsize j = 0; j <= n; j++)
		rows[0][j] = j;
	for (gsize i = 1; i <= m; i++) {
		gsize *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		row[0] = i;
		for (gsize j = 1; j <= n; j++) {
			gsize best = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
			best = MIN(best, MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				best = MIN(best, before[j - 2] + 1);
			row[j] = best;
		}
	}
	return rows[m % 3][n];
}

const char *
problem_did_you_mean(const char *word, const char *const *candidates)
{
	const char *closest = NULL;
	gsize length = strlen(word), best = length / 3 + 1;

	if (length > WORD_MAX)
		return NULL;
	for (; *candidates != NULL; candidates++) {
		if (strlen(*candidates) > WORD_MAX)
			continue;
		gsize d = distance(word, *candidates);
		if (d < best) {
			best = d;
			closest = *candidates;
		}
	}
	return closest;
}
