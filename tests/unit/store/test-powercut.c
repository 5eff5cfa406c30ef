/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes at 500 moments of a store's life: whatever was not synced may be there, may be
 * missing, may be there in part. Each time the store opens again, is whole, and has all that was
 * committed, byte by byte. And of a purge: what it had removed stays removed, and the next
 * one overwrites what it had not.
 */
#include "powercut.h"

#include "fixture.h"

#include "store/ledger.h"
#include "store/purge.h"
#include "store/query.h"

#define CUTS_TRIED 500
#define PURGES_CUT 200
#define PURGED     9 /* messages, of the first three batches */
#define BATCHES    24
#define EACH       3 /* messages of a batch */

/* How many notes there were when a batch had been committed. */
struct scene {
	struct fixture fixture;
	guint committed[BATCHES];
	guint ready; /* the run had begun */
};

static char *
body_of(guint batch, guint n)
{
	g_autofree char *line = g_strdup_printf("message %u of batch %u, ", n, batch);
	GString *out = g_string_new(line);

	/* From a few bytes to more than one chunk of the vault. */
	for (guint i = 0; i < (batch * EACH + n) * 37 % 200 * 20; i++)
		g_string_append(out, line);
	return g_string_free(out, FALSE);
}

/* A word that this message alone has. */
static char *
word_of(guint batch, guint n)
{
	return g_strdup_printf("whimbrel%uof%u", n, batch);
}

static void
keep_batch(struct fixture *fixture, guint batch)
{
	g_autoptr(GError) error = NULL;

	store_begin(fixture->store, &error);
	g_assert_no_error(error);
	for (guint n = 0; n < EACH; n++) {
		g_autofree char *body = body_of(batch, n);
		g_autofree char *id = g_strdup_printf("%u.%u@corp.example", batch, n);
		g_autofree char *uid = g_strdup_printf("%u", batch * EACH + n + 1);
		g_autofree char *word = word_of(batch, n);
		/* Over midnight, and back again, as when a clock is set. */
		put(fixture,
		    &(struct mail){ .uid = uid,
			.body = body,
			.message_id = id,
			.subject = word,
			.rule = n == 0 ? "codename" : NULL,
			.seen = MORNING + (batch % 7 == 3 ? DAY : 0) },
		    &error);
		g_assert_no_error(error);
	}
	store_commit(fixture->store, &error);
	g_assert_no_error(error);
}

static char *
make_folder(void)
{
	if (g_access("/dev/shm", W_OK) == 0) {
		char *folder = g_strdup("/dev/shm/flagpost-power-XXXXXX");
		if (g_mkdtemp(folder) != NULL)
			return folder;
		g_free(folder);
	}
	return g_dir_make_tmp("flagpost-power-XXXXXX", NULL);
}

static void
begin_life(struct fixture *fixture)
{
	fixture->folder = make_folder();
	fixture->data = g_build_filename(fixture->folder, "life/data", NULL);
	fixture->zone = g_time_zone_new_utc();
	g_autofree char *life = g_build_filename(fixture->folder, "life", NULL);
	g_assert_cmpint(g_mkdir(life, 0700), ==, 0);
	powercut_begin(life);
	fixture_open(fixture);
}

static void
end_life(struct scene *scene)
{
	g_time_zone_unref(scene->fixture.zone);
	remove_tree(scene->fixture.folder);
	g_free(scene->fixture.folder);
	g_free(scene->fixture.data);
}

static void
live(struct scene *scene)
{
	struct fixture *fixture = &scene->fixture;
	g_autoptr(GError) error = NULL;

	begin_life(fixture);
	store_run_begin(fixture->store, "poll", RULES, MORNING, &fixture->run, &error);
	g_assert_no_error(error);
	scene->ready = powercut.notes->len;
	for (guint i = 0; i < BATCHES; i++) {
		keep_batch(fixture, i);
		scene->committed[i] = powercut.notes->len;
		if (i % 5 == 4) {
			g_assert_true(store_begin(fixture->store, NULL));
			g_assert_true(
			    put(fixture, &(struct mail){ .uid = "9000", .body = "no" }, NULL));
			store_rollback(fixture->store);
		}
		if (i % 10 == 9) /* the log is moved into the database */
			fixture_reopen(fixture);
	}
	fixture_close(fixture);
	powercut_stop();
}

static gint64
number(struct database *database, const char *name, const char *sql)
{
	const struct query_text text = { name, sql };
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

static void
check_database(const struct fixture *fixture, guint least, guint most)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);
	guint64 rows;

	g_assert_no_error(error);
	g_assert_cmpint(
	    number(database, "look for damage",
		"SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
	    ==, 0);
	g_assert_true(database_script(database, "look at the index",
	    "INSERT INTO term_index (term_index) VALUES ('integrity-check')", &error));
	gint64 messages = number(database, "count", "SELECT count(*) FROM message");
	g_assert_cmpint(messages % EACH, ==, 0);
	g_assert_cmpint(messages, >=, least * EACH);
	g_assert_cmpint(messages, <=, most * EACH);
	g_assert_cmpint(number(database, "count", "SELECT coalesce(max(last_uid), 0) FROM folder"),
	    ==, messages);
	g_assert_true(ledger_verify(database, &rows, NULL, &error));
	g_assert_no_error(error);
}

static void
check_copies(const struct fixture *fixture, guint batches)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;

	for (guint i = 0; i < batches * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		g_autoptr(view_message) message = view_find(view, sha256, &error);
		g_assert_no_error(error);
		g_autoptr(GBytes) copy = view_copy(view, message->id, &error);
		g_assert_no_error(error);
		assert_bytes(copy, body, strlen(body));
	}
}

/* What was committed, and after it one batch at most: the one that was under way. */
static void
check_cut(const struct scene *scene, guint upto, guint32 seed)
{
	struct fixture after = { .zone = scene->fixture.zone };
	guint batches = 0;

	while (batches < BATCHES && scene->committed[batches] <= upto)
		batches++;
	after.folder = g_build_filename(scene->fixture.folder, "after", NULL);
	after.data = g_build_filename(after.folder, "data", NULL);
	g_assert_cmpint(g_mkdir(after.folder, 0700), ==, 0);
	powercut_disk(after.folder, upto, seed);
	fixture_open(&after);
	check_database(&after, batches, batches + 1);
	check_copies(&after, batches);
	if (seed % 10 == 0 && upto >= scene->ready) {
		g_test_message("and life goes on after cut %u at note %u", seed, upto);
		keep(&after, &(struct mail){ .uid = "9999", .body = "afterwards" });
		fixture_reopen(&after);
		check_copies(&after, batches);
	}
	fixture_close(&after);
	remove_tree(after.folder);
	g_free(after.data);
	g_free(after.folder);
}

static void
test_cuts(void)
{
	struct scene scene = { 0 };

	live(&scene);
	guint notes = powercut.notes->len;
	g_test_message("%u acts on files", notes);
	g_assert_cmpuint(notes, >, CUTS_TRIED);
	for (guint32 i = 0; i < CUTS_TRIED; i++)
		check_cut(&scene, notes * (i + 1) / CUTS_TRIED, i);
	powercut_end();
	end_life(&scene);
}

/* --- a purge --- */

static void
purge_some(const struct fixture *fixture, guint n)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	enum purge_state state;

	for (guint i = 0; i < n; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		g_autoptr(view_message) message = view_find(view, sha256, &error);
		g_assert_no_error(error);
		g_ptr_array_add(items, purge_of_message(view, message->id, "a test", &error));
	}
	g_autoptr(purge) purge = purge_new(view, items, &error);
	do
		state = purge_step(purge, &error);
	while (state == PURGE_MORE);
	g_assert_no_error(error);
}

/* Neither in pages and index nor in the log. */
static bool
database_has(const struct fixture *fixture, const char *word)
{
	static const char *const files[] = { STORE_FILE, STORE_FILE "-wal" };
	bool found = false;

	for (guint i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *path = g_build_filename(fixture->data, files[i], NULL);
		g_autoptr(GBytes) bytes = io_read_file(path, 64 << 20, NULL);
		gsize size = 0;
		const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
		found = found || (data != NULL && memmem(data, size, word, strlen(word)) != NULL);
	}
	return found;
}

/* Volumes hold a copy whole, or nothing of it: as the database says. */
static void
check_purged(const struct fixture *fixture, bool all)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autofree char *volume = volume_path(fixture);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = io_read_file(volume, 64 << 20, &error);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	for (guint i = 0; i < 4 * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		g_autofree char *line =
		    g_strdup_printf("message %u of batch %u, ", i % EACH, i / EACH);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		g_autoptr(view_message) message = view_find(view, sha256, &error);
		g_assert_no_error(error);
		if (i >= PURGED || all)
			g_assert_cmpint(message->purged != 0, ==, i < PURGED);
		g_autofree char *word = word_of(i / EACH, i % EACH);
		g_assert_cmpint(database_has(fixture, word), ==, message->purged == 0);
		/* The fourth batch is in the next day's volume. */
		if (message->purged != 0)
			g_assert_null(memmem(data, size, line, strlen(line)));
		g_autoptr(GBytes) copy = view_copy(view, message->id, &error);
		g_assert_cmpint(copy == NULL, ==, message->purged != 0);
		g_clear_error(&error);
		if (copy != NULL)
			assert_bytes(copy, body, strlen(body));
	}
}

static void
check_purge_cut(const struct scene *scene, guint upto, guint32 seed, bool all)
{
	struct fixture after = { .zone = scene->fixture.zone };

	after.folder = g_build_filename(scene->fixture.folder, "after", NULL);
	after.data = g_build_filename(after.folder, "data", NULL);
	g_assert_cmpint(g_mkdir(after.folder, 0700), ==, 0);
	powercut_disk(after.folder, upto, seed);
	fixture_open(&after);
	check_database(&after, 4, 4);
	purge_some(&after, 0); /* what was left half done */
	check_purged(&after, all);
	purge_some(&after, PURGED);
	check_purged(&after, true);
	fixture_close(&after);
	remove_tree(after.folder);
	g_free(after.data);
	g_free(after.folder);
}

static void
test_purge_cuts(void)
{
	struct scene scene = { 0 };
	struct fixture *fixture = &scene.fixture;
	g_autoptr(GError) error = NULL;

	begin_life(fixture);
	store_run_begin(fixture->store, "poll", RULES, MORNING, &fixture->run, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < 4; i++)
		keep_batch(fixture, i);
	guint first = powercut.notes->len;
	purge_some(fixture, PURGED);
	guint last = powercut.notes->len;
	fixture_close(fixture);
	powercut_stop();
	g_test_message("%u acts on files", last - first);
	for (guint32 i = 0; i <= PURGES_CUT; i++) {
		guint upto = first + (last - first) * i / PURGES_CUT;
		check_purge_cut(&scene, upto, i, upto == last);
	}
	powercut_end();
	end_life(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/powercut/five-hundred", test_cuts);
	g_test_add_func("/powercut/purge", test_purge_cuts);
	return g_test_run();
}
