/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages by filters. The statement is put together from the constants below; what a person
 * typed is only ever bound.
 */
#include "store/view-inner.h"

#include "base/text.h"
#include "store/fold.h"
#include "store/sqlite.h"

struct filters {
	GString *sql;
	GArray *values;   /* of struct query_value */
	GPtrArray *texts; /* folded, for the values */
};

static void
add_value(struct filters *filters, struct query_value value)
{
	g_array_append_val(filters->values, value);
}

static void
add_exact(struct filters *filters, const char *clause, const char *text)
{
	if (text == NULL)
		return;
	g_string_append(filters->sql, clause);
	add_value(filters, query_text_value(text));
}

static void
add_folded(struct filters *filters, const char *clause, const char *text)
{
	if (text == NULL)
		return;
	char *folded = fold_text(text);
	g_ptr_array_add(filters->texts, folded);
	g_string_append(filters->sql, clause);
	add_value(filters, query_text_value(folded));
}

static void
add_time(struct filters *filters, const char *clause, gint64 time)
{
	if (time == 0)
		return;
	g_string_append(filters->sql, clause);
	add_value(filters, query_int_value(time));
}

/* Roles of enum address_role: from and sender; to, cc, bcc and delivered. */
G_STATIC_ASSERT(ADDRESS_SENDER == 1 && ADDRESS_TO == 3 && ADDRESS_DELIVERED == 6);
#define HAS_ADDRESS(roles)                                                                         \
	" AND EXISTS (SELECT 1 FROM address x WHERE x.message = m.id AND x.role " roles            \
	" AND instr(x.folded, ?) > 0)"
#define HAS_PLACEMENT(where)                                                                       \
	" AND EXISTS (SELECT 1 FROM placement p JOIN folder f ON f.id = p.folder"                  \
	" JOIN account a ON a.id = f.account WHERE p.message = m.id AND " where ")"

static void
add_place(struct filters *filters, const struct view_query *query)
{
	if (query->account != NULL && query->folder != NULL) {
		/* One placement must be both. */
		add_exact(filters, HAS_PLACEMENT("a.name = ? AND f.name = ?"), query->account);
		add_value(filters, query_text_value(query->folder));
		return;
	}
	add_exact(filters, HAS_PLACEMENT("a.name = ?"), query->account);
	add_exact(filters, HAS_PLACEMENT("f.name = ?"), query->folder);
}

static void
build(struct filters *filters, const struct view_query *query)
{
	g_string_append(filters->sql, "SELECT " MESSAGE_COLUMNS " FROM message m WHERE 1");
	add_time(filters, " AND coalesce(m.date, m.seen) >= ?", query->after);
	add_time(filters, " AND coalesce(m.date, m.seen) < ?", query->before);
	add_folded(filters, " AND instr(m.subject_folded, ?) > 0", query->subject);
	add_folded(filters, HAS_ADDRESS("<= 1"), query->from);
	add_folded(filters, HAS_ADDRESS(">= 3"), query->to);
	add_place(filters, query);
	add_exact(filters,
	    " AND EXISTS (SELECT 1 FROM flag g WHERE g.message = m.id AND g.exception = ''"
	    " AND text_glob(?, g.rule))",
	    query->rule);
	if (query->flagged)
		g_string_append(filters->sql,
		    " AND EXISTS (SELECT 1 FROM flag g WHERE g.message = m.id"
		    " AND g.exception = '')");
	if (query->gone)
		g_string_append(filters->sql,
		    " AND EXISTS (SELECT 1 FROM placement d WHERE d.message = m.id"
		    " AND d.fate = '" FATE_DELETED "')");
	g_string_append(filters->sql, " ORDER BY coalesce(m.date, m.seen) DESC, m.id DESC");
	if (query->limit > 0) {
		g_string_append(filters->sql, " LIMIT ?");
		add_value(filters, query_int_value(query->limit));
	}
}

static void
sql_text_glob(sqlite3_context *context, int n, sqlite3_value **values)
{
	const char *pattern = (const char *)sqlite3_value_text(values[0]);
	const char *text = (const char *)sqlite3_value_text(values[1]);

	sqlite3_result_int(
	    context, n == 2 && pattern != NULL && text != NULL && text_glob(pattern, text));
}

bool
view_search_setup(struct view *view, GError **error)
{
	if (sqlite3_create_function(view->database->handle, "text_glob", 2,
		SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL, sql_text_glob, NULL,
		NULL) == SQLITE_OK)
		return true;
	database_fault(view->database, "set up the search", error);
	return false;
}

static GPtrArray *
collect(struct view *view, const struct query_text *text, const struct query_value *values,
    GError **error)
{
	g_autoptr(GPtrArray) messages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)view_message_free);
	struct query query;
	bool right = true;

	if (!query_open_once(&query, view->database, text, values, error))
		return NULL;
	while (right && query_next(&query)) {
		struct view_message *message = view_message_load(view, &query, 0, NULL, error);
		right = message != NULL;
		if (right)
			g_ptr_array_add(messages, message);
	}
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&messages) : NULL;
}

GPtrArray *
view_search(struct view *view, const struct view_query *query, GError **error)
{
	g_autoptr(GString) sql = g_string_new(NULL);
	g_autoptr(GArray) values = g_array_new(FALSE, FALSE, sizeof(struct query_value));
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
	struct filters filters = { .sql = sql, .values = values, .texts = texts };

	build(&filters, query);
	add_value(&filters, (struct query_value){ .kind = QUERY_END });
	const struct query_text text = { "search", sql->str };
	return collect(view, &text, (const struct query_value *)(void *)values->data, error);
}
