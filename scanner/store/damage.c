/* SPDX-License-Identifier: GPL-3.0-or-later */
/* damage - see damage.h. Never holds a transaction between two tables. */
#include "store/damage.h"

#include <string.h>

#include "store/query.h"

GPtrArray *
damage_tables(struct database *database, GError **error)
{
	static const struct query_text all = { "list the tables",
		"SELECT name FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0"
		" ORDER BY name" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

char *
damage_of_pages(struct database *database, const char *table)
{
	/* A view of the same name may stand before the table. */
	static const struct query_text look = { "look at a table",
		"SELECT integrity_check FROM pragma_integrity_check(?, 'main')" };
	g_autoptr(GError) error = NULL;
	g_autofree char *found = NULL;
	struct query query;

	if (!query_open(&query, database, &look, VALUES(query_text_value(table)), &error))
		return g_strdup(error->message);
	/* The first row says enough: what follows comes of it more often than not. */
	if (query_next(&query))
		found = query_dup(&query, 0);
	if (!query_close(&query, &error))
		return g_strdup(error->message);
	if (found == NULL || strcmp(found, "ok") == 0)
		return NULL;
	g_strdelimit(found, "\n", ' ');
	return g_steal_pointer(&found);
}

char *
damage_of(struct database *database, const char *table)
{
	g_autoptr(GError) error = NULL;
	char *found = damage_of_pages(database, table);

	if (found != NULL || damage_inside(database, table, &error))
		return found;
	return g_strdup(error->message);
}
