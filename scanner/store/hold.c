/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes a message out of a hold: releasing is of the hold as a whole, and stands in the
 * ledger.
 */
#include "store/hold.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "store/ledger.h"
#include "store/view-inner.h"

static bool
may_hold(const struct view *view, GError **error)
{
	if (view->reach == VIEW_ALL)
		return true;
	g_set_error(error, FAULT, FAULT_DENIED,
	    "%s may not hold or purge: that is for those who see all mail", view->person);
	return false;
}

static bool
check_text(const char *what, const char *text, gsize max, GError **error)
{
	if (strlen(text) <= max && g_utf8_validate(text, -1, NULL))
		return true;
	g_set_error(
	    error, FAULT, FAULT_USAGE, "%s: UTF-8 of at most %zu bytes is taken", what, max);
	return false;
}

/* Ends what began with query_only switched off. */
static bool
settle(struct view *view, bool right, GError **error)
{
	right = right && database_commit(view->database, error);
	database_rollback(view->database);
	return database_script(
		   view->database, "hold", "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}

static bool
begin(struct view *view, GError **error)
{
	if (!database_script(view->database, "hold", "PRAGMA query_only = OFF", error))
		return false;
	if (database_begin(view->database, error))
		return true;
	database_script(view->database, "hold", "PRAGMA query_only = ON", NULL);
	return false;
}

/* 0: none that holds. */
static bool
find(struct view *view, const char *name, gint64 *id, GError **error)
{
	static const struct query_text one = { "find a hold",
		"SELECT id FROM hold WHERE name = ? AND released IS NULL" };

	*id = 0;
	return query_number(view->database, &one, VALUES(query_text_value(name)), id, error);
}

static bool
put_messages(struct view *view, gint64 hold, const GArray *messages, GError **error)
{
	static const struct query_text insert = { "hold a message",
		"INSERT INTO held (hold, message) VALUES (?, ?) ON CONFLICT DO NOTHING" };
	bool right = true;

	for (guint i = 0; right && i < messages->len; i++)
		right = query_run(view->database, &insert,
		    VALUES(
			query_int_value(hold), query_int_value(g_array_index(messages, gint64, i))),
		    error);
	return right;
}

static bool
put_hold(struct view *view, const char *name, const char *query, const char *note,
    const GArray *messages, GError **error)
{
	static const struct query_text insert = { "add a hold",
		"INSERT INTO hold (name, query, note, who, begun) VALUES (?, ?, ?, ?, ?)" };
	gint64 now = clock_now(), id;
	g_autofree char *object = g_strdup_printf("added %s: %u messages; %s%s%s", name,
	    messages->len, note, query[0] != '\0' ? "; query " : "", query);

	if (!find(view, name, &id, error))
		return false;
	if (id != 0) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "%s: there is a hold of that name; release it, or take another name", name);
		return false;
	}
	if (!query_run(view->database, &insert,
		VALUES(query_text_value(name), query_text_value(query), query_text_value(note),
		    query_text_value(view->person), query_int_value(now)),
		error))
		return false;
	return put_messages(
		   view, sqlite3_last_insert_rowid(view->database->handle), messages, error) &&
	       ledger_append(view->database, view->person, "hold", object, now, error);
}

bool
hold_add(struct view *view, const char *name, const char *query, const char *note,
    const GArray *messages, GError **error)
{
	if (name[0] == '\0') {
		g_set_error(error, FAULT, FAULT_USAGE, "a hold needs a name");
		return false;
	}
	return may_hold(view, error) && check_text("the name", name, HOLD_NAME_MAX, error) &&
	       check_text("the query", query, HOLD_TEXT_MAX, error) &&
	       check_text("the note", note, HOLD_TEXT_MAX, error) && begin(view, error) &&
	       settle(view, put_hold(view, name, query, note, messages, error), error);
}

static bool
end_hold(struct view *view, const char *name, const char *note, GError **error)
{
	static const struct query_text update = { "release a hold",
		"UPDATE hold SET released = ? WHERE id = ?" };
	g_autofree char *object = g_strdup_printf("released %s: %s", name, note);
	gint64 id, now = clock_now();

	if (!find(view, name, &id, error))
		return false;
	if (id == 0) {
		g_set_error(
		    error, FAULT, FAULT_USAGE, "%s: no hold of that name is in force", name);
		return false;
	}
	return query_run(view->database, &update, VALUES(query_int_value(now), query_int_value(id)),
		   error) &&
	       ledger_append(view->database, view->person, "hold", object, now, error);
}

bool
hold_release(struct view *view, const char *name, const char *note, GError **error)
{
	return may_hold(view, error) && check_text("the note", note, HOLD_TEXT_MAX, error) &&
	       begin(view, error) && settle(view, end_hold(view, name, note, error), error);
}

bool
hold_extend(struct view *view, gint64 hold, const GArray *messages, GError **error)
{
	return may_hold(view, error) && begin(view, error) &&
	       settle(view, put_messages(view, hold, messages, error), error);
}

static void
hold_free(gpointer data)
{
	struct hold *hold = data;

	g_free(hold->name);
	g_free(hold->note);
	g_free(hold->who);
	g_free(hold->query);
	g_free(hold);
}

GPtrArray *
hold_list(struct view *view, bool all, GError **error)
{
	static const struct query_text rows = { "read holds",
		"SELECT id, name, note, who, query, begun, coalesce(released, 0),"
		" (SELECT count(*) FROM held x WHERE x.hold = h.id) FROM hold h"
		" WHERE ?1 OR released IS NULL ORDER BY released IS NOT NULL, name, id" };
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(hold_free);
	struct query query;

	if (!may_hold(view, error) ||
	    !query_open(&query, view->database, &rows, VALUES(query_int_value(all)), error))
		return NULL;
	while (query_next(&query)) {
		struct hold *hold = g_new0(struct hold, 1);
		hold->id = query_int(&query, 0);
		hold->name = query_dup(&query, 1);
		hold->note = query_dup(&query, 2);
		hold->who = query_dup(&query, 3);
		hold->query = query_dup(&query, 4);
		hold->begun = query_int(&query, 5);
		hold->released = query_int(&query, 6);
		hold->messages = (guint64)query_int(&query, 7);
		g_ptr_array_add(out, hold);
	}
	return query_close(&query, error) ? g_steal_pointer(&out) : NULL;
}

bool
hold_of(struct view *view, gint64 message, char **name, GError **error)
{
	static const struct query_text find_one = { "look for a hold on a message",
		"SELECT h.name FROM held x JOIN hold h ON h.id = x.hold WHERE x.message = ?"
		" AND h.released IS NULL ORDER BY h.name LIMIT 1" };
	struct query query;

	*name = NULL;
	if (!query_open(&query, view->database, &find_one, VALUES(query_int_value(message)), error))
		return false;
	if (query_next(&query))
		*name = query_dup(&query, 0);
	return query_close(&query, error);
}
