/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a store of an older program has in term_index and party_index, tables of FTS5, becomes
 * blocks, once. Never empties them before all of it stands there.
 */
#include "base/fault.h"
#include "base/log.h"
#include "store/damage.h"
#include "store/index.h"
#include "store/query.h"
#include "store/settle-inner.h"

static bool
begin_blocks(void *user, GError **error)
{
	struct settle *settle = user;

	if (!settle_drop_unfinished(settle->run->database, error))
		return false;
	for (guint i = 0; i < settle->builders->len; i++) {
		struct settle_builder *builder = settle->builders->pdata[i];
		if (!block_writer_begin(&builder->writer, settle->run->database, error))
			return false;
	}
	return true;
}

static bool
write_pages(void *user, GError **error)
{
	struct settle *settle = user;

	for (guint i = 0; i < settle->builders->len; i++) {
		struct settle_builder *builder = settle->builders->pdata[i];
		if (!block_writer_pages(&builder->writer, settle->run->database, error))
			return false;
	}
	return true;
}

/* From now on the blocks count, and FTS5 has nothing. */
static bool
turn_over(void *user, GError **error)
{
	struct settle *settle = user;
	struct database *database = settle->run->database;

	for (guint i = 0; i < settle->builders->len; i++) {
		struct settle_builder *builder = settle->builders->pdata[i];
		if (!block_writer_count(&builder->writer, database, error))
			return false;
	}
	return database_script(database, "empty FTS5's part of the index",
	    "INSERT INTO term_index (term_index) VALUES ('delete-all');"
	    "INSERT INTO party_index (party_index) VALUES ('delete-all');",
	    error);
}

static bool
walk(struct settle *settle, bool people, GError **error)
{
	g_string_truncate(settle->term, 0);
	for (bool more = true; more;) {
		if (!settle_walk(settle, people, &more, error) ||
		    (more && !settle_slice(settle->run, write_pages, settle, error)))
			return false;
	}
	return true;
}

static bool
build(struct settle *settle, GError **error)
{
	if (!database_script(settle->run->database, "look into the index",
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.term_places"
		" USING fts5vocab(main, term_index, instance);"
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.party_places"
		" USING fts5vocab(main, party_index, instance);",
		error) ||
	    !settle_read(settle, error) ||
	    !settle_slice(settle->run, begin_blocks, settle, error) || !walk(settle, true, error) ||
	    !walk(settle, false, error) || !settle_has_all(settle, error))
		return false;
	settle_last_pages(settle);
	return settle_slice(settle->run, write_pages, settle, error) &&
	       settle_slice(settle->run, turn_over, settle, error);
}

static bool
move(struct database *database, GError **error)
{
	static const struct query_text count = { "count what FTS5 has of the index",
		"SELECT count(*) FROM term_index_docsize" };
	struct settle_run run;
	gint64 rows = 0;
	struct settle settle;

	if (!settle_begin(&run, database, true, error) ||
	    !query_number(database, &count, NO_VALUES, &rows, error))
		return false;
	if (rows == 0)
		return true;
	settle_start(&settle, &run);
	bool right = build(&settle, error);
	settle_end(&settle);
	return database_script(database, "leave the index",
		   "DROP TABLE IF EXISTS temp.term_places; DROP TABLE IF EXISTS temp.party_places",
		   right ? error : NULL) &&
	       right;
}

/* --- tables that cannot be read --- */

/* FTS5 knows rows of its own that are none. */
static bool
is_corrupt(struct database *database, const char *table)
{
	g_autofree char *sql =
	    g_strdup_printf("INSERT INTO %s (%s) VALUES ('integrity-check')", table, table);

	return !database_script(database, "look at the index", sql, NULL) &&
	       (sqlite3_errcode(database->handle) & 0xff) == SQLITE_CORRUPT;
}

/* A disk that fails for a time is no reason to give anything up. */
static bool
is_damaged(struct database *database, const GError *trouble)
{
	static const char *const tables[] = { "term_index_data", "term_index_idx",
		"term_index_docsize", "party_index_data", "party_index_idx" };
	bool damaged = g_error_matches(trouble, FAULT, FAULT_DATA);

	if (!damaged && !g_error_matches(trouble, FAULT, FAULT_IO))
		return false;
	for (guint i = 0; !damaged && i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *found = damage_of(database, tables[i]);
		damaged = found != NULL;
	}
	return damaged || is_corrupt(database, "term_index") || is_corrupt(database, "party_index");
}

/* All of it is to be made anew, and searches say so until then. */
static bool
give_up(struct database *database, GError **error)
{
	if (!database_begin(database, error))
		return false;
	if (index_empty(database, error) && database_commit(database, error))
		return true;
	database_rollback(database);
	return false;
}

/* Pages of damaged tables cannot be given back: they stay, and nobody reads them. */
static void
drop(struct database *database)
{
	g_autoptr(GError) trouble = NULL;

	if (!database_script(database, "leave the tables of FTS5",
		"BEGIN IMMEDIATE;"
		"DROP TABLE term_index;"
		"DROP TABLE party_index;"
		"COMMIT;"
		"PRAGMA incremental_vacuum",
		&trouble)) {
		log_warning("%s", trouble->message);
		database_rollback(database);
	}
}

bool
settle_old(struct database *database, GError **error)
{
	static const struct query_text tables = { "look for tables of FTS5",
		"SELECT count(*) FROM main.sqlite_schema WHERE name = 'term_index'" };
	g_autoptr(GError) trouble = NULL;
	gint64 there = 0;

	if (!query_number(database, &tables, NO_VALUES, &there, error))
		return false;
	if (there == 0)
		return true;
	if (!move(database, &trouble)) {
		if (!is_damaged(database, trouble)) {
			g_propagate_error(error, g_steal_pointer(&trouble));
			return false;
		}
		log_warning("%s: nothing is found until flagpost index rebuild", trouble->message);
		if (!give_up(database, error))
			return false;
	}
	drop(database);
	return true;
}
