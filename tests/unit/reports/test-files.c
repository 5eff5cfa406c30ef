/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "base/fault.h"

#include "sample.h"

/* Writes one form and checks where it lies below folder; any place will do when path is NULL. */
static void
write_one(struct report *report, const char *folder, const char *format, const char *expected)
{
	const char *const formats[] = { format, NULL };
	g_autoptr(GPtrArray) paths = NULL;
	g_autoptr(GError) error = NULL;

	g_assert_true(report_write(report, folder, formats, &paths, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(paths->len, ==, 1);
	const char *path = g_ptr_array_index(paths, 0);
	g_assert_true(g_str_has_prefix(path, folder));
	g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
	if (expected != NULL)
		g_assert_cmpstr(path + strlen(folder) + 1, ==, expected);
}

static void
remove_all(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);

	for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
		g_autofree char *child = g_build_filename(path, name, NULL);
		remove_all(child);
	}
	g_remove(path);
}

static void
test_names(void)
{
	static const struct {
		const char *label;
		int from, to; /* hours from the day's beginning */
		const char *format, *path;
	} cases[] = {
		{ "a day", 0, 24, "html", "2026/11/2026-11-22.html" },
		{ "text is .txt, which every system opens", 0, 24, "text",
		    "2026/11/2026-11-22.txt" },
		{ "several days", 0, 72, "csv", "2026/11/2026-11-22--2026-11-24.csv" },
		{ "some hours never replace the day", 9, 11, "html",
		    "2026/11/2026-11-22T0900--2026-11-22T1100.html" },
		{ "nor do they with a whole day in between", -1, 24, "html",
		    "2026/11/2026-11-21T2300--2026-11-23T0000.html" },
	};
	g_autofree char *folder = g_dir_make_tmp("reports-XXXXXX", NULL);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(report) report = sample_report();
		sample_fold(report);
		g_test_message("%s", cases[i].label);
		report->from = SAMPLE_DAY + cases[i].from * SAMPLE_HOUR;
		report->to = SAMPLE_DAY + cases[i].to * SAMPLE_HOUR;
		write_one(report, folder, cases[i].format, cases[i].path);
	}
	remove_all(folder);
}

/* Who sees less writes beside those who see all, also when both write into one folder. */
static void
test_reader(void)
{
	g_autofree char *folder = g_dir_make_tmp("reports-XXXXXX", NULL);
	g_autofree char *whole = g_build_filename(folder, "index.html", NULL);
	g_autofree char *own = g_build_filename(folder, "index.for-root_as_dora.html", NULL);
	g_autoptr(report) report = sample_report();

	sample_fold(report);
	sample_set(&report->reader, "root as dora");
	write_one(report, folder, "html", "2026/11/2026-11-22.for-root_as_dora.html");
	g_assert_true(g_file_test(own, G_FILE_TEST_EXISTS));
	g_assert_false(g_file_test(whole, G_FILE_TEST_EXISTS));
	g_autoptr(GString) text = report_render(report, "text", NULL);
	g_assert_nonnull(strstr(text->str, "\nOnly what this person may see: root as dora\n"));
	remove_all(folder);
}

static void
test_index(void)
{
	g_autofree char *folder = g_dir_make_tmp("reports-XXXXXX", NULL);
	g_autofree char *index = g_build_filename(folder, "index.html", NULL);
	g_autofree char *stranger = g_build_filename(folder, "2026", "11", "<b>.html", NULL);
	g_autofree char *page = NULL;
	g_autoptr(report) report = sample_report();
	sample_fold(report);
	struct stat status;

	report->trend.last = SAMPLE_DAY - 48 * SAMPLE_HOUR;
	report->trend.flags[VIEW_DAYS - 1] = 41;
	for (guint i = 0; i < 2; i++) {
		write_one(report, folder, "html", NULL);
		write_one(report, folder, "csv", NULL);
		report->from -= 24 * SAMPLE_HOUR;
		report->to -= 24 * SAMPLE_HOUR;
	}
	g_assert_true(g_file_set_contents(stranger, "x", 1, NULL));
	write_one(report, folder, "json", NULL);
	g_assert_true(g_file_get_contents(index, &page, NULL, NULL));
	const char *newer = strstr(page, "href=\"2026/11/2026-11-22.html\"");
	const char *older = strstr(page, "href=\"2026/11/2026-11-21.csv\"");
	g_test_message("newest first");
	g_assert_true(newer != NULL && older != NULL && newer < older);
	g_test_message("a calendar leads to the page of each day that has one, and to no other");
	const char *calendar = strstr(page, "class=\"calendar\"");
	g_assert_nonnull(calendar);
	g_assert_nonnull(strstr(calendar, "<td><a href=\"2026/11/2026-11-22.html\">22</a></td>"));
	g_assert_nonnull(strstr(calendar, "<td>23</td>"));
	g_test_message("how the flags went, drawn and in words");
	g_assert_nonnull(strstr(page, "<h2>Flags of thirty days</h2>"));
	g_assert_nonnull(strstr(page, "aria-label=\"Flags a day over 30 days: 41 in all"));
	g_test_message("up to the newest day of the store, whichever report was written last");
	g_assert_nonnull(strstr(page, "Up to 2026-11-20<"));
	g_test_message("other people's files are not listed");
	g_assert_null(strstr(page, "&lt;b"));
	g_test_message("not for everyone on the machine");
	g_assert_cmpint(g_stat(index, &status), ==, 0);
	g_assert_cmpuint(status.st_mode & 07, ==, 0);
	remove_all(folder);
}

static void
test_refused(void)
{
	static const char *const formats[] = { "pdf", NULL };
	g_autofree char *folder = g_dir_make_tmp("reports-XXXXXX", NULL);
	g_autoptr(report) report = sample_report();
	sample_fold(report);
	g_autoptr(GError) error = NULL;

	g_assert_false(report_write(report, folder, formats, NULL, &error));
	g_assert_error(error, FAULT, FAULT_USAGE);
	remove_all(folder);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/files/names", test_names);
	g_test_add_func("/files/index", test_index);
	g_test_add_func("/files/reader", test_reader);
	g_test_add_func("/files/refused", test_refused);
	return g_test_run();
}
