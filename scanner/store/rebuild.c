/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rebuild - see rebuild.h. Nothing but the index is ever changed here. */
#include "store/rebuild.h"

#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "store/index-tags.h"
#include "store/index.h"
#include "store/renew.h"
#include "store/store.h"
#include "store/view-inner.h"

struct rebuild {
	struct view *view;
	struct index *index;
	gint64 last; /* doc: up to it all is back */
	int lock;
};

struct rebuild *
rebuild_open(struct view *view, const char *data_dir, GError **error)
{
	int lock = store_hold(data_dir, error);

	if (lock < 0)
		return NULL;
	if (!database_script(
		view->database, "rebuild the index", "PRAGMA query_only = OFF", error)) {
		io_close(&lock);
		return NULL;
	}
	struct rebuild *rebuild = g_new0(struct rebuild, 1);
	rebuild->view = view;
	rebuild->index = index_new(view->database);
	rebuild->lock = lock;
	return rebuild;
}

void
rebuild_close(struct rebuild *rebuild)
{
	if (rebuild == NULL)
		return;
	database_script(
	    rebuild->view->database, "rebuild the index", "PRAGMA query_only = ON", NULL);
	index_free(rebuild->index);
	io_close(&rebuild->lock);
	g_free(rebuild);
}

bool
rebuild_archived(struct rebuild *rebuild, guint64 *count, GError **error)
{
	static const struct query_text all = { "count messages of archives",
		"SELECT count(*) FROM message WHERE archive IS NOT NULL AND volume IS NULL"
		" AND purged IS NULL" };
	gint64 n = 0;
	bool right = query_number(rebuild->view->database, &all, NO_VALUES, &n, error);

	*count = (guint64)n;
	return right;
}

/* --- begin --- */

/* *damaged: pages are, which is no matter of rows. */
static bool
empty_rows(struct database *database, bool *damaged, GError **error)
{
	if (!database_begin(database, error))
		return false;
	if (index_empty(database, error) && database_commit(database, error))
		return true;
	*damaged = database_is_damaged(database);
	database_rollback(database);
	return false;
}

/* A tree that cannot be read is looked for first: to empty it might give back pages of others. */
static bool
empty_all(struct database *database, GError **error)
{
	g_autofree char *reason = renew_reason(database);
	GError *trouble = NULL;
	bool damaged = reason != NULL;

	if (!damaged && empty_rows(database, &damaged, &trouble))
		return true;
	if (damaged) {
		g_clear_error(&trouble);
		return renew(database, error);
	}
	g_propagate_error(error, trouble);
	return false;
}

/* Bits of enum index_amiss. */
static bool
read_amiss(struct database *database, gint64 *amiss, GError **error)
{
	static const struct query_text state = { "ask whether the index is whole",
		"SELECT rebuild FROM search_state" };

	return query_number(database, &state, NO_VALUES, amiss, error);
}

bool
rebuild_wanted(struct view *view, bool *wanted, GError **error)
{
	gint64 amiss = 0;
	bool right = read_amiss(view->database, &amiss, error);

	*wanted = (amiss & INDEX_DAMAGED) != 0;
	return right;
}

bool
rebuild_missing(struct view *view, guint64 *count, GError **error)
{
	static const struct query_text all = { "count what is not in the index",
		"SELECT count(*) FROM main.message WHERE indexed = 0 AND doc IS NOT NULL"
		" AND purged IS NULL" };
	gint64 amiss = 0, n = 0;

	*count = 0;
	if (!read_amiss(view->database, &amiss, error) ||
	    ((amiss & INDEX_UNFINISHED) != 0 &&
		!query_number(view->database, &all, NO_VALUES, &n, error)))
		return false;
	*count = (guint64)n;
	return true;
}

bool
view_index_lacks(struct view *view, guint64 *missing, bool *damaged, GError **error)
{
	return rebuild_missing(view, missing, error) && rebuild_wanted(view, damaged, error);
}

bool
rebuild_begin(struct rebuild *rebuild, bool anew, bool *resumed, guint64 *left, GError **error)
{
	bool damaged;

	if (!view_index_lacks(rebuild->view, left, &damaged, error))
		return false;
	*resumed = *left > 0 && !anew && !damaged;
	rebuild->last = 0;
	index_forget(rebuild->index);
	return *resumed || (empty_all(rebuild->view->database, error) &&
			       rebuild_missing(rebuild->view, left, error));
}

/* --- message by message --- */

static bool
end(struct rebuild *rebuild, GError **error)
{
	static const struct query_text done = { "note that the index is whole",
		"UPDATE search_state SET rebuild = 0" };

	return query_run(rebuild->view->database, &done, NO_VALUES, error);
}

GArray *
rebuild_next(struct rebuild *rebuild, guint most, GError **error)
{
	static const struct query_text all = { "list what is not in the index",
		"SELECT id, doc, volume IS NOT NULL, sha256 FROM message WHERE doc > ?"
		" AND indexed = 0 AND purged IS NULL ORDER BY doc LIMIT ?" };
	g_autoptr(GArray) list = g_array_new(FALSE, TRUE, sizeof(struct rebuild_message));
	struct query query;

	if (!query_open(&query, rebuild->view->database, &all,
		VALUES(query_int_value(rebuild->last), query_int_value(most)), error))
		return NULL;
	while (query_next(&query)) {
		struct rebuild_message message = { .id = query_int(&query, 0),
			.doc = query_int(&query, 1),
			.copy = query_int(&query, 2) != 0 };
		g_strlcpy(message.sha256, query_text(&query, 3), sizeof message.sha256);
		g_array_append_val(list, message);
	}
	if (!query_close(&query, error) || (list->len == 0 && !end(rebuild, error)))
		return NULL;
	return g_steal_pointer(&list);
}

/* Whoever purges may have come between. */
static bool
put_one(struct rebuild *rebuild, const struct rebuild_message *message,
    const struct verdict *verdict, GError **error)
{
	static const struct query_text find = { "look whether a message is there",
		"SELECT count(*) FROM message WHERE id = ? AND purged IS NULL" };
	const struct verdict_terms none = { 0 };
	gint64 there = 0;

	if (!query_number(rebuild->view->database, &find, VALUES(query_int_value(message->id)),
		&there, error))
		return false;
	return there == 0 ||
	       (index_message(rebuild->index, message->id,
		    verdict != NULL ? &verdict->terms : &none, error) &&
		   index_tags_old(rebuild->view->database, message->id, message->doc, error));
}

bool
rebuild_put(
    struct rebuild *rebuild, const GArray *messages, const GPtrArray *verdicts, GError **error)
{
	struct database *database = rebuild->view->database;
	g_autoptr(GError) trouble = NULL;
	bool right = database_begin(database, error);

	for (guint i = 0; right && i < messages->len; i++)
		right = put_one(rebuild, &g_array_index(messages, struct rebuild_message, i),
		    verdicts->pdata[i], error);
	right = right && index_flush(rebuild->index, error) && database_commit(database, error);
	database_rollback(database);
	if (!right) {
		index_forget(rebuild->index);
		return false;
	}
	rebuild->last = g_array_index(messages, struct rebuild_message, messages->len - 1).doc;
	if (!index_settle(rebuild->index, &trouble))
		log_warning("%s; the search goes on with what there is", trouble->message);
	return true;
}
