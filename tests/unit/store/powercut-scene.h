/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_POWERCUT_SCENE_H
#define FLAGPOST_TESTS_STORE_POWERCUT_SCENE_H
/*
 * powercut_scene - a life with two keys at hand, whose volumes may be packed and sealed, and what
 * must be true of them after a cut.
 */
#include "powercut-life.h"

#include "store/rewrite.h"
#include "store/vault-aside.h"
#include "store/verify.h"

#define BATCHES 4 /* the last of them in the next day's volume */

struct scene {
	struct fixture fixture;
	char *key[2];
	guint first; /* note */
};

static inline struct cipher_keys *
keys_of(const struct scene *scene, const char *which)
{
	struct cipher_keys *keys = cipher_keys_new();

	for (; *which != '\0'; which++)
		g_assert_true(cipher_keys_add(keys, scene->key[g_ascii_tolower(*which) - 'a'], "",
		    g_ascii_isupper(*which), NULL));
	return keys;
}

static inline struct view *
look(const struct scene *scene, const struct fixture *fixture, const char *which)
{
	struct view *view = fixture_view(fixture);

	view_take_keys(view, keys_of(scene, which));
	return view;
}

/* As the keys of `which` have it: 'A' the key for new copies, 'a' one to read with. */
static inline void
rewrite_all(const struct scene *scene, const struct fixture *fixture, const char *which,
    guint64 compress_after)
{
	const struct rewrite_wish wish = { MORNING + 3 * DAY, fixture->zone, compress_after };
	g_autoptr(view) view = look(scene, fixture, which);
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) volumes = rewrite_list(view, &wish, &error);

	g_assert_no_error(error);
	for (guint i = 0; i < volumes->len; i++) {
		const struct rewrite_volume *volume = volumes->pdata[i];
		enum rewrite_result result =
		    volume->wanted != NULL ? rewrite_one(view, volume, &error) : REWRITE_DONE;
		g_assert_no_error(error);
		g_assert_cmpint(result, ==, REWRITE_DONE);
	}
}

static inline void
scene_start(struct scene *scene)
{
	g_autoptr(GError) error = NULL;

	begin_life(&scene->fixture);
	for (guint i = 0; i < 2; i++) {
		g_autofree char *text = cipher_key_make();
		g_autofree char *name = g_strdup_printf("key-%c", 'a' + (int)i);
		scene->key[i] = g_build_filename(scene->fixture.folder, name, NULL);
		g_assert_true(io_replace_file(scene->key[i], text, strlen(text), 0600, NULL));
	}
	store_run_begin(scene->fixture.store, "poll", RULES, MORNING, &scene->fixture.run, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < BATCHES; i++)
		keep_batch(&scene->fixture, i);
	scene->first = powercut.notes->len;
}

static inline void
scene_stop(struct scene *scene)
{
	fixture_close(&scene->fixture);
	powercut_stop();
}

static inline void
scene_end(struct scene *scene)
{
	powercut_end();
	g_free(scene->key[0]);
	g_free(scene->key[1]);
	end_life(&scene->fixture);
}

static inline bool
folder_has(const char *path, const char *text)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;
	bool found = false;

	while (!found && folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		g_autoptr(GBytes) bytes = NULL;
		gsize size = 0;
		const void *data = NULL;
		if (g_file_test(entry, G_FILE_TEST_IS_DIR)) {
			found = folder_has(entry, text);
			continue;
		}
		bytes = io_read_file(entry, 64 << 20, NULL);
		data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;
		found = data != NULL && memmem(data, size, text, strlen(text)) != NULL;
	}
	return found;
}

/* As it opens again: with both keys at hand. A run settles what was put aside, as far as it is
 * kept. */
static inline void
open_with_rest(const struct scene *scene, struct fixture *after)
{
	g_autoptr(GError) error = NULL;

	after->store = store_open_with(after->data, after->zone, keys_of(scene, "ab"), &error);
	g_assert_no_error(error);
	store_run_begin(after->store, "poll", RULES, MORNING + DAY, &after->run, &error);
	g_assert_no_error(error);
	store_run_end(after->store, after->run, 0, MORNING + DAY, &error);
	g_assert_no_error(error);
}

static inline void
open_after(const struct scene *scene, struct fixture *after)
{
	g_autoptr(GError) error = NULL;

	open_with_rest(scene, after);
	g_autoptr(GPtrArray) aside = vault_aside(store_vault(after->store), &error);
	g_assert_no_error(error);
	g_assert_cmpuint(aside->len, ==, 0);
}

static inline void
check_verified(struct view *view, const struct fixture *fixture)
{
	g_autoptr(verify) verify =
	    verify_new(view, fixture->data, &(struct verify_share){ 1, 0 }, NULL);

	while (verify_step(verify, 1 << 20, NULL) == VERIFY_MORE)
		continue;
	for (guint i = 0; i < verify_found(verify)->len; i++)
		g_test_message(
		    "%s", ((const struct verify_deviation *)verify_found(verify)->pdata[i])->text);
	g_assert_cmpuint(verify_found(verify)->len, ==, 0);
}

static inline void
check_whole(const struct scene *scene, const struct fixture *fixture, const char *keys)
{
	g_autoptr(view) view = look(scene, fixture, keys);

	check_database(fixture, BATCHES, BATCHES);
	check_copies(view, BATCHES);
	check_verified(view, fixture);
}

#endif
