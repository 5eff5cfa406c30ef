/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/csv.h"

#include <string.h>

/* All records as "a|b/c|d", and behind "!" why it ended. */
static char *
read_all(const char *text, char separator)
{
	g_autofree char *bytes = g_strdup(text);
	FILE *in = fmemopen(bytes, strlen(bytes) + (text[0] == '\0'), "r");
	g_autoptr(csv) csv = csv_new(in, "t.csv", separator);
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);
	const GPtrArray *cells;

	while (text[0] != '\0' && (cells = csv_next(csv, &error)) != NULL) {
		if (out->len > 0)
			g_string_append_c(out, '/');
		for (guint i = 0; i < cells->len; i++)
			g_string_append_printf(
			    out, "%s%s", i > 0 ? "|" : "", (const char *)cells->pdata[i]);
	}
	if (error != NULL)
		g_string_append_printf(out, "!%s", error->message);
	fclose(in);
	return g_string_free(out, FALSE);
}

static void
test_records(void)
{
	static const struct {
		const char *label, *text;
		char separator;
		const char *read;
	} rows[] = {
		{ "an ordinary table", "a,b\n1,2\n", 0, "a|b/1|2" },
		{ "no line end behind the last record", "a,b\n1,2", 0, "a|b/1|2" },
		{ "line ends of Windows", "a,b\r\n1,2\r\n", 0, "a|b/1|2" },
		{ "a separator in quotes", "a,b\n\"Muster, Anna\",2\n", 0, "a|b/Muster, Anna|2" },
		{ "a line end in quotes", "a,b\n\"1\n2\",3\n", 0, "a|b/1\n2|3" },
		{ "a doubled quote", "a,b\n\"6\"\" pipe\",3\n", 0, "a|b/6\" pipe|3" },
		{ "semicolons, as Excel writes them in Germany", "a;b;c,d\n1;2,5;3\n", 0,
		    "a|b|c,d/1|2,5|3" },
		{ "tabs", "a\tb\n1\t2\n", 0, "a|b/1|2" },
		{ "a separator that is told", "a,b;c\n", ';', "a,b|c" },
		{ "a byte order mark is no part of a name",
		    "\xef\xbb\xbf"
		    "a,b\n",
		    0, "a|b" },
		{ "empty cells", "a,b,c\n,,\n", 0, "a|b|c/||" },
		{ "empty lines", "a,b\n\n\n1,2\n\n", 0, "a|b/1|2" },
		{ "one column", "a\n1\n2\n", 0, "a/1/2" },
		{ "a quote that is not closed", "a,b\n\"1,2\n", 0,
		    "a|b!t.csv:3: a quote is opened and not closed" },
		{ "Latin-1", "a,b\nM\xfcller,2\n", 0,
		    "a|b!t.csv:2: a cell is not UTF-8; convert the file (iconv -t UTF-8)" },
		{ "nothing", "", 0, "" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *read = read_all(rows[i].text, rows[i].separator);
		g_test_message("%s", rows[i].label);
		g_assert_cmpstr(read, ==, rows[i].read);
	}
}

static void
test_limits(void)
{
	g_autofree char *cell = g_strnfill(CSV_CELL_MAX + 1, 'x');
	g_autofree char *wide = g_strnfill(CSV_CELLS_MAX, ',');
	g_autofree char *long_cell = g_strconcat("a\n", cell, "\n", NULL);
	g_autofree char *one = read_all(long_cell, 0);
	g_autofree char *two = read_all(wide, 0);

	g_assert_cmpstr(one, ==, "a!t.csv:2: a cell of over 64 KiB; is a quote missing?");
	g_assert_cmpstr(two, ==, "!t.csv:1: over 1,000 cells in one record");
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/csv/records", test_records);
	g_test_add_func("/csv/limits", test_limits);
	return g_test_run();
}
