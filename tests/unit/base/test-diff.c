/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What changed in a rule's file, as `diff -u` shows it.
 */
#include <string.h>

#include "base/diff.h"

static const struct {
	const char *label, *old_text, *new_text, *diff; /* behind the names; NULL: nothing */
} rows[] = {
	{ "alike", "a\nb\n", "a\nb\n", NULL },
	{ "both empty", "", "", NULL },
	{ "a line changed", "a\nb\nc\n", "a\nB\nc\n", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n" },
	{ "a line more", "a\nc\n", "a\nb\nc\n", "@@ -1,2 +1,3 @@\n a\n+b\n c\n" },
	{ "the last line gone", "a\nb\n", "a\n", "@@ -1,2 +1 @@\n a\n-b\n" },
	{ "a new file", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n" },
	{ "a file that is gone", "a\n", "", "@@ -1 +0,0 @@\n-a\n" },
	{ "far from the beginning", "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\n7\n",
	    "@@ -3,4 +3,4 @@\n 3\n 4\n 5\n-6\n+7\n" },
	{ "two changes that stand close are one piece", "x\n1\n2\n3\ny\n", "X\n1\n2\n3\nY\n",
	    "@@ -1,5 +1,5 @@\n-x\n+X\n 1\n 2\n 3\n-y\n+Y\n" },
	{ "two that do not", "x\n1\n2\n3\n4\n5\n6\n7\ny\n", "X\n1\n2\n3\n4\n5\n6\n7\nY\n",
	    "@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n" },
	{ "the fewest lines", "a\nb\nc\nd\n", "b\nc\nx\nd\n",
	    "@@ -1,4 +1,4 @@\n-a\n b\n c\n+x\n d\n" },
	{ "the end of the last line alone", "a\n", "a",
	    "\\ the last line does not end with a line end\n" },
};

static void
test_lines(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) out = g_string_new(NULL);
		g_autoptr(GBytes) was =
		    g_bytes_new_static(rows[i].old_text, strlen(rows[i].old_text));
		g_autoptr(GBytes) is =
		    g_bytes_new_static(rows[i].new_text, strlen(rows[i].new_text));
		g_autofree char *wanted =
		    rows[i].diff != NULL ? g_strconcat("--- a/x\n+++ b/x\n", rows[i].diff, NULL)
					 : g_strdup("");
		g_test_message("%s", rows[i].label);
		diff_unified("a/x", "b/x", was, is, out);
		g_assert_cmpstr(out->str, ==, wanted);
	}
}

/* More than a table may hold: shown as a whole, in time that does not grow with the square. */
static void
test_long(void)
{
	g_autoptr(GString) was = g_string_new(NULL), is = g_string_new(NULL);
	g_autoptr(GString) out = g_string_new(NULL);
	guint removed = 0, added = 0;

	for (guint i = 0; i < 2 * DIFF_LINES_MAX; i++) {
		g_string_append_printf(was, "old %u\n", i);
		g_string_append_printf(is, "new %u\n", i);
	}
	g_autoptr(GBytes) left = g_bytes_new_static(was->str, was->len);
	g_autoptr(GBytes) right = g_bytes_new_static(is->str, is->len);
	diff_unified("a/x", "b/x", left, right, out);
	g_auto(GStrv) lines = g_strsplit(out->str, "\n", -1);
	for (gsize i = 3; lines[i] != NULL; i++) {
		removed += lines[i][0] == '-';
		added += lines[i][0] == '+';
	}
	g_assert_cmpuint(removed, ==, 2 * DIFF_LINES_MAX);
	g_assert_cmpuint(added, ==, 2 * DIFF_LINES_MAX);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/diff/lines", test_lines);
	g_test_add_func("/diff/long", test_long);
	return g_test_run();
}
