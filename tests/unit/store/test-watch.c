/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Silence, signs of life, traffic: how well an account is watched over. */
#include "fixture.h"

static const struct view_account *
account_of(GPtrArray *accounts)
{
	g_assert_nonnull(accounts);
	g_assert_cmpuint(accounts->len, ==, 1);
	return accounts->pdata[0];
}

/* days: before MORNING on which mail came. */
static const struct {
	const char *label;
	gint64 days[16];
	gint64 age, usual; /* days */
	bool silent;
} silences[] = {
	{ "mail every day, and none for two", { 11, 10, 9, 8, 7, 6, 5, 4, 3, 2 }, 2, 1, false },
	{ "none for four", { 13, 12, 11, 10, 9, 8, 7, 6, 5, 4 }, 4, 1, true },
	{ "weekends are usual", { 18, 17, 16, 15, 14, 11, 10, 9, 8, 7, 4 }, 4, 3, false },
	{ "one holiday is not: the second longest pause counts",
	    { 60, 59, 30, 29, 28, 27, 26, 25, 24, 23, 22, 18 }, 18, 4, true },
	{ "too little mail to know what is usual", { 80, 70, 60, 50, 40 }, 40, 0, false },
	{ "what lies further back does not count",
	    { 400, 399, 398, 397, 396, 395, 394, 393, 392, 391, 90 }, 90, 0, false },
};

static void
test_silence(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(silences); i++) {
		const struct store_account known = { "hq", "", "imap", "", "", "all", "*", false };
		struct fixture fixture = { 0 };
		g_test_message("%s", silences[i].label);
		fixture_start(&fixture);
		g_assert_true(store_accounts(fixture.store, &known, 1, MORNING, NULL));
		for (guint n = 0; n < 16 && silences[i].days[n] > 0; n++) {
			g_autofree char *uid = g_strdup_printf("%u", n + 1);
			keep(&fixture, &(struct mail){ .account = "hq",
					   .uid = uid,
					   .body = uid,
					   .date = MORNING - silences[i].days[n] * DAY,
					   .seen = MORNING });
		}
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
		const struct view_account *account = account_of(accounts);
		g_assert_cmpint((MORNING - account->arrived) / DAY, ==, silences[i].age);
		g_assert_cmpint(account->usual_pause / DAY, ==, silences[i].usual);
		g_assert_true(view_is_silent(account, MORNING) == silences[i].silent);
		fixture_end(&fixture);
	}
}

static void
test_future(void)
{
	struct fixture fixture = { 0 };

	g_test_message("a date of the future is when it was seen");
	fixture_start(&fixture);
	keep(&fixture, &(struct mail){ .account = "hq",
			   .uid = "1",
			   .body = "one",
			   .date = MORNING + 900 * DAY,
			   .seen = MORNING });
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
	g_assert_cmpint(account_of(accounts)->arrived, ==, MORNING);
	fixture_end(&fixture);
}

static void
test_signs_of_life(void)
{
	const struct store_account known = { "hq", "", "imap", "", "", "all", "*", false };
	struct fixture fixture = { 0 };
	gint64 last, run;

	fixture_start(&fixture);
	g_assert_true(store_accounts(fixture.store, &known, 1, MORNING, NULL));
	g_assert_true(store_pulse(fixture.store, fixture.run, MORNING + DAY, NULL));
	g_assert_true(store_pulse_account(fixture.store, "hq", MORNING, MORNING + DAY / 24, NULL));
	g_assert_true(store_last_pulse(fixture.store, &last, NULL));
	g_assert_cmpint(last, ==, MORNING + DAY);
	{
		g_autoptr(view) view = fixture_view(&fixture);
		g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
		const struct view_account *account = account_of(accounts);
		g_test_message("a pass hangs that records nothing for an hour, not before");
		g_assert_false(view_is_stalled(account, MORNING + 2 * DAY / 24));
		g_assert_true(view_is_stalled(account, MORNING + 2 * DAY / 24 + 1));
		g_autoptr(GPtrArray) runs = view_runs(view, MORNING, MORNING + DAY, NULL);
		g_assert_cmpint(((struct view_run *)runs->pdata[0])->pulse, ==, MORNING + DAY);
	}
	g_test_message("the next run has nothing under way, whatever became of the last one");
	g_assert_true(store_run_begin(fixture.store, "poll", RULES, MORNING + 2 * DAY, &run, NULL));
	g_autoptr(view) view = fixture_view(&fixture);
	g_autoptr(GPtrArray) accounts = view_accounts(view, NULL);
	g_assert_false(view_is_stalled(account_of(accounts), MORNING + 9 * DAY));
	fixture_end(&fixture);
}

static void
count(struct fixture *fixture, gint64 day, guint64 bytes)
{
	g_assert_true(store_begin(fixture->store, NULL));
	g_assert_true(store_traffic(fixture->store, "hq", day, bytes, NULL));
	g_assert_true(store_commit(fixture->store, NULL));
}

static void
test_traffic(void)
{
	const struct store_account known = { "hq", "", "imap", "", "", "all", "*", false };
	struct fixture fixture = { 0 };
	guint64 bytes;

	fixture_start(&fixture);
	g_assert_true(store_accounts(fixture.store, &known, 1, MORNING, NULL));
	g_assert_true(store_traffic_of(fixture.store, "hq", DAY, &bytes, NULL));
	g_assert_cmpuint(bytes, ==, 0);
	count(&fixture, DAY, 1000);
	count(&fixture, DAY, 24);
	count(&fixture, 2 * DAY, 7);
	g_test_message("a batch that is undone counts nothing");
	g_assert_true(store_begin(fixture.store, NULL));
	g_assert_true(store_traffic(fixture.store, "hq", DAY, 5000, NULL));
	store_rollback(fixture.store);
	g_test_message("a restart gives nothing back");
	fixture_reopen(&fixture);
	g_assert_true(store_traffic_of(fixture.store, "hq", DAY, &bytes, NULL));
	g_assert_cmpuint(bytes, ==, 1024);
	g_assert_true(store_traffic_of(fixture.store, "hq", 2 * DAY, &bytes, NULL));
	g_assert_cmpuint(bytes, ==, 7);
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/watch/silence", test_silence);
	g_test_add_func("/watch/future", test_future);
	g_test_add_func("/watch/signs-of-life", test_signs_of_life);
	g_test_add_func("/watch/traffic", test_traffic);
	return g_test_run();
}
