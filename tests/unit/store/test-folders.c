/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fixture.h"

static struct store_folder *
state(struct fixture *fixture, GPtrArray **folders, bool with_uidls)
{
	g_autoptr(GError) error = NULL;

	*folders = store_folders(fixture->store, "hq", with_uidls, &error);
	g_assert_no_error(error);
	g_assert_cmpuint((*folders)->len, ==, 1);
	return g_ptr_array_index(*folders, 0);
}

/* "uidvalidity last_uid present retry,retry" */
static void
assert_state(struct fixture *fixture, const char *expected)
{
	g_autoptr(GPtrArray) folders = NULL;
	const struct store_folder *folder = state(fixture, &folders, false);
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "%u %u %u ", folder->uidvalidity, folder->last_uid, folder->present);
	for (guint i = 0; i < folder->retry->len; i++)
		g_string_append_printf(
		    text, "%s%u", i > 0 ? "," : "", g_array_index(folder->retry, guint32, i));
	g_assert_cmpstr(text->str, ==, expected);
	g_assert_null(folder->uidls);
}

static void
assert_sum(const struct fixture *fixture, const char *expected)
{
	g_autofree char *sum = folder_sum(fixture);

	g_assert_cmpstr(sum, ==, expected);
}

static void
test_position(void)
{
	struct fixture fixture;
	g_autoptr(GError) error = NULL;

	fixture_start(&fixture);
	g_test_message("an account never polled has no folders");
	g_autoptr(GPtrArray) none = store_folders(fixture.store, "hq", false, &error);
	g_assert_cmpuint(none->len, ==, 0);

	keep(&fixture, &(struct mail){ .uid = "9", .body = "nine" });
	assert_state(&fixture, "7 9 1 ");
	keep(&fixture, &(struct mail){ .uid = "10", .body = "ten" });
	assert_state(&fixture, "7 10 2 ");
	g_test_message("a late one does not turn it back");
	keep(&fixture, &(struct mail){ .uid = "4", .body = "four" });
	assert_state(&fixture, "7 10 3 ");
	keep(&fixture, &(struct mail){ .uid = "4294967295", .body = "last" });
	assert_state(&fixture, "7 4294967295 4 ");

	g_test_message("what is rolled back moves nothing");
	keep(&fixture, &(struct mail){ .uid = "1", .body = "x", .uidvalidity = 8 });
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(
	    put(&fixture, &(struct mail){ .uid = "5", .body = "y", .uidvalidity = 8 }, NULL));
	store_rollback(fixture.store);
	assert_state(&fixture, "8 1 1 ");
	fixture_end(&fixture);
}

static void
test_failures(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	fail(&fixture, "2", 7, true);
	fail(&fixture, "3", 7, false);
	g_test_message("what failed for good counts as settled, what is tried again does not");
	assert_state(&fixture, "7 3 2 2");
	struct store_folder_end end = end_of(&fixture, 7, 3);
	end_folder(&fixture, &end);
	assert_sum(&fixture, "3 1 2 0");

	g_test_message("a failure that fails again is one failure");
	fail(&fixture, "2", 7, true);
	assert_sum(&fixture, "3 1 2 0");
	g_test_message("a retry that succeeds ends it");
	keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
	assert_state(&fixture, "7 3 3 ");
	assert_sum(&fixture, "3 2 1 0");
	g_test_message("what is recorded cannot fail afterwards");
	fail(&fixture, "2", 7, true);
	assert_sum(&fixture, "3 2 1 0");
	g_test_message("the failure of a message that was deleted goes with it");
	end = end_of(&fixture, 7, 2);
	end.present = (const char *const[]){ "1", "2", NULL };
	end_folder(&fixture, &end);
	assert_sum(&fixture, "2 2 0 0");
	fixture_end(&fixture);
}

/* By these a pass decides not to open a folder: they must never tell of more than is recorded. */
static void
test_numbers(void)
{
	static const struct {
		const char *label;
		bool failed;
		guint32 uidvalidity, uidnext;
		guint64 modseq;
		guint32 expected_uidnext;
		guint64 expected_modseq;
	} cases[] = {
		{ "a pass without a gap", false, 7, 10, G_MAXINT64, 10, G_MAXINT64 },
		{ "a pass that broke off leaves them", true, 7, 0, 0, 10, G_MAXINT64 },
		{ "one that broke off before it knew the folder", true, 0, 0, 0, 10, G_MAXINT64 },
		{ "a pass with a gap takes them away", false, 7, 0, 0, 0, 0 },
		{ "and they come back", false, 7, 11, 5, 11, 5 },
		{ "another UIDVALIDITY, and it broke off", true, 8, 0, 0, 0, 0 },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct store_folder_end end = end_of(&fixture, cases[i].uidvalidity, 1);
		g_autoptr(GPtrArray) folders = NULL;
		g_test_message("%s", cases[i].label);
		end.failed = cases[i].failed;
		end.uidnext = cases[i].uidnext;
		end.modseq = cases[i].modseq;
		end_folder(&fixture, &end);
		const struct store_folder *folder = state(&fixture, &folders, false);
		g_assert_cmpuint(folder->uidnext, ==, cases[i].expected_uidnext);
		g_assert_cmpuint(folder->modseq, ==, cases[i].expected_modseq);
	}
	fixture_end(&fixture);
}

static void
test_uidvalidity(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
	fail(&fixture, "3", 7, true);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one", .uidvalidity = 8 });
	assert_state(&fixture, "8 1 1 ");
	struct store_folder_end end = end_of(&fixture, 8, 1);
	end_folder(&fixture, &end);
	assert_sum(&fixture, "1 1 0 0");

	g_test_message("the bytes are one message; its old place is over");
	g_assert_cmpuint(message_count(&fixture), ==, 2);
	g_autoptr(view) view = fixture_view(&fixture);
	char sha256[DIGEST_HEX];
	digest_bytes("one", 3, sha256);
	g_autoptr(view_message) message = view_find(view, sha256, NULL);
	g_assert_cmpuint(message->placements->len, ==, 2);
	const struct view_placement *old = g_ptr_array_index(message->placements, 0);
	const struct view_placement *now = g_ptr_array_index(message->placements, 1);
	g_assert_cmpuint(old->uidvalidity, ==, 7);
	g_assert_cmpint(old->gone, ==, MORNING);
	g_assert_cmpint(now->gone, ==, 0);

	g_test_message("a server that goes back to the old number");
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	assert_state(&fixture, "7 1 1 ");

	g_test_message("and gives an old UID to other bytes loses nothing and is named");
	keep(&fixture, &(struct mail){ .uid = "2", .body = "another" });
	g_assert_cmpuint(message_count(&fixture), ==, 3);
	assert_state(&fixture, "7 2 2 ");
	keep(&fixture, &(struct mail){ .uid = "4", .body = "four" });
	assert_state(&fixture, "7 4 3 3");
	g_autoptr(GPtrArray) notes = view_notes(view, 0, G_MAXINT64, NULL);
	g_assert_cmpuint(notes->len, ==, 1);
	g_assert_cmpstr(((struct view_note *)g_ptr_array_index(notes, 0))->word, ==, "reused-uid");
	fixture_end(&fixture);
}

static void
test_gone_and_back(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	keep(&fixture, &(struct mail){ .uid = "2", .body = "two" });
	struct store_folder_end end = end_of(&fixture, 7, 1);
	end.present = (const char *const[]){ "2", NULL };
	end_folder(&fixture, &end);
	assert_sum(&fixture, "1 1 0 1");
	assert_state(&fixture, "7 2 1 ");

	end.present = (const char *const[]){ "1", "2", NULL };
	end.server_count = 2;
	end_folder(&fixture, &end);
	assert_sum(&fixture, "2 2 0 0");

	g_test_message("an empty folder is not the same as one that was not asked");
	end.present = NULL;
	end_folder(&fixture, &end);
	assert_sum(&fixture, "2 2 0 0");
	end.present = (const char *const[]){ NULL };
	end.server_count = 0;
	end_folder(&fixture, &end);
	assert_sum(&fixture, "0 0 0 2");

	g_test_message("recorded once more, it is back");
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	assert_sum(&fixture, "0 1 0 1");
	fixture_end(&fixture);
}

/* The sum must show what fell between, and the next pass must fetch it. */
static void
test_missed(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	keep(&fixture, &(struct mail){ .uid = "5", .body = "five" });
	struct store_folder_end end = end_of(&fixture, 7, 4);
	end.present = (const char *const[]){ "1", "3", "5", "8", NULL };
	end_folder(&fixture, &end);
	assert_state(&fixture, "7 5 2 3");
	assert_sum(&fixture, "4 2 1 0");
	keep(&fixture, &(struct mail){ .uid = "3", .body = "three" });
	keep(&fixture, &(struct mail){ .uid = "8", .body = "eight" });
	assert_sum(&fixture, "4 4 0 0");
	fixture_end(&fixture);
}

static void
test_failed_pass(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "1", .body = "one" });
	struct store_folder_end end = end_of(&fixture, 7, 1);
	end_folder(&fixture, &end);
	end = end_of(&fixture, 0, 0);
	end.failed = true;
	end.role = "";
	end.text = "the line broke";
	end.present = (const char *const[]){ NULL };
	end_folder(&fixture, &end);

	g_test_message("it changes neither position nor count nor role");
	assert_state(&fixture, "7 1 1 ");
	assert_sum(&fixture, "1 1 0 0");
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
	const struct view_account *account = g_ptr_array_index(accounts, 0);
	const struct view_folder *folder = g_ptr_array_index(account->folders, 0);
	g_assert_true(folder->failing);
	g_assert_cmpstr(folder->role, ==, "inbox");
	g_assert_cmpstr(folder->text, ==, "the line broke");

	g_test_message("a folder that failed the first time is known from then on");
	end.folder = "Broken";
	end_folder(&fixture, &end);
	g_autoptr(GPtrArray) folders = store_folders(fixture.store, "hq", false, NULL);
	g_assert_cmpuint(folders->len, ==, 2);
	fixture_end(&fixture);
}

static void
test_pop3(void)
{
	struct fixture fixture;

	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .uid = "uidl-b", .body = "one", .pop3 = true });
	keep(&fixture, &(struct mail){ .uid = "uidl-a", .body = "two", .pop3 = true });
	keep(&fixture, &(struct mail){ .uid = "12", .body = "three", .pop3 = true });
	assert_state(&fixture, "0 0 3 ");
	fail(&fixture, "too-large", 0, false);
	fail(&fixture, "cut-off", 0, true);
	struct store_folder_end end = end_of(&fixture, 0, 4);
	end.present = (const char *const[]){ "uidl-a", "12", "too-large", "cut-off", "new", NULL };
	end_folder(&fixture, &end);
	assert_sum(&fixture, "4 2 2 1");

	g_test_message("what failed for good is not asked for again");
	g_autoptr(GPtrArray) folders = NULL;
	const struct store_folder *folder = state(&fixture, &folders, true);
	g_autofree char *uidls = g_strjoinv(" ", folder->uidls);
	g_assert_cmpstr(uidls, ==, "12 too-large uidl-a");
	g_assert_cmpuint(folder->last_uid, ==, 0);
	fixture_end(&fixture);
}

static void
test_accounts(void)
{
	static const struct {
		const char *state;
		gint64 seen, last_ok, failing_since;
	} passes[] = {
		{ "away", 1, 0, 1 },
		{ "login", 2, 0, 1 },
		{ "ok", 3, 3, 0 },
		{ "ok", 4, 4, 0 },
		{ "tls", 5, 4, 5 },
		{ "tls", 6, 4, 5 },
	};
	const struct store_account both[] = {
		{ "hq", "mail.corp.example", "imap", "scanner", "works agreement", "all", "*",
		    false },
		{ "branch", "pop.corp.example", "pop3", "scanner", "", "hits", "*", false },
	};
	struct fixture fixture;

	fixture_start(&fixture);
	g_assert_true(store_accounts(fixture.store, both, 2, MORNING, NULL));
	g_autoptr(view) view = fixture_view(&fixture);
	for (guint i = 0; i < G_N_ELEMENTS(passes); i++) {
		struct store_account_end end = { .account = "hq",
			.state = passes[i].state,
			.text = "why",
			.seen = passes[i].seen,
			.run = fixture.run };
		g_assert_true(store_begin(fixture.store, NULL));
		g_assert_true(store_account_end(fixture.store, &end, NULL));
		g_assert_true(store_commit(fixture.store, NULL));
		g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
		const struct view_account *hq = g_ptr_array_index(accounts, 1);
		g_assert_cmpstr(hq->state, ==, passes[i].state);
		g_assert_cmpint(hq->checked, ==, passes[i].seen);
		g_assert_cmpint(hq->last_ok, ==, passes[i].last_ok);
		g_assert_cmpint(hq->failing_since, ==, passes[i].failing_since);
	}
	g_test_message("an account that is no longer configured stays, marked");
	g_assert_true(store_accounts(fixture.store, both, 1, MORNING, NULL));
	g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
	const struct view_account *branch = g_ptr_array_index(accounts, 0);
	const struct view_account *hq = g_ptr_array_index(accounts, 1);
	g_assert_cmpstr(branch->name, ==, "branch");
	g_assert_false(branch->configured);
	g_assert_cmpstr(branch->state, ==, "");
	g_assert_true(hq->configured);
	g_assert_cmpstr(hq->purpose, ==, "works agreement");
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/folders/position", test_position);
	g_test_add_func("/folders/failures", test_failures);
	g_test_add_func("/folders/numbers", test_numbers);
	g_test_add_func("/folders/uidvalidity", test_uidvalidity);
	g_test_add_func("/folders/gone-and-back", test_gone_and_back);
	g_test_add_func("/folders/missed", test_missed);
	g_test_add_func("/folders/failed-pass", test_failed_pass);
	g_test_add_func("/folders/pop3", test_pop3);
	g_test_add_func("/folders/accounts", test_accounts);
	return g_test_run();
}
