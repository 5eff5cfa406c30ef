/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never overwrites a byte before the commit that says so, and never leaves a message half removed:
 * rows, index, ledger and the order to overwrite are one transaction. Orders that were not carried
 * out are carried out first.
 */
#include "store/purge.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "store/archive.h"
#include "store/hold.h"
#include "store/ledger.h"
#include "store/purge-index.h"
#include "store/purge-rows.h"
#include "store/view-inner.h"

#define BATCH        50  /* messages of a transaction: a writer waits no longer than for these */
#define VACUUM_PAGES 500 /* given back in a slice */

enum phase { OLD_ORDERS, MESSAGES, VACUUM, LOG, DONE };

struct purge {
	struct view *view;
	const GPtrArray *items;
	GArray *docs; /* gint64, of the batch */
	guint next;   /* of items */
	enum phase phase;
	gint64 purges; /* of all purges, when cleaning began */
	struct purge_counts counts;
};

void
purge_item_free(struct purge_item *item)
{
	if (item == NULL)
		return;
	g_free(item->sha256);
	g_free(item->subject);
	g_free(item->why);
	g_free(item->held);
	g_free(item);
}

/* --- what is to be purged --- */

#define ITEM_COLUMNS "SELECT m.id, m.sha256, m.subject, m.size, m.seen FROM message m"

static struct purge_item *
item_from_row(struct query *query, const char *why)
{
	struct purge_item *item = g_new0(struct purge_item, 1);

	item->message = query_int(query, 0);
	item->sha256 = query_dup(query, 1);
	item->subject = query_dup(query, 2);
	item->size = (guint64)query_int(query, 3);
	item->seen = query_int(query, 4);
	item->why = g_strdup(why);
	return item;
}

GPtrArray *
purge_of_person(struct view *view, const char *address, const char *why, GError **error)
{
	static const struct query_text all = { "find a person's mail",
		ITEM_COLUMNS " WHERE m.purged IS NULL AND EXISTS (SELECT 1 FROM address a"
			     " WHERE a.message = m.id AND lower(a.address) = ?) ORDER BY m.id" };
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	g_autofree char *lower = g_ascii_strdown(address, -1);
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_text_value(lower)), error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(items, item_from_row(&query, why));
	return query_close(&query, error) ? g_steal_pointer(&items) : NULL;
}

struct purge_item *
purge_of_message(struct view *view, gint64 message, const char *why, GError **error)
{
	static const struct query_text one = { "find a message to purge",
		ITEM_COLUMNS " WHERE m.id = ?" };
	struct purge_item *item = NULL;
	struct query query;

	if (!query_open(&query, view->database, &one, VALUES(query_int_value(message)), error))
		return NULL;
	if (query_next(&query))
		item = item_from_row(&query, why);
	if (query_close(&query, error))
		return item;
	purge_item_free(item);
	return NULL;
}

bool
purge_mark_held(struct view *view, GPtrArray *items, GError **error)
{
	for (guint i = 0; i < items->len; i++) {
		struct purge_item *item = items->pdata[i];
		g_clear_pointer(&item->held, g_free);
		if (!hold_of(view, item->message, &item->held, error))
			return false;
	}
	return true;
}

/* --- overwriting --- */

struct order {
	gint64 message;
	char *sha256;
	struct vault_place place;
};

static void
order_free(gpointer data)
{
	struct order *order = data;

	g_free(order->sha256);
	g_free(order);
}

static GPtrArray *
read_orders(struct purge *purge, GError **error)
{
	static const struct query_text all = { "read what is to be overwritten",
		"SELECT p.message, m.sha256, v.name, p.offset, p.length FROM purging p"
		" JOIN message m ON m.id = p.message JOIN volume v ON v.id = p.volume"
		" ORDER BY v.name, p.offset" };
	g_autoptr(GPtrArray) orders = g_ptr_array_new_with_free_func(order_free);
	struct query query;

	if (!query_open(&query, purge->view->database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query)) {
		struct order *order = g_new0(struct order, 1);
		order->message = query_int(&query, 0);
		order->sha256 = query_dup(&query, 1);
		g_strlcpy(order->place.volume, query_text(&query, 2), sizeof order->place.volume);
		order->place.offset = (guint64)query_int(&query, 3);
		order->place.length = (guint64)query_int(&query, 4);
		g_ptr_array_add(orders, order);
	}
	return query_close(&query, error) ? g_steal_pointer(&orders) : NULL;
}

static bool
forget_orders(struct purge *purge, const GArray *done, GError **error)
{
	static const struct query_text remove = { "end an order to overwrite",
		"DELETE FROM purging WHERE message = ?" };
	struct database *database = purge->view->database;
	bool right = database_begin(database, error);

	for (guint i = 0; right && i < done->len; i++)
		right = query_run(database, &remove,
		    VALUES(query_int_value(g_array_index(done, gint64, i))), error);
	right = right && database_commit(database, error);
	database_rollback(database);
	return right;
}

/* A volume that is away keeps its orders: they are carried out when it is back. */
static bool
carry_out(struct purge *purge, guint64 *count, GError **error)
{
	g_autoptr(GPtrArray) orders = read_orders(purge, error);
	g_autoptr(GArray) done = g_array_new(FALSE, FALSE, sizeof(gint64));

	if (orders == NULL)
		return false;
	purge->counts.waiting = 0;
	for (guint i = 0; i < orders->len; i++) {
		const struct order *order = orders->pdata[i];
		g_autoptr(GError) trouble = NULL;
		if (vault_overwrite(purge->view->vault, &order->place, order->sha256, &trouble)) {
			g_array_append_val(done, order->message);
			continue;
		}
		if (!g_error_matches(trouble, FAULT, FAULT_DATA)) {
			g_propagate_error(error, g_steal_pointer(&trouble));
			return false;
		}
		purge->counts.waiting++;
	}
	*count += done->len;
	return done->len == 0 || forget_orders(purge, done, error);
}

/* --- messages --- */

static bool
purge_one(struct purge *purge, const struct purge_item *item, gint64 now, GError **error)
{
	struct database *database = purge->view->database;
	g_autofree char *archive = archive_with(purge->view, item->message, error);
	g_autofree char *held = NULL;
	bool removed;

	if (archive == NULL || !hold_of(purge->view, item->message, &held, error))
		return false;
	if (held != NULL) {
		purge->counts.held++;
		return true;
	}
	if (!purge_rows_remove(database, item->message, purge->docs, now, &removed, error))
		return false;
	if (!removed)
		return true;
	purge->counts.messages++;
	purge->counts.bytes += item->size;
	purge->counts.archived += archive[0] != '\0';
	g_autofree char *object =
	    g_strdup_printf("%s, %" G_GUINT64_FORMAT " bytes: %s%s%s", item->sha256, item->size,
		item->why, archive[0] != '\0' ? "; still in the archive " : "", archive);
	return ledger_append(database, purge->view->person, "purge", object, now, error);
}

static bool
purge_batch(struct purge *purge, GError **error)
{
	struct database *database = purge->view->database;
	const struct purge_counts before = purge->counts;
	guint end = MIN(purge->next + BATCH, purge->items->len);
	guint64 overwritten = 0;
	gint64 now = clock_now();
	bool right = database_begin(database, error);

	g_array_set_size(purge->docs, 0);
	for (guint i = purge->next; right && i < end; i++)
		right = purge_one(purge, purge->items->pdata[i], now, error);
	if (purge->counts.messages > before.messages)
		right = right && purge_index(database, purge->docs, error);
	right = right && database_commit(database, error);
	database_rollback(database);
	if (!right) {
		purge->counts = before;
		return false;
	}
	purge->next = end;
	return carry_out(purge, &overwritten, error);
}

/* Also when this purge removed nothing: the one before may have been killed before its end. */
static bool
begin_cleaning(struct purge *purge, GError **error)
{
	static const struct query_text find = { "count purges", "SELECT purges FROM search_state" };
	static const struct query_text left = { "look for an unfinished purge",
		"SELECT purges <> cleaned FROM search_state" };
	struct database *database = purge->view->database;
	gint64 unclean = 0;

	if (!query_number(database, &find, NO_VALUES, &purge->purges, error) ||
	    !query_number(database, &left, NO_VALUES, &unclean, error))
		return false;
	purge->phase = unclean != 0 ? VACUUM : DONE;
	return true;
}

static bool
step_messages(struct purge *purge, GError **error)
{
	if (purge->next == purge->items->len)
		return begin_cleaning(purge, error);
	return purge_batch(purge, error);
}

/* --- what is left on the disk --- */

/* secure_delete has overwritten what was removed; here its pages go back to the file system. */
static bool
step_vacuum(struct purge *purge, GError **error)
{
	static const struct query_text free_pages = { "count free pages", "PRAGMA freelist_count" };
	struct database *database = purge->view->database;
	g_autofree char *sql = g_strdup_printf("PRAGMA incremental_vacuum(%d)", VACUUM_PAGES);
	gint64 before = 0, after = 0;

	if (!query_number(database, &free_pages, NO_VALUES, &before, error) ||
	    !database_script(database, "give pages back", sql, error) ||
	    !query_number(database, &free_pages, NO_VALUES, &after, error))
		return false;
	if (after == 0 || after >= before)
		purge->phase = LOG;
	return true;
}

/* The log holds pages as they were. A reader in between: the next purge empties it. */
static bool
step_log(struct purge *purge, GError **error)
{
	static const struct query_text cleaned = { "note that a purge is whole",
		"UPDATE search_state SET cleaned = ?" };
	int result = sqlite3_wal_checkpoint_v2(
	    purge->view->database->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

	purge->phase = DONE;
	if (result != SQLITE_OK && result != SQLITE_BUSY && result != SQLITE_LOCKED) {
		database_fault(purge->view->database, "empty the database's log", error);
		return false;
	}
	purge->counts.log_stays = result != SQLITE_OK;
	return purge->counts.log_stays || query_run(purge->view->database, &cleaned,
					      VALUES(query_int_value(purge->purges)), error);
}

static bool
step(struct purge *purge, GError **error)
{
	switch (purge->phase) {
	case OLD_ORDERS:
		purge->phase = MESSAGES;
		return carry_out(purge, &purge->counts.resumed, error);
	case MESSAGES:
		return step_messages(purge, error);
	case VACUUM:
		return step_vacuum(purge, error);
	case LOG:
		return step_log(purge, error);
	case DONE:
		break;
	}
	return true;
}

enum purge_state
purge_step(struct purge *purge, GError **error)
{
	struct database *database = purge->view->database;

	if (purge->phase == DONE)
		return PURGE_DONE;
	if (!database_script(database, "purge", "PRAGMA query_only = OFF", error))
		return PURGE_FAILED;
	bool right = step(purge, error);
	right =
	    database_script(database, "purge", "PRAGMA query_only = ON", right ? error : NULL) &&
	    right;
	if (!right)
		return PURGE_FAILED;
	return purge->phase == DONE ? PURGE_DONE : PURGE_MORE;
}

/* --- its life --- */

struct purge *
purge_new(struct view *view, const GPtrArray *items, GError **error)
{
	if (view->reach != VIEW_ALL) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "%s may not purge: that is for those who see all mail", view->person);
		return NULL;
	}
	struct purge *purge = g_new0(struct purge, 1);
	purge->view = view;
	purge->items = items;
	purge->docs = g_array_new(FALSE, FALSE, sizeof(gint64));
	return purge;
}

const struct purge_counts *
purge_counts(const struct purge *purge)
{
	return &purge->counts;
}

void
purge_free(struct purge *purge)
{
	if (purge == NULL)
		return;
	g_array_unref(purge->docs);
	g_free(purge);
}
