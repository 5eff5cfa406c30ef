/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/limits.h"

#include <string.h>

#include "base/fault.h"

static void
test_table(void)
{
	struct limits limits;
	gsize rows = 0;

	g_test_message("every field has a row, and its default is within its range");
	memset(&limits, 0, sizeof(limits));
	limits_default(&limits);
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++, rows++) {
		g_assert_cmpuint(row->min, >, 0);
		g_assert_cmpuint(*limits_field(&limits, row), >=, row->min);
		g_assert_cmpuint(*limits_field(&limits, row), <=, row->max);
		g_assert_cmpuint(strlen(row->help), >, 10);
	}
	g_assert_cmpuint(rows, ==, sizeof(limits) / sizeof(guint64));
	g_assert_cmpuint(limits.message, ==, 104857600);
	g_assert_cmpuint(limits.depth, ==, 16);
	g_assert_cmpuint(limits.seconds_per_message, ==, 10);
}

static void
test_wire(void)
{
	static const struct {
		const char *label, *text;
		bool is_right;
	} cases[] = {
		{ "nothing: all at their defaults", "@a{st} {}", true },
		{ "one of them", "{'depth': uint64 8}", true },
		{ "a key that nobody knows", "{'colour': uint64 8}", false },
		{ "a limit switched off", "{'depth': uint64 18446744073709551615}", false },
		{ "a limit of nothing", "{'message': uint64 0}", false },
		{ "a key twice", "[{'depth', uint64 8}, {'depth', uint64 9}]", false },
	};
	struct limits limits;

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GVariant) variant =
		    g_variant_parse(G_VARIANT_TYPE("a{st}"), cases[i].text, NULL, NULL, &error);
		g_assert_no_error(error);
		g_test_message("%s", cases[i].label);
		limits_default(&limits);
		limits.hits = 4242;
		g_assert_cmpint(limits_get(variant, &limits, &error), ==, cases[i].is_right);
		g_assert_cmpint(fault_exit_code(error), ==, cases[i].is_right ? 0 : FAULT_DATA);
		g_assert_cmpuint(limits.hits, ==, cases[i].is_right ? 50 : 4242);
	}
	g_test_message("what is put is got");
	struct limits copy;
	limits_default(&limits);
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++)
		*limits_field(&limits, row) = row->max;
	g_autoptr(GVariant) whole = g_variant_ref_sink(limits_put(&limits));
	g_assert_true(limits_get(whole, &copy, NULL));
	g_assert_cmpmem(&copy, sizeof(copy), &limits, sizeof(limits));
}

static void
test_load(void)
{
	static const struct {
		const char *label, *text, *mend; /* mend NULL: right */
	} cases[] = {
		{ "an empty section", "[limits]\n", NULL },
		{ "each in its own unit",
		    "[limits]\nmessage = 50M\nseconds_per_message = 20\ndepth = 8\n", NULL },
		{ "a misspelt key", "[limits]\nmesage = 50M\n", "did you mean message?" },
		{ "a size out of range", "[limits]\nmessage = 1k\n", "from 64k to 2G" },
		{ "a count with a unit", "[limits]\ndepth = 8k\n",
		    "write digits only, such as 10" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(problems) problems = problems_new();
		g_autoptr(GBytes) bytes = g_bytes_new_static(cases[i].text, strlen(cases[i].text));
		g_autoptr(ini) ini = ini_parse("x.ini", bytes, problems);
		struct limits limits;

		g_test_message("%s", cases[i].label);
		bool is_right = limits_load(ini_section(ini, "limits"), &limits, problems);
		g_assert_cmpint(is_right, ==, cases[i].mend == NULL);
		g_assert_cmpuint(problems_total(problems), ==, is_right ? 0 : 1);
		if (!is_right)
			g_assert_cmpstr(problems_get(problems, 0)->mend, ==, cases[i].mend);
		g_assert_cmpuint(limits.message, ==, (i == 1 ? 50 : 100) * 1048576);
		g_assert_cmpuint(limits.seconds_per_message, ==, i == 1 ? 20 : 10);
	}
	struct limits none;
	g_autoptr(problems) problems = problems_new();
	g_assert_true(limits_load(NULL, &none, problems));
	g_assert_cmpuint(none.parts, ==, 1000);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/limits/table", test_table);
	g_test_add_func("/limits/wire", test_wire);
	g_test_add_func("/limits/load", test_load);
	return g_test_run();
}
