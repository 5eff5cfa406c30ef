/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes while volumes are packed, encrypted, brought under another key and brought back,
 * and while they are archived: every copy is there in one form or the other, byte for byte, nothing
 * lies about, the next try ends it, and what is to be encrypted then stands nowhere in clear.
 */
#include "powercut-life.h"

#include "store/archive.h"
#include "store/purge.h"
#include "store/rewrite.h"
#include "store/vault-aside.h"
#include "store/verify.h"

#define REWRITES_CUT 250
#define ARCHIVES_CUT 100
#define BATCHES      4 /* the last of them in the next day's volume */

/* What volumes become, one after the other. */
static const struct step {
	const char *label, *keys; /* 'A': the key for new copies, 'a': to read with */
	guint64 compress_after;
	bool clear; /* a text search finds them */
} steps[] = {
	{ "packed", "", 86400, false },
	{ "encrypted", "A", 0, false },
	{ "under another key", "aB", 0, false },
	{ "plain again", "b", 0, true },
};

struct scene {
	struct fixture fixture;
	char *key[2];
	guint first, end[G_N_ELEMENTS(steps)]; /* notes */
};

static struct cipher_keys *
keys_of(const struct scene *scene, const char *which)
{
	struct cipher_keys *keys = cipher_keys_new();

	for (; *which != '\0'; which++)
		g_assert_true(cipher_keys_add(keys, scene->key[g_ascii_tolower(*which) - 'a'], "",
		    g_ascii_isupper(*which), NULL));
	return keys;
}

static struct view *
look(const struct scene *scene, const struct fixture *fixture, const char *which)
{
	struct view *view = fixture_view(fixture);

	view_take_keys(view, keys_of(scene, which));
	return view;
}

static void
rewrite_all(const struct scene *scene, const struct fixture *fixture, const struct step *step)
{
	const struct rewrite_wish wish = { MORNING + 3 * DAY, fixture->zone, step->compress_after };
	g_autoptr(view) view = look(scene, fixture, step->keys);
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

static void
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

static void
scene_stop(struct scene *scene)
{
	fixture_close(&scene->fixture);
	powercut_stop();
}

static void
scene_end(struct scene *scene)
{
	powercut_end();
	g_free(scene->key[0]);
	g_free(scene->key[1]);
	end_life(&scene->fixture);
}

/* --- what must be true afterwards --- */

static bool
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

/* As it opens again: with both keys at hand. A run settles what was put aside. */
static void
open_after(const struct scene *scene, struct fixture *after)
{
	g_autoptr(GError) error = NULL;

	after->store = store_open_with(after->data, after->zone, keys_of(scene, "ab"), &error);
	g_assert_no_error(error);
	store_run_begin(after->store, "poll", RULES, MORNING + DAY, &after->run, &error);
	g_assert_no_error(error);
	store_run_end(after->store, after->run, 0, MORNING + DAY, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) aside = vault_aside(store_vault(after->store), &error);
	g_assert_no_error(error);
	g_assert_cmpuint(aside->len, ==, 0);
}

static void
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

static void
check_whole(const struct scene *scene, const struct fixture *fixture, const char *keys)
{
	g_autoptr(view) view = look(scene, fixture, keys);

	check_database(fixture, BATCHES, BATCHES);
	check_copies(view, BATCHES);
	check_verified(view, fixture);
}

static void
check_rewrite_cut(const struct scene *scene, guint upto, guint32 seed)
{
	struct fixture after;
	guint at = 0;

	while (at + 1 < G_N_ELEMENTS(steps) && scene->end[at] < upto)
		at++;
	begin_after(&after, &scene->fixture, upto, seed);
	open_after(scene, &after);
	check_whole(scene, &after, "ab");
	rewrite_all(scene, &after, &steps[at]);
	check_whole(scene, &after, steps[at].keys);
	g_autofree char *copies = g_build_filename(after.data, "copies", NULL);
	g_assert_cmpint(folder_has(copies, "of batch 1, message"), ==, steps[at].clear);
	end_after(&after);
}

static void
test_rewrite_cuts(void)
{
	struct scene scene = { 0 };

	scene_start(&scene);
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		rewrite_all(&scene, &scene.fixture, &steps[i]);
		scene.end[i] = powercut.notes->len;
		g_test_message("%s: up to act %u on files", steps[i].label, scene.end[i]);
	}
	scene_stop(&scene);
	guint last = scene.end[G_N_ELEMENTS(steps) - 1];
	for (guint32 i = 0; i <= REWRITES_CUT; i++)
		check_rewrite_cut(&scene, scene.first + (last - scene.first) * i / REWRITES_CUT, i);
	scene_end(&scene);
}

/* --- archives --- */

/* As archiving does it, but for the file, whose bytes are not the store's. */
static void
archive_month(struct view *view)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) copies = archive_copies(view, "2026-11", &error);
	struct archive archive = { .name = (char *)"2026-11",
		.file = (char *)"2026-11.tar.zst",
		.form = (char *)"tar",
		.sha256 = (char *)RULES,
		.messages = copies->len,
		.made = MORNING };

	g_assert_no_error(error);
	if (copies->len > 0)
		archive_record(view, &archive, copies, &error);
	g_assert_no_error(error);
	archive_release(view, "2026-11", &error);
	g_assert_no_error(error);
}

/* Each message is read from its volume, or stands in an archive that is recorded. */
static guint
count_readable(struct view *view)
{
	guint readable = 0;

	for (guint i = 0; i < BATCHES * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		char sha256[DIGEST_HEX];
		g_autoptr(GError) error = NULL;
		digest_bytes(body, strlen(body), sha256);
		g_autoptr(view_message) message = view_find(view, sha256, &error);
		g_assert_no_error(error);
		g_autoptr(GBytes) copy = view_copy(view, message->id, &error);
		g_autofree char *archive = archive_with(view, message->id, NULL);
		if (copy != NULL)
			assert_bytes(copy, body, strlen(body));
		else
			g_assert_cmpstr(archive, ==, "2026-11");
		readable += copy != NULL;
	}
	return readable;
}

static void
check_archive_cut(const struct scene *scene, guint upto, guint32 seed)
{
	struct fixture after;

	begin_after(&after, &scene->fixture, upto, seed);
	open_after(scene, &after);
	check_database(&after, BATCHES, BATCHES);
	g_autoptr(view) view = look(scene, &after, "");
	count_readable(view);
	archive_month(view);
	g_assert_cmpuint(count_readable(view), ==, 0);
	check_verified(view, &after);
	g_autofree char *copies = g_build_filename(after.data, "copies", NULL);
	g_assert_false(folder_has(copies, "of batch 1, message"));
	g_clear_pointer(&view, view_close);
	end_after(&after);
}

static void
test_archive_cuts(void)
{
	struct scene scene = { 0 };

	scene_start(&scene);
	g_autoptr(view) view = look(&scene, &scene.fixture, "");
	g_assert_cmpuint(count_readable(view), ==, BATCHES * EACH);
	archive_month(view);
	g_clear_pointer(&view, view_close);
	guint last = powercut.notes->len;
	scene_stop(&scene);
	g_test_message("%u acts on files", last - scene.first);
	for (guint32 i = 0; i <= ARCHIVES_CUT; i++)
		check_archive_cut(&scene, scene.first + (last - scene.first) * i / ARCHIVES_CUT, i);
	scene_end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/powercut/rewrite", test_rewrite_cuts);
	g_test_add_func("/powercut/archive", test_archive_cuts);
	return g_test_run();
}
