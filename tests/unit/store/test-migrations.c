/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/migrations.h"
#include "store/query.h"

/* A message as a store at schema 1 held it. */
#define POPULATE                                                                                   \
	"INSERT INTO account (id, name, seen) VALUES (1, 'hq', 1);"                                \
	"INSERT INTO folder (id, account, name, uidvalidity, last_uid, server_count)"              \
	" VALUES (1, 1, 'INBOX', 7, 1, 1);"                                                        \
	"INSERT INTO message (id, sha256, size, message_id, subject, subject_folded, date, seen,"  \
	" run, direction, outcome, facts, reason, ruleset)"                                        \
	" VALUES (1, 'abcdef0123', 3, 'id@x', 'Offer', 'offer', NULL, 1, 1, 1, 0, 0, '', '');"     \
	"INSERT INTO placement (folder, uidvalidity, uid, message, server_flags, draft, seen, "    \
	"run)"                                                                                     \
	" VALUES (1, 7, '1', 1, '', 0, 1, 1);"

static char *
database_path(const struct fixture *fixture)
{
	return g_build_filename(fixture->data, STORE_FILE, NULL);
}

/* A folder with a database at a schema of the past. */
static void
start_at(struct fixture *fixture, guint version, const char *sql)
{
	g_autoptr(GError) error = NULL;

	fixture->folder = g_dir_make_tmp("flagpost-store-XXXXXX", NULL);
	fixture->data = g_build_filename(fixture->folder, "data", NULL);
	fixture->zone = g_time_zone_new_utc();
	g_assert_cmpint(g_mkdir(fixture->data, 0700), ==, 0);
	g_autofree char *path = database_path(fixture);
	g_autoptr(database) database = database_open(path, true, &error);
	g_assert_no_error(error);
	g_assert_true(migrations_apply(database, version, &error));
	g_assert_true(database_script(database, "populate", sql, &error));
	g_assert_no_error(error);
}

static void
test_every_version(void)
{
	for (guint version = 1; version <= migrations_newest(); version++) {
		struct fixture fixture = { 0 };
		g_autoptr(GError) error = NULL;
		g_test_message("from schema %u", version);
		start_at(&fixture, version, POPULATE);
		if (version < migrations_newest()) {
			g_assert_null(view_open(fixture.data, "officer", &error));
			assert_fault(error, FAULT_CONFIG, "the next poll");
		}
		fixture_open(&fixture);
		g_assert_cmpuint(message_count(&fixture), ==, 1);
		keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
		g_autofree char *sum = folder_sum(&fixture);
		g_assert_cmpstr(sum, ==, "1 2 0 0");
		fixture_end(&fixture);
	}
}

static void
test_newer_is_refused(void)
{
	struct fixture fixture = { 0 };
	g_autoptr(GError) error = NULL;

	start_at(&fixture, migrations_newest(), "PRAGMA user_version = 9999");
	g_assert_null(store_open(fixture.data, fixture.zone, &error));
	assert_fault(error, FAULT_CONFIG, "9999");
	g_assert_null(view_open(fixture.data, "officer", &error));
	assert_fault(error, FAULT_CONFIG, "9999");
	fixture_end(&fixture);
}

static void
test_settings(void)
{
	static const struct {
		struct query_text text;
		gint64 expected;
	} cases[] = {
		{ { "durable", "PRAGMA synchronous" }, 2 },
		{ { "references", "PRAGMA foreign_keys" }, 1 },
		{ { "deleted means overwritten", "PRAGMA secure_delete" }, 1 },
		{ { "the schema calls nothing", "PRAGMA trusted_schema" }, 0 },
	};
	struct fixture fixture = { 0 };

	start_at(&fixture, migrations_newest(), "");
	g_autofree char *path = database_path(&fixture);
	g_autoptr(database) database = database_open(path, false, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		gint64 value = -1;
		g_test_message("%s", cases[i].text.name);
		g_assert_true(query_number(database, &cases[i].text, NO_VALUES, &value, NULL));
		g_assert_cmpint(value, ==, cases[i].expected);
	}
	g_test_message("a double-quoted word is a name");
	g_assert_false(database_script(database, "quoted", "SELECT \"nothing\"", NULL));
	g_test_message("the schema is not writable behind SQLite's back");
	g_assert_false(database_script(
	    database, "schema", "PRAGMA writable_schema = ON; DELETE FROM sqlite_master", NULL));
	fixture_end(&fixture);
}

/* Another writer holds the database for longer than anybody waits. */
static void
test_busy(void)
{
	struct fixture fixture = { 0 };
	g_autoptr(GError) error = NULL;

	start_at(&fixture, migrations_newest(), "");
	g_autofree char *path = database_path(&fixture);
	g_autoptr(database) one = database_open(path, false, NULL);
	g_autoptr(database) two = database_open(path, false, NULL);
	sqlite3_busy_timeout(two->handle, 10);
	g_assert_true(database_begin(one, NULL));
	g_assert_false(database_begin(two, &error));
	assert_fault(error, FAULT_RETRY, "begin");
	g_assert_true(database_commit(one, NULL));
	g_assert_true(database_begin(two, NULL));
	database_rollback(two);
	fixture_end(&fixture);
}

static void
test_no_database(void)
{
	struct fixture fixture = { 0 };
	g_autoptr(GError) error = NULL;

	start_at(&fixture, migrations_newest(), "");
	g_autofree char *path = database_path(&fixture);
	g_assert_true(
	    io_replace_file(path, "this is no database, whatever its name", 38, 0600, NULL));
	g_assert_null(store_open(fixture.data, fixture.zone, &error));
	assert_fault(error, FAULT_IO, STORE_FILE);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/migrations/every-version", test_every_version);
	g_test_add_func("/migrations/newer-is-refused", test_newer_is_refused);
	g_test_add_func("/migrations/settings", test_settings);
	g_test_add_func("/migrations/busy", test_busy);
	g_test_add_func("/migrations/no-database", test_no_database);
	return g_test_run();
}
