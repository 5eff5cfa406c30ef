/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report-index - one page over all reports that lie in a folder: a calendar for each month, the
 * other periods below it, and how the flags went.
 */
#include <string.h>

#include "base/clock.h"
#include "base/io.h"
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/report.h"

#define FILE_MODE   0640
#define DAY_NAME    10 /* characters of 2026-11-22 */
#define NAME_MAX_OK 200
/* Of file names that reports have. */
#define NAME_CHARACTERS "0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static int
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)b, *(const char *const *)a);
}

/* Names in a folder, newest first; those that reports have, and only those. */
static GPtrArray *
list_folder(const char *path, const char *allowed, gsize least)
{
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);

	for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
		gsize size = strlen(name);
		if (size >= least && size < NAME_MAX_OK && g_ascii_isdigit(name[0]) &&
		    strspn(name, allowed) == size)
			g_ptr_array_add(names, g_strdup(name));
	}
	g_ptr_array_sort(names, compare_names);
	return names;
}

/* A window with the forms that it has. */
struct window {
	char *name;
	GPtrArray *forms; /* of char *: "html" */
};

static void
window_free(gpointer data)
{
	struct window *window = data;

	g_free(window->name);
	g_ptr_array_unref(window->forms);
	g_free(window);
}

/* Of struct window, newest first. */
static GPtrArray *
list_windows(const char *path)
{
	GPtrArray *windows = g_ptr_array_new_with_free_func(window_free);
	g_autoptr(GPtrArray) names = list_folder(path, NAME_CHARACTERS, DAY_NAME);

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		const char *dot = strrchr(name, '.');
		struct window *last =
		    windows->len > 0 ? g_ptr_array_index(windows, windows->len - 1) : NULL;
		if (dot == NULL || dot - name < DAY_NAME)
			continue;
		g_autofree char *window = g_strndup(name, (gsize)(dot - name));
		if (last == NULL || strcmp(last->name, window) != 0) {
			last = g_new0(struct window, 1);
			last->name = g_steal_pointer(&window);
			last->forms = g_ptr_array_new_with_free_func(g_free);
			g_ptr_array_add(windows, last);
		}
		g_ptr_array_add(last->forms, g_strdup(dot + 1));
	}
	return windows;
}

static const struct window *
find_window(const GPtrArray *windows, const char *name)
{
	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = g_ptr_array_index(windows, i);
		if (strcmp(window->name, name) == 0)
			return window;
	}
	return NULL;
}

static void
put_link(GString *out, const char *month, const struct window *window, const char *form,
    const char *text)
{
	g_autofree char *href = g_strdup_printf("%s/%s.%s", month, window->name, form);

	html_raw(out, "<a");
	html_attribute(out, "href", href);
	html_raw(out, ">");
	html_text(out, text);
	html_raw(out, "</a>");
}

/* The page when there is one, else whatever there is. */
static const char *
best_form(const struct window *window)
{
	const char *best = g_ptr_array_index(window->forms, 0);

	for (guint i = 0; i < window->forms->len; i++) {
		if (strcmp(g_ptr_array_index(window->forms, i), "html") == 0)
			best = g_ptr_array_index(window->forms, i);
	}
	return best;
}

/* month: "2026/11" */
static void
put_calendar(GString *out, const char *month, const GPtrArray *windows)
{
	guint year = (guint)g_ascii_strtoull(month, NULL, 10);
	guint number = (guint)g_ascii_strtoull(month + strlen("2026/"), NULL, 10);

	if (!g_date_valid_dmy(1, (GDateMonth)number, (GDateYear)year))
		return;
	g_autoptr(GDate) first = g_date_new_dmy(1, (GDateMonth)number, (GDateYear)year);
	guint before = (guint)g_date_get_weekday(first) - 1;
	guint days = g_date_get_days_in_month((GDateMonth)number, (GDateYear)year);
	html_raw(out, "<table class=\"calendar\"><thead><tr><th scope=\"col\">Mo</th>"
		      "<th scope=\"col\">Tu</th><th scope=\"col\">We</th><th scope=\"col\">Th</th>"
		      "<th scope=\"col\">Fr</th><th scope=\"col\">Sa</th><th scope=\"col\">Su</th>"
		      "</tr></thead><tbody>\n");
	for (guint cell = 0; cell < before + days || cell % 7 != 0; cell++) {
		html_choose(out, cell % 7 == 0, "<tr>", "");
		html_raw(out, "<td>");
		if (cell >= before && cell < before + days) {
			g_autofree char *day = g_strdup_printf("%u", cell - before + 1);
			g_autofree char *name =
			    g_strdup_printf("%04u-%02u-%02u", year, number, cell - before + 1);
			const struct window *window = find_window(windows, name);
			if (window != NULL)
				put_link(out, month, window, best_form(window), day);
			else
				html_text(out, day);
		}
		html_choose(out, cell % 7 == 6, "</td></tr>\n", "</td>");
	}
	html_raw(out, "</tbody></table>\n");
}

/* All windows with all their forms. */
static void
put_list(GString *out, const char *month, const GPtrArray *windows)
{
	html_raw(out, "<details><summary>");
	html_count(out, windows->len, "report", "reports");
	html_raw(out, "</summary>\n<table class=\"index\"><thead><tr><th scope=\"col\">Period</th>"
		      "<th scope=\"col\">Report</th></tr></thead><tbody>\n");
	for (guint i = 0; i < windows->len; i++) {
		const struct window *window = g_ptr_array_index(windows, i);
		html_raw(out, "<tr><th scope=\"row\">");
		html_text(out, window->name);
		html_raw(out, "</th><td>");
		for (guint j = 0; j < window->forms->len; j++) {
			const char *form = g_ptr_array_index(window->forms, j);
			put_link(out, month, window, form, form);
			html_raw(out, " ");
		}
		html_raw(out, "</td></tr>\n");
	}
	html_raw(out, "</tbody></table></details>\n");
}

static void
put_month(GString *out, const char *folder, const char *month)
{
	g_autofree char *path = g_build_filename(folder, month, NULL);
	g_autoptr(GPtrArray) windows = list_windows(path);

	if (windows->len == 0)
		return;
	html_raw(out, "<section><h2>");
	html_text(out, month);
	html_raw(out, "</h2>\n");
	put_calendar(out, month, windows);
	put_list(out, month, windows);
	html_raw(out, "</section>\n");
}

/* Of the store, not of the report that is at hand: whichever was written last, it is the same. */
static void
put_trend(GString *out, const struct report *report)
{
	g_autofree char *day = clock_local(report->trend.last, report->zone);

	if (report->trend.last == 0)
		return;
	day[strlen("2026-11-22")] = '\0';
	html_raw(out, "<section><h2>Flags of thirty days</h2>\n<p class=\"quiet\">Up to ");
	html_text(out, day);
	html_raw(out, "</p>\n<div class=\"trend\">");
	chart_days(out, report->trend.flags, VIEW_DAYS, "Flags a day");
	html_raw(out, "</div>\n</section>\n");
}

bool
report_index(const struct report *report, const char *folder, GError **error)
{
	g_autofree char *name = report_index_name(report);
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autoptr(GPtrArray) years = list_folder(folder, "0123456789", 4);
	g_autoptr(GString) out = g_string_new(NULL);

	html_begin(out, "Flag reports");
	html_raw(out, "<header class=\"top\"><p class=\"org\">");
	html_text(out, report->organisation);
	html_raw(out, "</p>\n<h1>Flag reports</h1></header>\n<main>\n");
	put_trend(out, report);
	html_raw(out, "<div class=\"months\">\n");
	for (guint i = 0; i < years->len; i++) {
		const char *year = g_ptr_array_index(years, i);
		g_autofree char *of_year = g_build_filename(folder, year, NULL);
		g_autoptr(GPtrArray) months = list_folder(of_year, "0123456789", 2);
		for (guint j = 0; j < months->len; j++) {
			g_autofree char *month =
			    g_strdup_printf("%s/%s", year, (char *)g_ptr_array_index(months, j));
			put_month(out, folder, month);
		}
	}
	html_raw(out, "</div>\n</main>\n");
	html_end(out);
	return io_replace_file(path, out->str, out->len, FILE_MODE, error);
}
