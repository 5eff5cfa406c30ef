/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/watching.h"

#include "daemon/schedule.h"

#define SECOND G_USEC_PER_SEC
#define START  (1000 * SECOND)

/* n accounts "a0", "a1", ...; every other one is watched. */
static GPtrArray *
make_accounts(guint n)
{
	GPtrArray *accounts = g_ptr_array_new_with_free_func((GDestroyNotify)(void *)account_free);

	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("a%u", i);
		struct account *account = account_new(name);
		account->watch = i % 2 == 0;
		g_ptr_array_add(accounts, account);
	}
	return accounts;
}

static guint
begin_all(struct watching *watching, gint64 now)
{
	const struct account *account;
	const char *role;
	guint n = 0;

	while (watching_due(watching, now, &account, &role)) {
		g_assert_true(account->watch);
		n++;
	}
	return n;
}

static void
test_begin(void)
{
	g_autoptr(GPtrArray) accounts = make_accounts(3);
	g_autoptr(watching) watching = watching_new(accounts, 1000, START, 7);
	struct fetch_watch news = { .account = (char *)"a2", .role = (char *)"sent" };
	struct fetch_watch other = { .account = (char *)"a1", .role = (char *)"sent" };

	g_test_message("three folders of each account that is to be watched, each once");
	g_assert_cmpuint(begin_all(watching, START + 6 * SECOND), ==, 6);
	g_assert_cmpint(watching_next(watching), ==, SCHEDULE_NEVER);
	g_test_message("the first news says that the connection stands");
	g_assert_true(watching_news(watching, &news));
	g_assert_false(watching_news(watching, &news));
	g_test_message("news of what nobody watches");
	g_assert_false(watching_news(watching, &other));
	g_assert_cmpint(watching_ended(watching, &other, START), ==, -1);
}

/* Connections that are limited go to the INBOX first, and passes always keep one. */
static void
test_limited(void)
{
	static const struct {
		const char *label;
		guint64 connections, per_server;
		guint watched; /* of two accounts of one server */
	} cases[] = {
		{ "two connections an account: its INBOX alone", 2, 1000, 2 },
		{ "three", 3, 1000, 4 },
		{ "no limit", 0, 1000, 6 },
		{ "five at the server: four are left, the first account has three", 0, 5, 4 },
		{ "one at the server is for passes", 0, 1, 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GPtrArray) accounts = make_accounts(3);
		g_test_message("%s", cases[i].label);
		for (guint n = 0; n < accounts->len; n++)
			((struct account *)accounts->pdata[n])->connections = cases[i].connections;
		g_autoptr(watching) watching =
		    watching_new(accounts, cases[i].per_server, START, 7);
		g_assert_cmpuint(begin_all(watching, START + 6 * SECOND), ==, cases[i].watched);
	}
}

static void
test_storm(void)
{
	g_autoptr(GPtrArray) accounts = make_accounts(200);
	g_autoptr(watching) watching = watching_new(accounts, 1000, START, 7);
	gint64 now = START + 6 * SECOND;

	g_test_message("a server is not met by three hundred connections in one second");
	for (guint left = 300; left > 0; now = watching_next(watching)) {
		guint n = begin_all(watching, now);
		g_assert_cmpuint(n, ==, MIN(left, WATCHING_A_SECOND));
		left -= n;
	}
	g_test_message("all of them break at once, and come back within half a minute");
	now = START + G_GINT64_CONSTANT(3600) * SECOND;
	watching_lost(watching, now);
	guint back = 0;
	for (guint s = 0; s < 30; s++)
		back += begin_all(watching, now + s * SECOND);
	g_assert_cmpuint(back, ==, 300);
}

static void
test_end(void)
{
	static const struct {
		const char *label;
		enum fetch_account_state state;
		guint32 retry_after;
		guint times;
		gint64 lasted, from, to; /* seconds; from and to after the end */
	} cases[] = {
		{ "a line that broke after hours comes back within seconds", FETCH_AWAY, 0, 1, 7200,
		    0, 6 },
		{ "hours each time: that is no failure", FETCH_AWAY, 0, 9, 7200, 0, 6 },
		{ "a server that is away is asked again soon", FETCH_AWAY, 0, 1, 0, 9, 11 },
		{ "and less often, the longer it is away", FETCH_AWAY, 0, 5, 0, 144, 176 },
		{ "once an hour at least", FETCH_LOGIN, 0, 500, 0, 3240, 3960 },
		{ "a server's own time holds", FETCH_AWAY, 300, 1, 7200, 300, 331 },
		{ "what it cannot do it cannot do in ten seconds either", FETCH_PROTOCOL, 0, 1, 0,
		    3600, 3961 },
		{ "nor is there a folder that is not there", FETCH_OK, 0, 1, 0, 3600, 3961 },
	};

	for (guint32 seed = 0; seed < 20; seed++) {
		for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
			g_autoptr(GPtrArray) accounts = make_accounts(1);
			g_autoptr(watching) watching = watching_new(accounts, 1000, START, seed);
			gint64 now = START + 6 * SECOND, wait = 0;

			for (guint n = 0; n < cases[i].times; n++) {
				struct fetch_watch end = { .account = (char *)"a0",
					.role = (char *)"drafts",
					.state = cases[i].state,
					.retry_after = cases[i].retry_after };
				begin_all(watching, now);
				now += cases[i].lasted * SECOND;
				wait = watching_ended(watching, &end, now);
				g_assert_cmpint(wait, >=, 0);
				if (n + 1 < cases[i].times)
					now += wait + SECOND;
			}
			g_test_message("%s: %f s", cases[i].label, (double)wait / SECOND);
			g_assert_cmpint(wait, >=, cases[i].from * SECOND);
			g_assert_cmpint(wait, <=, cases[i].to * SECOND);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/watching/begin", test_begin);
	g_test_add_func("/watching/limited", test_limited);
	g_test_add_func("/watching/storm", test_storm);
	g_test_add_func("/watching/end", test_end);
	return g_test_run();
}
