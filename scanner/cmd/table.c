/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/table.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

struct table {
	const char *const *heads;
	guint columns;
	GPtrArray *cells; /* of char *, row by row */
};

struct table *
table_new(const char *const *heads)
{
	struct table *table = g_new0(struct table, 1);

	table->heads = heads;
	table->columns = g_strv_length((GStrv)heads);
	table->cells = g_ptr_array_new_with_free_func(g_free);
	return table;
}

void
table_free(struct table *table)
{
	if (table == NULL)
		return;
	g_ptr_array_unref(table->cells);
	g_free(table);
}

void
table_add(struct table *table, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_ptr_array_add(table->cells, text_printable(text, TABLE_CELL_MAX));
}

static guint
width_of(const char *text)
{
	guint width = 0;

	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		width += g_unichar_iszerowidth(c) ? 0 : g_unichar_iswide(c) ? 2 : 1;
	}
	return width;
}

static void
put_cell(GString *out, const char *text, guint width, bool right, bool last)
{
	guint pad = width - MIN(width, width_of(text));

	if (right)
		g_string_append_printf(out, "%*s%s", (int)pad, "", text);
	else
		g_string_append_printf(out, "%s%*s", text, last ? 0 : (int)pad, "");
	g_string_append(out, last ? "\n" : "  ");
}

void
table_print(const struct table *table, GString *out)
{
	g_autofree guint *widths = g_new0(guint, table->columns);

	for (guint i = 0; i < table->columns; i++)
		widths[i] = width_of(table->heads[i] + (table->heads[i][0] == '>'));
	for (guint i = 0; i < table->cells->len; i++) {
		guint width = width_of(g_ptr_array_index(table->cells, i));
		widths[i % table->columns] = MAX(widths[i % table->columns], width);
	}
	for (guint i = 0; i < table->columns; i++) {
		bool right = table->heads[i][0] == '>';
		put_cell(out, table->heads[i] + right, widths[i], right, i + 1 == table->columns);
	}
	for (guint i = 0; i < table->cells->len; i++) {
		guint column = i % table->columns;
		put_cell(out, g_ptr_array_index(table->cells, i), widths[column],
		    table->heads[column][0] == '>', column + 1 == table->columns);
	}
}
