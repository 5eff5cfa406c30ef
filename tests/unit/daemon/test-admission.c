/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/admission.h"

/* "a1" lies at server a, and so on; "-" is mail on this machine. */
static struct account *
make_account(const char *name)
{
	struct account *account = account_new(name);
	g_autofree char *url = name[0] == '-' ? g_strdup("maildir:///var/mail")
					      : g_strdup_printf("imaps://%c.example", name[0]);

	g_assert_true(account_set_url(account, url, NULL));
	return account;
}

/* What is admitted, by name, until nothing is. */
static char *
admit(struct admission *admission)
{
	GString *names = g_string_new(NULL);
	const struct account *account;

	while ((account = admission_next(admission)) != NULL)
		g_string_append_printf(names, "%s%s", names->len > 0 ? " " : "", account->name);
	return g_string_free(names, FALSE);
}

static const struct {
	const char *label;
	guint at_once, per_server, reserved; /* at server a */
	const char *accounts, *first, *done, *then;
} cases[] = {
	{ "in the order in which they came", 2, 100, 0, "a1 a2 a3 a4", "a1 a2", "a1", "a3" },
	{ "servers take turns", 3, 100, 0, "a1 a2 a3 b1 c1", "a1 b1 c1", "b1 c1", "a2 a3" },
	{ "so many at one server, and its place is no other's", 9, 2, 0, "a1 a2 a3 b1 a4",
	    "a1 b1 a2", "b1", "" },
	{ "a place that becomes free is taken by one of that server", 9, 2, 0, "a1 a2 a3 b1",
	    "a1 b1 a2", "a2", "a3" },
	{ "connections that are kept count", 9, 3, 2, "a1 a2 b1 b2", "a1 b1 b2", "b1", "" },
	{ "but one is left, whatever is kept", 9, 2, 7, "a1 a2", "a1", "a1", "a2" },
	{ "mail on this machine is nobody's burden", 9, 1, 0, "-1 -2 -3 a1 a2", "-1 a1 -2 -3", "-1",
	    "" },
};

static void
test_turns(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GHashTable) accounts = g_hash_table_new_full(
		    g_str_hash, g_str_equal, NULL, (GDestroyNotify)(void *)account_free);
		g_autoptr(admission) admission =
		    admission_new(cases[i].at_once, cases[i].per_server);
		g_auto(GStrv) names = g_strsplit(cases[i].accounts, " ", -1);
		g_auto(GStrv) done = g_strsplit(cases[i].done, " ", -1);
		g_test_message("%s", cases[i].label);
		g_autoptr(account) kept = make_account("a");
		for (guint r = 0; r < cases[i].reserved; r++)
			admission_reserve(admission, kept, 1);
		for (gsize n = 0; names[n] != NULL; n++) {
			struct account *account = make_account(names[n]);
			g_hash_table_insert(accounts, account->name, account);
			admission_add(admission, account);
		}
		g_autofree char *first = admit(admission);
		g_assert_cmpstr(first, ==, cases[i].first);
		for (gsize n = 0; done[n] != NULL; n++)
			admission_done(admission, g_hash_table_lookup(accounts, done[n]));
		g_autofree char *then = admit(admission);
		g_assert_cmpstr(then, ==, cases[i].then);
	}
}

static void
test_ends(void)
{
	g_autoptr(account) one = make_account("a1");
	g_autoptr(account) two = make_account("a2");
	g_autoptr(account) three = make_account("b3");
	g_autoptr(admission) admission = admission_new(1, 1);

	admission_add(admission, three);
	admission_add(admission, two);
	admission_add(admission, one);
	g_assert_true(admission_next(admission) == three);
	g_assert_null(admission_next(admission));
	g_test_message("whoever had it is gone: the next one may come");
	admission_reset(admission);
	g_assert_cmpuint(admission_under_way(admission), ==, 0);
	g_assert_true(admission_next(admission) == two);
	g_test_message("those whose turn has not come are given back, and do not come any more");
	g_autoptr(GPtrArray) back = admission_take_back(admission);
	g_assert_cmpuint(back->len, ==, 1);
	g_assert_true(g_ptr_array_index(back, 0) == one);
	admission_done(admission, two);
	g_assert_null(admission_next(admission));
	g_test_message("ended twice is ended once");
	admission_done(admission, two);
	g_assert_cmpuint(admission_under_way(admission), ==, 0);
}

/* What each call costs must not grow with those that wait. */
static void
test_many(void)
{
	g_autoptr(GPtrArray) accounts =
	    g_ptr_array_new_with_free_func((GDestroyNotify)(void *)account_free);
	g_autoptr(admission) admission = admission_new(64, 4);
	const struct account *account;
	guint seen = 0;

	for (guint i = 0; i < 10000; i++) {
		g_autofree char *name = g_strdup_printf("%c%u", 'a' + (char)(i % 20), i);
		g_ptr_array_add(accounts, make_account(name));
		admission_add(admission, accounts->pdata[i]);
	}
	while ((account = admission_next(admission)) != NULL) {
		seen++;
		g_assert_cmpuint(admission_under_way(admission), <=, 64);
		admission_done(admission, account);
	}
	g_assert_cmpuint(seen, ==, 10000);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/admission/turns", test_turns);
	g_test_add_func("/admission/ends", test_ends);
	g_test_add_func("/admission/many", test_many);
	return g_test_run();
}
