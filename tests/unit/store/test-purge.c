/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "purge-kit.h"

#include "store/settle.h"

static void
test_nothing_is_left(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 1);

	g_test_message("beside a writer that has the store open");
	struct purge_counts counts = purge_mail(&fixture, &secret_mail);
	g_assert_cmpuint(counts.messages, ==, 1);
	g_assert_cmpuint(counts.bytes, ==, strlen(secret_mail.body));
	g_assert_false(counts.log_stays);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "ordinary"), ==, 1);
	check_index(&fixture);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_true(folder_has(fixture.data, "ordinary"));
	g_assert_cmpint(number(&fixture, "PRAGMA auto_vacuum"), ==, 2);
	g_assert_cmpint(number(&fixture, "PRAGMA freelist_count"), ==, 0);
	g_assert_cmpuint(deviations(&fixture), ==, 0);

	g_test_message("a tombstone stays, in the ledger and where it is asked for");
	g_autoptr(view) view = fixture_view(&fixture);
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;
	digest_bytes(secret_mail.body, strlen(secret_mail.body), sha256);
	g_autofree char *sql = g_strdup_printf(
	    "SELECT count(*) FROM ledger WHERE verb = 'purge' AND object LIKE '%s, %%a person%%'",
	    sha256);
	g_assert_cmpint(number(&fixture, sql), ==, 1);
	g_autoptr(view_message) message = view_find(view, sha256, &error);
	g_assert_no_error(error);
	g_assert_cmpint(message->purged, >, 0);
	g_assert_false(message->has_copy);
	g_assert_cmpuint(message->size, ==, strlen(secret_mail.body));
	g_assert_null(view_copy(view, message->id, &error));
	assert_fault(error, FAULT_DATA, "was purged at 20");
	fixture_end(&fixture);
}

static void
settle(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_true(database_begin(database, &error));
	g_assert_true(settle_young(database, 1, &error));
	g_assert_true(database_commit(database, &error));
	g_assert_no_error(error);
}

static void
test_nothing_is_left_in_blocks(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	settle(&fixture);
	g_assert_true(folder_has(fixture.data, SECRET));
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 1);

	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 1);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "ordinary"), ==, 1);
	g_assert_cmpuint(find_words(&fixture, "an ordinary bird"), ==, 1);
	check_index(&fixture);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_true(folder_has(fixture.data, "ordinary"));
	g_assert_cmpint(number(&fixture, "PRAGMA freelist_count"), ==, 0);
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	fixture_end(&fixture);
}

/* Transactions that are still let through: the next one is taken back, as by a kill. */
static int
refuse_next(void *user)
{
	guint *left = user;

	return *left == 0 || --*left == 0;
}

#define UNFINISHED                                                                                 \
	"SELECT count(*) FROM term_page p JOIN term_block b ON b.id = p.block WHERE b.count = 0"

static void
settle_in_part(const struct fixture *fixture, guint commits)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	sqlite3_commit_hook(database->handle, refuse_next, &commits);
	g_assert_false(settle_slices(database, 1, &error));
}

/* A settling that was killed leaves pages with the words of young messages. */
static void
test_nothing_is_left_of_unfinished_blocks(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	for (guint i = 1; number(&fixture, UNFINISHED) == 0; i++)
		settle_in_part(&fixture, i);
	g_assert_cmpuint(find_words(&fixture, SECRET), ==, 1);

	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).messages, ==, 1);
	g_assert_cmpuint(find_words(&fixture, "*htjarqui*"), ==, 0);
	g_assert_cmpuint(find_words(&fixture, "*rdinar*"), ==, 1);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_assert_cmpint(number(&fixture, UNFINISHED), ==, 0);
	check_index(&fixture);
	fixture_end(&fixture);
}

/* Whoever ends a purge between two of its steps: the next one ends it, also in index and log. */
static void
test_ended_between_steps(void)
{
	enum purge_state state = PURGE_MORE;

	for (guint steps = 1; state == PURGE_MORE; steps++) {
		struct fixture fixture;
		g_autoptr(GError) error = NULL;
		fixture_start(&fixture);
		keep_words(&fixture, &secret_mail);
		keep_words(&fixture, &other_mail);
		g_test_message("ended behind step %u", steps);
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GPtrArray) items =
		    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
		g_ptr_array_add(
		    items, purge_of_message(view, id_of(view, &secret_mail), "asked", &error));
		g_autoptr(purge) purge = purge_new(view, items, &error);
		for (guint i = 0; i < steps && state == PURGE_MORE; i++)
			state = purge_step(purge, &error);
		g_assert_no_error(error);
		bool removed = purge_counts(purge)->messages > 0;
		g_clear_pointer(&purge, purge_free);
		g_clear_pointer(&view, view_close);

		purge_mail(&fixture, removed ? NULL : &secret_mail);
		g_assert_false(folder_has(fixture.data, SECRET));
		g_assert_cmpint(number(&fixture, "PRAGMA freelist_count"), ==, 0);
		g_assert_cmpint(
		    number(&fixture, "SELECT purges - cleaned FROM search_state"), ==, 0);
		check_index(&fixture);
		g_assert_cmpuint(deviations(&fixture), ==, 0);
		fixture_end(&fixture);
	}
	g_assert_cmpint(state, ==, PURGE_DONE);
}

/* A reader keeps the log: the next purge empties it, though nothing is left to remove. */
static void
test_reader_in_between(void)
{
	struct fixture fixture;
	static const struct query_text all = { "read", "SELECT id FROM message" };
	g_autoptr(GError) error = NULL;
	struct query query;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	keep_words(&fixture, &other_mail);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(database) reader = database_open(path, false, &error);
	g_assert_true(query_open(&query, reader, &all, NO_VALUES, &error));
	g_assert_true(query_next(&query));
	g_assert_true(purge_mail(&fixture, &secret_mail).log_stays);
	g_assert_true(query_close(&query, &error));
	g_assert_false(purge_mail(&fixture, NULL).log_stays);
	g_assert_false(folder_has(fixture.data, SECRET));
	g_clear_pointer(&reader, database_close);
	fixture_end(&fixture);
}

/* Every table that belongs to a message is empty of it, also those that come to be later. */
static void
test_every_table(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	purge_mail(&fixture, &secret_mail);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);
	const struct query_text tables = { "tables",
		"SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
		" WHERE m.type = 'table' AND c.name IN ('message', 'flag', 'doc') AND m.name NOT IN"
		" ('message', 'placement', 'held', 'revision', 'purging', 'search_state')" };
	struct query query;
	guint n = 0;
	g_assert_true(query_open(&query, database, &tables, NO_VALUES, NULL));
	while (query_next(&query)) {
		g_autofree char *sql =
		    g_strdup_printf("SELECT count(*) FROM \"%s\"", query_text(&query, 0));
		g_test_message("%s", query_text(&query, 0));
		g_assert_cmpint(number(&fixture, sql), ==, 0);
		n++;
	}
	g_assert_true(query_close(&query, NULL));
	g_assert_cmpuint(n, >, 6);
	g_clear_pointer(&database, database_close);
	fixture_end(&fixture);
}

/* A volume that is away keeps its order; verify says so, and the next purge carries it out. */
static void
test_volume_away(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	g_autofree char *path = volume_path(&fixture);
	g_autofree char *away = g_strconcat(path, ".away", NULL);
	g_assert_cmpint(g_rename(path, away), ==, 0);
	g_assert_cmpuint(purge_mail(&fixture, &secret_mail).waiting, ==, 1);
	g_assert_cmpint(g_rename(away, path), ==, 0);
	g_assert_true(file_has(path, SECRET));
	g_assert_cmpuint(deviations(&fixture), ==, 1);
	g_assert_cmpuint(purge_mail(&fixture, NULL).resumed, ==, 1);
	g_assert_false(file_has(path, SECRET));
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	fixture_end(&fixture);
}

/* What stands there is another's: nothing is overwritten. */
static void
test_other_entry(void)
{
	struct fixture fixture;
	char other[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep_words(&fixture, &secret_mail);
	digest_bytes("x", 1, other);
	struct vault_place place = {
		.volume = "2026/2026-11-22.tar", .offset = 512, .length = strlen(secret_mail.body)
	};
	g_assert_false(vault_overwrite(store_vault(fixture.store), &place, other, &error));
	assert_fault(error, FAULT_DATA, "nothing is overwritten");
	place.offset = 1 << 20;
	g_assert_false(vault_overwrite(store_vault(fixture.store), &place, other, &error));
	assert_fault(error, FAULT_DATA, "ends before");
	g_assert_cmpuint(deviations(&fixture), ==, 0);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/purge/nothing-is-left", test_nothing_is_left);
	g_test_add_func("/purge/nothing-is-left-in-blocks", test_nothing_is_left_in_blocks);
	g_test_add_func("/purge/nothing-is-left-of-unfinished-blocks",
	    test_nothing_is_left_of_unfinished_blocks);
	g_test_add_func("/purge/ended-between-steps", test_ended_between_steps);
	g_test_add_func("/purge/reader-in-between", test_reader_in_between);
	g_test_add_func("/purge/every-table", test_every_table);
	g_test_add_func("/purge/volume-away", test_volume_away);
	g_test_add_func("/purge/other-entry", test_other_entry);
	return g_test_run();
}
