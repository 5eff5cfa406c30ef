/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/ledger.h"
#include "store/migrations.h"
#include "store/query.h"
#include "store/settle.h"
#include "store/view-inner.h"

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

/* --- stores of the past, as files: schemas/NN.sql --- */

#define KEPT_BEFORE "kept before\n"

static gint64
number(struct database *database, const char *sql)
{
	const struct query_text text = { "count", sql };
	g_autoptr(GError) error = NULL;
	struct query query;
	gint64 out = -1;

	g_assert_true(query_open_once(&query, database, &text, NO_VALUES, &error));
	if (query_next(&query))
		out = query_int(&query, 0);
	g_assert_true(query_close(&query, &error));
	g_assert_no_error(error);
	return out;
}

/* SHA-256 over what SQLite says of every table, index and trigger, but for those that FTS5 makes by
 * itself. */
static void
schema_digest(struct database *database, char hex[DIGEST_HEX])
{
	static const struct query_text all = { "read the schema",
		"SELECT name || ': ' || sql FROM sqlite_schema WHERE sql IS NOT NULL"
		" AND name NOT LIKE '%_index_%' ORDER BY name" };
	g_autoptr(digest) digest = digest_new();
	struct query query;

	g_assert_true(query_open(&query, database, &all, NO_VALUES, NULL));
	while (query_next(&query)) {
		const char *text = query_text(&query, 0);
		digest_update(digest, text, strlen(text) + 1);
	}
	g_assert_true(query_close(&query, NULL));
	digest_finish(digest, hex);
}

/* A released step is never edited: stores that took it have what it was. */
static void
test_released_steps(void)
{
	static const char *const digests[] = { NULL,
		"0a21de1e2b8edee6cae854a86a02432501417dd2e479a7822ba27159f41b29cf",
		"9835f3fd3b31bfbfdac937adaff1370d2023d415d332e5411edf0c0f96f9d5a4",
		"015d9d22af71fd2005fc55ccc0c9a8b4b5921df8b78a4cd3eba265e6de3fcdc1",
		"9f2a31ab176b134d961800ba9733e0a941729a478ecceb184ac76291dd57926e",
		"84360ea3728b730d13952f08ab72fdac217fff11a26f356c31bef3b9c5ffe5d9",
		"2edb26750844a8a75d42f0ef85067250fb21a265858ebc9d713882cb85a94742",
		"0d43f6a7b5d55e0132df05f76b91c13312397f769115b5e979cc4176eb79eef6",
		"31cea59a3207945fc4abeb28643459161b8ac2f0fa9ef9c6735426fac63ea1e5",
		"f599e390b73176d8b61067e5ded9b195570567978e190946f90ca9ffa7e08559",
		"72c13c2af548a41b0e6af61a6e2a6ba0c1e92386005eef125c1a6def323ad56b",
		"256c14ad7290616acde05d84996f443b872dd1507c78c74edc1a33be724ca847",
		"51744082a88a93c1e3c8b226b9a5b264154fd0730741b03675497bc6c2a8c54a",
		"3d7152df4e3a759155e7439bec8adb5c554b6b8bcacc7bc0cd7b4635204d41da",
		"cf319a269db32c1e51a38ceac7e29098432d8f8e15357c0acec253efde4c46cd",
		"b5f527c8842959c3b4e89cb4a8367d1e73394fdfb204290e38c650c34663ecce",
		"bfcdb0f569e6630676d6294d37355915b4ff4de7fba1e3783f1a821af8b66893",
		"8e7df978cc6b72d4ae6f4081117818f1abcc57cb5dd1e5c224cb0fe9d12a6b00",
		"4d89cefdab7961791049aef23d449e1f5bf1a8cc1e3bba838af2fb2fcf6a5059",
		"fc7dce29d90175480713687d9f97c1f283a32966a0ba5c5ae735b7111195d4e1",
		"6ac2b83de5aebd505af262b5c8d843ef193a58346b4ff9887ab5fddaced503f1",
		"a170857e15fd4dedc5678e719636956ba43d151a4492fe853cd0a6529b289b04",
		"432368f04d533af557e5abd000a67eb49180b68a37df201708806001ac237779",
		"ffb78a6b71ee133abd6f9a6f1d929f788d6da96411d3c9b08ec5ff881464c40e",
		"d90ab390ad0368410c78d17a5fa24ead7db5d577196fd1b4702aa1b141b429e9",
		"64a9f66bd0067d4a4c5aec415ca91d887a89e0195fe9cc0a7aec76c28c0db3a7",
		"f7b05cee225054980b32d4851b6fb0ed437137a1a651e4f22cfb4116edf81715",
		"1e12231aa2c56c3de7e1e60e5b85f59986a23ae8e42866062bbb26220cea738c",
		"1bb3abac1d4806609bdbdc07e775c43f7b8144c70ccf43f94fae66bbd0abb335",
		"1bb3abac1d4806609bdbdc07e775c43f7b8144c70ccf43f94fae66bbd0abb335" };

	for (guint version = 1; version < G_N_ELEMENTS(digests); version++) {
		struct fixture fixture = { 0 };
		char found[DIGEST_HEX];
		g_test_message("schema %u", version);
		start_at(&fixture, version, "");
		g_autofree char *path = database_path(&fixture);
		g_autoptr(database) database = database_open(path, false, NULL);
		schema_digest(database, found);
		g_assert_cmpstr(found, ==, digests[version]);
		g_clear_pointer(&database, database_close);
		fixture_end(&fixture);
	}
}

/* The volume that each of the dumps names. */
static void
put_volume(struct fixture *fixture)
{
	g_autofree char *copies = g_build_filename(fixture->data, "copies", NULL);
	g_autoptr(vault) vault = vault_open(copies, fixture->zone, NULL);
	char sha256[DIGEST_HEX];
	struct vault_place place;
	int fd = fixture_spool(KEPT_BEFORE, strlen(KEPT_BEFORE));

	digest_bytes(KEPT_BEFORE, strlen(KEPT_BEFORE), sha256);
	g_assert_true(vault_append(vault, fd, strlen(KEPT_BEFORE), sha256, MORNING, &place, NULL));
	g_assert_true(vault_sync(vault, NULL));
	g_assert_cmpuint(place.end, ==, 1024);
	io_close(&fd);
}

static void
check_whole(const struct fixture *fixture, guint version)
{
	g_autofree char *path = database_path(fixture);
	g_autoptr(database) database = database_open(path, false, NULL);
	g_autoptr(GError) error = NULL;
	guint64 rows;

	g_assert_cmpint(number(database, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);
	g_assert_cmpint(number(database, "SELECT count(*) FROM pragma_integrity_check WHERE"
					 " integrity_check <> 'ok'"),
	    ==, 0);
	g_assert_true(ledger_verify(database, &rows, NULL, &error));
	g_assert_cmpuint(rows, ==, 2);
	static const char *const tables[] = { "run", "ruleset", "rule_text", "ruleset_rule",
		"account", "attempt", "folder", "failure", "note", "volume", "message", "placement",
		"address", "part", "flag", "hit", "undecided" };
	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", tables[i]);
		g_test_message("from schema %u: %s", version, tables[i]);
		g_assert_cmpint(number(database, sql), ==, 1);
	}
}

static void
check_found(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	struct search *search = search_new(SEARCH_WORDS, "falcon");
	g_autoptr(GPtrArray) found =
	    view_search(view, &(struct view_query){ .search = search }, &error);

	search_free(search);
	g_assert_no_error(error);
	g_assert_cmpuint(found->len, ==, 1);
	const struct view_message *message = found->pdata[0];
	g_assert_cmpuint(message->flags, ==, 1);
	g_autoptr(GBytes) copy = view_copy(view, message->id, &error);
	g_assert_no_error(error);
	assert_bytes(copy, KEPT_BEFORE, strlen(KEPT_BEFORE));

	g_test_message("people of old messages are in the index to the letter");
	guint64 count;
	g_assert_cmpint(number(view->database, "SELECT parties FROM search_state"), ==, 0);
	g_autoptr(search) domain = search_new(SEARCH_FROM, "@example");
	g_assert_true(view_count(view, &(struct view_query){ .search = domain }, &count, &error));
	g_assert_cmpuint(count, ==, 1);
}

#define NO_TABLES "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%fts5%'"

static void
settle_all(const struct fixture *fixture)
{
	g_autofree char *path = database_path(fixture);
	g_autoptr(database) database = database_open(path, false, NULL);
	g_autoptr(GError) error = NULL;

	g_assert_true(database_begin(database, &error));
	g_assert_true(settle_young(database, 1, &error));
	g_assert_true(database_commit(database, &error));
	g_assert_no_error(error);
	g_assert_cmpint(number(database, NO_TABLES), ==, 0);
}

static void
test_stores_of_the_past(void)
{
	guint tried = 0;

	for (guint version = 1; version <= migrations_newest(); version++) {
		struct fixture fixture = { 0 };
		g_autofree char *name = g_strdup_printf("unit/store/schemas/%02u.sql", version);
		g_autofree char *path = g_test_build_filename(G_TEST_DIST, name, NULL);
		g_autofree char *sql = NULL;
		if (!g_file_get_contents(path, &sql, NULL, NULL))
			continue;
		start_at(&fixture, version, sql);
		put_volume(&fixture);
		fixture_open(&fixture);
		check_whole(&fixture, version);
		check_found(&fixture);
		g_test_message("from schema %u: the same in blocks", version);
		settle_all(&fixture);
		check_found(&fixture);
		fixture_end(&fixture);
		tried++;
	}
	g_assert_cmpuint(tried, >=, 29);
}

/* --- what a store of the past has in tables of FTS5 --- */

#define IN_FTS5                                                                                    \
	POPULATE                                                                                   \
	"UPDATE message SET doc = 16, indexed = 3;"                                                \
	"UPDATE search_state SET parties = 0;"                                                     \
	"INSERT INTO address (message, position, role, name, address, domain, folded)"             \
	" VALUES (1, 0, 0, 'Anna', 'anna@corp.example', 'corp.example', 'anna@corp.example');"     \
	"INSERT INTO term_index (rowid, body, files, subject, names, sender, recipients,"          \
	" delivered) VALUES (16, 'the falcon sees the mouse', '', 'offer', '',"                    \
	" 'anna \xc2\xb6 anna corp example', '', '');"

static guint64
count_words(const struct fixture *fixture, const char *words, GPtrArray *notes)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(search) search = search_new(SEARCH_WORDS, words);
	g_autoptr(GError) error = NULL;
	guint64 count = 0;

	g_assert_true(view_count(
	    view, &(struct view_query){ .search = search, .notes = notes }, &count, &error));
	g_assert_no_error(error);
	return count;
}

static void
test_fts5_becomes_blocks(void)
{
	static const struct {
		const char *words;
		guint64 count;
	} cases[] = {
		{ "falcon", 1 },
		{ "\"falcon sees\"", 1 },
		{ "\"sees falcon\"", 0 },
		{ "offer", 1 },
		{ "corp", 1 },
		{ "eagle", 0 },
	};

	for (guint version = 23; version <= MIGRATIONS_INDEX; version++) {
		struct fixture fixture = { 0 };
		start_at(&fixture, version, IN_FTS5);
		fixture_open(&fixture);
		for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
			g_test_message("from schema %u: %s", version, cases[i].words);
			g_assert_cmpuint(
			    count_words(&fixture, cases[i].words, NULL), ==, cases[i].count);
		}
		settle_all(&fixture);
		g_assert_cmpuint(count_words(&fixture, "falcon", NULL), ==, 1);
		fixture_end(&fixture);
	}
}

/* Nobody takes what is not found for what is not there. */
static void
test_damaged_fts5(void)
{
	static const struct {
		const char *label, *sql;
	} cases[] = {
		{ "a message without a length", "DELETE FROM term_index_docsize WHERE id = 16" },
		{ "rows that are none", "UPDATE term_index_data SET block = zeroblob(length(block))"
					" WHERE id > 10" },
		{ "rows that are gone", "DELETE FROM term_index_data WHERE id > 10" },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture fixture = { 0 };
		g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		start_at(&fixture, MIGRATIONS_INDEX,
		    IN_FTS5 "INSERT INTO term_index (rowid, body) VALUES (32, 'more')");
		g_autofree char *path = database_path(&fixture);
		g_autoptr(database) database = database_open(path, false, NULL);
		sqlite3_db_config(database->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
		g_assert_true(database_script(database, "damage", cases[i].sql, &error));
		g_clear_pointer(&database, database_close);
		fixture_open(&fixture);
		keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
		if (count_words(&fixture, "falcon", notes) == 0)
			g_assert_cmpuint(notes->len, >, 0);
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
	g_test_add_func("/migrations/released-steps", test_released_steps);
	g_test_add_func("/migrations/stores-of-the-past", test_stores_of_the_past);
	g_test_add_func("/migrations/fts5-becomes-blocks", test_fts5_becomes_blocks);
	g_test_add_func("/migrations/damaged-fts5", test_damaged_fts5);
	g_test_add_func("/migrations/newer-is-refused", test_newer_is_refused);
	g_test_add_func("/migrations/settings", test_settings);
	g_test_add_func("/migrations/busy", test_busy);
	g_test_add_func("/migrations/no-database", test_no_database);
	return g_test_run();
}
