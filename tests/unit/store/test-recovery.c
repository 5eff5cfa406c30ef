/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/database.h"
#include "store/purge.h"
#include "store/query.h"
#include "store/vault-aside.h"
#include "store/verify.h"

#define FIRST  "2026/2026-11-22.tar"
#define SECOND "2026/2026-11-23.tar"

static char *
path_of(const struct fixture *fixture, const char *name)
{
	return g_build_filename(fixture->data, name, NULL);
}

static void
copy_file(const char *from, const char *to)
{
	g_autoptr(GBytes) bytes = io_read_file(from, 64 << 20, NULL);

	g_assert_nonnull(bytes);
	g_assert_true(io_replace_file(
	    to, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0600, NULL));
}

/* The database as it was, beside the copies as they are. */
static void
put_back(struct fixture *fixture, const char *backup)
{
	g_autofree char *path = path_of(fixture, STORE_FILE);
	g_autofree char *wal = g_strconcat(path, "-wal", NULL);
	g_autofree char *shared = g_strconcat(path, "-shm", NULL);

	fixture_close(fixture);
	copy_file(backup, path);
	g_unlink(wal);
	g_unlink(shared);
	fixture_open(fixture);
}

/* "aside/a.tar: 2, aside/b.tar: 1" */
static char *
aside(struct fixture *fixture)
{
	GString *out = g_string_new(NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) names = vault_aside(store_vault(fixture->store), &error);

	g_assert_no_error(error);
	for (guint i = 0; i < names->len; i++) {
		g_autoptr(GPtrArray) digests =
		    vault_aside_digests(store_vault(fixture->store), names->pdata[i], &error);
		g_assert_no_error(error);
		g_string_append_printf(out, "%s%s: %u", i > 0 ? ", " : "",
		    (const char *)names->pdata[i], digests->len);
	}
	return g_string_free(out, FALSE);
}

static void
end_run(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;

	store_run_end(fixture->store, fixture->run, 0, MORNING + 5 * DAY, &error);
	g_assert_no_error(error);
}

/* How often the word stands among deviations, or among the notes. */
static guint
verified(struct fixture *fixture, const char *word)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(verify) verify =
	    verify_new(view, fixture->data, &(struct verify_share){ 1, 0 }, NULL);
	enum verify_state state;
	guint n = 0;

	do
		state = verify_step(verify, 1 << 20, NULL);
	while (state == VERIFY_MORE);
	g_assert_cmpint(state, ==, VERIFY_DONE);
	const GPtrArray *found = verify_found(verify);
	for (guint i = 0; i < found->len; i++) {
		const struct verify_deviation *one = found->pdata[i];
		n += word == NULL || strcmp(one->word, word) == 0;
	}
	return n;
}

static guint
noted(struct fixture *fixture, const char *word)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GPtrArray) notes = view_notes(view, 0, MORNING + 10 * DAY, NULL);
	guint n = 0;

	for (guint i = 0; i < notes->len; i++)
		n += strcmp(((struct view_note *)notes->pdata[i])->word, word) == 0;
	return n;
}

static void
test_older_database(void)
{
	struct fixture fixture;
	struct mail mails[] = {
		{ .uid = "1", .body = "known to both" },
		{ .uid = "2", .body = "only in the volume, in the middle of it" },
		{ .uid = "3", .body = "only in the volume, at its end" },
		{ .uid = "4", .body = "in a volume of its own", .seen = MORNING + DAY },
	};

	fixture_start(&fixture);
	g_autofree char *database = path_of(&fixture, STORE_FILE);
	g_autofree char *backup = g_build_filename(fixture.folder, "backup.db", NULL);
	g_autofree char *volume = volume_path(&fixture);
	keep(&fixture, &mails[0]);
	fixture_close(&fixture);
	copy_file(database, backup);
	fixture_open(&fixture);
	for (guint i = 1; i < G_N_ELEMENTS(mails); i++)
		keep(&fixture, &mails[i]);

	g_test_message("a database of yesterday destroys none of today's copies");
	guint64 end = 0;
	put_back(&fixture, backup);
	end = file_size(volume) - 1024;
	g_autofree char *first = g_strdup_printf("aside/2026-11-22-at-%u.tar", (guint)end);
	g_autofree char *all = g_strdup_printf("%s: 2, aside/2026-11-23-at-0.tar: 1", first);
	g_autofree char *found = aside(&fixture);
	g_assert_cmpstr(found, ==, all);
	g_assert_cmpuint(verified(&fixture, "aside"), ==, 2);
	end_run(&fixture);
	g_assert_cmpuint(noted(&fixture, "copies-aside"), ==, 2);

	g_test_message("and doing so twice does no harm");
	put_back(&fixture, backup);
	g_autofree char *again = aside(&fixture);
	g_assert_cmpstr(again, ==, all);

	g_test_message("they stay until each of them is kept again");
	keep(&fixture, &mails[1]);
	keep(&fixture, &mails[3]);
	end_run(&fixture);
	g_autofree char *some = aside(&fixture);
	g_autofree char *one = g_strconcat(first, ": 2", NULL);
	g_assert_cmpstr(some, ==, one);
	keep(&fixture, &mails[2]);
	end_run(&fixture);
	g_autofree char *none = aside(&fixture);
	g_assert_cmpstr(none, ==, "");
	g_assert_cmpuint(verified(&fixture, NULL), ==, 0);
	fixture_end(&fixture);
}

static bool
file_has(const char *path, const char *text)
{
	g_autoptr(GBytes) bytes = io_read_file(path, 64 << 20, NULL);
	gsize size = 0;
	const void *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;

	return data != NULL && memmem(data, size, text, strlen(text)) != NULL;
}

static void
purge_first(struct fixture *fixture, const char *body)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	char sha256[DIGEST_HEX];

	digest_bytes(body, strlen(body), sha256);
	g_autoptr(view_message) message = view_find(view, sha256, NULL);
	g_ptr_array_add(items, purge_of_message(view, message->id, "asked", NULL));
	g_autoptr(purge) purge = purge_new(view, items, NULL);
	while (purge_step(purge, NULL) == PURGE_MORE)
		continue;
	g_assert_cmpuint(purge_counts(purge)->messages, ==, 1);
}

/*
 * A rewriting was killed before it removed the old volume, and then a message of it was purged. Its
 * bytes are not put aside for good, also where what lies beside them must not be lost.
 */
static void
test_purged_meanwhile(void)
{
	static const char purged[] = "the nightjar is purged", unknown[] = "a database forgot it";

	for (guint both = 0; both < 2; both++) {
		struct fixture fixture;
		fixture_start(&fixture);
		g_autofree char *database = path_of(&fixture, STORE_FILE);
		g_autofree char *backup = g_build_filename(fixture.folder, "backup.db", NULL);
		g_autofree char *volume = volume_path(&fixture);
		g_autofree char *old = path_of(&fixture, "copies/2026/2026-11-22-7.tar");
		keep(&fixture, &(struct mail){ .uid = "1", .body = purged });
		fixture_close(&fixture);
		copy_file(database, backup);
		fixture_open(&fixture);
		if (both)
			keep(&fixture, &(struct mail){ .uid = "2", .body = unknown });
		copy_file(volume, old);
		g_autofree char *kept = g_build_filename(fixture.folder, "old.tar", NULL);
		copy_file(old, kept);
		put_back(&fixture, backup);
		purge_first(&fixture, purged);
		copy_file(kept, old);
		fixture_reopen(&fixture);
		end_run(&fixture);
		g_autofree char *left = aside(&fixture);
		g_assert_cmpint(left[0] != '\0', ==, both);
		g_assert_cmpuint(noted(&fixture, "copies-aside") > 0, ==, both);
		g_assert_false(g_file_test(old, G_FILE_TEST_EXISTS));
		g_auto(GStrv) names = g_strsplit(left, ", ", -1);
		guint found = 0;
		for (guint i = 0; names[i] != NULL; i++) {
			*strchr(names[i], ':') = '\0';
			g_autofree char *name = g_strconcat("copies/", names[i], NULL);
			g_autofree char *path = path_of(&fixture, name);
			g_assert_false(file_has(path, purged));
			found += file_has(path, unknown);
		}
		g_assert_cmpint(found > 0, ==, both);
		fixture_end(&fixture);
	}
}

/* What is claimed to be kept is looked at before anything goes. */
static void
test_kept_by_name_alone(void)
{
	struct fixture fixture;
	struct mail first = { .uid = "1", .body = "one" }, second = { .uid = "2", .body = "two" };

	fixture_start(&fixture);
	g_autofree char *database = path_of(&fixture, STORE_FILE);
	g_autofree char *backup = g_build_filename(fixture.folder, "backup.db", NULL);
	keep(&fixture, &first);
	fixture_close(&fixture);
	copy_file(database, backup);
	fixture_open(&fixture);
	keep(&fixture, &second);
	put_back(&fixture, backup);
	keep(&fixture, &second);
	g_autofree char *volume = volume_path(&fixture);
	int fd = open(volume, O_WRONLY | O_CLOEXEC);
	g_assert_true(io_pwrite_all(fd, "?", 1, file_size(volume) - 1024 - 512, NULL));
	io_close(&fd);
	end_run(&fixture);
	g_autofree char *left = aside(&fixture);
	g_assert_nonnull(strstr(left, ": 1"));
	fixture_end(&fixture);
}

static void
test_tails(void)
{
	static const struct {
		const char *label;
		gssize from, length; /* what is overwritten, from the end of what was committed */
		guint copies;
		bool cut; /* there instead of overwritten */
	} cases[] = {
		{ "two whole entries", 0, 0, 2, false },
		{ "a damaged header hides one, not the other", 0, 20, 1, false },
		{ "other bytes under its name are no copy", 512, 3, 1, false },
		{ "the last entry is torn", 512 + 512 + 512 + 5, 0, 1, true },
		{ "half an entry", 512 + 5, 0, 0, true },
		{ "half a header", 100, 0, 0, true },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct fixture fixture;
		g_test_message("%s", cases[i].label);
		fixture_start(&fixture);
		g_autofree char *volume = volume_path(&fixture);
		keep(&fixture, &(struct mail){ .uid = "1", .body = "committed" });
		guint64 end = file_size(volume) - 1024;
		g_assert_true(store_begin(fixture.store, NULL));
		g_assert_true(
		    put(&fixture, &(struct mail){ .uid = "2", .body = "never committed" }, NULL));
		g_assert_true(
		    put(&fixture, &(struct mail){ .uid = "3", .body = "nor this" }, NULL));
		g_assert_true(vault_sync(store_vault(fixture.store), NULL));
		fixture_close(&fixture);
		guint64 at = end + (guint64)cases[i].from;
		if (cases[i].cut)
			g_assert_cmpint(truncate(volume, (off_t)at), ==, 0);
		int fd = open(volume, O_WRONLY | O_CLOEXEC);
		g_assert_true(
		    io_pwrite_all(fd, "????????????????????", (gsize)cases[i].length, at, NULL));
		io_close(&fd);
		fixture_open(&fixture);
		g_assert_cmpuint(file_size(volume), ==, end + 1024);
		g_autofree char *found = aside(&fixture);
		g_autofree char *expected = g_strdup_printf(": %u", cases[i].copies);
		g_assert_true(
		    cases[i].copies == 0 ? found[0] == '\0' : g_str_has_suffix(found, expected));
		fixture_end(&fixture);
	}
}

/* A rollback knows that what it cuts off is its own. */
static void
test_rollback(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "committed" });
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(put(&fixture, &(struct mail){ .uid = "2", .body = "taken back" }, NULL));
	store_rollback(fixture.store);
	g_autofree char *found = aside(&fixture);
	g_assert_cmpstr(found, ==, "");
	fixture_end(&fixture);
}

/* What stands there is no volume: the day goes on in another one. */
static void
test_link(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "committed" });
	g_autofree char *volume = volume_path(&fixture);
	g_autofree char *away = g_strconcat(volume, ".away", NULL);
	g_assert_cmpint(g_rename(volume, away), ==, 0);
	g_assert_cmpint(symlink(away, volume), ==, 0);
	fixture_reopen(&fixture);
	g_autofree char *found = aside(&fixture);
	g_assert_cmpstr(found, ==, "");
	keep(&fixture, &(struct mail){ .uid = "2", .body = "goes on" });
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/recovery/older-database", test_older_database);
	g_test_add_func("/recovery/purged-meanwhile", test_purged_meanwhile);
	g_test_add_func("/recovery/kept-by-name-alone", test_kept_by_name_alone);
	g_test_add_func("/recovery/tails", test_tails);
	g_test_add_func("/recovery/rollback", test_rollback);
	g_test_add_func("/recovery/link", test_link);
	return g_test_run();
}
