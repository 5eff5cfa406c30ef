/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A process is killed behind each single act on files of archiving, bringing back, rewriting. What
 * it leaves is looked at as it lies there, before anybody opens the store to write: every copy is
 * read or stands in an archive that is recorded, what verify says is true and tells what ends it,
 * and whichever command comes next ends it.
 */
#include "powercut-life.h"

#include "store/archive.h"
#include "store/leaving.h"
#include "store/rewrite.h"
#include "store/vault-aside.h"
#include "store/verify.h"
#include "store/view-inner.h"

#define BATCHES 4 /* the last of them in the next day's volume */
#define NAME    "2026-11"

struct scene {
	struct fixture fixture;
	guint first, last; /* notes */
};

static void
start(struct scene *scene)
{
	g_autoptr(GError) error = NULL;

	begin_life(&scene->fixture);
	store_run_begin(scene->fixture.store, "poll", RULES, MORNING, &scene->fixture.run, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < BATCHES; i++)
		keep_batch(&scene->fixture, i);
	fixture_close(&scene->fixture);
	scene->first = powercut.notes->len;
}

static void
stop(struct scene *scene)
{
	scene->last = powercut.notes->len;
	powercut_stop();
	g_test_message("%u acts on files", scene->last - scene->first);
	g_assert_cmpuint(scene->last, >, scene->first + 10);
}

static void
end(struct scene *scene)
{
	powercut_end();
	end_life(&scene->fixture);
}

static void
begin_killed(struct fixture *after, const struct scene *scene, guint upto)
{
	*after = (struct fixture){ .zone = scene->fixture.zone };
	after->folder = g_build_filename(scene->fixture.folder, "after", NULL);
	after->data = g_build_filename(after->folder, "data", NULL);
	g_assert_cmpint(g_mkdir(after->folder, 0700), ==, 0);
	powercut_kill(after->folder, upto);
}

/* --- what is true of it --- */

/* Deviations as "word word ..."; "" for none. */
static char *
deviations(struct view *view, const struct fixture *fixture)
{
	g_autoptr(verify) verify =
	    verify_new(view, fixture->data, &(struct verify_share){ 1, 0 }, NULL);
	GString *out = g_string_new(NULL);
	enum verify_state state;

	while ((state = verify_step(verify, 1 << 20, NULL)) == VERIFY_MORE)
		continue;
	g_assert_cmpint(state, ==, VERIFY_DONE);
	for (guint i = 0; i < verify_found(verify)->len; i++) {
		const struct verify_deviation *deviation = verify_found(verify)->pdata[i];
		g_test_message("%s %s: %s", deviation->word, deviation->what, deviation->text);
		g_string_append_printf(out, "%s%s", i > 0 ? " " : "", deviation->word);
	}
	return g_string_free(out, FALSE);
}

/* How many are read from volumes; of the others the message says what brings them back. */
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
		readable += copy != NULL;
		if (copy != NULL)
			assert_bytes(copy, body, strlen(body));
		else
			assert_fault(error, FAULT_DATA, "flagpost archive restore " NAME);
	}
	return readable;
}

/* Nothing, or volumes that are still to be overwritten. */
static void
check_left(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autofree char *found = deviations(view, fixture);

	count_readable(view);
	g_assert_true(strcmp(found, "") == 0 || strcmp(found, "leaving") == 0 ||
		      strcmp(found, "leaving leaving") == 0);
}

static void
check_clean(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autofree char *found = deviations(view, fixture);
	g_autoptr(GPtrArray) leaving = leaving_list(view->database, NULL);

	g_assert_cmpstr(found, ==, "");
	g_assert_cmpuint(leaving->len, ==, 0);
	check_database(fixture, BATCHES, BATCHES);
}

/* A poll comes next. It notes nothing as missing, and puts nothing aside. */
static void
poll_next(struct fixture *after)
{
	g_autoptr(GError) error = NULL;

	fixture_open(after);
	store_run_begin(after->store, "poll", RULES, MORNING + DAY, &after->run, &error);
	g_assert_no_error(error);
	store_run_end(after->store, after->run, 0, MORNING + DAY, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) aside = vault_aside(store_vault(after->store), &error);
	g_assert_cmpuint(aside->len, ==, 0);
	fixture_close(after);
	g_autoptr(view) view = fixture_view(after);
	g_assert_cmpint(number(view->database, "count notes", "SELECT count(*) FROM note"), ==, 0);
}

/* --- archives --- */

/* As archiving does it, but for the file, whose bytes are not the store's. */
static void
archive_month(const struct fixture *fixture)
{
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_assert_true(leaving_settle(view, &error));
	g_autoptr(GPtrArray) copies = archive_copies(view, NAME, &error);
	struct archive archive = { .name = (char *)NAME,
		.file = (char *)NAME ".tar.zst",
		.form = (char *)"tar",
		.sha256 = (char *)RULES,
		.messages = copies->len,
		.made = MORNING };

	g_assert_no_error(error);
	if (copies->len > 0)
		archive_record(view, &archive, copies, &error);
	g_assert_no_error(error);
	archive_release(view, NAME, &error);
	g_assert_no_error(error);
}

/* By another archive, or by a poll that comes first. */
static void
test_archive(void)
{
	struct scene scene = { 0 };

	start(&scene);
	archive_month(&scene.fixture);
	stop(&scene);
	for (guint upto = scene.first; upto <= scene.last; upto++) {
		for (guint polled = 0; polled < 2; polled++) {
			struct fixture after;
			g_test_message("killed behind act %u", upto - scene.first);
			begin_killed(&after, &scene, upto);
			check_left(&after);
			if (polled != 0)
				poll_next(&after);
			else
				archive_month(&after);
			check_clean(&after);
			archive_month(&after);
			g_autoptr(view) view = fixture_view(&after);
			g_assert_cmpuint(count_readable(view), ==, 0);
			g_clear_pointer(&view, view_close);
			end_after(&after);
		}
	}
	end(&scene);
}

/* --- back again --- */

static void
restore_month(struct fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(g_free);

	fixture_open(fixture);
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(archive) archive = archive_find(view, NAME, &error);
	g_assert_no_error(error);
	for (guint i = 0; archive->restored == 0 && i < BATCHES * EACH; i++) {
		g_autofree char *body = body_of(i / EACH, i % EACH);
		char sha256[DIGEST_HEX];
		int fd = fixture_spool(body, strlen(body));
		struct archive_copy *copy = g_new0(struct archive_copy, 1);
		digest_bytes(body, strlen(body), sha256);
		copy->sha256 = g_strdup(sha256);
		g_ptr_array_add(copies, copy);
		vault_append(store_vault(fixture->store), fd, strlen(body), sha256,
		    MORNING + 9 * DAY, &copy->place, &error);
		g_assert_no_error(error);
		io_close(&fd);
	}
	g_assert_true(vault_sync(store_vault(fixture->store), &error));
	if (archive->restored == 0)
		g_assert_true(archive_restored(view, archive, copies, &error));
	g_assert_no_error(error);
	for (guint i = 0; i < copies->len; i++)
		g_free(((struct archive_copy *)copies->pdata[i])->sha256);
	fixture_close(fixture);
}

/* What was appended and not committed is a tail: a poll cuts it off, or the next try does. */
static void
test_restore(void)
{
	struct scene scene = { 0 };

	start(&scene);
	archive_month(&scene.fixture);
	scene.first = powercut.notes->len;
	restore_month(&scene.fixture);
	stop(&scene);
	for (guint upto = scene.first; upto <= scene.last; upto++) {
		struct fixture after;
		g_test_message("killed behind act %u", upto - scene.first);
		begin_killed(&after, &scene, upto);
		g_autoptr(view) view = fixture_view(&after);
		count_readable(view);
		g_clear_pointer(&view, view_close);
		if (upto % 2 == 0)
			poll_next(&after);
		restore_month(&after);
		poll_next(&after);
		check_clean(&after);
		view = fixture_view(&after);
		g_assert_cmpuint(count_readable(view), ==, BATCHES * EACH);
		g_clear_pointer(&view, view_close);
		end_after(&after);
	}
	end(&scene);
}

/* --- another form --- */

static void
rewrite_all(const struct fixture *fixture)
{
	const struct rewrite_wish wish = { MORNING + 3 * DAY, fixture->zone, 86400 };
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GError) error = NULL;
	g_assert_true(leaving_settle(view, &error));
	g_autoptr(GPtrArray) volumes = rewrite_list(view, &wish, &error);

	for (guint i = 0; i < volumes->len; i++) {
		const struct rewrite_volume *volume = volumes->pdata[i];
		if (volume->wanted != NULL)
			g_assert_cmpint(rewrite_one(view, volume, &error), ==, REWRITE_DONE);
		g_assert_no_error(error);
	}
}

static void
test_rewrite(void)
{
	struct scene scene = { 0 };

	start(&scene);
	rewrite_all(&scene.fixture);
	stop(&scene);
	for (guint upto = scene.first; upto <= scene.last; upto++) {
		struct fixture after;
		g_test_message("killed behind act %u", upto - scene.first);
		begin_killed(&after, &scene, upto);
		g_autoptr(view) view = fixture_view(&after);
		g_assert_cmpuint(count_readable(view), ==, BATCHES * EACH);
		g_clear_pointer(&view, view_close);
		if (upto % 2 == 0)
			poll_next(&after);
		rewrite_all(&after);
		view = fixture_view(&after);
		g_assert_cmpuint(count_readable(view), ==, BATCHES * EACH);
		g_clear_pointer(&view, view_close);
		poll_next(&after);
		check_clean(&after);
		end_after(&after);
	}
	end(&scene);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/killed/archive", test_archive);
	g_test_add_func("/killed/restore", test_restore);
	g_test_add_func("/killed/rewrite", test_rewrite);
	return g_test_run();
}
