/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The SQLite driver: its table of operations, and the operations that do not concern one mail.
 * What stands here outside batches is one transaction each.
 */
#include "store/sqlite.h"

#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/leaving.h"
#include "store/ledger.h"
#include "store/migrations.h"
#include "store/party.h"
#include "store/settle.h"
#include "store/sqlite-tally.h"

/* Stored as numbers: a word more goes to the end of its table. */
G_STATIC_ASSERT(SEVERITY_HIGH == 2 && DIRECTION_DRAFT == 4 && OUTCOME_UNSCANNABLE == 2 &&
		PART_CRASHED == 7 && COMPONENT_RAW == 6 && ADDRESS_DELIVERED == 6);

/* A batch of those that the search does not know yet. */
#define OLD_MESSAGES 1000

static void
sqlite_close(struct store_driver *driver)
{
	index_free(driver->index);
	sqlite_tally_free(driver->tally);
	database_close(driver->database);
	g_free(driver);
}

/* Those of a store that was older than incidents are. */
static bool
fold_old_flags(struct database *database, GError **error)
{
	if (!database_begin(database, error))
		return false;
	if (sqlite_incidents(database, error) && database_commit(database, error))
		return true;
	database_rollback(database);
	return false;
}

/* Batch by batch: a kill in between leaves a store that the next start takes further. */
static bool
index_old_messages(struct store_driver *driver, GError **error)
{
	bool left = true;

	while (left) {
		if (!database_begin(driver->database, error))
			return false;
		if (!index_backfill(driver->index, OLD_MESSAGES, &left, error) ||
		    !database_commit(driver->database, error)) {
			database_rollback(driver->database);
			index_forget(driver->index);
			return false;
		}
	}
	return true;
}

/* The same for people. */
static bool
index_old_people(struct database *database, GError **error)
{
	bool left = true;

	while (left) {
		if (!database_begin(database, error))
			return false;
		if (!party_backfill(database, OLD_MESSAGES, &left, error) ||
		    !database_commit(database, error)) {
			database_rollback(database);
			return false;
		}
	}
	return true;
}

/* What is due: a kill may have come before it. */
static bool
settle_rest(struct database *database, GError **error)
{
	bool stays;

	return settle_try(database, SETTLE_DOCS, &stays, error);
}

/*
 * Steps that no SQL takes stand before the last one of the schema, without which nobody reads the
 * store: see MIGRATIONS_INDEX.
 */
static bool
bring_up_to_date(struct store_driver *driver, GError **error)
{
	struct database *database = driver->database;

	return migrations_apply(database, MIGRATIONS_INDEX, error) &&
	       fold_old_flags(database, error) && index_old_people(database, error) &&
	       index_old_messages(driver, error) && settle_old(database, error) &&
	       migrations_apply(database, migrations_newest(), error) &&
	       settle_rest(database, error);
}

static struct store_driver *
sqlite_open(const char *data_dir, GError **error)
{
	g_autofree char *path = g_build_filename(data_dir, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, true, error);

	if (database == NULL)
		return NULL;
	struct store_driver *driver = g_new0(struct store_driver, 1);
	driver->database = g_steal_pointer(&database);
	driver->index = index_new(driver->database);
	driver->tally = sqlite_tally_new(driver->database);
	if (bring_up_to_date(driver, error))
		return driver;
	g_prefix_error(error, "%s: ", path);
	sqlite_close(driver);
	return NULL;
}

static GPtrArray *
sqlite_volumes(struct store_driver *driver, GError **error)
{
	static const struct query_text all = { "list the volumes",
		"SELECT name, end FROM volume ORDER BY name" };
	g_autoptr(GPtrArray) volumes =
	    g_ptr_array_new_with_free_func((GDestroyNotify)store_volume_free);
	struct query query;

	if (!query_open(&query, driver->database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query)) {
		struct store_volume *volume = g_new0(struct store_volume, 1);
		volume->name = query_dup(&query, 0);
		volume->end = (guint64)query_int(&query, 1);
		g_ptr_array_add(volumes, volume);
	}
	return query_close(&query, error) ? g_steal_pointer(&volumes) : NULL;
}

static GPtrArray *
sqlite_leaving(struct store_driver *driver, GError **error)
{
	return leaving_list(driver->database, error);
}

static bool
sqlite_left(struct store_driver *driver, GError **error)
{
	return leaving_gone(driver->database, error);
}

static bool
sqlite_begin(struct store_driver *driver, GError **error)
{
	return database_begin(driver->database, error);
}

static bool
sqlite_gather(struct store_driver *driver, GError **error)
{
	return sqlite_tally_write(driver->tally, error);
}

static bool
sqlite_prepare(struct store_driver *driver, GError **error)
{
	return sqlite_incidents(driver->database, error) && index_flush(driver->index, error);
}

static bool
sqlite_commit(struct store_driver *driver, GError **error)
{
	if (!database_commit(driver->database, error))
		return false;
	index_settle_beside(driver->index);
	return true;
}

static void
sqlite_rollback(struct store_driver *driver)
{
	database_rollback(driver->database);
	sqlite_tally_forget(driver->tally);
	index_forget(driver->index);
}

bool
sqlite_settle(struct database *database, bool right, GError **error)
{
	if (right && database_commit(database, error))
		return true;
	database_rollback(database);
	return false;
}

/* --- runs --- */

static bool
sqlite_run_begin(struct store_driver *driver, const char *command, const char *ruleset, gint64 now,
    gint64 *run, GError **error)
{
	static const struct query_text insert = { "begin a run",
		"INSERT INTO run (command, ruleset, begun, pulse) VALUES (?1, ?2, ?3, ?3)" };

	g_autofree char *object = g_strdup_printf("begun with the rule set %s", ruleset);

	if (!database_begin(driver->database, error))
		return false;
	bool right = query_run(driver->database, &insert,
	    VALUES(query_text_value(command), query_text_value(ruleset), query_int_value(now)),
	    error);
	*run = sqlite3_last_insert_rowid(driver->database->handle);
	right = right && sqlite_pulse_none(driver->database, error) &&
		ledger_append(driver->database, SQLITE_SERVICE, command, object, now, error);
	return sqlite_settle(driver->database, right, error);
}

static bool
note_run_end(struct database *database, gint64 run, int exit_code, gint64 now, GError **error)
{
	static const struct query_text find = { "read a run",
		"SELECT command, (SELECT count(*) FROM message m WHERE m.seen >= r.begun),"
		" (SELECT count(*) FROM flag g WHERE g.seen >= r.begun AND g.exception = '')"
		" FROM run r WHERE id = ?" };
	g_autofree char *command = NULL, *object = NULL;
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_int_value(run)), error))
		return false;
	if (query_next(&query)) {
		command = query_dup(&query, 0);
		object = g_strdup_printf("ended with %d: %" G_GINT64_FORMAT
					 " new messages, %" G_GINT64_FORMAT " flags",
		    exit_code, query_int(&query, 1), query_int(&query, 2));
	}
	return query_close(&query, error) &&
	       (command == NULL ||
		   ledger_append(database, SQLITE_SERVICE, command, object, now, error));
}

static bool
sqlite_run_end(struct store_driver *driver, gint64 run, int exit_code, gint64 now, GError **error)
{
	static const struct query_text update = { "end a run",
		"UPDATE run SET ended = ?, exit_code = ? WHERE id = ?" };
	g_autoptr(GError) trouble = NULL;

	/* What is kept stays so: a search is no reason to call a run failed. */
	if (!index_finish(driver->index, &trouble))
		log_warning("%s; the search goes on with what there is", trouble->message);
	if (!database_begin(driver->database, error))
		return false;
	bool right =
	    query_run(driver->database, &update,
		VALUES(query_int_value(now), query_int_value(exit_code), query_int_value(run)),
		error) &&
	    sqlite_pulse_none(driver->database, error) &&
	    note_run_end(driver->database, run, exit_code, now, error);
	return sqlite_settle(driver->database, right, error);
}

/* --- accounts --- */

static bool
remember_accounts(struct database *database, const struct store_account *accounts, guint n,
    gint64 now, GError **error)
{
	static const struct query_text clear = { "mark the accounts",
		"UPDATE account SET configured = 0" };
	static const struct query_text upsert = { "remember an account",
		"INSERT INTO account (name, host, protocol, user, purpose, keep, folders,"
		" configured, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (name) DO UPDATE SET"
		" host = excluded.host, protocol = excluded.protocol, user = excluded.user,"
		" purpose = excluded.purpose, keep = excluded.keep, folders = excluded.folders,"
		" configured = excluded.configured" };
	/* A folder that is no longer asked for is not one that was deleted. */
	static const struct query_text other = { "forget which folders were watched",
		"UPDATE folder SET watched = 0 WHERE account = (SELECT id FROM account"
		" WHERE name = ?1 AND (folders <> ?2 OR host <> ?3 OR user <> ?4))" };

	if (!query_run(database, &clear, NO_VALUES, error))
		return false;
	for (guint i = 0; i < n; i++) {
		const struct store_account *account = &accounts[i];
		if (!query_run(database, &other,
			VALUES(query_text_value(account->name), query_text_value(account->folders),
			    query_text_value(account->host), query_text_value(account->user)),
			error) ||
		    !query_run(database, &upsert,
			VALUES(query_text_value(account->name), query_text_value(account->host),
			    query_text_value(account->protocol), query_text_value(account->user),
			    query_text_value(account->purpose), query_text_value(account->keep),
			    query_text_value(account->folders), query_int_value(!account->once),
			    query_int_value(now)),
			error))
			return false;
	}
	return true;
}

static bool
sqlite_accounts(struct store_driver *driver, const struct store_account *accounts, guint n,
    gint64 now, GError **error)
{
	struct database *database = driver->database;

	return database_begin(database, error) &&
	       sqlite_settle(database, remember_accounts(database, accounts, n, now, error), error);
}

bool
sqlite_account_id(
    struct database *database, const char *account, gint64 now, gint64 *id, GError **error)
{
	static const struct query_text find = { "find an account",
		"SELECT id FROM account WHERE name = ?" };
	static const struct query_text insert = { "record an account",
		"INSERT INTO account (name, seen) VALUES (?, ?)" };

	*id = 0;
	if (!query_number(database, &find, VALUES(query_text_value(account)), id, error))
		return false;
	if (*id != 0)
		return true;
	if (!query_run(
		database, &insert, VALUES(query_text_value(account), query_int_value(now)), error))
		return false;
	*id = sqlite3_last_insert_rowid(database->handle);
	return true;
}

static bool
sqlite_account_end(struct store_driver *driver, const struct store_account_end *end, GError **error)
{
	/* Only what is new: an idle service would add a row for each account every few minutes. */
	static const struct query_text insert = { "record a pass over an account",
		"INSERT INTO attempt (account, run, state, text, messages, bytes, milliseconds, "
		"seen)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM account"
		" WHERE id = ?1 AND (state <> ?3 OR text <> ?4 OR ?5 > 0)" };
	static const struct query_text update = { "record an account's state",
		"UPDATE account SET state = ?2, text = ?3, checked = ?4,"
		" last_ok = CASE WHEN ?2 = 'ok' THEN ?4 ELSE last_ok END,"
		" failing_since = CASE WHEN ?2 IN ('ok', 'waiting') THEN 0 WHEN failing_since = 0 "
		"THEN ?4"
		" ELSE failing_since END, pass = pass + 1 WHERE id = ?1" };
	gint64 id;

	if (!sqlite_account_id(driver->database, end->account, end->seen, &id, error) ||
	    (strcmp(end->state, "ok") == 0 &&
		(!sqlite_folders_absent(driver->database, id, end->seen, error) ||
		    !sqlite_drafts_end(driver->database, id, end->seen, end->run, error) ||
		    !sqlite_exposure(driver->database, id, end, error))) ||
	    !sqlite_prune(driver->database, end->seen, error))
		return false;

	return query_run(driver->database, &insert,
		   VALUES(query_int_value(id), query_int_value(end->run),
		       query_text_value(end->state), query_text_value(end->text),
		       query_int_value((gint64)end->messages), query_int_value((gint64)end->bytes),
		       query_int_value((gint64)end->milliseconds), query_int_value(end->seen)),
		   error) &&
	       query_run(driver->database, &update,
		   VALUES(query_int_value(id), query_text_value(end->state),
		       query_text_value(end->text), query_int_value(end->seen)),
		   error);
}

bool
sqlite_note(struct store_driver *driver, const char *account, const char *folder, const char *word,
    const char *text, gint64 seen, gint64 run, GError **error)
{
	static const struct query_text insert = { "record a note",
		"INSERT INTO note (account, folder, word, text, seen, run) VALUES (?, ?, ?, ?, ?, "
		"?)" };
	/* The pass did not see all folders, so that a missing one proves nothing. */
	static const struct query_text doubt = { "record that a pass is doubtful",
		"UPDATE account SET doubtful = pass WHERE name = ?" };
	bool doubtful =
	    strcmp(word, "too-many-folders") == 0 || strcmp(word, "unreadable-folder") == 0;

	if (doubtful &&
	    !query_run(driver->database, &doubt, VALUES(query_text_value(account)), error))
		return false;
	return query_run(driver->database, &insert,
	    VALUES(query_text_value(account), query_text_value(folder), query_text_value(word),
		query_text_value(text), query_int_value(seen), query_int_value(run)),
	    error);
}

static bool
sqlite_note_once(struct store_driver *driver, const char *account, const char *folder,
    const char *word, const char *text, gint64 since, gint64 seen, gint64 run, GError **error)
{
	static const struct query_text insert = { "record a note once",
		"INSERT INTO note (account, folder, word, text, seen, run)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM note"
		" WHERE seen >= ?7 AND account = ?1 AND folder = ?2 AND word = ?3 AND text = ?4)" };

	return query_run(driver->database, &insert,
	    VALUES(query_text_value(account), query_text_value(folder), query_text_value(word),
		query_text_value(text), query_int_value(seen), query_int_value(run),
		query_int_value(since)),
	    error);
}

const struct store_ops store_sqlite = {
	.open = sqlite_open,
	.close = sqlite_close,
	.volumes = sqlite_volumes,
	.leaving = sqlite_leaving,
	.left = sqlite_left,
	.keys = sqlite_keys,
	.run_begin = sqlite_run_begin,
	.run_end = sqlite_run_end,
	.ruleset = sqlite_ruleset,
	.accounts = sqlite_accounts,
	.folders = sqlite_folders,
	.begin = sqlite_begin,
	.gather = sqlite_gather,
	.prepare = sqlite_prepare,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.lookup = sqlite_lookup,
	.record = sqlite_record,
	.fail = sqlite_fail,
	.folder_rest = sqlite_folder_rest,
	.folder_end = sqlite_folder_end,
	.account_end = sqlite_account_end,
	.canary_get = sqlite_canary_get,
	.canary_put = sqlite_canary_put,
	.canary_planted = sqlite_canary_planted,
	.canary_seen = sqlite_canary_seen,
	.pulse = sqlite_pulse,
	.last_pulse = sqlite_last_pulse,
	.pulse_account = sqlite_pulse_account,
	.traffic = sqlite_traffic,
	.traffic_of = sqlite_traffic_of,
	.note = sqlite_note,
	.note_once = sqlite_note_once,
};
