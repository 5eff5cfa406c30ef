/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SQLite looks for a name in the temporary schema first. So a temporary view `message` stands
 * before the table for all that reads. main.X is named here, where a decision is written
 * (store/review.c), which was read through the view before, and in store/search-stream.c.
 */
#include "store/view-scope.h"

#include <string.h>

#include "base/fault.h"
#include "mail/address.h"
#include "store/view-inner.h"

#define HIDE "CREATE TEMP VIEW %s AS SELECT * FROM main.%s WHERE %s"

/* Tables without anything of a person: rules, volumes, and the search, which joins messages. */
static const char *const open_tables[] = { "rule_text", "ruleset", "ruleset_rule", "volume",
	"search_state", "tag", "tagged", "term_block", "term_page", "word_gram", "word_new",
	"word_page", "ledger", NULL };

/* What is seen of the tables that all others hang on. */
static const struct {
	const char *account, *folder, *placement, *message;
} roots[] = {
	[VIEW_ACCOUNTS] = { "EXISTS (SELECT 1 FROM temp.scope s WHERE text_glob(s.name, "
			    "account.name))",
	    "folder.account IN (SELECT id FROM temp.account)",
	    "placement.folder IN (SELECT id FROM temp.folder)",
	    "EXISTS (SELECT 1 FROM main.placement p WHERE p.message = message.id"
	    " AND p.folder IN (SELECT id FROM temp.folder))" },
	[VIEW_OWN] = { "0", "0", "0",
	    "EXISTS (SELECT 1 FROM main.address x JOIN temp.scope s ON s.name = lower(x.address)"
	    " WHERE x.message = message.id AND x.role <> 2)" },
	[VIEW_NO_MAIL] = { "1", "1", "1", "0" },
};
G_STATIC_ASSERT(ADDRESS_REPLY_TO == 2);

static bool
hide(struct view *view, const char *table, const char *condition, GError **error)
{
	g_autofree char *sql = g_strdup_printf(HIDE, table, table, condition);

	return database_script(view->database, "narrow the view", sql, error);
}

static bool
has_column(const GPtrArray *columns, const char *name)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)columns, name, g_str_equal, NULL);
}

/*
 * Rows of a table belong to a message, a flag, a folder or an account; else nobody sees them. Each
 * row asks for what it belongs to: a list of all that is seen would be made anew for every
 * statement.
 */
static char *
condition_of(const char *table, const GPtrArray *columns, enum view_reach reach)
{
	static const char *const owners[] = { "message", "flag", "folder", "account" };

	if (strcmp(table, "note") == 0)
		return g_strdup(reach == VIEW_OWN ? "0"
						  : "account = '' OR account IN (SELECT name FROM "
						    "temp.account)");
	/* Decisions belong to a fingerprint: those on flags that he sees. */
	if (reach == VIEW_ACCOUNTS && strcmp(table, "review") == 0)
		return g_strdup("fingerprint IN (SELECT fingerprint FROM temp.flag)");
	if (reach == VIEW_ACCOUNTS && strcmp(table, "incident") == 0)
		return g_strdup("id IN (SELECT incident FROM temp.flag)");
	if (strcmp(table, "supposed_hit") == 0)
		return g_strdup("0");
	for (guint i = 0; i < G_N_ELEMENTS(owners); i++) {
		if (has_column(columns, owners[i]))
			return g_strdup_printf(
			    "EXISTS (SELECT 1 FROM temp.%s owner WHERE owner.id = %s.%s)",
			    owners[i], table, owners[i]);
	}
	/* Passes, and what they are called by. */
	return g_strdup(strcmp(table, "run") == 0 && reach != VIEW_OWN ? "1" : "0");
}

static GPtrArray *
columns_of(struct view *view, const char *table, GError **error)
{
	static const struct query_text all = { "read columns",
		"SELECT name FROM pragma_table_info(?)" };
	g_autoptr(GPtrArray) columns = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_text_value(table)), error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(columns, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&columns) : NULL;
}

static bool
is_open(const char *table)
{
	return g_strv_contains(open_tables, table) || g_str_has_prefix(table, "term_index") ||
	       g_str_has_prefix(table, "party_index") || g_str_has_prefix(table, "sqlite_");
}

static bool
hide_rest(struct view *view, enum view_reach reach, GError **error)
{
	static const struct query_text all = { "read tables",
		"SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN"
		" ('account', 'folder', 'placement', 'message') ORDER BY name <> 'flag', name" };
	g_autoptr(GPtrArray) tables = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return false;
	while (query_next(&query))
		g_ptr_array_add(tables, query_dup(&query, 0));
	if (!query_close(&query, error))
		return false;
	for (guint i = 0; i < tables->len; i++) {
		const char *table = tables->pdata[i];
		if (is_open(table))
			continue;
		g_autoptr(GPtrArray) columns = columns_of(view, table, error);
		if (columns == NULL)
			return false;
		g_autofree char *condition = condition_of(table, columns, reach);
		if (!hide(view, table, condition, error))
			return false;
	}
	return true;
}

static bool
put_names(struct view *view, const struct view_scope *scope, GError **error)
{
	static const struct query_text insert = { "narrow the view",
		"INSERT INTO temp.scope (name) VALUES (?)" };

	if (!database_script(view->database, "narrow the view",
		"CREATE TEMP TABLE scope (name TEXT NOT NULL)", error))
		return false;
	for (guint i = 0; scope->names != NULL && scope->names[i] != NULL; i++) {
		g_autofree char *lower = g_ascii_strdown(scope->names[i], -1);
		const char *name = scope->reach == VIEW_OWN ? lower : scope->names[i];
		if (!query_run(view->database, &insert, VALUES(query_text_value(name)), error))
			return false;
	}
	return true;
}

bool
view_restrict(struct view *view, const struct view_scope *scope, GError **error)
{
	enum view_reach reach = scope->reach;

	if (reach == VIEW_ALL)
		return true;
	if (view->reach != VIEW_ALL) {
		g_set_error(error, FAULT, FAULT_BUG, "a view is narrowed once");
		return false;
	}
	/* From here on it counts as narrow, also when it cannot be narrowed to its end. */
	view->reach = reach;
	return database_script(
		   view->database, "narrow the view", "PRAGMA query_only = OFF", error) &&
	       put_names(view, scope, error) &&
	       hide(view, "account", roots[reach].account, error) &&
	       hide(view, "folder", roots[reach].folder, error) &&
	       hide(view, "placement", roots[reach].placement, error) &&
	       hide(view, "message", roots[reach].message, error) &&
	       hide_rest(view, reach, error) &&
	       database_script(view->database, "narrow the view", "PRAGMA query_only = ON", error);
}

enum view_reach
view_reach(const struct view *view)
{
	return view->reach;
}
