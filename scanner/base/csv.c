/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <string.h>

#include "base/fault.h"

struct csv {
	FILE *in;
	const char *path;
	char separator;
	GString *held; /* bytes of the first record, read to find the separator */
	gsize held_at;
	guint64 line, record_line, bytes;
	GPtrArray *cells;
	GString *cell;
};

struct csv *
csv_new(FILE *in, const char *path, char separator)
{
	struct csv *csv = g_new0(struct csv, 1);

	csv->in = in;
	csv->path = path;
	csv->separator = separator;
	csv->line = 1;
	csv->held = g_string_new(NULL);
	csv->cells = g_ptr_array_new_with_free_func(g_free);
	csv->cell = g_string_new(NULL);
	return csv;
}

/* Values of people were in it. */
static void
wipe(GString *text)
{
	explicit_bzero(text->str, text->allocated_len);
	g_string_free(text, TRUE);
}

void
csv_free(struct csv *csv)
{
	if (csv == NULL)
		return;
	g_ptr_array_unref(csv->cells);
	wipe(csv->held);
	wipe(csv->cell);
	g_free(csv);
}

guint64
csv_line(const struct csv *csv)
{
	return csv->record_line;
}

guint64
csv_bytes(const struct csv *csv)
{
	return csv->bytes;
}

static int
next_byte(struct csv *csv)
{
	if (csv->held_at < csv->held->len)
		return (guchar)csv->held->str[csv->held_at++];
	int c = getc_unlocked(csv->in);
	csv->bytes += c != EOF;
	return c;
}

static int
peek_byte(struct csv *csv)
{
	if (csv->held_at < csv->held->len)
		return (guchar)csv->held->str[csv->held_at];
	int c = getc_unlocked(csv->in);
	if (c != EOF)
		ungetc(c, csv->in);
	return c;
}

/* Reads the first record into held, and counts what may part its cells. */
static void
begin(struct csv *csv)
{
	static const char candidates[] = ",;\t";
	guint counts[sizeof(candidates)] = { 0 };
	bool quoted = false;
	guint best = 0;

	while (csv->held->len < CSV_CELL_MAX) {
		int c = getc_unlocked(csv->in);
		if (c == EOF)
			break;
		g_string_append_c(csv->held, (char)c);
		quoted = quoted != (c == '"');
		const char *found = quoted || c == '\0' ? NULL : strchr(candidates, c);
		if (found != NULL)
			counts[found - candidates]++;
		if (c == '\n' && !quoted)
			break;
	}
	csv->bytes = csv->held->len;
	if (g_str_has_prefix(csv->held->str, "\xef\xbb\xbf"))
		csv->held_at = 3;
	for (guint i = 1; candidates[i] != '\0'; i++)
		best = counts[i] > counts[best] ? i : best;
	if (csv->separator == '\0')
		csv->separator = candidates[best];
}

static bool
refuse(const struct csv *csv, GError **error, const char *why)
{
	g_set_error(
	    error, FAULT, FAULT_DATA, "%s:%" G_GUINT64_FORMAT ": %s", csv->path, csv->line, why);
	return false;
}

static bool
end_cell(struct csv *csv, GError **error)
{
	if (csv->cells->len >= CSV_CELLS_MAX)
		return refuse(csv, error, "over 1,000 cells in one record");
	if (!g_utf8_validate(csv->cell->str, (gssize)csv->cell->len, NULL))
		return refuse(csv, error, "a cell is not UTF-8; convert the file (iconv -t UTF-8)");
	g_ptr_array_add(csv->cells, g_strndup(csv->cell->str, csv->cell->len));
	g_string_truncate(csv->cell, 0);
	return true;
}

static bool
put(struct csv *csv, int c, GError **error)
{
	if (csv->cell->len >= CSV_CELL_MAX)
		return refuse(csv, error, "a cell of over 64 KiB; is a quote missing?");
	g_string_append_c(csv->cell, (char)c);
	return true;
}

/* Behind the opening quote, to the one that closes. */
static bool
read_quoted(struct csv *csv, GError **error)
{
	for (;;) {
		int c = next_byte(csv);
		if (c == EOF)
			return refuse(csv, error, "a quote is opened and not closed");
		if (c == '"' && peek_byte(csv) != '"')
			return true;
		if (c == '"')
			next_byte(csv);
		csv->line += c == '\n';
		if (!put(csv, c, error))
			return false;
	}
}

/* Cells up to the line's end. *any: there was a byte of a record. */
static bool
read_record(struct csv *csv, bool *any, GError **error)
{
	bool fresh = true;

	for (;;) {
		int c = next_byte(csv);
		if (c == '\r' && (peek_byte(csv) == '\n' || peek_byte(csv) == EOF))
			continue;
		if (c == EOF || c == '\n') {
			csv->line += c == '\n';
			return !*any || end_cell(csv, error);
		}
		*any = true;
		if (c == csv->separator) {
			fresh = true;
			if (!end_cell(csv, error))
				return false;
			continue;
		}
		if (c == '"' && fresh ? !read_quoted(csv, error) : !put(csv, c, error))
			return false;
		fresh = false;
	}
}

const GPtrArray *
csv_next(struct csv *csv, GError **error)
{
	if (csv->bytes == 0)
		begin(csv);
	for (bool any = false; !any;) {
		g_ptr_array_set_size(csv->cells, 0);
		g_string_truncate(csv->cell, 0);
		csv->record_line = csv->line;
		if (!read_record(csv, &any, error))
			return NULL;
		if (!any && peek_byte(csv) == EOF)
			break;
	}
	if (ferror(csv->in)) {
		fault_errno(error, "%s", csv->path);
		return NULL;
	}
	return csv->cells->len > 0 ? csv->cells : NULL;
}
