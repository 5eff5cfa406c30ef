/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

#define MINUTE (G_GINT64_CONSTANT(60) * G_USEC_PER_SEC)

/* What lies where, and passes over it: a script of one mailbox. */
struct step {
	enum { STOP, MAIL, PASS, ACCOUNT, OTHER_FOLDERS, DOUBT } what;
	gint64 minute;
	const char *folder, *uid, *body, *message_id,
	    *present; /* present: "1 2"; NULL: not asked */
	guint32 uidvalidity, uidnext;
	guint count;
};

static void
play_pass(struct fixture *fixture, const struct step *step)
{
	struct store_folder_end end =
	    end_of(fixture, step->uidvalidity != 0 ? step->uidvalidity : 7, step->count);
	g_auto(GStrv) present = step->present != NULL ? g_strsplit(step->present, " ", -1) : NULL;

	end.folder = step->folder;
	end.role = "";
	end.begun = MORNING + step->minute * MINUTE - G_USEC_PER_SEC;
	end.seen = MORNING + step->minute * MINUTE;
	end.uidnext = step->uidnext;
	end.present = (const char *const *)present;
	if (present != NULL && present[0] != NULL && present[0][0] == '\0')
		end.present = (const char *const[]){ NULL };
	end_folder(fixture, &end);
}

static void
play_account(struct fixture *fixture, const struct step *step)
{
	struct store_account_end end = { .account = "hq",
		.state = "ok",
		.text = "",
		.seen = MORNING + step->minute * MINUTE,
		.run = fixture->run };

	g_assert_true(store_begin(fixture->store, NULL));
	if (step->what == DOUBT)
		g_assert_true(store_note(fixture->store, "hq", "", "too-many-folders",
		    "more folders than the limit", end.seen, fixture->run, NULL));
	g_assert_true(store_account_end(fixture->store, &end, NULL));
	g_assert_true(store_commit(fixture->store, NULL));
}

static void
play(struct fixture *fixture, const struct step *steps)
{
	struct store_account other = { .name = "hq", .folders = "INBOX" };

	for (const struct step *step = steps; step->what != STOP; step++) {
		switch (step->what) {
		case MAIL:
			keep(fixture,
			    &(struct mail){ .folder = step->folder,
				.uid = step->uid,
				.body = step->body,
				.message_id = step->message_id,
				.uidvalidity = step->uidvalidity,
				.rule = g_str_equal(step->body, "flagged") ? "codename" : NULL,
				.seen = MORNING + step->minute * MINUTE });
			break;
		case PASS:
			play_pass(fixture, step);
			break;
		case OTHER_FOLDERS:
			g_assert_true(store_accounts(fixture->store, &other, 1, MORNING, NULL));
			break;
		default:
			play_account(fixture, step);
		}
	}
}

/* "INBOX/1 deleted 1..2; Archive/1" : fate, then minutes. */
static char *
fates(struct fixture *fixture, const char *body)
{
	char sha256[DIGEST_HEX];
	g_autoptr(view) view = fixture_view(fixture);
	g_autoptr(GString) out = g_string_new(NULL);

	digest_bytes(body, strlen(body), sha256);
	g_autoptr(view_message) message = view_find(view, sha256, NULL);
	g_assert_nonnull(message);
	for (guint i = 0; i < message->placements->len; i++) {
		const struct view_placement *one = g_ptr_array_index(message->placements, i);
		g_string_append_printf(out, "%s%s/%s", i > 0 ? "; " : "", one->folder, one->uid);
		if (one->gone == 0)
			continue;
		g_string_append_printf(out, " %s%s%s %d..%d", one->fate,
		    one->moved_to[0] != '\0' ? " to " : "", one->moved_to,
		    (int)((one->last_seen - MORNING + MINUTE - 1) / MINUTE),
		    (int)((one->gone - MORNING) / MINUTE));
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static const struct {
	const char *label, *body, *expected;
	struct step steps[12];
} scenes[] = {
	{ "deleted: between the last pass that counted it and the one that missed it", "one",
	    "INBOX/1 deleted 5..6",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ PASS, .minute = 5, .folder = "INBOX", .count = 1 },
		{ PASS, .minute = 6, .folder = "INBOX", .present = "" } } },
	{ "a count that does not agree and no list is no proof", "one", "INBOX/1",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ PASS, .minute = 5, .folder = "INBOX", .count = 0 } } },
	{ "nor does such a pass prove that it is there", "one", "INBOX/1 deleted 0..6",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ PASS, .minute = 5, .folder = "INBOX", .count = 2 },
		{ PASS, .minute = 6, .folder = "INBOX", .present = "" } } },
	{ "moved: the old place is read first", "one", "INBOX/1 moved to Archive 0..1; Archive/9",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ PASS, .minute = 1, .folder = "INBOX", .present = "" },
		{ MAIL, .minute = 1, .folder = "Archive", .uid = "9", .body = "one" } } },
	{ "moved: the new place is read first", "one", "INBOX/1 moved to Archive 0..2; Archive/9",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ MAIL, .minute = 1, .folder = "Archive", .uid = "9", .body = "one" },
		{ PASS, .minute = 2, .folder = "INBOX", .present = "" } } },
	{ "moved by a server that writes it anew: Message-ID and size", "one",
	    "INBOX/1 moved to Archive 0..2",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one",
		  .message_id = "<a@corp.example>" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ MAIL, .minute = 1, .folder = "Archive", .uid = "9", .body = "uno",
		    .message_id = "<a@corp.example>" },
		{ PASS, .minute = 2, .folder = "INBOX", .present = "" } } },
	{ "another message of that Message-ID is not it", "one", "INBOX/1 deleted 0..2",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one",
		  .message_id = "<a@corp.example>" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ MAIL, .minute = 1, .folder = "Archive", .uid = "9", .body = "longer",
		    .message_id = "<a@corp.example>" },
		{ PASS, .minute = 2, .folder = "INBOX", .present = "" } } },
	{ "copied, then both deleted: the last place says so", "one",
	    "INBOX/1 moved to Archive 0..2; Archive/9 deleted 1..3",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ MAIL, .minute = 1, .folder = "Archive", .uid = "9", .body = "one" },
		{ PASS, .minute = 2, .folder = "INBOX", .present = "" },
		{ PASS, .minute = 3, .folder = "Archive", .present = "" } } },
	{ "back under its number", "one", "INBOX/1",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 1, .folder = "INBOX", .present = "" },
		{ PASS, .minute = 2, .folder = "INBOX", .present = "1", .count = 1 } } },
	{ "renumbered by the server, and there", "one", "INBOX/1 relinked to INBOX 0..4; INBOX/5",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1 },
		{ MAIL, .minute = 4, .folder = "INBOX", .uid = "5", .body = "one",
		    .uidvalidity = 8 },
		{ PASS, .minute = 4, .folder = "INBOX", .uidvalidity = 8, .count = 1 } } },
	{ "deleted while the server renumbered", "two", "INBOX/2 deleted 0..4",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ MAIL, .minute = 0, .folder = "INBOX", .uid = "2", .body = "two" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 2 },
		{ MAIL, .minute = 4, .folder = "INBOX", .uid = "5", .body = "one",
		    .uidvalidity = 8 },
		{ PASS, .minute = 4, .folder = "INBOX", .uidvalidity = 8, .count = 1 } } },
	{ "renumbered, and not all of it read yet: nothing is said", "two",
	    "INBOX/2 renumbered 0..4",
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ MAIL, .minute = 0, .folder = "INBOX", .uid = "2", .body = "two" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 2 },
		{ MAIL, .minute = 4, .folder = "INBOX", .uid = "5", .body = "one",
		    .uidvalidity = 8 },
		{ PASS, .minute = 4, .folder = "INBOX", .uidvalidity = 8, .count = 2 } } },
	{ "a folder that one pass misses may be a whim", "one", "Old/1",
	    { { MAIL, .minute = 0, .folder = "Old", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "Old", .count = 1 }, { ACCOUNT, .minute = 1 },
		{ ACCOUNT, .minute = 2 } } },
	{ "a folder that two passes miss is gone since the first", "one", "Old/1 deleted 0..2",
	    { { MAIL, .minute = 0, .folder = "Old", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "Old", .count = 1 }, { ACCOUNT, .minute = 1 },
		{ ACCOUNT, .minute = 2 }, { ACCOUNT, .minute = 3 } } },
	{ "a folder that was renamed", "one", "Old/1 moved to New 0..2; New/1",
	    { { MAIL, .minute = 0, .folder = "Old", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "Old", .count = 1 }, { ACCOUNT, .minute = 1 },
		{ MAIL, .minute = 2, .folder = "New", .uid = "1", .body = "one" },
		{ PASS, .minute = 2, .folder = "New", .count = 1 }, { ACCOUNT, .minute = 2 },
		{ PASS, .minute = 3, .folder = "New", .count = 1 }, { ACCOUNT, .minute = 3 } } },
	{ "a folder that is no longer asked for is not deleted", "one", "Old/1",
	    { { MAIL, .minute = 0, .folder = "Old", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "Old", .count = 1 }, { ACCOUNT, .minute = 1 },
		{ .what = OTHER_FOLDERS }, { ACCOUNT, .minute = 2 }, { ACCOUNT, .minute = 3 },
		{ ACCOUNT, .minute = 4 } } },
	{ "nor one beyond a limit of folders", "one", "Old/1",
	    { { MAIL, .minute = 0, .folder = "Old", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "Old", .count = 1 }, { ACCOUNT, .minute = 1 },
		{ DOUBT, .minute = 2 }, { DOUBT, .minute = 3 }, { DOUBT, .minute = 4 } } },
};

static void
test_fates(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(scenes); i++) {
		struct fixture fixture;
		g_test_message("%s", scenes[i].label);
		fixture_start(&fixture);
		play(&fixture, scenes[i].steps);
		g_autofree char *got = fates(&fixture, scenes[i].body);
		g_assert_cmpstr(got, ==, scenes[i].expected);
		fixture_end(&fixture);
	}
}

static const struct {
	const char *label;
	guint unseen;
	struct step steps[8];
} numbers[] = {
	{ "what lived before the first pass is not counted", 0,
	    { { MAIL, .minute = 0, .folder = "INBOX", .uid = "90", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1, .uidnext = 91 } } },
	{ "each number is a message that was recorded", 0,
	    { { PASS, .minute = 0, .folder = "INBOX", .uidnext = 1 },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 1, .folder = "INBOX", .count = 1, .uidnext = 2 } } },
	{ "three came, one was there to be read", 2,
	    { { PASS, .minute = 0, .folder = "INBOX", .uidnext = 1 },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "2", .body = "one" },
		{ PASS, .minute = 1, .folder = "INBOX", .count = 1, .uidnext = 4 } } },
	{ "they are counted once", 2,
	    { { PASS, .minute = 0, .folder = "INBOX", .uidnext = 1 },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "2", .body = "one" },
		{ PASS, .minute = 1, .folder = "INBOX", .count = 1, .uidnext = 4 },
		{ PASS, .minute = 2, .folder = "INBOX", .count = 1, .uidnext = 4 } } },
	{ "read first and deleted later is no such case", 0,
	    { { PASS, .minute = 0, .folder = "INBOX", .uidnext = 1 },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 1, .folder = "INBOX", .present = "", .uidnext = 2 } } },
	{ "a server that does not tell where it is", 0,
	    { { PASS, .minute = 0, .folder = "INBOX", .uidnext = 1 },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "9", .body = "one" },
		{ PASS, .minute = 1, .folder = "INBOX", .count = 1 } } },
	{ "new numbers begin a new count", 0,
	    { { PASS, .minute = 0, .folder = "INBOX", .uidnext = 10 },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "50", .body = "one",
		    .uidvalidity = 8 },
		{ PASS, .minute = 1, .folder = "INBOX", .uidvalidity = 8, .count = 1,
		    .uidnext = 51 } } },
};

static void
test_unseen(void)
{
	for (guint i = 0; i < G_N_ELEMENTS(numbers); i++) {
		struct fixture fixture;
		struct view_totals totals;
		g_test_message("%s", numbers[i].label);
		fixture_start(&fixture);
		play(&fixture, numbers[i].steps);
		g_autoptr(view) view = fixture_view(&fixture);
		g_assert_true(view_totals(view, MORNING, MORNING + DAY, &totals, NULL));
		g_assert_cmpuint(totals.unseen, ==, numbers[i].unseen);
		fixture_end(&fixture);
	}
}

/* It could never be read, and now nobody can. */
static void
test_failed_and_gone(void)
{
	static const struct step before[] = {
		{ MAIL, .minute = 0, .folder = "INBOX", .uid = "1", .body = "one" },
		{ PASS, .minute = 0, .folder = "INBOX", .count = 1, .uidnext = 2 }, { .what = STOP }
	};
	static const struct step after[] = { { PASS, .minute = 1, .folder = "INBOX", .count = 2,
						 .uidnext = 3 },
		{ PASS, .minute = 2, .folder = "INBOX", .present = "1", .count = 1, .uidnext = 3 },
		{ .what = STOP } };
	struct view_totals totals;
	struct fixture fixture;

	fixture_start(&fixture);
	play(&fixture, before);
	fail(&fixture, "2", 7, false);
	play(&fixture, after);
	g_autoptr(view) view = fixture_view(&fixture);
	g_assert_true(view_totals(view, MORNING, MORNING + DAY, &totals, NULL));
	g_assert_cmpuint(totals.unseen, ==, 1);
	fixture_end(&fixture);
}

static void
test_report_rows(void)
{
	static const struct step steps[] = { { MAIL, .minute = 0, .folder = "INBOX", .uid = "1",
						 .body = "one" },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "2", .body = "flagged" },
		{ MAIL, .minute = 1, .folder = "INBOX", .uid = "3", .body = "three" },
		{ PASS, .minute = 1, .folder = "INBOX", .count = 3 },
		{ PASS, .minute = 4, .folder = "INBOX", .present = "3", .count = 1 },
		{ .what = STOP } };
	struct view_totals totals;
	struct fixture fixture;

	fixture_start(&fixture);
	play(&fixture, steps);
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) rows = view_gone(view, MORNING, MORNING + DAY, 10, NULL);
	g_test_message("the flagged one stands first, though it came later");
	g_assert_cmpuint(rows->len, ==, 2);
	const struct view_gone *first = g_ptr_array_index(rows, 0);
	g_assert_cmpint(first->flagged, ==, MORNING + MINUTE);
	g_assert_cmpstr(first->placement->uid, ==, "2");
	g_assert_cmpint(first->placement->gone, ==, MORNING + 4 * MINUTE);
	g_assert_true(view_totals(view, MORNING, MORNING + DAY, &totals, NULL));
	g_assert_cmpuint(totals.deleted, ==, 2);
	g_assert_cmpuint(totals.deleted_flagged, ==, 1);
	g_test_message("outside of the window there is nothing");
	g_autoptr(GPtrArray) none = view_gone(view, MORNING + DAY, MORNING + 2 * DAY, 10, NULL);
	g_assert_cmpuint(none->len, ==, 0);
	g_autoptr(GPtrArray) found = view_search(view, &(struct view_query){ .gone = true }, NULL);
	g_assert_cmpuint(found->len, ==, 2);
	fixture_end(&fixture);
}

/* "since..upto" in minutes. */
static char *
exposure(struct view *view, gint64 to)
{
	struct view_exposure out;

	g_assert_true(view_exposure(view, "hq", MORNING, MORNING + to * MINUTE, &out, NULL));
	return g_strdup_printf(
	    "%d..%d", (int)((out.since - MORNING) / MINUTE), (int)((out.upto - MORNING) / MINUTE));
}

static void
test_exposure(void)
{
	static const struct step steps[] = { { ACCOUNT, .minute = 1 }, { ACCOUNT, .minute = 2 },
		{ ACCOUNT, .minute = 9 }, { ACCOUNT, .minute = 12 }, { .what = STOP } };
	static const struct step later[] = { { ACCOUNT, .minute = 500 * 1440 }, { .what = STOP } };
	struct fixture fixture;

	fixture_start(&fixture);
	play(&fixture, steps);
	g_autoptr(view) view = fixture_view(&fixture);
	g_test_message("the longest time between two passes");
	g_autofree char *between = exposure(view, 13);
	g_assert_cmpstr(between, ==, "2..9");
	g_test_message("the time since the last one counts as well");
	g_autofree char *since = exposure(view, 60);
	g_assert_cmpstr(since, ==, "12..60");

	g_test_message("what is older than any report is forgotten");
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(store_note(fixture.store, "", "", "old", "old", MORNING, 1, NULL));
	g_assert_true(store_commit(fixture.store, NULL));
	play(&fixture, later);
	g_autoptr(GPtrArray) notes = view_notes(view, 0, G_MAXINT64, NULL);
	g_assert_cmpuint(notes->len, ==, 0);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gone/fates", test_fates);
	g_test_add_func("/gone/unseen", test_unseen);
	g_test_add_func("/gone/failed-and-gone", test_failed_and_gone);
	g_test_add_func("/gone/report-rows", test_report_rows);
	g_test_add_func("/gone/exposure", test_exposure);
	return g_test_run();
}
