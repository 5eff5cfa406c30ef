/* SPDX-License-Identifier: GPL-3.0-or-later */
/* archive - see archive.h: what was purged leaves archives as well. */
#include "store/archive.h"

#include <string.h>

#include "base/clock.h"
#include "store/ledger.h"
#include "store/view-inner.h"

#define VERB "archive-rewrite"

static void
copy_free(void *data)
{
	struct archive_copy *copy = data;

	g_free(copy->sha256);
	g_free(copy);
}

GPtrArray *
archive_stale(struct view *view, GError **error)
{
	static const struct query_text all = { "list archives that hold what was purged",
		"SELECT a.name FROM archive a WHERE a.restored <> 0 OR a.messages = 0 OR EXISTS"
		" (SELECT 1 FROM message m WHERE m.archive = a.name AND m.purged IS NOT NULL)"
		" ORDER BY 1" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, query_dup(&query, 0));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

char *
archive_with(struct view *view, gint64 message, GError **error)
{
	static const struct query_text find = { "find an archive that a message stands in",
		"SELECT archive FROM message WHERE id = ? AND archive IS NOT NULL" };
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(message)), error))
		return NULL;
	g_autofree char *name = g_strdup(query_next(&query) ? query_text(&query, 0) : "");
	return query_close(&query, error) ? g_steal_pointer(&name) : NULL;
}

GPtrArray *
archive_kept(struct view *view, const char *name, GError **error)
{
	static const struct query_text all = { "list messages of an archive",
		"SELECT id, copied, sha256, size FROM message WHERE archive = ? AND purged IS NULL"
		" ORDER BY sha256" };
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(copy_free);
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_text_value(name)), error))
		return NULL;
	while (query_next(&query)) {
		struct archive_copy *copy = g_new0(struct archive_copy, 1);
		copy->message = query_int(&query, 0);
		copy->copied = query_int(&query, 1);
		copy->sha256 = query_dup(&query, 2);
		copy->place.size = (guint64)query_int(&query, 3);
		g_ptr_array_add(list, copy);
	}
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

/* --- writing --- */

static bool
insert(struct view *view, const struct archive *anew, GError **error)
{
	static const struct query_text put = { "record an archive",
		"INSERT INTO archive (name, file, form, sha256, size, messages, bytes, made)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)" };

	return query_run(view->database, &put,
		   VALUES(query_text_value(anew->name), query_text_value(anew->file),
		       query_text_value(anew->form), query_text_value(anew->sha256),
		       query_int_value((gint64)anew->size), query_int_value((gint64)anew->messages),
		       query_int_value((gint64)anew->bytes), query_int_value(anew->made)),
		   error) &&
	       archive_tell(view, anew, error);
}

static bool
replace(struct view *view, const struct archive *old, const struct archive *anew, GError **error)
{
	static const struct query_text move = { "record where messages stand",
		"UPDATE message SET archive = CASE WHEN purged IS NULL THEN ?2 END"
		" WHERE archive = ?1" };
	static const struct query_text empty = { "record that an archive is empty",
		"UPDATE archive SET messages = 0, bytes = 0 WHERE name = ?" };
	g_autofree char *object =
	    g_strdup_printf("%s sha256 %s: what was purged of it is left out of %s", old->file,
		old->sha256, anew != NULL ? anew->file : "all archives");

	return (anew == NULL || insert(view, anew, error)) &&
	       query_run(view->database, &move,
		   VALUES(query_text_value(old->name),
		       anew != NULL ? query_text_value(anew->name) : query_null_value()),
		   error) &&
	       query_run(view->database, &empty, VALUES(query_text_value(old->name)), error) &&
	       ledger_append(view->database, view->person, VERB, object, clock_now(), error);
}

/* A view only reads but for what is between these two. */
static bool
begin(struct database *database, GError **error)
{
	if (!database_script(database, VERB, "PRAGMA query_only = OFF", error))
		return false;
	if (database_begin(database, error))
		return true;
	database_script(database, VERB, "PRAGMA query_only = ON", NULL);
	return false;
}

static bool
settle(struct database *database, bool right, GError **error)
{
	right = right && database_commit(database, error);
	if (!right)
		database_rollback(database);
	return database_script(database, VERB, "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}

bool
archive_replaced(
    struct view *view, const struct archive *old, const struct archive *anew, GError **error)
{
	return begin(view->database, error) &&
	       settle(view->database, replace(view, old, anew, error), error);
}

bool
archive_forget(struct view *view, const char *name, GError **error)
{
	static const struct query_text remove = { "forget an archive",
		"DELETE FROM archive WHERE name = ? AND messages = 0" };

	return begin(view->database, error) &&
	       settle(view->database,
		   query_run(view->database, &remove, VALUES(query_text_value(name)), error),
		   error);
}

bool
archive_note(struct view *view, const struct archive *archive, const char *why, GError **error)
{
	g_autofree char *object =
	    g_strdup_printf("%s: what was purged is still in it: %s", archive->file, why);

	return begin(view->database, error) &&
	       settle(view->database,
		   ledger_append(view->database, view->person, VERB, object, clock_now(), error),
		   error);
}
