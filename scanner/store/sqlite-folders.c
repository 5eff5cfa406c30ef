/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Folders: where to go on, what failed, what is gone. The sum server = kept + failed is made here:
 * every UID up to the position is recorded, or it has a failure.
 */
#include "store/sqlite.h"

#include <string.h>

/* --- rows --- */

static bool
find_folder(struct database *database, gint64 account, const char *name, struct sqlite_folder *out,
    GError **error)
{
	static const struct query_text find = { "find a folder",
		"SELECT id, uidvalidity, last_uid, confirmed, counted_to, rest_from, rest_upto"
		" FROM folder"
		" WHERE account = ? AND name = ?" };
	struct query query;

	*out = (struct sqlite_folder){ 0 };
	if (!query_open(&query, database, &find,
		VALUES(query_int_value(account), query_text_value(name)), error))
		return false;
	if (query_next(&query)) {
		out->id = query_int(&query, 0);
		out->uidvalidity = (guint32)query_int(&query, 1);
		out->last_uid = query_int(&query, 2);
		out->confirmed = query_int(&query, 3);
		out->counted_to = query_int(&query, 4);
		out->rest_from = query_int(&query, 5);
		out->rest_upto = query_int(&query, 6);
	}
	return query_close(&query, error);
}

static bool
insert_folder(struct database *database, gint64 account, const char *name,
    struct sqlite_folder *folder, GError **error)
{
	static const struct query_text insert = { "record a folder",
		"INSERT INTO folder (account, name, uidvalidity) VALUES (?, ?, ?)" };

	if (!query_run(database, &insert,
		VALUES(query_int_value(account), query_text_value(name),
		    query_int_value(folder->uidvalidity)),
		error))
		return false;
	folder->id = sqlite3_last_insert_rowid(database->handle);
	return true;
}

static bool
switch_uidvalidity(struct database *database, struct sqlite_folder *folder, guint32 uidvalidity,
    gint64 now, GError **error)
{
	static const struct query_text update = { "record a new UIDVALIDITY",
		"UPDATE folder SET uidvalidity = ?, last_uid = 0, uidnext = 0, modseq = 0,"
		" counted_to = 0, confirmed = 0, rest_from = 0, rest_upto = 0 WHERE id = ?" };

	if (!sqlite_renumber(database, folder, now, error) ||
	    !query_run(database, &update,
		VALUES(query_int_value(uidvalidity), query_int_value(folder->id)), error))
		return false;
	folder->uidvalidity = uidvalidity;
	folder->last_uid = 0;
	folder->rest_from = folder->rest_upto = 0;
	folder->confirmed = 0;
	folder->counted_to = 0;
	return true;
}

bool
sqlite_folder(struct database *database, const char *account, const char *folder,
    guint32 uidvalidity, gint64 now, struct sqlite_folder *out, GError **error)
{
	gint64 account_id;

	if (!sqlite_account_id(database, account, now, &account_id, error) ||
	    !find_folder(database, account_id, folder, out, error))
		return false;
	if (out->id == 0) {
		out->uidvalidity = uidvalidity;
		return insert_folder(database, account_id, folder, out, error);
	}
	return out->uidvalidity == uidvalidity ||
	       switch_uidvalidity(database, out, uidvalidity, now, error);
}

/* An IMAP UID (RFC 3501 section 2.3.1.1); 0 for anything else. */
static guint32
imap_uid(const char *uid)
{
	guint64 number = 0;
	bool right = g_ascii_string_to_unsigned(uid, 10, 1, G_MAXUINT32, &number, NULL);

	return right ? (guint32)number : 0;
}

guint32
sqlite_position(const struct sqlite_folder *folder, const char *uid)
{
	return folder->uidvalidity != 0 ? imap_uid(uid) : 0;
}

bool
sqlite_folder_advance(struct database *database, const struct sqlite_folder *folder,
    guint32 position, gint64 newest, GError **error)
{
	static const struct query_text update = { "advance a folder's position",
		"UPDATE folder SET last_uid = max(last_uid, ?), newest = max(newest, ?)"
		" WHERE id = ?" };

	return query_run(database, &update,
	    VALUES(query_int_value(position), query_int_value(newest), query_int_value(folder->id)),
	    error);
}

/* --- where to go on --- */

static bool
read_uids(struct query *query, GArray *uids, GError **error)
{
	while (query_next(query)) {
		guint32 uid = imap_uid(query_text(query, 0));
		if (uid != 0)
			g_array_append_val(uids, uid);
	}
	return query_close(query, error);
}

static bool
load_retry(struct database *database, gint64 id, struct store_folder *folder, GError **error)
{
	static const struct query_text again = { "list failures to try again",
		"SELECT uid FROM failure WHERE folder = ? AND uidvalidity = ? AND again = 1"
		" AND CAST(uid AS INTEGER) <= ? ORDER BY CAST(uid AS INTEGER)" };
	struct query query;

	if (!query_open(&query, database, &again,
		VALUES(query_int_value(id), query_int_value(folder->uidvalidity),
		    query_int_value(folder->last_uid)),
		error))
		return false;
	return read_uids(&query, folder->retry, error);
}

static bool
load_rest(struct database *database, gint64 id, struct store_folder *folder, GError **error)
{
	static const struct query_text done = { "list what a folder's rest lacks",
		"SELECT uid FROM placement WHERE folder = ?1 AND uidvalidity = ?2"
		" AND CAST(uid AS INTEGER) > ?3 AND CAST(uid AS INTEGER) <= ?4"
		" UNION SELECT uid FROM failure WHERE folder = ?1 AND uidvalidity = ?2"
		" AND CAST(uid AS INTEGER) > ?3 AND CAST(uid AS INTEGER) <= ?4" };
	struct query query;

	if (folder->rest_upto == 0)
		return true;
	folder->rest_done = g_array_new(FALSE, FALSE, sizeof(guint32));
	return query_open(&query, database, &done,
		   VALUES(query_int_value(id), query_int_value(folder->uidvalidity),
		       query_int_value(folder->rest_from), query_int_value(folder->rest_upto)),
		   error) &&
	       read_uids(&query, folder->rest_done, error);
}

/* Failures for good belong to them: asking for these again would fail again. */
static bool
load_uidls(struct database *database, gint64 id, struct store_folder *folder, GError **error)
{
	static const struct query_text all = { "list UIDLs",
		"SELECT uid FROM placement WHERE folder = ?1 AND uidvalidity = ?2 AND gone IS NULL"
		" UNION SELECT uid FROM failure WHERE folder = ?1 AND uidvalidity = ?2 AND again = "
		"0"
		" ORDER BY uid" };
	g_autoptr(GStrvBuilder) uidls = g_strv_builder_new();
	struct query query;

	if (!query_open(&query, database, &all,
		VALUES(query_int_value(id), query_int_value(folder->uidvalidity)), error))
		return false;
	while (query_next(&query))
		g_strv_builder_add(uidls, query_text(&query, 0));
	folder->uidls = g_strv_builder_end(uidls);
	return query_close(&query, error);
}

GPtrArray *
sqlite_folders(struct store_driver *driver, const char *account, bool with_uidls, GError **error)
{
	static const struct query_text all = {
		"list an account's folders",
		"SELECT f.id, f.name, f.uidvalidity, f.last_uid, (SELECT count(*) FROM placement p"
		" WHERE p.folder = f.id AND p.uidvalidity = f.uidvalidity AND p.gone IS NULL)"
		" + (SELECT count(*) FROM failure x WHERE x.folder = f.id"
		" AND x.uidvalidity = f.uidvalidity AND x.again = 0), f.uidnext, f.modseq, "
		"f.rest_from, f.rest_upto"
		" FROM folder f JOIN account a ON a.id = f.account WHERE a.name = ? ORDER BY f.name"
	};
	g_autoptr(GPtrArray) folders =
	    g_ptr_array_new_with_free_func((GDestroyNotify)store_folder_free);
	struct query query;
	bool right = true;

	if (!query_open(&query, driver->database, &all, VALUES(query_text_value(account)), error))
		return NULL;
	while (right && query_next(&query)) {
		struct store_folder *folder = g_new0(struct store_folder, 1);
		g_ptr_array_add(folders, folder);
		gint64 id = query_int(&query, 0);
		folder->folder = query_dup(&query, 1);
		folder->uidvalidity = (guint32)query_int(&query, 2);
		folder->last_uid = (guint32)query_int(&query, 3);
		folder->present = (guint32)query_int(&query, 4);
		folder->uidnext = (guint32)query_int(&query, 5);
		folder->modseq = (guint64)query_int(&query, 6);
		folder->rest_from = (guint32)query_int(&query, 7);
		folder->rest_upto = (guint32)query_int(&query, 8);
		folder->retry = g_array_new(FALSE, FALSE, sizeof(guint32));
		right = load_retry(driver->database, id, folder, error) &&
			load_rest(driver->database, id, folder, error) &&
			(!with_uidls || load_uidls(driver->database, id, folder, error));
	}
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&folders) : NULL;
}

/* --- failures --- */

static bool
put_failure(struct database *database, const struct sqlite_folder *folder, const char *uid,
    const struct store_failure *failure, GError **error)
{
	/* What is recorded and still there did not fail. */
	static const struct query_text upsert = { "record a failure",
		"INSERT INTO failure (folder, uidvalidity, uid, reason, text, again, seen, tried, "
		"run)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8 WHERE NOT EXISTS (SELECT 1 FROM "
		"placement"
		" WHERE folder = ?1 AND uidvalidity = ?2 AND uid = ?3 AND gone IS NULL)"
		" ON CONFLICT DO UPDATE SET reason = excluded.reason, text = excluded.text,"
		" again = excluded.again, tried = excluded.tried" };

	return query_run(database, &upsert,
	    VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity),
		query_text_value(uid), query_text_value(failure->reason),
		query_text_value(failure->text), query_int_value(failure->again),
		query_int_value(failure->seen), query_int_value(failure->run)),
	    error);
}

bool
sqlite_fail(struct store_driver *driver, const struct store_failure *failure, GError **error)
{
	const struct placement *at = failure->placement;
	struct sqlite_folder folder;

	return sqlite_folder(driver->database, at->account, at->folder, at->uidvalidity,
		   failure->seen, &folder, error) &&
	       put_failure(driver->database, &folder, at->uid, failure, error) &&
	       sqlite_folder_advance(
		   driver->database, &folder, sqlite_position(&folder, at->uid), 0, error);
}

/* --- the end of a pass --- */

/* The UIDs of a table's rows: uid -> state (1: there at the last pass, 2: gone). */
static bool
load_uids(struct database *database, const struct query_text *text,
    const struct sqlite_folder *folder, GHashTable **out, GError **error)
{
	g_autoptr(GHashTable) uids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct query query;

	if (!query_open(&query, database, text,
		VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity)), error))
		return false;
	while (query_next(&query))
		g_hash_table_insert(
		    uids, query_dup(&query, 0), GINT_TO_POINTER((int)query_int(&query, 1)));
	if (!query_close(&query, error))
		return false;
	*out = g_steal_pointer(&uids);
	return true;
}

static bool
mark_gone(struct database *database, const struct sqlite_folder *folder, GHashTable *placed,
    GHashTable *present, gint64 now, GError **error)
{
	GHashTableIter iter;
	gpointer uid, state;

	g_hash_table_iter_init(&iter, placed);
	while (g_hash_table_iter_next(&iter, &uid, &state)) {
		bool was_gone = GPOINTER_TO_INT(state) == 2;
		bool gone = !g_hash_table_contains(present, uid);
		if (gone != was_gone && !(gone ? sqlite_gone(database, folder, uid, now, error)
					       : sqlite_back(database, folder, uid, error)))
			return false;
	}
	return true;
}

static bool
drop_failures(struct database *database, const struct sqlite_folder *folder, GHashTable *failed,
    GHashTable *present, gint64 now, GError **error)
{
	static const struct query_text remove = { "forget the failure of a message that is gone",
		"DELETE FROM failure WHERE folder = ? AND uidvalidity = ? AND uid = ?" };
	GHashTableIter iter;
	gpointer uid;

	g_hash_table_iter_init(&iter, failed);
	while (g_hash_table_iter_next(&iter, &uid, NULL)) {
		if (g_hash_table_contains(present, uid))
			continue;
		if (!query_run(database, &remove,
			VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity),
			    query_text_value(uid)),
			error) ||
		    !sqlite_failure_gone(database, folder, imap_uid(uid), now, error))
			return false;
	}
	return true;
}

bool
sqlite_folder_rest(struct store_driver *driver, const char *account, const char *folder,
    guint32 uidvalidity, guint32 from, guint32 upto, gint64 seen, GError **error)
{
	static const struct query_text update = { "record the rest of a folder",
		"UPDATE folder SET last_uid = max(last_uid, ?2), rest_from = ?1, rest_upto = ?2"
		" WHERE id = ?3" };
	struct sqlite_folder at;

	return sqlite_folder(driver->database, account, folder, uidvalidity, seen, &at, error) &&
	       query_run(driver->database, &update,
		   VALUES(query_int_value(from), query_int_value(upto), query_int_value(at.id)),
		   error);
}

/* A UID behind the position with neither record nor failure is fetched by the next pass. */
static bool
find_missed(struct database *database, const struct sqlite_folder *folder, GHashTable *placed,
    GHashTable *failed, const struct store_folder_end *end, GError **error)
{
	const struct store_failure missed = {
		.reason = "missed",
		.text = "it was neither recorded nor reported as failed",
		.again = true,
		.seen = end->seen,
		.run = end->run,
	};

	if (folder->uidvalidity == 0)
		return true;
	for (guint i = 0; end->present[i] != NULL; i++) {
		const char *uid = end->present[i];
		gint64 number = imap_uid(uid);
		bool to_come = number > folder->rest_from && number <= folder->rest_upto;
		if (number == 0 || number > folder->last_uid || to_come ||
		    g_hash_table_contains(placed, uid) || g_hash_table_contains(failed, uid))
			continue;
		if (!put_failure(database, folder, uid, &missed, error))
			return false;
	}
	return true;
}

static bool
compare_present(struct database *database, const struct sqlite_folder *folder,
    const struct store_folder_end *end, GError **error)
{
	static const struct query_text placements = { "list a folder's placements",
		"SELECT uid, 1 + (gone IS NOT NULL) FROM placement"
		" WHERE folder = ? AND uidvalidity = ?" };
	static const struct query_text failures = { "list a folder's failures",
		"SELECT uid, 1 FROM failure WHERE folder = ? AND uidvalidity = ?" };
	g_autoptr(GHashTable) present = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GHashTable) placed = NULL;
	g_autoptr(GHashTable) failed = NULL;

	for (guint i = 0; end->present[i] != NULL; i++)
		g_hash_table_add(present, (gpointer)end->present[i]);
	return load_uids(database, &placements, folder, &placed, error) &&
	       load_uids(database, &failures, folder, &failed, error) &&
	       mark_gone(database, folder, placed, present, end->seen, error) &&
	       drop_failures(database, folder, failed, present, end->seen, error) &&
	       find_missed(database, folder, placed, failed, end, error);
}

static bool
update_folder(struct database *database, const struct sqlite_folder *folder,
    const struct store_folder_end *end, GError **error)
{
	/* A pass that failed may not have come to know the role or the count. */
	static const struct query_text update = { "record a pass over a folder",
		"UPDATE folder SET role = CASE WHEN ?3 AND ?2 = '' THEN role ELSE ?2 END, failing "
		"= ?3,"
		" server_count = CASE WHEN ?3 AND ?4 = 0 THEN server_count ELSE ?4 END,"
		" text = ?5, checked = ?6, uidnext = CASE WHEN ?3 THEN uidnext ELSE ?7 END,"
		" modseq = CASE WHEN ?3 THEN modseq ELSE ?8 END,"
		" waiting = CASE WHEN ?3 THEN waiting ELSE ?9 END WHERE id = ?1" };

	return query_run(database, &update,
	    VALUES(query_int_value(folder->id), query_text_value(end->role),
		query_int_value(end->failed), query_int_value((gint64)end->server_count),
		query_text_value(end->text), query_int_value(end->seen),
		query_int_value(end->uidnext), query_int_value((gint64)end->modseq),
		query_int_value((gint64)end->waiting)),
	    error);
}

/* A pass that failed before it learnt the UIDVALIDITY says nothing about it. */
static bool
folder_of_end(struct database *database, const struct store_folder_end *end,
    struct sqlite_folder *folder, GError **error)
{
	gint64 account;

	if (end->failed && end->uidvalidity == 0) {
		if (!sqlite_account_id(database, end->account, end->seen, &account, error) ||
		    !find_folder(database, account, end->folder, folder, error))
			return false;
		if (folder->id != 0)
			return true;
	}
	return sqlite_folder(
	    database, end->account, end->folder, end->uidvalidity, end->seen, folder, error);
}

bool
sqlite_folder_end(struct store_driver *driver, const struct store_folder_end *end, GError **error)
{
	struct sqlite_folder folder;

	if (!folder_of_end(driver->database, end, &folder, error) ||
	    !update_folder(driver->database, &folder, end, error))
		return false;
	if (end->present != NULL && !end->failed &&
	    !compare_present(driver->database, &folder, end, error))
		return false;
	return sqlite_folder_settle(driver->database, &folder, end, error);
}
