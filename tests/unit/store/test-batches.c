/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How mail is cut into batches leaves no trace: whatever came, in whatever folders, the rows are
 * the same to the last value whether each thing was committed by itself or all of it together, and
 * whether or not batches were rolled back in between and came once more.
 */
#include "fixture.h"

#include "store/database.h"
#include "store/query.h"

#define STEPS    400
#define ACCOUNTS 3
#define FOLDERS  3 /* of each */
#define BODIES   90
#define UIDS     64 /* of a folder, as far as a test goes */

enum what { IS_MAIL, IS_FAILURE, IS_RETRY, IS_FOLDER_END, IS_ACCOUNT_END, IS_LIST };

struct step {
	enum what what;
	guint account, folder, uid, body;
	guint32 uidvalidity;
	gint64 seen;
	guint gone; /* FOLDER_END: of its UIDs, one in so many is not there; 0: all are */
	bool no_copy;
};

/* How a life is cut. */
enum cut { CUT_EACH, CUT_NEVER, CUT_BY_CHANCE, CUT_AND_UNDONE };

static const char *const accounts[ACCOUNTS] = { "branch", "hq", "post" };
static const char *const folders[FOLDERS] = { "INBOX", "Sent", "Trash" };

/* --- what happens --- */

struct place {
	guint last;    /* UID; nothing came of some before it */
	guint failed;  /* one that is to come again; 0: none */
	guint32 epoch; /* UIDVALIDITY */
};

static struct step
make_step(GRand *rand, struct place places[ACCOUNTS][FOLDERS], gint64 seen)
{
	guint chance = (guint)g_rand_int_range(rand, 0, 100);
	struct step step = { .what = IS_MAIL,
		.account = (guint)g_rand_int_range(rand, 0, ACCOUNTS),
		.folder = (guint)g_rand_int_range(rand, 0, FOLDERS),
		.body = (guint)g_rand_int_range(rand, 0, BODIES),
		.seen = seen,
		.gone = (guint)g_rand_int_range(rand, 0, 4),
		.no_copy = g_rand_int_range(rand, 0, 4) == 0 };
	struct place *place = &places[step.account][step.folder];

	if (chance < 3 || place->last >= UIDS) {
		place->epoch++;
		place->last = place->failed = 0;
	}
	if (chance >= 94)
		step.what = chance == 99 ? IS_ACCOUNT_END : chance == 98 ? IS_LIST : IS_FOLDER_END;
	else if (chance >= 88)
		step.what = place->failed != 0 ? IS_RETRY : IS_FAILURE;
	if (step.what == IS_RETRY)
		step.uid = place->failed;
	else
		step.uid = place->last += step.what > IS_FAILURE ? 0 : chance % 9 == 0 ? 2 : 1;
	if (step.what == IS_RETRY || step.what == IS_FAILURE)
		place->failed = step.what == IS_FAILURE ? step.uid : 0;
	step.uidvalidity = place->epoch;
	return step;
}

static GArray *
make_steps(guint seed)
{
	struct place places[ACCOUNTS][FOLDERS];
	GArray *steps = g_array_new(FALSE, FALSE, sizeof(struct step));
	GRand *rand = g_rand_new_with_seed(seed);
	gint64 seen = MORNING;

	for (guint i = 0; i < ACCOUNTS * FOLDERS; i++)
		places[i / FOLDERS][i % FOLDERS] = (struct place){ .epoch = 7 + i };
	for (guint i = 0; i < STEPS; i++) {
		/* Four days of it. */
		seen += g_rand_int_range(rand, 1, 4 * 86400 / STEPS * 2) * G_USEC_PER_SEC;
		struct step step = make_step(rand, places, seen);
		g_array_append_val(steps, step);
	}
	g_rand_free(rand);
	return steps;
}

/* --- one thing that happens --- */

static void
do_mail(struct fixture *fixture, const struct step *step)
{
	g_autofree char *body = g_strdup_printf("the words of mail %u", step->body);
	g_autofree char *id = g_strdup_printf("%u@corp.example", step->body / 2);
	g_autofree char *uid = g_strdup_printf("%u", step->uid);
	g_autoptr(GError) error = NULL;

	put(fixture,
	    &(struct mail){ .account = accounts[step->account],
		.folder = folders[step->folder],
		.uid = uid,
		.uidvalidity = step->uidvalidity,
		.body = body,
		.message_id = id,
		.rule = step->body % 7 == 0 ? "codename" : NULL,
		.no_copy = step->no_copy,
		.seen = step->seen,
		.date = MORNING - (gint64)step->body * 100 * G_USEC_PER_SEC },
	    &error);
	g_assert_no_error(error);
}

static void
do_failure(struct fixture *fixture, const struct step *step)
{
	g_autofree char *uid = g_strdup_printf("%u", step->uid);
	g_autoptr(GError) error = NULL;
	struct placement placement = { .account = (char *)accounts[step->account],
		.folder = (char *)folders[step->folder],
		.uidvalidity = step->uidvalidity,
		.uid = uid,
		.internal_date = MESSAGE_NO_DATE,
		.server_flags = (char *)"" };

	store_fail(fixture->store,
	    &(struct store_failure){ &placement, "no-answer", "the server said nothing", true,
		step->seen, fixture->run },
	    &error);
	g_assert_no_error(error);
}

static void
do_folder_end(struct fixture *fixture, const struct step *step)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GError) error = NULL;
	struct store_folder_end end = end_of(fixture, step->uidvalidity, 0);

	for (guint uid = 1; uid <= step->uid; uid++) {
		g_autofree char *text = g_strdup_printf("%u", uid);
		if (step->gone == 0 || uid % (step->gone + 2) != 0)
			g_strv_builder_add(builder, text);
	}
	g_auto(GStrv) present = g_strv_builder_end(builder);
	end.account = accounts[step->account];
	end.folder = folders[step->folder];
	end.present = (const char *const *)present;
	end.server_count = g_strv_length(present);
	end.seen = step->seen;
	store_folder_end(fixture->store, &end, &error);
	g_assert_no_error(error);
}

/* Where each folder is to be gone on with is told as if all were committed. */
static void
do_list(struct fixture *fixture, const struct step *step, GString *said)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) list =
	    store_folders(fixture->store, accounts[step->account], true, &error);

	g_assert_no_error(error);
	for (guint i = 0; i < list->len; i++) {
		const struct store_folder *folder = list->pdata[i];
		g_string_append_printf(said, "%s %u %u %u %u %u\n", folder->folder,
		    folder->uidvalidity, folder->last_uid, folder->present, folder->retry->len,
		    g_strv_length(folder->uidls));
	}
}

static void
do_step(struct fixture *fixture, const struct step *step, GString *said)
{
	g_autoptr(GError) error = NULL;

	switch (step->what) {
	case IS_MAIL:
	case IS_RETRY:
		do_mail(fixture, step);
		break;
	case IS_FAILURE:
		do_failure(fixture, step);
		break;
	case IS_FOLDER_END:
		do_folder_end(fixture, step);
		break;
	case IS_ACCOUNT_END:
		store_account_end(fixture->store,
		    &(struct store_account_end){ .account = accounts[step->account],
			.state = "ok",
			.text = "",
			.seen = step->seen,
			.run = fixture->run },
		    &error);
		g_assert_no_error(error);
		break;
	case IS_LIST:
		do_list(fixture, step, said);
		break;
	}
}

/* --- a life, and what is left of it --- */

static gint
compare_rows(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each with the table's name before it. */
static void
read_rows(struct database *database, const char *table, GPtrArray *out)
{
	g_autofree char *sql = g_strdup_printf("SELECT * FROM %s", table);
	const struct query_text all = { "read a table", sql };
	struct query query;

	g_assert_true(query_open_once(&query, database, &all, NO_VALUES, NULL));
	while (query_next(&query)) {
		GString *row = g_string_new(table);
		for (int i = 0; i < sqlite3_column_count(query.statement); i++)
			g_string_append_printf(row, "|%s", query_text(&query, i));
		g_ptr_array_add(out, g_string_free(row, FALSE));
	}
	g_assert_true(query_close(&query, NULL));
}

/* All rows but those of the index, whose blocks are batches. */
static void
dump(struct fixture *fixture, GString *out)
{
	static const struct query_text tables = { "list tables",
		"SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
		" AND name NOT LIKE 'term_%' AND name NOT LIKE 'word_%'" };
	g_autofree char *path = g_build_filename(fixture->data, STORE_FILE, NULL);
	g_autoptr(database) database = database_open(path, false, NULL);
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	g_assert_true(query_open(&query, database, &tables, NO_VALUES, NULL));
	while (query_next(&query))
		read_rows(database, query_text(&query, 0), rows);
	g_assert_true(query_close(&query, NULL));
	g_ptr_array_sort(rows, compare_rows);
	for (guint i = 0; i < rows->len; i++)
		g_string_append_printf(out, "%s\n", (const char *)rows->pdata[i]);
}

/* What was begun at from and is not committed. */
static guint
undo(struct fixture *fixture, GString *said, gsize said_before, guint from)
{
	store_rollback(fixture->store);
	g_assert_true(store_begin(fixture->store, NULL));
	g_string_truncate(said, said_before);
	return from;
}

static char *
live(const GArray *steps, enum cut cut, guint seed)
{
	GRand *rand = g_rand_new_with_seed(seed);
	GString *out = g_string_new(NULL);
	struct fixture fixture;
	gsize said = 0;

	fixture_start(&fixture);
	g_assert_true(store_begin(fixture.store, NULL));
	for (guint i = 0, begun = 0; i < steps->len; i++) {
		do_step(&fixture, &g_array_index(steps, struct step, i), out);
		bool by_chance = g_rand_int_range(rand, 0, 20) == 0;
		if (cut == CUT_AND_UNDONE && g_rand_int_range(rand, 0, 60) == 0) {
			i = undo(&fixture, out, said, begun) - 1;
			continue;
		}
		if (cut != CUT_EACH && (cut == CUT_NEVER || !by_chance))
			continue;
		g_assert_true(store_commit(fixture.store, NULL));
		g_assert_true(store_begin(fixture.store, NULL));
		begun = i + 1;
		said = out->len;
	}
	g_assert_true(store_commit(fixture.store, NULL));
	dump(&fixture, out);
	fixture_end(&fixture);
	g_rand_free(rand);
	return g_string_free(out, FALSE);
}

static void
test_no_trace(void)
{
	static const struct {
		const char *label;
		enum cut cut;
	} cases[] = {
		{ "all in one batch", CUT_NEVER },
		{ "batches by chance", CUT_BY_CHANCE },
		{ "some rolled back, and come again", CUT_AND_UNDONE },
	};

	for (guint seed = 1; seed <= 3; seed++) {
		g_autoptr(GArray) steps = make_steps(seed);
		g_autofree char *each = live(steps, CUT_EACH, seed);
		for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
			g_test_message("%s, seed %u", cases[i].label, seed);
			g_autofree char *other = live(steps, cases[i].cut, seed);
			g_assert_cmpstr(other, ==, each);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/batches/no-trace", test_no_trace);
	return g_test_run();
}
