/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The power goes at 500 moments of a store's life: whatever was not synced may be there, may be
 * missing, may be there in part. Each time the store opens again, is whole, and has all that was
 * committed, byte by byte.
 */
#include "powercut-life.h"

#define CUTS_TRIED 500
#define BATCHES    24

/* How many notes there were when a batch had been committed. */
struct scene {
	struct fixture fixture;
	guint committed[BATCHES];
	guint ready; /* the run had begun */
};

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

static void
check_own_copies(const struct fixture *fixture, guint batches)
{
	g_autoptr(view) view = fixture_view(fixture);

	check_copies(view, batches);
}

/* What was committed, and after it one batch at most: the one that was under way. */
static void
check_cut(const struct scene *scene, guint upto, guint32 seed)
{
	struct fixture after;
	guint batches = 0;

	while (batches < BATCHES && scene->committed[batches] <= upto)
		batches++;
	begin_after(&after, &scene->fixture, upto, seed);
	fixture_open(&after);
	check_database(&after, batches, batches + 1);
	check_own_copies(&after, batches);
	if (seed % 10 == 0 && upto >= scene->ready) {
		g_test_message("and life goes on after cut %u at note %u", seed, upto);
		keep(&after, &(struct mail){ .uid = "9999", .body = "afterwards" });
		fixture_reopen(&after);
		check_own_copies(&after, batches);
	}
	end_after(&after);
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
	end_life(&scene.fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/powercut/five-hundred", test_cuts);
	return g_test_run();
}
