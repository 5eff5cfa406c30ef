/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mail/address.h"

static void
test_domain(void)
{
	static const struct {
		const char *label;
		const char *address, *kept, *domain;
	} cases[] = {
		{ "an upper-case domain is the same domain", "Bob@CORP.Example", "Bob@CORP.Example",
		    "corp.example" },
		{ "a final dot hides nothing", "bob@rival.example.", "bob@rival.example.",
		    "rival.example" },
		{ "an @ in a quoted local part is not the border",
		    "\"bob@corp.example\"@rival.example", "\"bob@corp.example\"@rival.example",
		    "rival.example" },
		{ "no domain", "postmaster", "postmaster", "" },
		{ "nothing after the @", "bob@", "bob@", "" },
		{ "letters beyond ASCII fold too", "a@B\303\234CHER.example",
		    "a@B\303\234CHER.example", "b\303\274cher.example" },
		{ "broken UTF-8 does not get through", "a@x\377.example", "a@x\357\277\275.example",
		    "x\357\277\275.example" },
		{ "no address at all", NULL, "", "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(address) address = address_new(ADDRESS_TO, NULL, cases[i].address);
		g_test_message("%s", cases[i].label);
		g_assert_cmpstr(address->address, ==, cases[i].kept);
		g_assert_cmpstr(address->domain, ==, cases[i].domain);
		g_assert_cmpstr(address->name, ==, "");
	}
}

static void
test_among(void)
{
	static const char *const own[] = { "corp.example", "corp-mail.example", "", NULL };
	static const struct {
		const char *label;
		const char *domain;
		bool among;
	} cases[] = {
		{ "the domain", "corp.example", true },
		{ "the second one", "corp-mail.example", true },
		{ "below it", "mail.eu.corp.example", true },
		{ "a longer word is a stranger", "notcorp.example", false },
		{ "so is the domain as a prefix", "corp.example.rival.example", false },
		{ "its parent is not ours", "example", false },
		{ "an empty entry takes nobody in", "", false },
		{ "a domain that ends in a dot and the empty entry", "rival.example.", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].label);
		g_assert_true(domain_is_among(cases[i].domain, own) == cases[i].among);
	}
	g_assert_false(domain_is_among("corp.example", NULL));
}

static void
test_roles(void)
{
	static const bool recipient[] = { false, false, false, true, true, true, true };

	for (guint role = ADDRESS_FROM; role <= ADDRESS_DELIVERED; role++) {
		g_autoptr(address) address = address_new(role, "N", "a@b.example");
		g_test_message("%s", address_role_words[role]);
		g_assert_true(address_is_recipient(address) == recipient[role]);
	}
	g_assert_null(address_role_words[ADDRESS_DELIVERED + 1]);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/address/domain", test_domain);
	g_test_add_func("/address/among", test_among);
	g_test_add_func("/address/roles", test_roles);
	return g_test_run();
}
