/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [group.NAME] csv: the members of a group as rows of a table, such as one that a personnel system
 * writes. A row that cannot be read makes the whole group wrong: half a group is worse than none.
 */
#include <errno.h>
#include <string.h>

#include "base/csv.h"
#include "base/fault.h"
#include "daemon/config-csv.h"
#include "daemon/config-parts.h"

#define MEMBERS_MAX    100000
#define COLUMN_DEFAULT "mail"

/* What of a row counts. */
struct selection {
	const struct ini_section *section;
	const char *path;
	struct problems *problems;
	config_csv_check *is_address;
	guint address;      /* column */
	GArray *columns;    /* guint: the row's cell there ... */
	GPtrArray *values;  /* ... is this one, in any case */
	GPtrArray *members; /* of char * */
};

static int
column_of(const GPtrArray *head, const char *name)
{
	for (guint i = 0; i < head->len; i++) {
		if (g_ascii_strcasecmp(g_strstrip(head->pdata[i]), name) == 0)
			return (int)i;
	}
	return -1;
}

/* False after a problem at the key that named the column. */
static bool
find_column(const struct selection *selection, const GPtrArray *head, const char *key,
    const char *name, guint *out)
{
	int column = column_of(head, name);
	g_autofree const char **names = g_new0(const char *, head->len + 1);

	if (column >= 0) {
		*out = (guint)column;
		return true;
	}
	for (guint i = 0; i < head->len; i++)
		names[i] = head->pdata[i];
	const char *near = problem_did_you_mean(name, names);
	g_autofree char *mend =
	    near != NULL
		? g_strdup_printf("did you mean %s?", near)
		: g_strdup_printf("name a column of the first line of %s", selection->path);
	ini_problem(selection->section, ini_entry(selection->section, key), 0, selection->problems,
	    mend, "the table has no column '%s'", name);
	return false;
}

/* where = department=Board, site=Berlin */
static bool
read_where(struct selection *selection, const GPtrArray *head)
{
	g_auto(GStrv) items = NULL;

	if (!ini_list(selection->section, "where", &items, selection->problems))
		return ini_entry(selection->section, "where") == NULL;
	for (guint i = 0; items[i] != NULL; i++) {
		char *equals = strchr(items[i], '=');
		guint column;
		if (equals == NULL) {
			ini_problem(selection->section, ini_entry(selection->section, "where"), 0,
			    selection->problems, "write where = department=Sales",
			    "'%s' is no COLUMN=VALUE", items[i]);
			return false;
		}
		*equals = '\0';
		if (!find_column(selection, head, "where", g_strstrip(items[i]), &column))
			return false;
		g_array_append_val(selection->columns, column);
		g_ptr_array_add(selection->values, g_utf8_casefold(g_strstrip(equals + 1), -1));
	}
	return true;
}

static const char *
cell_of(const GPtrArray *cells, guint column)
{
	return column < cells->len ? g_strstrip(cells->pdata[column]) : "";
}

static bool
is_selected(const struct selection *selection, const GPtrArray *cells)
{
	for (guint i = 0; i < selection->columns->len; i++) {
		const char *cell = cell_of(cells, g_array_index(selection->columns, guint, i));
		g_autofree char *valid = g_utf8_make_valid(cell, -1);
		g_autofree char *folded = g_utf8_casefold(valid, -1);
		if (strcmp(folded, selection->values->pdata[i]) != 0)
			return false;
	}
	return true;
}

/* A row without an address is somebody without mail. */
static void
take_row(struct selection *selection, const GPtrArray *cells, guint64 line)
{
	const char *address = cell_of(cells, selection->address);

	if (address[0] == '\0' || !is_selected(selection, cells))
		return;
	if (!selection->is_address(address))
		problems_add(selection->problems, PROBLEM_ERROR, selection->path, (guint)line, 1,
		    NULL, "write NAME@DOMAIN in that column, or leave it empty",
		    "'%s' is not one address", address);
	else
		g_ptr_array_add(selection->members, g_strdup(address));
}

static void
read_rows(struct selection *selection, struct csv *csv, GError **error)
{
	const char *name = ini_get(selection->section, "column");
	const GPtrArray *cells = csv_next(csv, error);

	if (cells == NULL && *error == NULL)
		problems_add(selection->problems, PROBLEM_ERROR, selection->path, 1, 1, NULL,
		    "write the names of the columns in the first line", "the table is empty");
	if (cells == NULL ||
	    !find_column(selection, cells, "column", name != NULL ? name : COLUMN_DEFAULT,
		&selection->address) ||
	    !read_where(selection, cells))
		return;
	while (selection->members->len < MEMBERS_MAX && (cells = csv_next(csv, error)) != NULL)
		take_row(selection, cells, csv_line(csv));
	if (selection->members->len >= MEMBERS_MAX)
		problems_add(selection->problems, PROBLEM_ERROR, selection->path, 0, 0, NULL,
		    "select fewer rows with where", "a group has at most %d members", MEMBERS_MAX);
	if (selection->members->len == 0 && *error == NULL)
		problems_add(selection->problems, PROBLEM_WARNING, selection->path, 0, 0, NULL,
		    "see column and where of the group", "no row is a member of [%s]",
		    selection->section->name);
}

GStrv
config_csv_members(
    const struct ini_section *section, config_csv_check *is_address, struct problems *problems)
{
	guint before = problems_count(problems, PROBLEM_ERROR);
	g_autofree char *path = config_resolve(section, ini_get(section, "csv"));
	g_autoptr(GArray) columns = g_array_new(FALSE, FALSE, sizeof(guint));
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) members = g_ptr_array_new_with_free_func(g_free);
	struct selection selection = { section, path, problems, is_address, 0, columns, values,
		members };
	g_autoptr(GError) error = NULL;
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		fault_errno(&error, "%s", path);
	} else {
		g_autoptr(csv) csv = csv_new(in, path, 0);
		read_rows(&selection, csv, &error);
		fclose(in);
	}
	if (error != NULL)
		config_file_problem(path, error, problems);
	if (problems_count(problems, PROBLEM_ERROR) > before)
		return NULL;
	g_ptr_array_add(members, NULL);
	return g_strdupv((GStrv)members->pdata);
}
