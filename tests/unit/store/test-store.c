/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "store/database.h"

#define IN_BATCH(fixture, ...) put(fixture, &(struct mail){ __VA_ARGS__ }, NULL)

/* A trigger that lets no note in, or its end. */
static bool
break_notes(const struct fixture *fixture, bool broken)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);

	return database_script(database, "break",
	    broken ? "CREATE TRIGGER broken BEFORE INSERT ON note"
		     " BEGIN SELECT RAISE(ABORT, 'no notes'); END"
		   : "DROP TRIGGER broken",
	    NULL);
}

static void
test_whole_or_nothing(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	g_autofree char *path = volume_path(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	guint64 size = file_size(path);

	g_test_message("what was rolled back leaves neither rows nor bytes");
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(IN_BATCH(&fixture, .uid = "2", .body = "two"));
	g_assert_true(IN_BATCH(&fixture, .uid = "3", .body = "three"));
	store_rollback(fixture.store);
	g_assert_cmpuint(message_count(&fixture), ==, 1);
	g_assert_cmpuint(file_size(path), ==, size);

	g_test_message("a batch in which something failed cannot be committed");
	g_assert_true(break_notes(&fixture, true));
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(IN_BATCH(&fixture, .uid = "2", .body = "two"));
	g_assert_false(store_note(fixture.store, "hq", "", "x", "y", MORNING, fixture.run, NULL));
	g_assert_false(store_commit(fixture.store, &error));
	assert_fault(error, FAULT_BUG, "failed before");
	g_assert_true(break_notes(&fixture, false));
	g_assert_cmpuint(message_count(&fixture), ==, 1);

	g_test_message("operations know whether a batch is open");
	g_assert_false(store_commit(fixture.store, &error));
	assert_fault(error, FAULT_BUG, "no batch");
	g_assert_false(IN_BATCH(&fixture, .uid = "2", .body = "two"));
	g_assert_true(store_begin(fixture.store, NULL));
	gint64 run;
	g_assert_false(store_run_begin(fixture.store, "poll", RULES, MORNING, &run, &error));
	assert_fault(error, FAULT_BUG, "within a batch");
	g_assert_true(store_commit(fixture.store, NULL));
	g_assert_cmpuint(message_count(&fixture), ==, 1);
	fixture_end(&fixture);
}

static void
test_close_without_commit(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	g_autofree char *path = volume_path(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	guint64 size = file_size(path);
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(IN_BATCH(&fixture, .uid = "2", .body = "two"));
	g_assert_true(vault_sync(store_vault(fixture.store), NULL));
	fixture_reopen(&fixture);
	g_assert_cmpuint(message_count(&fixture), ==, 1);
	g_assert_cmpuint(file_size(path), ==, size);

	g_test_message("the first batch of a day leaves no volume behind");
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(IN_BATCH(&fixture, .uid = "2", .body = "two", .seen = MORNING + DAY));
	fixture_reopen(&fixture);
	g_autofree char *next = g_build_filename(fixture.data, "copies/2026/2026-11-23.tar", NULL);
	g_assert_false(g_file_test(next, G_FILE_TEST_EXISTS));
	fixture_end(&fixture);
}

/* The child dies after so many steps: append, sync, record, commit. */
static void
die_at(struct fixture *fixture, guint step)
{
	if (!store_begin(fixture->store, NULL) || !IN_BATCH(fixture, .uid = "2", .body = "two"))
		_exit(1);
	if (step == 1 && !vault_sync(store_vault(fixture->store), NULL))
		_exit(1);
	if (step == 2 && !store_commit(fixture->store, NULL))
		_exit(1);
	kill(getpid(), SIGKILL);
}

static void
test_kill(void)
{
	static const struct {
		const char *label;
		guint messages;
	} cases[] = {
		{ "killed before the sync", 1 },
		{ "killed between sync and commit", 1 },
		{ "killed after the commit", 2 },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		struct fixture fixture;
		fixture_start(&fixture);
		keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
		fixture_close(&fixture);
		pid_t child = fork();
		g_assert_cmpint(child, >=, 0);
		if (child == 0) {
			fixture_open(&fixture);
			die_at(&fixture, i);
		}
		int status;
		g_assert_cmpint(waitpid(child, &status, 0), ==, child);
		g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		fixture_open(&fixture);
		g_assert_cmpuint(message_count(&fixture), ==, cases[i].messages);
		keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
		g_assert_cmpuint(message_count(&fixture), ==, 2);
		fixture_end(&fixture);
	}
}

static void
test_same_bytes(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	g_autofree char *path = volume_path(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	guint64 size = file_size(path);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	keep(&fixture,
	    &(struct mail){ .uid = "9", .body = "one", .folder = "Archive", .rule = "r" });
	g_assert_cmpuint(file_size(path), ==, size);

	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);
	g_assert_cmpuint(all->len, ==, 1);
	const struct view_message *message = g_ptr_array_index(all, 0);
	g_assert_cmpuint(message->placements->len, ==, 2);
	g_assert_cmpuint(message->flags, ==, 1);
	const struct view_placement *second = g_ptr_array_index(message->placements, 0);
	g_assert_cmpstr(second->folder, ==, "Archive");
	fixture_end(&fixture);
}

static void
test_late_copy_and_flag(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1",
			   .body = "one",
			   .no_copy = true,
			   .rule = "r",
			   .exception = "except.tender" });
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) before = view_search(view, &(struct view_query){ 0 }, NULL);
	const struct view_message *bare = g_ptr_array_index(before, 0);
	g_assert_false(bare->has_copy);
	g_assert_cmpuint(bare->flags, ==, 0);
	g_assert_null(view_copy(view, bare->id, &error));
	assert_fault(error, FAULT_DATA, "no copy");

	g_test_message("elsewhere the same mail is flagged without an exception, and kept");
	keep(&fixture, &(struct mail){ .uid = "2", .body = "one", .rule = "r" });
	g_autoptr(GPtrArray) after = view_search(view, &(struct view_query){ 0 }, NULL);
	const struct view_message *full = g_ptr_array_index(after, 0);
	g_assert_true(full->has_copy);
	g_assert_cmpuint(full->flags, ==, 1);
	g_autoptr(GBytes) bytes = view_copy(view, full->id, NULL);
	assert_bytes(bytes, "one", 3);

	g_test_message("and an exception elsewhere does not take the flag back");
	keep(&fixture,
	    &(struct mail){ .uid = "3", .body = "one", .rule = "r", .exception = "except.tender" });
	g_autoptr(GPtrArray) last = view_search(view, &(struct view_query){ 0 }, NULL);
	g_assert_cmpuint(((struct view_message *)g_ptr_array_index(last, 0))->flags, ==, 1);
	fixture_end(&fixture);
}

static void
test_lookup(void)
{
	static const struct {
		const char *label, *body, *message_id;
		bool known, copied, reused;
	} cases[] = {
		{ "the same bytes", "one", "id@x", true, true, false },
		{ "other bytes under the same Message-ID", "two", "id@x", false, false, true },
		{ "bytes without a copy", "bare", "bare@x", true, false, false },
		{ "no Message-ID is never reused", "three", "", false, false, false },
		{ "the open batch is seen", "open", "open@x", true, true, false },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one", .message_id = "id@x" });
	keep(&fixture, &(struct mail){ .uid = "2", .body = "none", .message_id = "" });
	keep(&fixture,
	    &(struct mail){ .uid = "3", .body = "bare", .message_id = "bare@x", .no_copy = true });
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(IN_BATCH(&fixture, .uid = "4", .body = "open", .message_id = "open@x"));
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		char sha256[DIGEST_HEX];
		bool known, copied, reused;
		digest_bytes(cases[i].body, strlen(cases[i].body), sha256);
		g_assert_true(store_lookup(
		    fixture.store, sha256, cases[i].message_id, &known, &copied, &reused, NULL));
		g_assert_cmpint(known, ==, cases[i].known);
		g_assert_cmpint(copied, ==, cases[i].copied);
		g_assert_cmpint(reused, ==, cases[i].reused);
	}
	g_assert_true(store_commit(fixture.store, NULL));
	fixture_end(&fixture);
}

static void
test_one_writer(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;
	struct stat st;

	fixture_start(&fixture);
	g_autofree char *pid = g_strdup_printf("pid %d", (int)getpid());
	g_assert_null(store_open(fixture.data, fixture.zone, &error));
	assert_fault(error, FAULT_RETRY, pid);
	g_assert_cmpint(stat(fixture.data, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0700);
	g_autofree char *path = g_build_filename(fixture.data, STORE_FILE, NULL);
	g_assert_cmpint(stat(path, &st), ==, 0);
	g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
	fixture_end(&fixture);
}

static void
test_reader_beside(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(IN_BATCH(&fixture, .uid = "2", .body = "two"));
	g_assert_cmpuint(message_count(&fixture), ==, 1);
	g_assert_true(store_commit(fixture.store, NULL));
	g_assert_cmpuint(message_count(&fixture), ==, 2);
	fixture_end(&fixture);
}

/* Whatever a mail says comes back byte for byte, and nothing of it is taken for SQL. */
static void
test_hostile(void)
{
	g_autofree char *sixty = g_strnfill(60 * 1024, 'S');
	const struct {
		const char *label, *text;
	} cases[] = {
		{ "quotes", "'); DROP TABLE message; --\"" },
		{ "a long subject", sixty },
		{ "a right-to-left override", "invoice\xe2\x80\xae"
					      "fdp.exe" },
		{ "wild cards", "100% _ * ? [a] ?1 :x @y $z" },
		{ "control characters", "a\r\nb\tc\x01\x7f" },
		{ "nothing", "" },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		g_autofree char *body = g_strdup_printf("body %u", i);
		g_autofree char *folder = g_strndup(cases[i].text, 200);
		keep(&fixture, &(struct mail){ .uid = uid,
				   .body = body,
				   .folder = folder,
				   .subject = cases[i].text,
				   .message_id = cases[i].text,
				   .rule = i == 0 ? cases[i].text : NULL });
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GPtrArray) all = view_search(
		    view, &(struct view_query){ .subject = cases[i].text, .limit = 1 }, NULL);
		g_assert_cmpuint(all->len, ==, 1);
		g_autoptr(GPtrArray) there = view_search(
		    view, &(struct view_query){ .account = "hq", .folder = folder }, NULL);
		g_assert_cmpuint(there->len, ==, 1);
		const struct view_message *message = g_ptr_array_index(there, 0);
		g_assert_cmpstr(message->subject, ==, cases[i].text);
		g_autoptr(verdict) verdict = view_verdict(view, message->id, NULL);
		g_assert_cmpstr(verdict->subject, ==, cases[i].text);
		g_assert_cmpstr(verdict->message_id, ==, cases[i].text);
	}
	fixture_end(&fixture);
}

static void
set_file_limit(rlim_t bytes)
{
	struct rlimit limit;

	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &limit), ==, 0);
	limit.rlim_cur = bytes;
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &limit), ==, 0);
}

/* Batches until one fails; the number that was committed. */
static guint
fill(struct fixture *fixture, bool copies, GError **error)
{
	g_autofree char *subject = g_strnfill(2000, 's');

	for (guint i = 0; i < 10000; i++) {
		g_autofree char *uid = g_strdup_printf("%u", i + 1);
		g_autofree char *body = g_strdup_printf("%0*u", copies ? 300000 : 10, i);
		struct mail mail = { .uid = uid,
			.body = body,
			.subject = subject,
			.message_id = uid,
			.no_copy = !copies };
		if (!store_begin(fixture->store, error))
			return i;
		if (!put(fixture, &mail, error) || !store_commit(fixture->store, error)) {
			store_rollback(fixture->store);
			return i;
		}
	}
	return 10000;
}

static void
test_disk_full(void)
{
	static const struct {
		const char *label;
		bool copies;
		rlim_t limit;
	} cases[] = {
		{ "no room for a copy", true, 900 * 1024 },
		{ "no room for the database", false, 700 * 1024 },
	};

	signal(SIGXFSZ, SIG_IGN);
	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		struct fixture fixture;
		g_autoptr(GError) error = NULL;
		fixture_start(&fixture);
		fixture_reopen(&fixture); /* the tables are in the file, the log is empty */
		set_file_limit(cases[i].limit);
		guint committed = fill(&fixture, cases[i].copies, &error);
		g_assert_cmpuint(committed, <, 10000);
		g_assert_nonnull(error);
		g_assert_cmpint(fault_exit_code(error), ==, FAULT_IO);
		g_assert_cmpint(strstr(error->message, ".tar") != NULL, ==, cases[i].copies);
		set_file_limit(RLIM_INFINITY);
		g_assert_cmpuint(message_count(&fixture), ==, committed);
		keep(&fixture, &(struct mail){ .uid = "20000", .body = "there is room again" });
		fixture_reopen(&fixture);
		g_assert_cmpuint(message_count(&fixture), ==, committed + 1);
		fixture_end(&fixture);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/store/whole-or-nothing", test_whole_or_nothing);
	g_test_add_func("/store/close-without-commit", test_close_without_commit);
	g_test_add_func("/store/kill", test_kill);
	g_test_add_func("/store/same-bytes", test_same_bytes);
	g_test_add_func("/store/late-copy-and-flag", test_late_copy_and_flag);
	g_test_add_func("/store/lookup", test_lookup);
	g_test_add_func("/store/one-writer", test_one_writer);
	g_test_add_func("/store/reader-beside", test_reader_beside);
	g_test_add_func("/store/hostile", test_hostile);
	g_test_add_func("/store/disk-full", test_disk_full);
	return g_test_run();
}
