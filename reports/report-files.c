/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report-files - where reports lie: YYYY/MM/YYYY-MM-DD.html and an index of all of them.
 *
 * A name says what a report covers, so a report on two hours never takes the place of that
 * day's. Files are replaced whole or not at all.
 */
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/replace.h"
#include "reports/emit.h"
#include "reports/html.h"

#define FILE_MODE   0640
#define FOLDER_MODE 0750
#define NAME_MAX_OK 200
/* Of file names that reports have. */
#define NAME_CHARACTERS "0123456789-_.ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* "2026-11-22", "2026-11-01--2026-11-30", or with times when the window is not of whole days. */
static char *
window_name(gint64 begin, gint64 end, GTimeZone *zone)
{
	gint64 first, first_end, last, last_end;

	clock_day(begin, zone, &first, &first_end);
	clock_day(end - 1, zone, &last, &last_end);
	g_autofree char *from = clock_local(begin, zone);
	g_autofree char *to = clock_local(end - 1, zone);
	if (first == begin && last_end == end) {
		from[strlen("2026-11-22")] = '\0';
		to[strlen("2026-11-22")] = '\0';
		if (strcmp(from, to) == 0)
			return g_steal_pointer(&from);
		return g_strdup_printf("%s--%s", from, to);
	}
	g_autofree char *until = clock_local(end, zone);
	char *name = g_strdup_printf("%s--%s", from, until);
	/* "2026-11-22 09:02" without characters that other systems refuse in a name. */
	g_strdelimit(name, " ", 'T');
	for (char *colon; (colon = strchr(name, ':')) != NULL;)
		memmove(colon, colon + 1, strlen(colon));
	return name;
}

/* ".rule-codename": a report on a part never takes the place of the whole. */
static void
append_limit(GString *name, const char *kind, const char *limit)
{
	if (limit[0] == '\0')
		return;
	g_string_append_printf(name, ".%s-", kind);
	for (const char *p = limit; *p != '\0'; p++)
		g_string_append_c(name, g_ascii_isalnum(*p) || *p == '-' ? *p : '_');
}

char *
report_name(const struct report *report, const char *format)
{
	const struct emitter *emitter = emit_find(format);
	g_autofree char *window = window_name(report->from, report->to, report->zone);
	GString *name = g_string_new(window);

	append_limit(name, "rule", report->rule);
	append_limit(name, "account", report->account);
	append_limit(name, "group", report->group);
	g_string_append_printf(name, ".%s", emitter != NULL ? emitter->extension : format);
	return g_string_free(name, FALSE);
}

char *
report_path(const char *folder, gint64 from, gint64 to, GTimeZone *zone)
{
	g_autofree char *window = window_name(from, to, zone);
	g_autofree char *year = g_strndup(window, 4);
	g_autofree char *month = g_strndup(window + 5, 2);
	g_autofree char *name = g_strconcat(window, ".html", NULL);

	return g_build_filename(folder, year, month, name, NULL);
}

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

static void
put_link(GString *out, const char *href, const char *text)
{
	html_raw(out, "<a");
	html_attribute(out, "href", href);
	html_raw(out, ">");
	html_text(out, text);
	html_raw(out, "</a>");
}

/* A row for each window, with a link for each form of it. */
static guint
put_month(GString *out, const char *folder, const char *year, const char *month)
{
	g_autofree char *path = g_build_filename(folder, year, month, NULL);
	g_autoptr(GPtrArray) names = list_folder(path, NAME_CHARACTERS, 10);
	g_autofree char *last = NULL;
	guint rows = 0;

	for (guint i = 0; i < names->len; i++) {
		const char *name = g_ptr_array_index(names, i);
		const char *dot = strrchr(name, '.');
		if (dot == NULL || dot - name < 10)
			continue;
		g_autofree char *window = g_strndup(name, (gsize)(dot - name));
		g_autofree char *href = g_strdup_printf("%s/%s/%s", year, month, name);
		if (last == NULL || strcmp(last, window) != 0) {
			html_choose(out, rows > 0, "</td></tr>\n", "");
			html_raw(out, "<tr><th scope=\"row\">");
			html_text(out, window);
			html_raw(out, "</th><td>");
			rows++;
		}
		put_link(out, href, dot + 1);
		html_raw(out, " ");
		g_free(last);
		last = g_steal_pointer(&window);
	}
	html_choose(out, rows > 0, "</td></tr>\n", "");
	return rows;
}

static void
put_index(GString *out, const char *folder, const char *organisation)
{
	g_autoptr(GPtrArray) years = list_folder(folder, "0123456789", 4);

	html_begin(out, "Flag reports");
	html_raw(out, "<header class=\"top\"><p class=\"org\">");
	html_text(out, organisation);
	html_raw(out, "</p>\n<h1>Flag reports</h1></header>\n<main>\n");
	for (guint i = 0; i < years->len; i++) {
		const char *year = g_ptr_array_index(years, i);
		g_autofree char *path = g_build_filename(folder, year, NULL);
		g_autoptr(GPtrArray) months = list_folder(path, "0123456789", 2);
		for (guint j = 0; j < months->len; j++) {
			const char *month = g_ptr_array_index(months, j);
			html_raw(out, "<section><h2>");
			html_text(out, year);
			html_raw(out, "-");
			html_text(out, month);
			html_raw(out, "</h2>\n<table class=\"index\"><thead><tr><th scope=\"col\">"
				      "Period</th><th scope=\"col\">Report</th></tr></thead>"
				      "<tbody>\n");
			put_month(out, folder, year, month);
			html_raw(out, "</tbody></table></section>\n");
		}
	}
	html_raw(out, "</main>\n");
	html_end(out);
}

static bool
write_index(const struct report *report, const char *folder, GError **error)
{
	g_autofree char *path = g_build_filename(folder, "index.html", NULL);
	g_autoptr(GString) page = g_string_new(NULL);

	put_index(page, folder, report->organisation);
	return io_replace_file(path, page->str, page->len, FILE_MODE, error);
}

static bool
to_file(const char *text, gsize size, gpointer data, GError **error)
{
	return replace_write(data, text, size, error);
}

static bool
write_form(const struct report *report, const char *format, const char *path, GError **error)
{
	g_autoptr(replace) file = replace_new(path, FILE_MODE, error);

	return file != NULL && report_stream(report, format, to_file, file, error) &&
	       replace_finish(file, error);
}

bool
report_write(const struct report *report, const char *folder, const char *const *formats,
    GPtrArray **paths, GError **error)
{
	g_autoptr(GPtrArray) written = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *window = window_name(report->from, report->to, report->zone);
	g_autofree char *year = g_strndup(window, 4);
	g_autofree char *month = g_strndup(window + 5, 2);
	g_autofree char *target = g_build_filename(folder, year, month, NULL);

	for (gsize i = 0; formats[i] != NULL; i++) {
		if (emit_find(formats[i]) == NULL) {
			g_set_error(error, FAULT, FAULT_USAGE,
			    "report: %s is none of html, csv, json, jsonl, text", formats[i]);
			return false;
		}
		if (!io_make_folders(target, FOLDER_MODE, error))
			return false;
		g_autofree char *name = report_name(report, formats[i]);
		g_autofree char *path = g_build_filename(target, name, NULL);
		if (!write_form(report, formats[i], path, error))
			return false;
		g_ptr_array_add(written, g_steal_pointer(&path));
	}
	if (!write_index(report, folder, error))
		return false;
	if (paths != NULL)
		*paths = g_steal_pointer(&written);
	return true;
}
