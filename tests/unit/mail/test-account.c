/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/account.h"

#include <string.h>

#include "base/fault.h"

static void
test_url(void)
{
	static const struct {
		const char *label;
		const char *url, *host;
		enum account_protocol protocol;
		enum account_tls tls;
		guint port;
	} cases[] = {
		{ "implicit TLS", "imaps://mail.corp.example", "mail.corp.example", PROTOCOL_IMAP,
		    TLS_IMPLICIT, 993 },
		{ "no TLS from the start means STARTTLS", "imap://mail.corp.example:1143",
		    "mail.corp.example", PROTOCOL_IMAP, TLS_STARTTLS, 1143 },
		{ "POP3 alike", "pop3s://p.example", "p.example", PROTOCOL_POP3, TLS_IMPLICIT,
		    995 },
		{ "and STLS", "POP3://p.example", "p.example", PROTOCOL_POP3, TLS_STARTTLS, 110 },
		{ "an IPv4 address", "imaps://127.0.0.1:65535", "127.0.0.1", PROTOCOL_IMAP,
		    TLS_IMPLICIT, 65535 },
		{ "an IPv6 address", "imaps://[::1]:1", "::1", PROTOCOL_IMAP, TLS_IMPLICIT, 1 },
		{ "a name beyond ASCII", "imaps://b\303\274cher.example", "xn--bcher-kva.example",
		    PROTOCOL_IMAP, TLS_IMPLICIT, 993 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(account) account = account_new("hq");
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		g_assert_true(account_set_url(account, cases[i].url, &error));
		g_assert_no_error(error);
		g_assert_cmpstr(account->url, ==, cases[i].url);
		g_assert_cmpstr(account->host, ==, cases[i].host);
		g_assert_cmpuint(account->port, ==, cases[i].port);
		g_assert_true(account->protocol == cases[i].protocol);
		g_assert_true(account->tls == cases[i].tls);
	}
}

static void
test_url_refused(void)
{
	static const struct {
		const char *label;
		const char *url, *says;
	} cases[] = {
		{ "another protocol", "https://mail.example", "begins with" },
		{ "no protocol", "mail.example:993", "begins with" },
		{ "empty", "", "begins with" },
		{ "a password in the configuration", "imaps://anna:secret@mail.example",
		    "password" },
		{ "a path", "imaps://mail.example/INBOX", "path" },
		{ "even an empty one", "imaps://mail.example/", "path" },
		{ "a query", "imaps://mail.example?x=1", "query" },
		{ "curl options", "imaps://mail.example;AUTH=NONE", "query" },
		{ "no host", "imaps://:993", "host is missing" },
		{ "no host at all", "imaps://", "host is missing" },
		{ "port 0", "imaps://mail.example:0", "port" },
		{ "port over 65535", "imaps://mail.example:65536", "port" },
		{ "a port in words", "imaps://mail.example:imaps", "port" },
		{ "a colon and no port", "imaps://mail.example:", "port" },
		{ "a sign before the port", "imaps://mail.example:+993", "port" },
		{ "IPv6 without brackets", "imaps://::1", "host" },
		{ "open bracket", "imaps://[::1", "IPv6" },
		{ "an IPv4 address in brackets", "imaps://[127.0.0.1]", "IPv6" },
		{ "text after the bracket", "imaps://[::1]x", "port" },
		{ "a scope", "imaps://[fe80::1%eth0]", "IPv6" },
		{ "a blank in the name", "imaps://mail .example", "host name" },
		{ "a line break smuggled in", "imaps://mail.example\r\nA1 LOGOUT", "host name" },
		{ "an empty label", "imaps://mail..example", "host name" },
		{ "a label that begins with a hyphen", "imaps://-mail.example", "host name" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(account) account = account_new("hq");
		g_autoptr(GError) error = NULL;
		g_test_message("%s", cases[i].label);
		g_assert_false(account_set_url(account, cases[i].url, &error));
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_assert_nonnull(strstr(error->message, cases[i].says));
		g_assert_cmpstr(account->url, ==, "");
	}
}

static void
test_folders(void)
{
	static const struct {
		const char *label;
		const char *globs, *folder;
		bool wanted;
	} cases[] = {
		{ "all", "*", "Archive/2026", true },
		{ "one alone", "Sent", "Sent", true },
		{ "and not another", "Sent", "Sent Items", false },
		{ "an exclusion wins wherever it stands", "!Trash|*", "Trash", false },
		{ "and behind", "*|!Trash", "Trash", false },
		{ "exclusions alone mean all but those", "!Trash", "INBOX", true },
		{ "INBOX has no case", "inbox", "INBOX", true },
		{ "on either side", "INBOX", "Inbox", true },
		{ "nor has its glob", "in*", "INBOX", true },
		{ "an excluded INBOX", "*|!Inbox", "INBOX", false },
		{ "other names have case", "sent", "Sent", false },
		{ "below INBOX case counts", "INBOX/A*", "INBOX/a", false },
		{ "a folder beyond ASCII", "Entw\303\274rfe*", "Entw\303\274rfe/alt", true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(account) account = account_new("hq");
		g_test_message("%s", cases[i].label);
		g_strfreev(account->folders);
		account->folders = g_strsplit(cases[i].globs, "|", -1);
		g_assert_true(account_wants_folder(account, cases[i].folder) == cases[i].wanted);
	}
}

static struct account *
example(void)
{
	struct account *account = account_new("hq");

	g_assert_true(account_set_url(account, "pop3://mail.corp.example:1110", NULL));
	g_free(account->user);
	account->user = g_strdup("anna@corp.example");
	g_free(account->purpose);
	account->purpose = g_strdup("Works agreement 2025-03");
	account->keep = KEEP_NONE;
	account->auth = AUTH_OAUTH_SERVICE;
	account->mechanism = MECHANISM_OAUTHBEARER;
	g_free(account->token_url);
	account->token_url = g_strdup("https://tokens.example/token");
	account->every_seconds = 30;
	return account;
}

static void
test_round_trip(void)
{
	g_autoptr(account) account = example();
	g_autoptr(GVariant) frame = g_variant_ref_sink(account_put(account));
	g_autoptr(GError) error = NULL;
	g_autoptr(account) back = account_get(frame, &error);

	g_assert_no_error(error);
	g_assert_true(g_variant_is_of_type(frame, G_VARIANT_TYPE(ACCOUNT_TYPE)));
	g_assert_cmpstr(back->name, ==, "hq");
	g_assert_cmpstr(back->host, ==, "mail.corp.example");
	g_assert_cmpuint(back->port, ==, 1110);
	g_assert_cmpstr(back->user, ==, "anna@corp.example");
	g_assert_cmpstr(back->purpose, ==, "Works agreement 2025-03");
	g_assert_cmpstr(back->folders[0], ==, "*");
	g_assert_null(back->folders[1]);
	g_assert_true(back->keep == KEEP_NONE);
	g_assert_true(back->auth == AUTH_OAUTH_SERVICE);
	g_assert_true(back->mechanism == MECHANISM_OAUTHBEARER);
	g_assert_cmpstr(back->token_url, ==, "https://tokens.example/token");
	g_assert_cmpuint(back->every_seconds, ==, 30);
	g_autoptr(GVariant) again = g_variant_ref_sink(account_put(back));
	g_assert_true(g_variant_equal(frame, again));
}

static void
test_distrust(void)
{
	static const char *const labels[] = { "a line break in the user forges a command",
		"a name is needed", "a host that is not the URL's",
		"a keep word that does not exist", "a secret would go out in clear",
		"a mechanism that does not exist", "a folder with a line break" };

	for (guint i = 0; i < G_N_ELEMENTS(labels); i++) {
		g_autoptr(account) account = example();
		g_autoptr(GError) error = NULL;
		g_test_message("%s", labels[i]);
		if (i == 0)
			account->user[4] = '\n';
		else if (i == 1)
			account->name[0] = '\0';
		else if (i == 2)
			account->host[0] = 'n';
		else if (i == 3)
			account->keep = 4;
		else if (i == 4)
			account->token_url[4] = ':';
		else if (i == 5)
			account->mechanism = MECHANISM_OAUTHBEARER + 1;
		else
			account->folders[0][0] = '\r';
		g_autoptr(GVariant) frame = g_variant_ref_sink(account_put(account));
		g_assert_null(account_get(frame, &error));
		g_assert_error(error, FAULT, FAULT_DATA);
	}
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) other = g_variant_ref_sink(g_variant_new_string("hq"));
	g_assert_null(account_get(other, &error));
	g_assert_error(error, FAULT, FAULT_DATA);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/account/url", test_url);
	g_test_add_func("/account/url-refused", test_url_refused);
	g_test_add_func("/account/folders", test_folders);
	g_test_add_func("/account/round-trip", test_round_trip);
	g_test_add_func("/account/distrust", test_distrust);
	return g_test_run();
}
