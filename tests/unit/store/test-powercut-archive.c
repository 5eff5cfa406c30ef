/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes while a month is archived, while it is brought back, and while an archive gives
 * way to one without what was purged: every copy is in a volume or in an archive that is recorded,
 * nothing lies about, and the next try ends it. And while sealed copies are purged: what was
 * removed stays removed, and its bytes are zeros in the end.
 */
#include "powercut-scene.h"

#include "store/archive.h"
#include "store/purge.h"
#include "store/view-inner.h"

#define ARCHIVES_CUT 60
#define RESTORES_CUT 60
#define REPLACED_CUT 30
#define PURGES_CUT   80
#define PURGED       5 /* messages */

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

/* --- back again --- */

/* As archiving does it, with the bytes from the test's own memory. */
static void
restore_month(struct fixture *fixture, struct view *view)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(archive) archive = archive_find(view, "2026-11", &error);

	g_assert_no_error(error);
	g_autoptr(GPtrArray) missing = archive_digests(view, "2026-11", true, &error);
	for (guint i = 0; i < BATCHES * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		char sha256[DIGEST_HEX];
		guint at;
		digest_bytes(body, strlen(body), sha256);
		if (!g_ptr_array_find_with_equal_func(missing, sha256, g_str_equal, &at))
			continue;
		int fd = fixture_spool(body, strlen(body));
		struct archive_copy *copy = g_new0(struct archive_copy, 1);
		copy->sha256 = missing->pdata[at];
		g_ptr_array_add(copies, copy);
		vault_append(store_vault(fixture->store), fd, strlen(body), sha256,
		    MORNING + 9 * DAY, &copy->place, &error);
		g_assert_no_error(error);
		io_close(&fd);
	}
	g_assert_cmpuint(copies->len, ==, missing->len);
	g_assert_true(vault_sync(store_vault(fixture->store), &error));
	if (copies->len > 0)
		g_assert_true(archive_restored(view, archive, copies, &error));
	g_assert_no_error(error);
}

static void
check_restore_cut(const struct scene *scene, guint upto, guint32 seed)
{
	struct fixture after;

	begin_after(&after, &scene->fixture, upto, seed);
	open_with_rest(scene, &after);
	check_database(&after, BATCHES, BATCHES);
	g_autoptr(view) view = look(scene, &after, "");
	count_readable(view);
	restore_month(&after, view);
	g_assert_cmpuint(count_readable(view), ==, BATCHES * EACH);
	g_clear_pointer(&view, view_close);
	fixture_close(&after);
	open_after(scene, &after); /* what lay aside is kept once more, and goes */
	check_whole(scene, &after, "");
	end_after(&after);
}

static void
test_restore_cuts(void)
{
	struct scene scene = { 0 };

	scene_start(&scene);
	g_autoptr(view) view = look(&scene, &scene.fixture, "");
	archive_month(view);
	scene.first = powercut.notes->len;
	restore_month(&scene.fixture, view);
	g_clear_pointer(&view, view_close);
	guint last = powercut.notes->len;
	scene_stop(&scene);
	g_test_message("%u acts on files", last - scene.first);
	for (guint32 i = 0; i <= RESTORES_CUT; i++)
		check_restore_cut(&scene, scene.first + (last - scene.first) * i / RESTORES_CUT, i);
	scene_end(&scene);
}

/* --- purging, within volumes and before an archive gives way --- */

static gint64
id_of(struct view *view, guint n)
{
	g_autofree char *body = body_of(n / EACH, n % EACH);
	g_autoptr(GError) error = NULL;
	char sha256[DIGEST_HEX];

	digest_bytes(body, strlen(body), sha256);
	g_autoptr(view_message) message = view_find(view, sha256, &error);
	g_assert_no_error(error);
	return message->id;
}

static bool
is_purged(struct view *view, guint n)
{
	g_autofree char *sql = g_strdup_printf(
	    "SELECT purged IS NOT NULL FROM message WHERE id = %" G_GINT64_FORMAT, id_of(view, n));

	return number(view->database, "ask for a purge", sql) != 0;
}

static void
purge_some(struct view *view, guint n)
{
	g_autoptr(GPtrArray) items =
	    g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	g_autoptr(GError) error = NULL;
	enum purge_state state;

	for (guint i = 0; i < n; i++)
		g_ptr_array_add(items, purge_of_message(view, id_of(view, i), "a test", &error));
	g_assert_no_error(error);
	g_autoptr(purge) purge = purge_new(view, items, &error);
	do
		state = purge_step(purge, &error);
	while (state == PURGE_MORE);
	g_assert_no_error(error);
}

/* As rewriting does it; a next try goes on where the last one ended. */
static void
replace_archive(struct view *view)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(archive) old = archive_find(view, "2026-11", NULL);
	struct archive anew = { .name = (char *)"2026-11-2",
		.file = (char *)"2026-11-2.tar.zst",
		.form = (char *)"tar",
		.sha256 = (char *)RULES,
		.messages = BATCHES * EACH - PURGED,
		.made = MORNING };

	if (old != NULL && !ARCHIVE_IS_EMPTY(old))
		g_assert_true(archive_replaced(view, old, &anew, &error));
	g_assert_no_error(error);
	if (old != NULL)
		g_assert_true(archive_forget(view, "2026-11", &error));
	g_assert_no_error(error);
}

static void
check_replaced_cut(const struct scene *scene, guint upto, guint32 seed)
{
	struct fixture after;

	begin_after(&after, &scene->fixture, upto, seed);
	open_after(scene, &after);
	check_database(&after, BATCHES, BATCHES);
	g_autoptr(view) view = look(scene, &after, "");
	for (guint tried = 0; tried < 2; tried++) {
		for (guint i = 0; i < BATCHES * EACH; i++) {
			g_autofree char *in = archive_with(view, id_of(view, i), NULL);
			g_assert_cmpint(is_purged(view, i), ==, i < PURGED);
			if (tried > 0)
				g_assert_cmpstr(in, ==, i < PURGED ? "" : "2026-11-2");
			else if (i >= PURGED)
				g_assert_true(g_str_has_prefix(in, "2026-11"));
		}
		replace_archive(view);
	}
	g_autoptr(GPtrArray) all = archive_list(view, NULL);
	g_assert_cmpuint(all->len, ==, 1);
	check_verified(view, &after);
	g_clear_pointer(&view, view_close);
	end_after(&after);
}

static void
test_replaced_cuts(void)
{
	struct scene scene = { 0 };

	scene_start(&scene);
	g_autoptr(view) view = look(&scene, &scene.fixture, "");
	archive_month(view);
	purge_some(view, PURGED);
	scene.first = powercut.notes->len;
	replace_archive(view);
	g_clear_pointer(&view, view_close);
	guint last = powercut.notes->len;
	scene_stop(&scene);
	g_test_message("%u acts on files", last - scene.first);
	for (guint32 i = 0; i <= REPLACED_CUT; i++)
		check_replaced_cut(
		    &scene, scene.first + (last - scene.first) * i / REPLACED_CUT, i);
	scene_end(&scene);
}

/* --- sealed copies --- */

struct places {
	struct view_place at[PURGED];
};

static void
check_zeros(const struct fixture *fixture, const struct places *places)
{
	for (guint i = 0; i < PURGED; i++) {
		const struct vault_place *place = &places->at[i].at;
		g_autofree char *path =
		    g_build_filename(fixture->data, "copies", place->volume, NULL);
		g_autoptr(GBytes) bytes = io_read_file(path, 64 << 20, NULL);
		gsize size;
		const guint8 *data = g_bytes_get_data(bytes, &size);
		g_assert_cmpuint(place->offset + place->length, <=, size);
		for (guint64 at = 0; at < place->length; at++)
			g_assert_cmpint(data[place->offset + at], ==, 0);
	}
}

static void
check_purge_cut(const struct scene *scene, const struct places *places, guint upto, guint32 seed)
{
	struct fixture after;

	begin_after(&after, &scene->fixture, upto, seed);
	open_after(scene, &after);
	check_database(&after, BATCHES, BATCHES);
	g_autoptr(view) view = look(scene, &after, "A");
	purge_some(view, 0); /* what was left half done */
	check_verified(view, &after);
	for (guint i = 0; i < BATCHES * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		g_autoptr(GBytes) copy = view_copy(view, id_of(view, i), NULL);
		bool purged = is_purged(view, i);
		g_assert_true(i < PURGED || !purged);
		g_assert_cmpint(copy == NULL, ==, purged);
		if (copy != NULL)
			assert_bytes(copy, body, strlen(body));
	}
	purge_some(view, PURGED);
	check_zeros(&after, places);
	check_verified(view, &after);
	g_clear_pointer(&view, view_close);
	end_after(&after);
}

static void
test_sealed_purge_cuts(void)
{
	struct places places = { 0 };
	struct scene scene = { 0 };

	scene_start(&scene);
	rewrite_all(&scene, &scene.fixture, "A", 0);
	scene.first = powercut.notes->len;
	g_autoptr(view) view = look(&scene, &scene.fixture, "A");
	for (guint i = 0; i < PURGED; i++) {
		g_assert_true(view_place(view, id_of(view, i), &places.at[i], NULL));
	}
	purge_some(view, PURGED);
	check_zeros(&scene.fixture, &places);
	g_clear_pointer(&view, view_close);
	guint last = powercut.notes->len;
	scene_stop(&scene);
	g_test_message("%u acts on files", last - scene.first);
	for (guint32 i = 0; i <= PURGES_CUT; i++)
		check_purge_cut(
		    &scene, &places, scene.first + (last - scene.first) * i / PURGES_CUT, i);
	scene_end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/powercut/archive", test_archive_cuts);
	g_test_add_func("/powercut/restore", test_restore_cuts);
	g_test_add_func("/powercut/replaced", test_replaced_cuts);
	g_test_add_func("/powercut/sealed-purge", test_sealed_purge_cuts);
	return g_test_run();
}
