/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who writes to himself at home, and who only to somebody of a like name.
 */
#include "rules/namesake.h"

static void
test_table(void)
{
	static const struct {
		const char *label, *name, *address, *other_name, *other;
		bool expected;
	} cases[] = {
		{ "digits and dots do not matter", NULL, "anna.berger@corp.example", NULL,
		    "annaberger82@freemail.example", true },
		{ "turned round", NULL, "anna.berger@corp.example", NULL,
		    "berger_anna@freemail.example", true },
		{ "an initial", NULL, "anna.berger@corp.example", NULL, "a.berger@freemail.example",
		    true },
		{ "an initial in the office", NULL, "aberger@corp.example", "Anna Berger",
		    "xy@freemail.example", true },
		{ "an initial behind", "Berger, Anna", "u1234@corp.example", NULL,
		    "bergera@freemail.example", true },
		{ "the display name at home", NULL, "anna.berger@corp.example", "Anna M. Berger",
		    "sunny1982@freemail.example", true },
		{ "the display name in the office", "Anna Berger", "u1234@corp.example", NULL,
		    "the-anna-berger-page@freemail.example", true },
		{ "accents", "J\303\266rg M\303\274ller", "u1@corp.example", NULL,
		    "joerg.mueller@freemail.example", true },
		{ "a tag", NULL, "anna.berger@corp.example", NULL,
		    "annaberger+work@freemail.example", true },
		{ "the same letters, no name", NULL, "zephyr7@corp.example", NULL,
		    "zephyr@freemail.example", true },
		{ "another first name", NULL, "anna.berger@corp.example", NULL,
		    "bert.berger@freemail.example", false },
		{ "the first name alone", NULL, "anna.berger@corp.example", NULL,
		    "anna@freemail.example", false },
		{ "an initial and a short name stand in many words", NULL, "ann.lee@corp.example",
		    NULL, "alee@freemail.example", false },
		{ "four letters are anybody", NULL, "info@corp.example", NULL,
		    "info@freemail.example", false },
		{ "a colleague", NULL, "anna.berger@corp.example", NULL, "a.berger@corp.example",
		    false },
		{ "the very address", NULL, "anna.berger@corp.example", NULL,
		    "anna.berger@corp.example", false },
		{ "no address at all", NULL, "undisclosed", NULL, "", false },
		{ "bytes that are no text", NULL, "\377\376@corp.example", "\377",
		    "\377@freemail.example", false },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(address) one = address_new(ADDRESS_FROM, cases[i].name, cases[i].address);
		g_autoptr(address) other =
		    address_new(ADDRESS_TO, cases[i].other_name, cases[i].other);
		g_test_message("%s", cases[i].label);
		g_assert_cmpint(namesake(one, other), ==, cases[i].expected);
		g_assert_cmpint(namesake(other, one), ==, cases[i].expected);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/namesake/table", test_table);
	return g_test_run();
}
