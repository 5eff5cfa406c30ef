/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-renew - an index whose pages SQLite itself cannot read is made anew all the same; where
 * another table is damaged nothing is changed. Whatever ends it in the middle, the next one ends.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "spoil.h"

#include "store/rebuild.h"
#include "store/renew.h"
#include "store/settle.h"

#define MAILS 16
#define WORDS 700 /* of each, that no other has */

static char *
body_of(guint number)
{
	GString *body = g_string_new("heron");

	for (guint i = 0; i < WORDS; i++)
		g_string_append_printf(body, " w%ux%u", number, i * 7919 % 99991);
	return g_string_free(body, FALSE);
}

/* The mails [from, to], in a batch. */
static void
keep_mails(struct fixture *fixture, guint from, guint to)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(store_begin(fixture->store, &error));
	for (guint i = from; i <= to; i++) {
		g_autofree char *uid = g_strdup_printf("%u", i);
		g_autofree char *body = body_of(i);
		const struct mail mail = { .uid = uid, .body = body, .message_id = uid };
		g_autoptr(verdict) verdict = mail_verdict(&mail);
		verdict_text(&verdict->terms.body, body);
		verdict->terms.given = true;
		g_assert_true(put_verdict(fixture, &mail, verdict, &error));
	}
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

static void
run(const struct fixture *fixture, const char *sql)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_true(database_begin(database, &error));
	g_assert_true(settle_young(database, 1, &error));
	g_assert_true(database_commit(database, &error));
	database_script(database, "change", sql, &error);
	g_assert_no_error(error);
}

/* So much that the list of pages has leaves; words of some blocks are settled, those of others not.
 */
static void
fill(struct fixture *fixture)
{
	fixture_start(fixture);
	keep_mails(fixture, 1, MAILS - 2);
	fixture_close(fixture);
	run(fixture, "");
	fixture_open(fixture);
	keep_mails(fixture, MAILS - 1, MAILS);
	fixture_close(fixture);
}

static GPtrArray *
read_texts(struct view *view, const GArray *messages)
{
	GPtrArray *list = g_ptr_array_new_with_free_func((GDestroyNotify)verdict_free);

	for (guint i = 0; i < messages->len; i++) {
		const struct rebuild_message *message =
		    &g_array_index(messages, struct rebuild_message, i);
		g_autoptr(verdict) known = view_verdict(view, message->id, NULL);
		struct verdict *verdict = verdict_new();
		g_free(verdict->terms.body);
		verdict->terms.body = body_of((guint)g_ascii_strtoull(known->message_id, NULL, 10));
		verdict->terms.given = true;
		g_ptr_array_add(list, verdict);
	}
	return list;
}

static bool
begin(struct view *view, const struct fixture *fixture, struct rebuild **rebuild, GError **error)
{
	guint64 left;
	bool resumed;

	*rebuild = rebuild_open(view, fixture->data, error);
	g_assert_no_error(*error);
	return rebuild_begin(*rebuild, false, &resumed, &left, error);
}

static void
rebuild_all(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(rebuild) rebuild = NULL;
	g_autoptr(GError) error = NULL;

	begin(view, fixture, &rebuild, &error);
	g_assert_no_error(error);
	for (;;) {
		g_autoptr(GArray) messages = rebuild_next(rebuild, 50, &error);
		g_assert_no_error(error);
		if (messages->len == 0)
			break;
		g_autoptr(GPtrArray) verdicts = read_texts(view, messages);
		rebuild_put(rebuild, messages, verdicts, &error);
		g_assert_no_error(error);
	}
}

static guint64
count(struct view *view, enum search_kind kind, const char *text)
{
	g_autoptr(search) search = search_new(kind, text);
	g_autoptr(GError) error = NULL;
	guint64 found = 0;

	view_count(view, &(struct view_query){ .search = search }, &found, &error);
	g_assert_no_error(error);
	return found;
}

/* SQLite finds nothing wrong in all of the file, and a search all that there is. */
static void
check_whole(const struct fixture *fixture)
{
	static const guint8 noise[] = { 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(view) view = fixture_view(fixture);

	for (guint i = 1; i <= MAILS; i++) {
		g_autofree char *word = g_strdup_printf("w%ux%u", i, i * 7919 % 99991);
		g_autofree char *part = g_strdup_printf("*%ux%u*", i, i * 7919 % 99991);
		g_assert_cmpuint(count(view, SEARCH_BODY, word), ==, 1);
		g_assert_cmpuint(count(view, SEARCH_WORDS, part), >=, 1);
	}
	g_assert_cmpuint(count(view, SEARCH_WORDS, "heron"), ==, MAILS);
	g_assert_cmpuint(count(view, SEARCH_HAS, "attachment"), ==, MAILS);
	g_assert_cmpuint(count(view, SEARCH_ACCOUNT, "hq"), ==, MAILS);
	g_assert_cmpuint(count(view, SEARCH_FROM, "@corp.example"), ==, MAILS);
	g_assert_cmpint(
	    number(fixture, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), ==, 1);
	g_assert_cmpint(number(fixture, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);
	g_autoptr(GBytes) bytes = io_read_file(path, 256 << 20, NULL);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	g_assert_null(memmem(data, size, noise, sizeof noise));
	check_index(fixture);
}

static gint64
objects_of(const struct fixture *fixture)
{
	return number(fixture,
	    "SELECT count(*) * 1000000 + total(length(sql)) FROM sqlite_schema WHERE true");
}

static const char *const trees[][2] = { { "term_page", "table term_page:" },
	{ "term_page_first", "table term_page:" }, { "term_block", "table term_block:" },
	{ "word_page", "table word_page:" }, { "sqlite_autoindex_word_page_1", "table word_page:" },
	{ "word_gram", "table word_gram:" }, { "word_new", "table word_new:" },
	{ "tagged", "table tagged:" }, { "tag", "table tag:" },
	{ "sqlite_autoindex_tag_1", "table tag:" } };

static char *
reason_of(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_no_error(error);
	return renew_reason(database);
}

/* Each tree of the search, and what is whole is not called damaged. */
static void
test_reason(void)
{
	struct fixture fixture;

	fill(&fixture);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(GBytes) whole = io_read_file(path, 256 << 20, NULL);
	g_autofree char *none = reason_of(&fixture);
	g_assert_cmpstr(none, ==, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(trees); i++) {
		spoil_page(&fixture, trees[i][0], SPOIL_ROOT);
		g_autofree char *reason = reason_of(&fixture);
		g_assert_nonnull(reason);
		g_assert_true(g_str_has_prefix(reason, trees[i][1]));
		g_assert_true(g_file_set_contents(
		    path, g_bytes_get_data(whole, NULL), (gssize)g_bytes_get_size(whole), NULL));
	}
	spoil_page(&fixture, "canary", SPOIL_ROOT);
	g_autofree char *other = reason_of(&fixture);
	g_assert_cmpstr(other, ==, NULL);
	fixture_end(&fixture);
}

static void
check_rebuilt(const struct fixture *fixture)
{
	gint64 objects = objects_of(fixture), version = number(fixture, "PRAGMA user_version");

	rebuild_all(fixture);
	check_whole(fixture);
	g_assert_cmpint(objects_of(fixture), ==, objects);
	g_assert_cmpint(number(fixture, "PRAGMA user_version"), ==, version);
}

static void
test_pages(void)
{
	struct fixture fixture;

	fill(&fixture);
	spoil_page(&fixture, "term_page", SPOIL_FIRST_LEAF);
	check_rebuilt(&fixture);
	spoil_page(&fixture, "term_page", SPOIL_LAST_LEAF);
	check_rebuilt(&fixture);
	g_test_message("every root of the search at once");
	for (guint i = 0; i < G_N_ELEMENTS(trees); i++)
		spoil_page(&fixture, trees[i][0], SPOIL_ROOT);
	check_rebuilt(&fixture);
	g_test_message("mail goes on being kept");
	fixture_open(&fixture);
	keep_mails(&fixture, MAILS + 1, MAILS + 1);
	g_assert_cmpuint(find_words(&fixture, "heron"), ==, MAILS + 1);
	fixture_end(&fixture);
}

/* What could not be dropped of a store of an older program goes, and its pages with it. */
static void
test_left(void)
{
	struct fixture fixture;

	fill(&fixture);
	run(&fixture, "CREATE TABLE term_index_data (id INTEGER PRIMARY KEY, block BLOB);"
		      "CREATE INDEX term_index_some ON term_index_data (block);"
		      "INSERT INTO term_index_data (block) VALUES ('osprey')");
	spoil_page(&fixture, "term_index_data", SPOIL_ROOT);
	rebuild_all(&fixture);
	check_whole(&fixture);
	g_assert_cmpint(number(&fixture,
			    "SELECT count(*) FROM sqlite_schema WHERE tbl_name GLOB 'term_index*'"),
	    ==, 0);
	fixture_end(&fixture);
}

/* In a file that gives nothing back, and beside who has it open, or reads it. */
static void
test_beside(void)
{
	struct fixture fixture;

	fill(&fixture);
	run(&fixture, "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");
	spoil_page(&fixture, "term_page", SPOIL_ROOT);
	spoil_page(&fixture, "tagged", SPOIL_FIRST_LEAF);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(view) before = fixture_view(&fixture);
	g_autoptr(GPtrArray) seen = view_accounts(before, &error);
	g_assert_cmpuint(seen->len, ==, 1);
	g_autoptr(database) reader = database_open(path, false, &error);
	g_assert_true(
	    database_script(reader, "read", "BEGIN; SELECT count(*) FROM message", &error));

	rebuild_all(&fixture);
	g_assert_true(database_script(reader, "read on",
	    "SELECT count(subject) FROM message; COMMIT; SELECT count(*) FROM tagged", &error));
	g_assert_no_error(error);
	g_assert_cmpuint(count(before, SEARCH_WORDS, "heron"), ==, MAILS);
	g_clear_pointer(&before, view_close);
	g_clear_pointer(&reader, database_close);
	g_assert_cmpint(number(&fixture, "PRAGMA auto_vacuum"), ==, 0);
	check_whole(&fixture);
	fixture_open(&fixture);
	keep_mails(&fixture, MAILS + 1, MAILS + 1);
	fixture_end(&fixture);
}

/* Nothing is changed, not a byte, and it is said what is damaged. */
static void
test_other(void)
{
	static const struct {
		const char *name, *table;
	} cases[] = { { "message_doc", "table message:" }, { "canary", "table canary:" } };
	struct fixture fixture;

	fill(&fixture);
	spoil_page(&fixture, "term_page", SPOIL_LAST_LEAF);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(rebuild) rebuild = NULL;
		g_autoptr(GError) error = NULL;
		g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
		spoil_page(&fixture, cases[i].name, SPOIL_LAST_LEAF);
		g_autoptr(GBytes) before = io_read_file(path, 256 << 20, NULL);
		g_autoptr(view) view = fixture_view(&fixture);
		g_assert_false(begin(view, &fixture, &rebuild, &error));
		g_assert_nonnull(strstr(error->message, cases[i].table));
		assert_fault(error, FAULT_IO, "nothing was changed");
		g_clear_pointer(&rebuild, rebuild_close);
		g_clear_pointer(&view, view_close);
		g_autoptr(GBytes) after = io_read_file(path, 256 << 20, NULL);
		g_assert_true(g_bytes_equal(before, after));
	}
	fixture_end(&fixture);
}

/* Killed at some moment, whichever: all of it is as it was, or is as it is to be. */
static void
test_killed(void)
{
	struct fixture fixture;

	fill(&fixture);
	for (guint i = 0; i < 10; i++) {
		spoil_page(&fixture, "term_page", SPOIL_FIRST_LEAF);
		pid_t child = fork();
		if (child == 0) {
			rebuild_all(&fixture);
			_exit(0);
		}
		g_usleep(i * 12000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		g_assert_cmpint(number(&fixture, "SELECT count(*) FROM message"), ==, MAILS);
		rebuild_all(&fixture);
		check_whole(&fixture);
	}
	fixture_end(&fixture);
}

/* Files of so many bytes at most. False: it failed, and said so. */
static bool
begins_within(const struct fixture *fixture, rlim_t bytes)
{
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		g_autoptr(view) view = fixture_view(fixture);
		g_autoptr(rebuild) rebuild = NULL;
		g_autoptr(GError) error = NULL;
		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ bytes, bytes });
		bool right = begin(view, fixture, &rebuild, &error);
		_exit(right ? 0 : g_error_matches(error, FAULT, FAULT_IO) ? 1 : 2);
	}
	waitpid(child, &status, 0);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), <=, 1);
	return WEXITSTATUS(status) == 0;
}

/* The least that will do, in such steps; with less nothing is changed. */
static rlim_t
least_that_does(const struct fixture *fixture, rlim_t limit, rlim_t step)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GBytes) before = io_read_file(path, 256 << 20, NULL);

	while (!begins_within(fixture, limit)) {
		g_autoptr(GBytes) after = io_read_file(path, 256 << 20, NULL);
		g_assert_true(g_bytes_equal(before, after));
		limit += step;
	}
	return limit;
}

/* No space, while the copy is made, and when it becomes the database: the log takes a little more.
 */
static void
test_full(void)
{
	struct fixture fixture;
	const rlim_t coarse = 64 << 10, fine = 2 << 10;

	fill(&fixture);
	spoil_page(&fixture, "term_page", SPOIL_FIRST_LEAF);
	rlim_t least = least_that_does(&fixture, coarse, coarse);
	g_assert_cmpuint(least, >, 3 * coarse);
	rebuild_all(&fixture);
	spoil_page(&fixture, "term_page", SPOIL_FIRST_LEAF);
	least_that_does(&fixture, least - coarse, fine);
	rebuild_all(&fixture);
	check_whole(&fixture);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/renew/reason", test_reason);
	g_test_add_func("/store/renew/pages", test_pages);
	g_test_add_func("/store/renew/left", test_left);
	g_test_add_func("/store/renew/beside", test_beside);
	g_test_add_func("/store/renew/other", test_other);
	g_test_add_func("/store/renew/killed", test_killed);
	g_test_add_func("/store/renew/full", test_full);
	return g_test_run();
}
