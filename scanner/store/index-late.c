/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never half a removal: of a block that is damaged nothing is taken out. Keeping mail goes on.
 */
#include "store/index-late.h"

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "store/index.h"
#include "store/query.h"
#include "store/settle.h"

#define MISSING "what the texts of late copies say is not found until flagpost index rebuild"

/* The store knows of the damage: once. */
static bool
mark(struct database *database, const char *why, GError **error)
{
	static const struct query_text update = { "mark the index as damaged",
		"UPDATE search_state SET rebuild = rebuild | ?1 WHERE rebuild & ?1 = 0" };
	static const struct query_text insert = { "note that the index is damaged",
		"INSERT INTO note (account, folder, word, text, seen, run)"
		" SELECT '', '', 'index-damaged', ?, ?, coalesce(max(id), 0) FROM run" };
	g_autofree char *text = g_strdup_printf("%s: " MISSING, why);

	if (!query_run(database, &update, VALUES(query_int_value(INDEX_DAMAGED)), error))
		return false;
	if (sqlite3_changes(database->handle) == 0)
		return true;
	log_warning("%s", text);
	return query_run(
	    database, &insert, VALUES(query_text_value(text), query_int_value(clock_now())), error);
}

bool
index_late_mark(struct database *database, GError **error)
{
	if (!database_begin(database, error))
		return false;
	if (mark(database, "pages of the index are damaged", error) &&
	    database_commit(database, error))
		return true;
	database_rollback(database);
	return false;
}

static bool
keep_fields(struct database *database, const GArray *docs, GError **error)
{
	static const struct query_text update = { "record that fields alone can be searched",
		"UPDATE message SET indexed = ? WHERE doc = ?" };
	bool right = true;

	for (guint i = 0; right && i < docs->len; i++)
		right = query_run(database, &update,
		    VALUES(query_int_value(INDEX_FIELDS),
			query_int_value(g_array_index(docs, gint64, i))),
		    error);
	return right;
}

static bool
is_marked(struct database *database, bool *marked, GError **error)
{
	static const struct query_text find = { "ask whether the index is damaged",
		"SELECT rebuild & ? FROM search_state" };
	gint64 bit = 0;
	bool right =
	    query_number(database, &find, VALUES(query_int_value(INDEX_DAMAGED)), &bit, error);

	*marked = bit != 0;
	return right;
}

/* All of them, or none. */
static bool
remove_all(struct database *database, const GArray *docs, bool *stay, GError **error)
{
	g_autoptr(GError) trouble = NULL;

	if (!database_script(database, "take late copies out", "SAVEPOINT late", error))
		return false;
	bool right = settle_remove(database, docs, NULL, &trouble);
	*stay = g_error_matches(trouble, FAULT, FAULT_DATA);
	if (!right && !*stay) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return false;
	}
	return database_script(database, "take late copies out",
		   *stay ? "ROLLBACK TO late; RELEASE late" : "RELEASE late", error) &&
	       (!*stay || mark(database, trouble->message, error));
}

bool
index_late_remove(struct database *database, const GArray *docs, bool *stay, GError **error)
{
	return is_marked(database, stay, error) &&
	       (*stay || remove_all(database, docs, stay, error)) &&
	       (!*stay || keep_fields(database, docs, error));
}
