/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/progress.h"

#include <string.h>

static const struct {
	const char *label;
	guint width;
	guint64 done, total;
	const char *name;
	guint64 elapsed_ms;
	const char *line;
} cases[] = {
	{ "all there is to say", 80, 1234, 5000, "hq", 10000,
	    " 24%  [#########...............................]  1,234 of 5,000  31 s left  hq" },
	{ "the first moments allow no guess of what remains", 60, 10, 5000, "hq", 500,
	    "  0%  [................................]  10 of 5,000  hq" },
	{ "a narrow terminal loses the name, then the rest", 40, 2500, 5000, "headquarters", 10000,
	    " 50%  [####....]  2,500 of 5,000" },
	{ "then the bar", 26, 2500, 5000, "hq", 10000, " 50%  2,500 of 5,000  hq" },
	{ "then the numbers", 10, 2500, 5000, "hq", 10000, " 50%  hq" },
	{ "a width of four leaves nothing", 4, 2500, 5000, NULL, 0, "" },
	{ "nor does none", 0, 1, 2, "hq", 0, "" },
	{ "an unknown total is a count", 40, 1234, 0, "inbox.mbox#1234", 0,
	    "1,234  inbox.mbox#1234" },
	{ "more done than announced is not over 100", 40, 7, 5, NULL, 0, NULL },
	{ "a name cannot move the cursor", 60, 0, 0, "a\033[2Jb", 0, "0  a\\u{1B}[2Jb" },
};

static void
test_lines(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *line = progress_line(cases[i].width, cases[i].done, cases[i].total,
		    cases[i].name, cases[i].elapsed_ms);
		g_test_message("%s", cases[i].label);
		if (cases[i].line != NULL)
			g_assert_cmpstr(line, ==, cases[i].line);
		else
			g_assert_true(g_str_has_prefix(line, "100%"));
	}
}

static void
test_never_too_wide(void)
{
	for (guint width = 0; width < 200; width++) {
		for (guint64 done = 0; done <= 100000; done += 9999) {
			g_autofree char *line = progress_line(
			    width, done, 100000, "Überall im Ordner mit langem Namen", 5000);
			g_assert_cmpint(
			    g_utf8_strlen(line, -1), <=, (glong)(width > 0 ? width - 1 : 0));
		}
	}
}

static void
test_silent(void)
{
	FILE *out = tmpfile();
	g_assert_nonnull(out);
	struct progress *progress = progress_new(out, false);

	g_test_message("nothing is written to what is no terminal");
	progress_set(progress, 1, 2, "hq");
	progress_clear(progress);
	progress_free(progress);
	g_assert_cmpint(ftell(out), ==, 0);
	fclose(out);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/progress/lines", test_lines);
	g_test_add_func("/progress/never-too-wide", test_never_too_wide);
	g_test_add_func("/progress/silent", test_silent);
	return g_test_run();
}
