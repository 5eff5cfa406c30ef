/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/table.h"

static void
test_print(void)
{
	static const char *const heads[] = { "ACCOUNT", ">NEW", "STATE", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	g_test_message("wide characters count twice, controls are written out");
	table_add(table, "%s", "hq");
	table_add(table, "%u", 12345u);
	table_add(table, "%s", "ok");
	table_add(table, "%s", "日本語支社");
	table_add(table, "%u", 7u);
	table_add(table, "%s", "away\033[0m");
	table_print(table, out);
	g_assert_cmpstr(out->str, ==,
	    "ACCOUNT       NEW  STATE\n"
	    "hq          12345  ok\n"
	    "日本語支社      7  away\\u{1B}[0m\n");
}

static void
test_empty(void)
{
	static const char *const heads[] = { "A", "B", NULL };
	g_autoptr(table) table = table_new(heads);
	g_autoptr(GString) out = g_string_new(NULL);

	table_print(table, out);
	g_assert_cmpstr(out->str, ==, "A  B\n");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/table/print", test_print);
	g_test_add_func("/table/empty", test_empty);
	return g_test_run();
}
