/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#include "store/rewrite.h"
#include "store/tar.h"
#include "store/verify.h"

/* A store whose keys are files beside it: "a", "b". */
struct scene {
	struct fixture fixture;
	char *key[2];
};

static void
scene_start(struct scene *scene)
{
	fixture_start(&scene->fixture);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *text = cipher_key_make();
		g_autofree char *name = g_strdup_printf("key-%c", 'a' + (int)i);
		scene->key[i] = g_build_filename(scene->fixture.folder, name, NULL);
		g_assert_true(io_replace_file(scene->key[i], text, strlen(text), 0600, NULL));
	}
}

static void
scene_end(struct scene *scene)
{
	g_free(scene->key[0]);
	g_free(scene->key[1]);
	fixture_end(&scene->fixture);
}

/* "A": key a for new copies, "a": to read with. */
static struct cipher_keys *
keys_of(const struct scene *scene, const char *which)
{
	struct cipher_keys *keys = cipher_keys_new();

	for (; *which != '\0'; which++)
		g_assert_true(cipher_keys_add(keys, scene->key[g_ascii_tolower(*which) - 'a'], "",
		    g_ascii_isupper(*which), NULL));
	return keys;
}

static void
reopen(struct scene *scene, const char *which)
{
	g_autoptr(GError) error = NULL;

	fixture_close(&scene->fixture);
	scene->fixture.store = store_open_with(
	    scene->fixture.data, scene->fixture.zone, keys_of(scene, which), &error);
	g_assert_no_error(error);
}

static struct view *
look(const struct scene *scene, const char *which)
{
	struct view *view = fixture_view(&scene->fixture);

	view_take_keys(view, keys_of(scene, which));
	return view;
}

/* Every message is read, byte for byte, and verify has nothing to say. */
static void
check_whole(const struct scene *scene, const char *which, guint messages)
{
	g_autoptr(view) view = look(scene, which);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, &error);
	enum verify_state state;

	g_assert_cmpuint(all->len, ==, messages);
	for (guint i = 0; i < all->len; i++) {
		const struct view_message *message = all->pdata[i];
		g_autoptr(GBytes) copy = view_copy(view, message->id, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(g_bytes_get_size(copy), ==, message->size);
	}
	g_autoptr(verify) verify =
	    verify_new(view, scene->fixture.data, &(struct verify_share){ 1, 0 }, &error);
	while ((state = verify_step(verify, 1 << 20, &error)) == VERIFY_MORE)
		;
	g_assert_cmpint(state, ==, VERIFY_DONE);
	for (guint i = 0; i < verify_found(verify)->len; i++) {
		const struct verify_deviation *one = verify_found(verify)->pdata[i];
		g_test_message("%s %s %s", one->word, one->what, one->text);
	}
	g_assert_cmpuint(verify_found(verify)->len, ==, 0);
}

static struct rewrite_wish
wish_of(const struct scene *scene, guint64 compress_after)
{
	return (struct rewrite_wish){ MORNING + 3 * DAY, scene->fixture.zone, compress_after };
}

/* How many volumes were to be rewritten, each of which has to come out as expected. */
static guint
rewrite_all(const struct scene *scene, const char *which, guint64 compress_after,
    enum rewrite_result expected)
{
	const struct rewrite_wish wish = wish_of(scene, compress_after);
	g_autoptr(view) view = look(scene, which);
	g_autoptr(GPtrArray) volumes = rewrite_list(view, &wish, NULL);
	guint n = 0;

	for (guint i = 0; i < volumes->len; i++) {
		const struct rewrite_volume *volume = volumes->pdata[i];
		g_autoptr(GError) error = NULL;
		if (volume->wanted == NULL)
			continue;
		g_assert_cmpint(rewrite_one(view, volume, &error), ==, expected);
		n++;
	}
	return n;
}

static bool
stands_in_clear(const struct scene *scene, const char *text)
{
	g_autofree char *folder = g_build_filename(scene->fixture.data, "copies/2026", NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;
	bool found = false;

	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autoptr(GBytes) bytes = io_read_file(path, 1 << 24, NULL);
		found |= memmem(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), text,
			     strlen(text)) != NULL;
	}
	return found;
}

static void
keep_two_days(struct scene *scene)
{
	keep(&scene->fixture, &(struct mail){ .uid = "1", .body = "the falcon flies\n" });
	keep(&scene->fixture, &(struct mail){ .uid = "2", .body = "the kestrel hovers\n" });
	keep(&scene->fixture,
	    &(struct mail){ .uid = "3", .body = "the merlin hides\n", .seen = MORNING + DAY });
}

static void
test_every_form(void)
{
	static const struct {
		const char *label, *keys;
		guint64 compress_after;
		guint volumes;
		bool clear;
	} steps[] = {
		{ "plain stays plain", "", 0, 0, true },
		{ "sealed", "A", 0, 2, false },
		{ "again: nothing is left", "A", 0, 0, false },
		{ "another key", "aB", 0, 2, false },
		{ "sealed ones are not packed instead", "B", 86400, 0, false },
		{ "no longer sealed, but packed, since they are old", "b", 86400, 2, true },
		{ "packed ones stay packed", "", 0, 0, true },
		{ "sealed again", "A", 86400, 2, false },
		{ "plain again", "a", 0, 2, true },
	};
	struct scene scene;

	scene_start(&scene);
	keep_two_days(&scene);
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		g_test_message("%s", steps[i].label);
		g_assert_cmpuint(
		    rewrite_all(&scene, steps[i].keys, steps[i].compress_after, REWRITE_DONE), ==,
		    steps[i].volumes);
		g_assert_cmpint(stands_in_clear(&scene, "the kestrel"), ==, steps[i].clear);
		check_whole(&scene, steps[i].keys, 3);
		reopen(&scene, steps[i].keys);
		check_whole(&scene, steps[i].keys, 3);
	}
	g_test_message("and nothing lies about");
	g_autofree char *aside = g_build_filename(scene.fixture.data, "copies/aside", NULL);
	g_assert_false(g_file_test(aside, G_FILE_TEST_EXISTS));
	scene_end(&scene);
}

static void
test_new_copies_are_sealed(void)
{
	struct scene scene;

	scene_start(&scene);
	keep_two_days(&scene);
	reopen(&scene, "A");
	keep(&scene.fixture, &(struct mail){ .uid = "4", .body = "the plover runs\n" });
	g_assert_false(stands_in_clear(&scene, "the plover"));
	check_whole(&scene, "A", 4);
	g_test_message("one volume has both forms, and becomes one of one form");
	g_assert_cmpuint(rewrite_all(&scene, "A", 0, REWRITE_DONE), ==, 2);
	check_whole(&scene, "a", 4);
	g_assert_cmpuint(rewrite_all(&scene, "A", 0, REWRITE_DONE), ==, 0);
	scene_end(&scene);
}

static void
test_a_key_is_away(void)
{
	struct scene scene;
	g_autoptr(GError) error = NULL;

	scene_start(&scene);
	keep_two_days(&scene);
	g_assert_cmpuint(rewrite_all(&scene, "A", 0, REWRITE_DONE), ==, 2);
	fixture_close(&scene.fixture);
	for (guint i = 0; i < 2; i++) {
		struct cipher_keys *keys = i == 0 ? NULL : keys_of(&scene, "B");
		g_test_message("%s", i == 0 ? "no key" : "the wrong one");
		g_assert_null(
		    store_open_with(scene.fixture.data, scene.fixture.zone, keys, &error));
		assert_fault(error, FAULT_CONFIG, "which is not here");
	}
	g_test_message("a copy is refused, and the store is as it was");
	g_autoptr(view) view = look(&scene, "b");
	g_autoptr(GPtrArray) all = view_search(view, &(struct view_query){ 0 }, NULL);
	const struct view_message *message = all->pdata[0];
	g_assert_null(view_copy(view, message->id, &error));
	assert_fault(error, FAULT_DENIED, "which is not here");
	g_assert_cmpuint(rewrite_all(&scene, "B", 0, REWRITE_FAILED), ==, 2);
	reopen(&scene, "A");
	check_whole(&scene, "a", 3);
	scene_end(&scene);
}

/* Between the list and the rewriting somebody keeps a mail, or purges one. */
static void
test_changed_meanwhile(void)
{
	struct scene scene;

	scene_start(&scene);
	keep_two_days(&scene);
	const struct rewrite_wish wish = wish_of(&scene, 0);
	g_autoptr(view) view = look(&scene, "A");
	g_autoptr(GPtrArray) volumes = rewrite_list(view, &wish, NULL);
	g_autoptr(GError) error = NULL;

	keep(&scene.fixture, &(struct mail){ .uid = "9", .body = "late\n" });
	g_assert_cmpint(rewrite_one(view, volumes->pdata[0], &error), ==, REWRITE_LEFT);
	assert_fault(error, FAULT_RETRY, "changed meanwhile");
	g_test_message("the new file is gone again, the old one holds all");
	check_whole(&scene, "", 4);

	g_test_message("another had it rewritten before");
	g_assert_cmpuint(rewrite_all(&scene, "A", 0, REWRITE_DONE), ==, 2);
	g_assert_cmpint(rewrite_one(view, volumes->pdata[1], &error), ==, REWRITE_FAILED);
	assert_fault(error, FAULT_DATA, "missing");
	check_whole(&scene, "a", 4);
	scene_end(&scene);
}

static void
test_damaged(void)
{
	struct scene scene;
	g_autoptr(GError) error = NULL;

	scene_start(&scene);
	keep_two_days(&scene);
	g_autofree char *path = volume_path(&scene.fixture);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	g_assert_true(io_pwrite_all(fd, "X", 1, 515, NULL));
	io_close(&fd);
	g_autoptr(GBytes) before = io_read_file(path, 1 << 20, NULL);
	g_autoptr(view) view = look(&scene, "A");
	const struct rewrite_wish wish = wish_of(&scene, 0);
	g_autoptr(GPtrArray) volumes = rewrite_list(view, &wish, NULL);
	g_assert_cmpint(rewrite_one(view, volumes->pdata[0], &error), ==, REWRITE_FAILED);
	assert_fault(error, FAULT_DATA, "not those of");
	g_autoptr(GBytes) after = io_read_file(path, 1 << 20, NULL);
	g_assert_true(g_bytes_equal(before, after));
	scene_end(&scene);
}

/* What a kill leaves: the old volume behind the commit, or the new one before it. */
static void
test_both_volumes_are_there(void)
{
	static const struct {
		const char *label, *left;
	} cases[] = { { "the old one, behind the commit", "2026-11-22.tar" },
		{ "a new one, before it", "2026-11-22-7.tar" } };

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct scene scene;
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		scene_start(&scene);
		keep_two_days(&scene);
		g_autofree char *old = volume_path(&scene.fixture);
		g_autofree char *left =
		    g_build_filename(scene.fixture.data, "copies/2026", cases[i].left, NULL);
		g_autofree char *anew =
		    g_build_filename(scene.fixture.data, "copies/2026", "2026-11-22-2.tar", NULL);
		g_autoptr(GBytes) was = io_read_file(old, 1 << 20, NULL);
		g_assert_cmpuint(rewrite_all(&scene, "A", 0, REWRITE_DONE), ==, 2);
		g_autoptr(GBytes) is = io_read_file(anew, 1 << 20, NULL);
		GBytes *bytes = i == 0 ? was : is;
		g_assert_true(io_replace_file(
		    left, g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes), 0600, NULL));
		reopen(&scene, "A");
		g_assert_true(store_run_begin(
		    scene.fixture.store, "poll", RULES, MORNING, &scene.fixture.run, &error));
		g_assert_true(
		    store_run_end(scene.fixture.store, scene.fixture.run, 0, MORNING, &error));
		g_assert_false(g_file_test(left, G_FILE_TEST_EXISTS));
		check_whole(&scene, "a", 3);
		scene_end(&scene);
	}
}

/* Behind the last commit: a frame that was never committed, and half of one. */
static void
test_torn_tail(void)
{
	struct scene scene;
	g_autoptr(GError) error = NULL;

	scene_start(&scene);
	reopen(&scene, "A");
	keep(&scene.fixture, &(struct mail){ .uid = "1", .body = "the falcon flies\n" });
	g_autofree char *path = volume_path(&scene.fixture);
	guint64 size = file_size(path);
	g_assert_true(store_begin(scene.fixture.store, NULL));
	g_assert_true(
	    put(&scene.fixture, &(struct mail){ .uid = "2", .body = "never committed\n" }, &error));
	g_assert_true(vault_sync(store_vault(scene.fixture.store), &error));
	/* As a kill leaves it: nothing is rolled back. */
	g_autoptr(GBytes) torn = io_read_file(path, 1 << 20, NULL);
	store_rollback(scene.fixture.store);
	fixture_close(&scene.fixture);
	for (guint cut = 0; cut < 2; cut++) {
		gsize length = g_bytes_get_size(torn) - TAR_TRAILER - (cut == 0 ? 0 : 500);
		g_test_message("%s", cut == 0 ? "a whole frame" : "a part of one");
		g_assert_true(
		    io_replace_file(path, g_bytes_get_data(torn, NULL), length, 0600, NULL));
		scene.fixture.store = store_open_with(
		    scene.fixture.data, scene.fixture.zone, keys_of(&scene, "A"), &error);
		g_assert_no_error(error);
		g_assert_cmpuint(file_size(path), ==, size);
		g_autofree char *aside = g_build_filename(scene.fixture.data, "copies/aside", NULL);
		g_assert_cmpint(g_file_test(aside, G_FILE_TEST_EXISTS), ==, cut == 0);
		remove_tree(aside);
		check_whole(&scene, "a", 1);
		fixture_close(&scene.fixture);
	}
	reopen(&scene, "A");
	scene_end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rewrite/every-form", test_every_form);
	g_test_add_func("/rewrite/new-copies-are-sealed", test_new_copies_are_sealed);
	g_test_add_func("/rewrite/a-key-is-away", test_a_key_is_away);
	g_test_add_func("/rewrite/changed-meanwhile", test_changed_meanwhile);
	g_test_add_func("/rewrite/damaged", test_damaged);
	g_test_add_func("/rewrite/both-volumes-are-there", test_both_volumes_are_there);
	g_test_add_func("/rewrite/torn-tail", test_torn_tail);
	return g_test_run();
}
