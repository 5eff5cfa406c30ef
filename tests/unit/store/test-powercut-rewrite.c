/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes while volumes are packed, encrypted, brought under another key and brought back,
 * and while the index is made into blocks: each word is found in either form, every copy is there
 * in one form or the other, byte for byte, nothing lies about, the next try ends it, and what is to
 * be encrypted then stands nowhere in clear.
 */
#include "powercut-scene.h"

#include "store/settle.h"

#define REWRITES_CUT 250
#define SETTLES_CUT  30

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

/* --- what must be true afterwards --- */

static void
check_rewrite_cut(const struct scene *scene, const guint *ends, guint upto, guint32 seed)
{
	struct fixture after;
	guint at = 0;

	while (at + 1 < G_N_ELEMENTS(steps) && ends[at] < upto)
		at++;
	begin_after(&after, &scene->fixture, upto, seed);
	open_after(scene, &after);
	check_whole(scene, &after, "ab");
	rewrite_all(scene, &after, steps[at].keys, steps[at].compress_after);
	check_whole(scene, &after, steps[at].keys);
	g_autofree char *copies = g_build_filename(after.data, "copies", NULL);
	g_assert_cmpint(folder_has(copies, "of batch 1, message"), ==, steps[at].clear);
	end_after(&after);
}

static void
test_rewrite_cuts(void)
{
	guint ends[G_N_ELEMENTS(steps)];
	struct scene scene = { 0 };

	scene_start(&scene);
	for (guint i = 0; i < G_N_ELEMENTS(steps); i++) {
		rewrite_all(&scene, &scene.fixture, steps[i].keys, steps[i].compress_after);
		ends[i] = powercut.notes->len;
		g_test_message("%s: up to act %u on files", steps[i].label, ends[i]);
	}
	scene_stop(&scene);
	guint last = ends[G_N_ELEMENTS(steps) - 1];
	for (guint32 i = 0; i <= REWRITES_CUT; i++)
		check_rewrite_cut(
		    &scene, ends, scene.first + (last - scene.first) * i / REWRITES_CUT, i);
	scene_end(&scene);
}

/* --- the index --- */

static void
settle_index(const struct fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(database) database = database_open(path, false, &error);

	g_assert_no_error(error);
	g_assert_true(database_begin(database, &error));
	g_assert_true(settle_young(database, 1, &error));
	g_assert_true(database_commit(database, &error));
	g_assert_no_error(error);
}

static void
check_words(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);

	for (guint i = 0; i < BATCHES * EACH; i++) {
		g_autofree char *word = word_of(i / EACH, i % EACH);
		g_autofree char *body = body_of(i / EACH, i % EACH);
		g_autoptr(GError) error = NULL;
		char sha256[DIGEST_HEX];
		struct search *search = search_new(SEARCH_WORDS, word);
		g_autoptr(GPtrArray) rows =
		    view_search(view, &(struct view_query){ .search = search }, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(rows->len, ==, 1);
		digest_bytes(body, strlen(body), sha256);
		g_assert_cmpstr(((struct view_message *)rows->pdata[0])->sha256, ==, sha256);
		search_free(search);
	}
}

static void
test_settle_cuts(void)
{
	struct scene scene = { 0 };

	scene_start(&scene);
	settle_index(&scene.fixture);
	check_words(&scene.fixture);
	guint last = powercut.notes->len;
	scene_stop(&scene);
	g_test_message("%u acts on files", last - scene.first);
	for (guint32 i = 0; i <= SETTLES_CUT; i++) {
		struct fixture after;
		begin_after(&after, &scene.fixture,
		    scene.first + (last - scene.first) * i / SETTLES_CUT, i);
		open_after(&scene, &after);
		check_whole(&scene, &after, "");
		check_words(&after);
		settle_index(&after);
		check_words(&after);
		end_after(&after);
	}
	scene_end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/powercut/rewrite", test_rewrite_cuts);
	g_test_add_func("/powercut/settle", test_settle_cuts);
	return g_test_run();
}
