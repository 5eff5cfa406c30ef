/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/password.h"

#include <string.h>

static const struct {
	const char *label, *password;
	guint length, classes;
	const char *trouble; /* a word of it; NULL: it is good */
} cases[] = {
	{ "long, with three kinds", "Correct horse 7", 12, 3, NULL },
	{ "too short", "Ab3$efgh", 12, 3, "shorter than 12" },
	{ "length counts characters, not bytes", "\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84\xC3\x84",
	    12, 1, "shorter" },
	{ "small letters alone", "correcthorsebattery", 12, 3, "weak: 3 of" },
	{ "unless that is what is asked", "correcthorsebattery", 12, 1, NULL },
	{ "two characters again and again", "Aa1Aa1Aa1Aa1Aa1", 12, 3, "repeats" },
	{ "a line break that a file brought along", "Correct horse 7\n", 12, 3, "control" },
	{ "no UTF-8", "Correct horse 7\xFF", 12, 3, "UTF-8" },
	{ "nothing", "", 12, 3, "shorter" },
};

static void
test_cases(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *trouble =
		    password_trouble(cases[i].password, cases[i].length, cases[i].classes);
		g_test_message("%s", cases[i].label);
		if (cases[i].trouble == NULL) {
			g_assert_null(trouble);
			continue;
		}
		g_assert_nonnull(trouble);
		g_assert_nonnull(strstr(trouble, cases[i].trouble));
		g_assert_true(
		    cases[i].password[0] == '\0' || strstr(trouble, cases[i].password) == NULL);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/base/password/cases", test_cases);
	return g_test_run();
}
