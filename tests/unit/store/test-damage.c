/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-damage - rows of the search's tables that are other bytes than were written, in pages that
 * are as SQLite wants them: none of them in silence, and what is whole is never called damaged.
 */
#include "random-world.h"

#include "store/damage.h"
#include "store/query.h"

static struct database *
open_store(const struct world *world)
{
	g_autofree char *path = g_build_filename(world->fixture.data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	struct database *database = database_open(path, false, &error);

	g_assert_no_error(error);
	sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	return database;
}

/* What somebody sees who comes now; NULL: nothing. */
static char *
damage(const struct world *world)
{
	g_autoptr(database) database = open_store(world);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) tables = damage_tables(database, &error);

	g_assert_no_error(error);
	g_assert_true(database_script(database, "look alone", "PRAGMA query_only = ON", &error));
	for (guint i = 0; i < tables->len; i++) {
		g_autofree char *found = damage_of(database, tables->pdata[i]);
		if (found != NULL)
			return g_strdup_printf("%s: %s", (char *)tables->pdata[i], found);
	}
	g_assert_true(sqlite3_get_autocommit(database->handle));
	return NULL;
}

static const struct place {
	const char *table, *key, *column, *rows; /* rows: those that count */
} places[] = {
	{ "term_block", "id", "docs", "1" },
	{ "term_page", "id", "data", "1" },
	{ "word_page", "id", "data", "1" },
	{ "word_new", "id", "data", "1" },
};

static GArray *
keys_of(struct database *database, const struct place *place)
{
	g_autofree char *sql = g_strdup_printf("SELECT %s FROM %s WHERE %s AND length(%s) > 0",
	    place->key, place->table, place->rows, place->column);
	const struct query_text all = { "list rows", sql };
	GArray *keys = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GError) error = NULL;
	struct query query;

	g_assert_true(query_open(&query, database, &all, NO_VALUES, &error));
	while (query_next(&query)) {
		gint64 key = query_int(&query, 0);
		g_array_append_val(keys, key);
	}
	g_assert_true(query_close(&query, &error));
	return keys;
}

static void run(const struct world *world, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
run(const struct world *world, const char *format, ...)
{
	g_autoptr(database) database = open_store(world);
	g_autoptr(GError) error = NULL;
	va_list list;

	va_start(list, format);
	g_autofree char *script = g_strdup_vprintf(format, list);
	va_end(list);
	g_assert_true(database_script(database, "change", script, &error));
	g_assert_no_error(error);
}

/* Zeros in place of it; then it is as it was. */
static void
harm(const struct world *world, const struct place *place, gint64 key)
{
	run(world,
	    "CREATE TABLE aside (whole BLOB);"
	    "INSERT INTO aside SELECT %s FROM %s WHERE %s = %" G_GINT64_FORMAT ";"
	    "UPDATE %s SET %s = zeroblob(length(%s)) WHERE %s = %" G_GINT64_FORMAT,
	    place->column, place->table, place->key, key, place->table, place->column,
	    place->column, place->key, key);
	g_autofree char *found = damage(world);
	g_test_message(
	    "%s %" G_GINT64_FORMAT ": %s", place->table, key, found != NULL ? found : "nothing");
	g_assert_nonnull(found);
	run(world,
	    "UPDATE %s SET %s = (SELECT whole FROM aside) WHERE %s = %" G_GINT64_FORMAT ";"
	    "DROP TABLE aside",
	    place->table, place->column, place->key, key);
}

static void
test_rows(void)
{
	struct world world = { 0 };

	world_start(&world);
	put_notes(&world, true);
	for (guint i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autoptr(database) database = open_store(&world);
		g_autoptr(GArray) keys = keys_of(database, &places[i]);
		g_clear_pointer(&database, database_close);
		g_assert_cmpuint(keys->len, >, 0);
		for (guint k = 0; k < keys->len; k += 1 + keys->len / 20)
			harm(&world, &places[i], g_array_index(keys, gint64, k));
	}
	g_autofree char *found = damage(&world);
	g_assert_cmpstr(found, ==, NULL);
	world_end(&world);
}

/* Young, in blocks, both; after each change there is nothing to be told. */
static void
test_whole(void)
{
	struct world world = { 0 };

	world_start(&world);
	g_autofree char *empty = damage(&world);
	g_assert_cmpstr(empty, ==, NULL);
	put_notes(&world, false);
	g_autofree char *young = damage(&world);
	g_assert_cmpstr(young, ==, NULL);
	settle(&world);
	g_autofree char *settled = damage(&world);
	g_assert_cmpstr(settled, ==, NULL);
	world_end(&world);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/damage/whole", test_whole);
	g_test_add_func("/store/damage/rows", test_rows);
	return g_test_run();
}
