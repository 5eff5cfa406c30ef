/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Copies that are written beside the caller stand where it was told, or nothing can be committed.
 */
#include "fixture.h"

#include <sys/resource.h>

#include "store/vault-scribe.h"

#define MANY 192

struct scene {
	char *folder;
	GTimeZone *zone;
	struct vault *vault;
};

static void
start(struct scene *scene)
{
	scene->folder = g_dir_make_tmp("flagpost-scribe-XXXXXX", NULL);
	scene->zone = g_time_zone_new_utc();
	scene->vault = vault_open(scene->folder, scene->zone, NULL);
	g_assert_nonnull(scene->vault);
}

static void
end(struct scene *scene)
{
	vault_close(scene->vault);
	g_time_zone_unref(scene->zone);
	remove_tree(scene->folder);
	g_free(scene->folder);
}

static char *
body_of(guint n)
{
	GString *out = g_string_new(NULL);

	/* From nothing to more than one chunk. */
	while (out->len < n * 1009 % 300000)
		g_string_append_printf(out, "line of %u at %zu\n", n, out->len);
	return g_string_free(out, FALSE);
}

static bool
put_later(struct scene *scene, const char *body, const char *sha256, gint64 now,
    struct vault_place *place, GError **error)
{
	int fd = fixture_spool(body, strlen(body));
	bool right = vault_append_later(scene->vault, fd, strlen(body), sha256, now, place, error);

	/* The number is free for another file while the bytes still wait. */
	io_close(&fd);
	return right;
}

static void
check(struct scene *scene, const char *body, const struct vault_place *place)
{
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];

	digest_bytes(body, strlen(body), sha256);
	g_autoptr(GBytes) bytes = vault_read(scene->vault, place, sha256, &error);
	g_assert_no_error(error);
	assert_bytes(bytes, body, strlen(body));
}

static void
test_places(void)
{
	struct vault_place places[MANY];
	g_autoptr(GError) error = NULL;
	struct scene scene;

	start(&scene);
	for (guint i = 0; i < MANY; i++) {
		g_autofree char *body = body_of(i);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		/* Over midnight, and one in between that does not wait. */
		gint64 now = MORNING + (i >= MANY / 2 ? DAY : 0);
		int fd = fixture_spool(body, strlen(body));
		if (i % 50 == 49)
			vault_append(
			    scene.vault, fd, strlen(body), sha256, now, &places[i], &error);
		else
			put_later(&scene, body, sha256, now, &places[i], &error);
		io_close(&fd);
		g_assert_no_error(error);
	}
	vault_begin_sync(scene.vault);
	vault_begin_sync(scene.vault);
	g_assert_true(vault_sync(scene.vault, NULL));
	for (guint i = 0; i < MANY; i++) {
		g_autofree char *body = body_of(i);
		check(&scene, body, &places[i]);
		guint64 size;
		bool ends;
		g_assert_cmpstr(places[i].volume, ==,
		    i < MANY / 2 ? "2026/2026-11-22.tar" : "2026/2026-11-23.tar");
		if (i == MANY / 2 - 1 || i == MANY - 1)
			g_assert_true(vault_measure(scene.vault, places[i].volume, places[i].end,
					  &size, &ends, NULL) == VAULT_EXACT &&
				      ends);
	}
	end(&scene);
}

/* Given faster than they can be written. */
static void
test_queue(void)
{
	struct vault_place place = { 0 };
	g_autofree char *body = g_strnfill(40000, 'x');
	char sha256[DIGEST_HEX];
	struct scene scene;

	start(&scene);
	digest_bytes(body, strlen(body), sha256);
	int fd = fixture_spool(body, strlen(body));
	for (guint i = 0; i < VAULT_SCRIBE_QUEUE * 4; i++)
		g_assert_true(vault_append_later(
		    scene.vault, fd, strlen(body), sha256, MORNING, &place, NULL));
	g_assert_true(vault_sync(scene.vault, NULL));
	check(&scene, body, &place);
	g_test_message("fewer than the thread is woken for");
	g_assert_true(
	    vault_append_later(scene.vault, fd, strlen(body), sha256, MORNING, &place, NULL));
	io_close(&fd);
	g_assert_true(vault_sync(scene.vault, NULL));
	check(&scene, body, &place);
	end(&scene);
}

static void
test_closing(void)
{
	struct vault_place places[MANY];
	struct scene scene;

	g_test_message("a store that is closed within a batch does not hang");
	start(&scene);
	for (guint i = 0; i < MANY; i++) {
		g_autofree char *body = body_of(i);
		char sha256[DIGEST_HEX];
		digest_bytes(body, strlen(body), sha256);
		g_assert_true(put_later(&scene, body, sha256, MORNING, &places[i], NULL));
	}
	vault_begin_sync(scene.vault);
	end(&scene);
}

/* The first fault stays until the volume is brought back. */
static void
check_fault(struct scene *scene, int code, const char *word)
{
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];
	struct vault_place place;

	digest_bytes("later", 5, sha256);
	/* Whether this one is taken depends on how far the scribe is. */
	put_later(scene, "later", sha256, MORNING, &place, NULL);
	vault_begin_sync(scene->vault);
	for (guint i = 0; i < 2; i++) {
		g_assert_false(vault_sync(scene->vault, &error));
		assert_fault(error, code, word);
	}
	int fd = fixture_spool("later", 5);
	g_assert_false(vault_append(scene->vault, fd, 5, sha256, MORNING, &place, &error));
	assert_fault(error, code, word);
	io_close(&fd);
	g_test_message("another day's volume is no way round it");
	g_assert_false(put_later(scene, "later", sha256, MORNING + DAY, &place, &error));
	assert_fault(error, code, word);
}

static void
test_faults(void)
{
	static const struct {
		const char *label, *sha256_of, *word;
		gint64 more; /* bytes that are said to be there */
		int code;
		bool removed;
	} cases[] = {
		{ "other bytes than the digest says", "other", "not those of", 0, FAULT_DATA,
		    false },
		{ "fewer bytes than were said", "bytes", "5 of 7", 2, FAULT_DATA, false },
		{ "the volume goes while it is written", "bytes", "was removed", 0, FAULT_IO,
		    true },
	};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		struct vault_place first, place;
		char sha256[DIGEST_HEX];
		struct scene scene;
		guint64 size;
		start(&scene);
		digest_bytes("first", 5, sha256);
		g_assert_true(put_later(&scene, "first", sha256, MORNING, &first, NULL));
		g_assert_true(vault_sync(scene.vault, NULL));
		g_autofree char *path = g_build_filename(scene.folder, first.volume, NULL);
		if (cases[i].removed)
			g_unlink(path);
		digest_bytes(cases[i].sha256_of, strlen(cases[i].sha256_of), sha256);
		int fd = fixture_spool("bytes", 5);
		g_assert_true(vault_append_later(
		    scene.vault, fd, 5 + (guint64)cases[i].more, sha256, MORNING, &place, NULL));
		io_close(&fd);
		check_fault(&scene, cases[i].code, cases[i].word);
		bool back = vault_recover(scene.vault, first.volume, first.end, NULL);
		g_assert_cmpint(back, ==, !cases[i].removed);
		digest_bytes("again", 5, sha256);
		g_assert_true(put_later(&scene, "again", sha256, MORNING, &place, NULL));
		g_assert_true(vault_sync(scene.vault, NULL));
		check(&scene, "again", &place);
		if (back)
			g_assert_cmpint(vault_look(scene.vault, first.volume, place.end, &size), ==,
			    VAULT_WHOLE);
		end(&scene);
	}
}

static void
test_full(void)
{
	const struct rlimit small = { 100000, RLIM_INFINITY };
	struct rlimit before;
	struct vault_place place;
	char sha256[DIGEST_HEX];
	struct scene scene;

	g_test_message("the disk takes no more");
	signal(SIGXFSZ, SIG_IGN);
	start(&scene);
	digest_bytes("first", 5, sha256);
	g_assert_true(put_later(&scene, "first", sha256, MORNING, &place, NULL));
	g_assert_true(vault_sync(scene.vault, NULL));
	g_autofree char *large = g_strnfill(200000, 'x');
	digest_bytes(large, 200000, sha256);
	g_assert_cmpint(getrlimit(RLIMIT_FSIZE, &before), ==, 0);
	int fd = fixture_spool(large, 200000);
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &small), ==, 0);
	struct vault_place big;
	g_assert_true(vault_append_later(scene.vault, fd, 200000, sha256, MORNING, &big, NULL));
	io_close(&fd);
	check_fault(&scene, FAULT_IO, "2026-11-22.tar");
	g_assert_cmpint(setrlimit(RLIMIT_FSIZE, &before), ==, 0);
	g_assert_true(vault_recover(scene.vault, place.volume, place.end, NULL));
	check(&scene, "first", &place);
	end(&scene);
}

/* Nothing that names bytes which are not there may become true. */
static void
test_store(void)
{
	struct fixture fixture;
	struct vault_place place;
	char sha256[DIGEST_HEX];
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	g_assert_true(store_begin(fixture.store, NULL));
	digest_bytes("said", 4, sha256);
	int fd = fixture_spool("sent", 4);
	g_assert_true(
	    vault_append_later(store_vault(fixture.store), fd, 4, sha256, MORNING, &place, NULL));
	io_close(&fd);
	g_assert_true(put(&fixture, &(struct mail){ .uid = "2", .body = "two" }, NULL));
	g_assert_false(store_commit(fixture.store, &error));
	assert_fault(error, FAULT_DATA, "not those of");
	g_test_message("and the next batch is kept as ever");
	keep(&fixture, &(struct mail){ .uid = "3", .body = "three" });
	fixture_reopen(&fixture);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);
	g_assert_cmpuint(all->len, ==, 2);
	g_clear_pointer(&view, view_close);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/scribe/places", test_places);
	g_test_add_func("/scribe/queue", test_queue);
	g_test_add_func("/scribe/closing", test_closing);
	g_test_add_func("/scribe/faults", test_faults);
	g_test_add_func("/scribe/full", test_full);
	g_test_add_func("/scribe/store", test_store);
	return g_test_run();
}
