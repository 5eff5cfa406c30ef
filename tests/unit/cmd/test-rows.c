/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cmd/rows promises, as a table. */
#include "cmd/rows.h"

static void
rows(void)
{
	static const struct {
		const char *label, *text, *rows; /* rows: with | between them */
	} table[] = {
		{ "nothing takes no row", "", "" },
		{ "an empty line takes one", "\n\n", "\n|\n" },
		{ "what fits stays together", "four\n", "four\n" },
		{ "a line that fills the row to its edge takes no second one", "fives\nb\n",
		    "fives\n|b\n" },
		{ "a longer one goes on below", "sixsix\n", "sixsi|x\n" },
		{ "without an end of line too", "sixsix", "sixsi|x" },
		{ "wide characters take two columns, and are not cut in half",
		    "\346\274\242\346\274\242\346\274\242",
		    "\346\274\242\346\274\242|\346\274\242" },
		{ "combining ones take none", "abcde\314\201\n", "abcde\314\201\n" },
		{ "nor does bold print", "ab\033[1mcd\033[0me\n", "ab\033[1mcd\033[0me\n" },
		{ "an escape that does not end is no trouble", "ab\033[1", "ab\033[1" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		g_test_message("%s", table[i].label);
		g_autoptr(GPtrArray) split = rows_split(table[i].text, 5);
		g_ptr_array_add(split, NULL);
		g_autofree char *got = g_strjoinv("|", (char **)split->pdata);
		g_assert_cmpstr(got, ==, table[i].rows);
	}
}

static void
narrow(void)
{
	g_autoptr(GPtrArray) split = rows_split("\346\274\242b", 1);

	g_test_message("a terminal narrower than a character ends all the same");
	g_assert_cmpuint(split->len, ==, 2);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cmd/rows/table", rows);
	g_test_add_func("/cmd/rows/narrow", narrow);
	return g_test_run();
}
