/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * office-sheet - cells, rows, columns and sheets of workbooks. A shared string is put where its
 * first cell stands; what no cell uses comes last. Numbers are written out as people type them.
 */
#include <stdlib.h>
#include <string.h>

#include "worker/office-parts.h"

#define DIGITS_MAX 40 /* of a number that is written out */

static const char *const yes[] = { "1", "true", "on", NULL };
static const char *const veiled[] = { "hidden", "veryHidden", NULL };
static const char *const folded[] = { "collapse", "filter", NULL };

static bool
is_hidden_column(const struct office *office, guint column)
{
	return column < OFFICE_COLUMNS && (office->columns[column / 8] >> column % 8 & 1) != 0;
}

static void
hide_columns(struct office *office, guint from, guint to)
{
	for (guint i = from; i < to && i < OFFICE_COLUMNS; i++)
		office->columns[i / 8] |= (guint8)(1u << i % 8);
}

static guint
number(const struct office_attributes *attributes, const char *name, guint fallback)
{
	g_autofree char *value = office_attribute(attributes, name);
	guint64 n = value != NULL ? g_ascii_strtoull(value, NULL, 10) : fallback;

	return (guint)MIN(n, OFFICE_COLUMNS);
}

/* "BC17": the column, from 0. */
static guint
column_of(const char *reference)
{
	guint column = 0;

	for (; g_ascii_isupper(*reference) && column < OFFICE_COLUMNS; reference++)
		column = column * 26 + (guint)(*reference - 'A') + 1;
	return column > 0 ? column - 1 : OFFICE_COLUMNS;
}

static void
start_cell(struct office *office, const struct office_attributes *attributes)
{
	g_autofree char *type = office_attribute(attributes, "t");
	g_autofree char *place = office_attribute(attributes, "r");

	office->cell = type == NULL || strcmp(type, "n") == 0 ? CELL_NUMBER
		       : strcmp(type, "s") == 0               ? CELL_SHARED
							      : CELL_TEXT;
	office->cell_hidden = place != NULL && is_hidden_column(office, column_of(place));
}

/* OpenDocument: the value is an attribute, and as it is shown it may be rounded. */
static void
start_table_cell(struct office *office, const struct office_attributes *attributes)
{
	guint repeated = number(attributes, "number-columns-repeated", 1);
	g_autofree char *value = office_attribute(attributes, "value");

	if (is_hidden_column(office, office->column) && office->hidden_at == 0)
		office->hidden_at = office->depth;
	office->column = MIN(office->column + repeated, OFFICE_COLUMNS);
	office->cell_to = office_target(office);
	office->cell_from = office->texts[office->cell_to]->len;
	g_string_assign(office->value, value != NULL ? value : "");
}

static void
start_sheet(struct office *office, const struct office_attributes *attributes)
{
	g_autofree char *id = office_attribute(attributes, "id");

	if (office_attribute_is(attributes, "state", veiled) && id != NULL)
		g_hash_table_add(office->sheets, g_steal_pointer(&id));
}

bool
office_sheet_start(
    struct office *office, const char *name, const struct office_attributes *attributes)
{
	if (strcmp(name, "c") == 0) {
		start_cell(office, attributes);
	} else if (strcmp(name, "row") == 0 || strcmp(name, "table-row") == 0) {
		office->row_hidden = office_attribute_is(attributes, "hidden", yes);
		office->column = 0;
		if (office_attribute_is(attributes, "visibility", folded) && office->hidden_at == 0)
			office->hidden_at = office->depth;
	} else if (strcmp(name, "v") == 0) {
		g_string_truncate(office->value, 0);
	} else if (strcmp(name, "table-cell") == 0 || strcmp(name, "covered-table-cell") == 0) {
		start_table_cell(office, attributes);
	} else if (strcmp(name, "col") == 0) {
		if (office_attribute_is(attributes, "hidden", yes))
			hide_columns(
			    office, number(attributes, "min", 1) - 1, number(attributes, "max", 1));
	} else if (strcmp(name, "table-column") == 0) {
		guint n = number(attributes, "number-columns-repeated", 1);
		if (office_attribute_is(attributes, "visibility", folded))
			hide_columns(office, office->columns_said, office->columns_said + n);
		office->columns_said = MIN(office->columns_said + n, OFFICE_COLUMNS);
	} else if (strcmp(name, "table") == 0 || strcmp(name, "worksheet") == 0) {
		memset(office->columns, 0, sizeof office->columns);
		office->columns_said = 0;
	} else if (strcmp(name, "sheet") == 0) {
		start_sheet(office, attributes);
	} else {
		return false;
	}
	return true;
}

/* "4.111E3" as "4111"; what is no whole number of digits stays as it is written. */
static void
write_number(struct office *office, enum office_stream to, const char *text)
{
	char digits[DIGITS_MAX + 1];
	gsize n = 0, behind = 0;
	bool point = false;
	const char *at = text;

	for (; (g_ascii_isdigit(*at) || (*at == '.' && !point)) && n < DIGITS_MAX; at++) {
		point = point || *at == '.';
		if (*at == '.')
			continue;
		behind += point;
		digits[n++] = *at;
	}
	gint64 power = *at == 'E' || *at == 'e' ? g_ascii_strtoll(at + 1, NULL, 10) : 0;
	if (n == 0 || power < (gint64)behind || power == 0 ||
	    n + (gsize)power - behind > DIGITS_MAX) {
		office_add(office, to, text, strlen(text));
		return;
	}
	for (gsize i = behind; i < (gsize)power; i++)
		digits[n++] = '0';
	office_add(office, to, digits, n);
}

static void
write_shared(struct office *office, enum office_stream to)
{
	guint64 index = g_ascii_strtoull(office->value->str, NULL, 10);

	if (index >= office->used->len || office->used->data[index] != 0)
		return; /* once is enough: a word of many cells would be many words */
	gsize start = g_array_index(office->starts, gsize, index);
	gsize end = index + 1 < office->starts->len
			? g_array_index(office->starts, gsize, index + 1)
			: office->shared->len;
	office->used->data[index] = 1;
	office_add(office, to, office->shared->str + start, end - start);
}

void
office_sheet_end(struct office *office, const char *name)
{
	enum office_stream to = office_target(office);

	if (strcmp(name, "v") == 0) {
		if (office->cell == CELL_SHARED)
			write_shared(office, to);
		else
			write_number(office, to, office->value->str);
		office_break(office, to, ' ');
	} else if (strcmp(name, "c") == 0) {
		office_break(office, to, ' ');
		office->cell = CELL_NONE;
		office->cell_hidden = false;
	} else if (strcmp(name, "row") == 0) {
		office_break(office, to, '\n');
		office->row_hidden = false;
	} else if (strcmp(name, "table-cell") == 0) {
		to = office->cell_to;
		GString *out = office->texts[to];
		if (office->value->len > 0 && out->len >= office->cell_from &&
		    strstr(out->str + office->cell_from, office->value->str) == NULL) {
			office_break(office, to, ' ');
			write_number(office, to, office->value->str);
		}
		g_string_truncate(office->value, 0);
		office_break(office, to, ' ');
	}
}
