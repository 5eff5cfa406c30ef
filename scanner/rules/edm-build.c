/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/edm-build.h"

#include <string.h>

#include "base/csv.h"
#include "base/fault.h"
#include "base/problem.h"
#include "base/text.h"
#include "rules/data-inside.h"

#define NAME_CHARACTERS 60 /* of a column's name */
#define PROGRESS_EVERY  4096

struct build {
	const struct edm_options *options;
	struct edm_report *report;
	struct csv *csv;
	struct data_maker *maker;
	guint width; /* cells of the head */
};

static void
column_free(void *data)
{
	struct edm_column *column = data;

	g_free(column->name);
	g_free(column);
}

void
edm_report_clear(struct edm_report *report)
{
	g_clear_pointer(&report->columns, g_ptr_array_unref);
}

static void
add_column(struct build *build, const char *cell, guint position)
{
	struct edm_column *column = g_new0(struct edm_column, 1);
	g_autofree char *trimmed = g_strstrip(g_strdup(cell));

	column->name = text_printable(trimmed, NAME_CHARACTERS);
	column->position = position;
	g_ptr_array_add(build->report->columns, column);
	data_maker_add_label(build->maker, column->name);
}

static bool
unknown_column(const GPtrArray *head, const char *name, GError **error)
{
	g_autofree const char **names = g_new0(const char *, head->len + 1);

	for (guint i = 0; i < head->len; i++)
		names[i] = head->pdata[i];
	const char *near = problem_did_you_mean(name, names);
	g_set_error(error, FAULT, FAULT_USAGE, "the table has no column '%s'%s%s%s", name,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "",
	    near != NULL ? "?" : "");
	return false;
}

static bool
find_column(struct build *build, const GPtrArray *head, const char *name, GError **error)
{
	for (guint i = 0; i < head->len; i++) {
		g_autofree char *cell = g_strstrip(g_strdup(head->pdata[i]));
		if (strcmp(cell, name) != 0)
			continue;
		add_column(build, cell, i);
		return true;
	}
	return unknown_column(head, name, error);
}

/* Two columns of one name could not be told apart by a rule. */
static bool
check_names(const struct build *build, GError **error)
{
	const GPtrArray *columns = build->report->columns;
	const char *why = NULL;

	for (guint i = 0; i < columns->len && why == NULL; i++) {
		const struct edm_column *column = columns->pdata[i];
		if (column->name[0] == '\0' || strchr(column->name, ',') != NULL)
			why = "has a column without a name, or with a comma in it";
		for (guint k = 0; k < i; k++) {
			const struct edm_column *other = columns->pdata[k];
			if (strcmp(other->name, column->name) == 0)
				why = "names a column twice";
		}
	}
	if (columns->len > DATA_COLUMNS_MAX)
		why = "has over 32 columns; write --columns A,B";
	if (why != NULL)
		g_set_error(error, FAULT, FAULT_DATA, "%s:1: the head of the table %s",
		    build->options->path, why);
	return why == NULL;
}

static bool
read_head(struct build *build, GError **error)
{
	const char *const *wanted = build->options->columns;
	const GPtrArray *head = csv_next(build->csv, error);

	if (head == NULL) {
		if (*error == NULL)
			g_set_error(error, FAULT, FAULT_DATA,
			    "%s: the file is empty; its first line names the columns",
			    build->options->path);
		return false;
	}
	build->width = head->len;
	for (guint i = 0; wanted == NULL && i < head->len; i++)
		add_column(build, head->pdata[i], i);
	for (guint i = 0; wanted != NULL && wanted[i] != NULL; i++) {
		if (!find_column(build, head, wanted[i], error))
			return false;
	}
	return check_names(build, error);
}

static void
read_row(struct build *build, const GPtrArray *cells)
{
	const GPtrArray *columns = build->report->columns;

	for (guint i = 0; i < columns->len; i++) {
		struct edm_column *column = columns->pdata[i];
		const char *cell = cells->pdata[column->position];
		if (cell[strspn(cell, " \t")] == '\0')
			column->empty++;
		else if (edm_add(build->maker, (guint)build->report->rows, i, cell))
			column->kept++;
		else
			column->unfit++;
	}
	build->report->rows++;
}

static bool
read_rows(struct build *build, GError **error)
{
	const GPtrArray *cells;

	while ((cells = csv_next(build->csv, error)) != NULL) {
		guint64 line = csv_line(build->csv);
		if (cells->len != build->width) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "%s:%" G_GUINT64_FORMAT ": %u cells, and the head has %u",
			    build->options->path, line, cells->len, build->width);
			return false;
		}
		if (data_maker_entries(build->maker) > EDM_CELLS_MAX ||
		    build->report->rows >= DATA_ROWS_MAX) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "%s:%" G_GUINT64_FORMAT ": over 20,000,000 values; write --columns A,B "
			    "or split the table",
			    build->options->path, line);
			return false;
		}
		read_row(build, cells);
		if (build->options->progress != NULL && build->report->rows % PROGRESS_EVERY == 0)
			build->options->progress(
			    csv_bytes(build->csv), build->report->rows, build->options->user);
	}
	return *error == NULL;
}

static void
on_common(G_GNUC_UNUSED guint64 hash, const guint32 *payloads, guint count, void *user)
{
	const struct build *build = user;
	guint32 seen = 0;

	for (guint i = 0; i < count; i++) {
		guint place = DATA_COLUMN(payloads[i]);
		struct edm_column *column = build->report->columns->pdata[place];
		column->kept--;
		column->common++;
		column->common_values += (seen >> place & 1) == 0;
		seen |= 1u << place;
	}
}

static guint
limit_of(const struct edm_options *options, guint64 rows)
{
	double percent = options->common < 0 ? EDM_COMMON : options->common;
	double limit = (double)rows * percent / 100;
	double least = options->common < 0 ? EDM_COMMON_LEAST : 1;

	return (guint)CLAMP(limit, least, EDM_COMMON_MOST);
}

static GBytes *
finish(struct build *build, GError **error)
{
	struct edm_report *report = build->report;

	report->limit = limit_of(build->options, report->rows);
	data_maker_sort(build->maker, report->limit, on_common, build);
	for (guint i = 0; i < report->columns->len; i++) {
		const struct edm_column *column = report->columns->pdata[i];
		data_maker_set_total(build->maker, i, (guint)column->kept);
	}
	return data_maker_finish(build->maker, (guint)report->rows, report->limit, error);
}

GBytes *
edm_build(FILE *in, const struct edm_options *options, const guint8 *key, struct edm_report *report,
    GError **error)
{
	g_autoptr(csv) csv = csv_new(in, options->path, options->separator);
	g_autoptr(data_maker) maker = data_maker_new(DATA_EDM, key);
	g_autoptr(GError) trouble = NULL;
	struct build build = { options, report, csv, maker, 0 };
	GBytes *bytes = NULL;

	*report = (struct edm_report){ g_ptr_array_new_with_free_func(column_free), 0, 0 };
	if (read_head(&build, &trouble) && read_rows(&build, &trouble))
		bytes = finish(&build, &trouble);
	if (bytes == NULL)
		g_propagate_error(error, g_steal_pointer(&trouble));
	return bytes;
}
