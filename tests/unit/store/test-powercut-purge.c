/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes at 200 moments of a purge: what it had removed stays removed, the next one
 * overwrites what it had not, and nothing else is away.
 */
#include "powercut-life.h"

#include "store/purge.h"

#define PURGES_CUT 200
#define PURGED     9 /* messages, of the first three batches */

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
check_purge_cut(const struct fixture *before, guint upto, guint32 seed, bool all)
{
	struct fixture after;

	begin_after(&after, before, upto, seed);
	fixture_open(&after);
	check_database(&after, 4, 4);
	purge_some(&after, 0); /* what was left half done */
	check_purged(&after, all);
	purge_some(&after, PURGED);
	check_purged(&after, true);
	end_after(&after);
}

static void
test_purge_cuts(void)
{
	struct fixture life = { 0 }, *fixture = &life;
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
		check_purge_cut(fixture, upto, i, upto == last);
	}
	powercut_end();
	end_life(fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/powercut/purge", test_purge_cuts);
	return g_test_run();
}
