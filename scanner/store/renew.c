/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never touches the database but for one transaction, which writes all of it. Nothing of the
 * search's tables is read: their statements alone are.
 */
#include "store/renew.h"

#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "store/damage.h"
#include "store/index.h"
#include "store/query.h"

#define BACKUP_WANTED "; a backup of the database is wanted, or a new one: flagpost(1), DAMAGE"

#define OF_SEARCH " tag tagged term_block term_page word_gram word_new word_page "
/* What FTS5 left of a store of an older program is nobody's any more. */
#define LIVES                                                                                      \
	" name NOT GLOB 'sqlite_*' AND tbl_name NOT GLOB 'term_index*'"                            \
	" AND tbl_name NOT GLOB 'party_index*'"

static bool
is_of_search(const char *table)
{
	g_autofree char *word = g_strdup_printf(" %s ", table);

	return strstr(OF_SEARCH, word) != NULL || g_str_has_prefix(table, "term_index") ||
	       g_str_has_prefix(table, "party_index");
}

/* What is wrong with the first that has damaged pages, of the search's tables or of all others. */
static char *
find_damage(struct database *database, bool of_search)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) tables = damage_tables(database, &error);

	if (tables == NULL)
		return g_strdup(error->message);
	for (guint i = 0; i < tables->len; i++) {
		const char *table = tables->pdata[i];
		if (is_of_search(table) != of_search)
			continue;
		g_autofree char *found = damage_of_pages(database, table);
		if (found != NULL)
			return g_strdup_printf("table %s: %s", table, found);
	}
	return NULL;
}

char *
renew_reason(struct database *database)
{
	return find_damage(database, true);
}

/* What is copied is whole. */
static bool
others_are_whole(struct database *database, GError **error)
{
	g_autofree char *found = find_damage(database, false);

	if (found != NULL)
		g_set_error(error, FAULT, FAULT_IO,
		    "nothing was changed: more is damaged than the index: %s" BACKUP_WANTED, found);
	return found == NULL;
}

/* --- the copy --- */

static bool
read_layout(
    struct database *database, gint64 *size, gint64 *vacuum, gint64 *version, GError **error)
{
	static const struct query_text texts[] = { { "ask for the pages' size",
						       "PRAGMA page_size" },
		{ "ask how pages are given back", "PRAGMA auto_vacuum" },
		{ "ask for the schema's number", "PRAGMA user_version" } };

	return query_number(database, &texts[0], NO_VALUES, size, error) &&
	       query_number(database, &texts[1], NO_VALUES, vacuum, error) &&
	       query_number(database, &texts[2], NO_VALUES, version, error);
}

/* As the old one is: whoever has that open goes on with this. Before the old one is attached. */
static bool
lay_out(struct database *fresh, struct database *old, GError **error)
{
	gint64 size = 0, vacuum = 0, version = 0;

	if (!read_layout(old, &size, &vacuum, &version, error))
		return false;
	g_autofree char *script = g_strdup_printf(
	    "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"
	    "PRAGMA page_size = %" G_GINT64_FORMAT "; PRAGMA auto_vacuum = %" G_GINT64_FORMAT
	    "; VACUUM; PRAGMA user_version = %" G_GINT64_FORMAT,
	    size, vacuum, version);
	return database_script(fresh, "lay out the database anew", script, error);
}

/* A file that a kill leaves nothing of. */
static struct database *
open_fresh(struct database *old, GError **error)
{
	static const struct query_text attach = { "attach the old database", "ATTACH ? AS old" };
	const char *path = sqlite3_db_filename(old->handle, "main");
	g_autofree char *name = g_strconcat(path, "-anew", NULL);
	g_autoptr(database) fresh = database_open(name, true, error);

	bool right = fresh != NULL && lay_out(fresh, old, error);
	unlink(name);
	right = right && query_run(fresh, &attach, VALUES(query_text_value(path)), error);
	return right ? g_steal_pointer(&fresh) : NULL;
}

/* text gives statements. */
static bool
run_each(struct database *fresh, const struct query_text *text, GError **error)
{
	g_autoptr(GPtrArray) scripts = g_ptr_array_new_with_free_func(g_free);
	struct query query;
	bool right = true;

	if (!query_open(&query, fresh, text, NO_VALUES, error))
		return false;
	while (query_next(&query))
		g_ptr_array_add(scripts, query_dup(&query, 0));
	if (!query_close(&query, error))
		return false;
	for (guint i = 0; right && i < scripts->len; i++)
		right = database_script(fresh, text->name, scripts->pdata[i], error);
	return right;
}

/* With their indices before the rows, which SQLite then copies tree by tree, and without triggers.
 */
static bool
copy_all(struct database *fresh, GError **error)
{
	static const struct query_text tables = { "make the tables anew",
		"SELECT sql FROM old.sqlite_schema WHERE type IN ('table', 'index')"
		" AND rootpage > 0 AND sql IS NOT NULL AND" LIVES " ORDER BY type DESC, rowid" };
	static const struct query_text rows = { "copy the tables",
		"SELECT printf('INSERT INTO main.\"%w\" SELECT * FROM old.\"%w\"', name, name)"
		" FROM old.sqlite_schema WHERE type = 'table' AND rootpage > 0 AND" LIVES
		" AND instr('" OF_SEARCH "', ' ' || name || ' ') = 0 ORDER BY rowid" };
	static const struct query_text rest = { "make the triggers anew",
		"SELECT sql FROM old.sqlite_schema WHERE type IN ('trigger', 'view') AND" LIVES
		" ORDER BY rowid" };

	return run_each(fresh, &tables, error) && run_each(fresh, &rows, error) &&
	       run_each(fresh, &rest, error) && index_empty(fresh, error);
}

static bool
read_version(struct database *fresh, gint64 *version, GError **error)
{
	static const struct query_text ask = { "ask whether somebody wrote",
		"PRAGMA old.data_version" };

	return query_number(fresh, &ask, NO_VALUES, version, error);
}

/* Nobody writes into the old one meanwhile: the transaction is one of both. */
static bool
fill(struct database *fresh, gint64 *version, GError **error)
{
	return database_begin(fresh, error) && read_version(fresh, version, error) &&
	       copy_all(fresh, error) && database_commit(fresh, error);
}

/* --- the way back --- */

/* With the writer's lock; it is over with the backup. */
static bool
is_unchanged(struct database *fresh, gint64 version, GError **error)
{
	gint64 now = 0;

	if (!read_version(fresh, &now, error))
		return false;
	if (now != version)
		g_set_error(error, FAULT, FAULT_RETRY,
		    "nothing was changed: somebody wrote into the database at that moment");
	return now == version;
}

static bool
write_back(struct database *fresh, struct database *target, gint64 version, GError **error)
{
	sqlite3_backup *backup = sqlite3_backup_init(target->handle, "main", fresh->handle, "main");
	bool right = false;

	if (backup != NULL && sqlite3_backup_step(backup, 0) == SQLITE_OK) {
		if (!is_unchanged(fresh, version, error)) {
			sqlite3_backup_finish(backup);
			return false;
		}
		right = sqlite3_backup_step(backup, -1) == SQLITE_DONE;
	}
	/* What failed stands in the target's error from here on. */
	right = backup != NULL && sqlite3_backup_finish(backup) == SQLITE_OK && right;
	if (!right)
		database_fault(target, "write the database anew", error);
	return right;
}

bool
renew(struct database *database, GError **error)
{
	const char *path = sqlite3_db_filename(database->handle, "main");
	gint64 version = 0;

	if (!others_are_whole(database, error))
		return false;
	log_info("pages of the index cannot be read: the database is written anew without them");
	g_autoptr(database) target = database_open(path, false, error);
	g_autoptr(database) fresh = target != NULL ? open_fresh(database, error) : NULL;
	if (fresh == NULL || !fill(fresh, &version, error) ||
	    !write_back(fresh, target, version, error))
		return false;
	/* The old pages go. Who reads them still is not waited for: they go when he has ended. */
	sqlite3_busy_timeout(target->handle, 0);
	sqlite3_wal_checkpoint_v2(target->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	return true;
}
