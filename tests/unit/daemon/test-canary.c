/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "../store/fixture.h"
#include "daemon/canary.h"

#define TOKEN "00112233445566778899aabbccddeeff"

static struct account *
make_account(const char *user)
{
	struct account *account = account_new("hq");

	g_assert_true(account_set_url(account, "imaps://mail.corp.example", NULL));
	g_free(account->user);
	account->user = g_strdup(user);
	account->canary = true;
	return account;
}

static void
test_text(void)
{
	static const struct {
		const char *label, *user, *address;
	} cases[] = {
		{ "a user who has an address", "anna@corp.example", "anna@corp.example" },
		{ "a user who has none", "anna", "canary@mail.corp.example" },
		{ "a name must not become a header field", "a\r\nBcc: b@x.example",
		    "canary@mail.corp.example" },
		{ "nor end the address", "a@x.example>, <b@y.example", "canary@mail.corp.example" },
		{ "nor be none", "@x.example", "canary@mail.corp.example" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(account) account = make_account(cases[i].user);
		g_test_message("%s", cases[i].label);
		g_autofree char *text = canary_text(account, TOKEN, MORNING);
		g_autofree char *people = g_strdup_printf(
		    "\r\nFrom: Flagpost <%s>\r\nTo: <%s>\r\n", cases[i].address, cases[i].address);
		g_assert_nonnull(strstr(text, people));
		g_assert_true(g_str_has_prefix(text, "Date: Sun, 22 Nov 2026 09:02:05 +0000\r\n"));
		g_assert_nonnull(strstr(
		    text, "\r\nMessage-ID: <flagpost-canary." TOKEN "@mail.corp.example>\r\n"));
		g_assert_null(strstr(text, "Bcc"));
		g_assert_true(g_str_is_ascii(text));
		for (const char *p = text; *p != '\0'; p++)
			g_assert_true(*p != '\n' || p[-1] == '\r');
	}
}

static void
planted(struct fixture *fixture, const char *trouble, gint64 now)
{
	g_assert_true(store_begin(fixture->store, NULL));
	g_assert_true(store_canary_planted(fixture->store, "hq", trouble, now, NULL));
	g_assert_true(store_commit(fixture->store, NULL));
}

static bool
seen(struct fixture *fixture, const char *account, const char *id, const char *sha256, gint64 now)
{
	bool exact;

	g_assert_true(store_begin(fixture->store, NULL));
	g_assert_true(store_canary_seen(fixture->store, account, id, sha256, now, &exact, NULL));
	g_assert_true(store_commit(fixture->store, NULL));
	return exact;
}

static char *
next(struct fixture *fixture, const struct account *account, gint64 now, bool *late)
{
	g_autoptr(GError) error = NULL;
	char *text = canary_next(fixture->store, account, fixture->zone, now, late, &error);

	g_assert_no_error(error);
	return text;
}

static void
test_days(void)
{
	const struct store_account known = { "hq", "", "imap", "", "", "all", "*", false };
	g_autoptr(account) account = make_account("anna@corp.example");
	struct fixture fixture = { 0 };
	char sha256[DIGEST_HEX];
	bool late;

	fixture_start(&fixture);
	g_assert_true(store_accounts(fixture.store, &known, 1, MORNING, NULL));
	g_autofree char *first = next(&fixture, account, MORNING, &late);
	g_assert_nonnull(first);
	g_test_message("one that was not taken is offered again, the same to the byte");
	planted(&fixture, "the server takes no canary: no room", MORNING);
	g_autofree char *again = next(&fixture, account, MORNING + DAY / 24, &late);
	g_assert_cmpstr(again, ==, first);
	g_test_message("planted: there is none until tomorrow");
	planted(&fixture, "", MORNING + DAY / 24);
	g_assert_null(next(&fixture, account, MORNING + DAY / 12, &late));
	g_assert_false(late);
	g_test_message("and it is missed after two hours, since passes come every ten minutes");
	g_assert_null(next(&fixture, account, MORNING + DAY / 6, &late));
	g_assert_true(late);

	struct store_canary canary;
	g_assert_true(store_canary_get(fixture.store, "hq", &canary, NULL));
	g_autofree char *id = canary_message_id(account, canary.token);
	digest_bytes(first, strlen(first), sha256);
	g_test_message("elsewhere it is nobody's");
	g_assert_false(seen(&fixture, "other", id, sha256, MORNING + DAY / 5));
	g_assert_null(next(&fixture, account, MORNING + DAY / 5, &late));
	g_assert_true(late);
	g_test_message("other bytes under its name are seen and not spared");
	g_assert_false(seen(&fixture, "hq", id, RULES, MORNING + DAY / 5));
	g_test_message("its own bytes are");
	g_assert_true(seen(&fixture, "hq", id, sha256, MORNING + DAY / 4));
	g_assert_null(next(&fixture, account, MORNING + DAY / 4, &late));
	g_assert_false(late);
	g_test_message("the next day brings another one, that nobody could have foreseen");
	g_autofree char *second = next(&fixture, account, MORNING + DAY, &late);
	g_assert_cmpstr(second, !=, first);
	g_test_message("only where it is asked for");
	account->canary = false;
	g_assert_null(next(&fixture, account, MORNING + 2 * DAY, &late));
	fixture_end(&fixture);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/canary/text", test_text);
	g_test_add_func("/canary/days", test_days);
	return g_test_run();
}
