/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report-files - where reports lie: YYYY/MM/YYYY-MM-DD.html.
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
#include "reports/pseudonym.h"

#define FILE_MODE   0640
#define FOLDER_MODE 0750
#define SEALED_MODE 0600

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
	append_limit(name, "for", report->reader);
	if (report->pseudonyms != NULL)
		g_string_append(name, ".pseudonyms");
	g_string_append_printf(name, ".%s", emitter != NULL ? emitter->extension : format);
	return g_string_free(name, FALSE);
}

char *
report_index_name(const struct report *report)
{
	GString *name = g_string_new("index");

	append_limit(name, "for", report->reader);
	g_string_append(name, ".html");
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

/* Beside the report, for whoever may know whom its names stand for. */
static bool
write_sealed(const struct report *report, const char *target, GPtrArray *written, GError **error)
{
	if (report->pseudonyms == NULL)
		return true;
	g_autofree char *name = report_name(report, "sealed");
	g_autofree char *path = g_build_filename(target, name, NULL);
	g_autoptr(GBytes) sealed = pseudonyms_seal(report->pseudonyms, error);
	if (sealed == NULL || !io_replace_file(path, g_bytes_get_data(sealed, NULL),
				  g_bytes_get_size(sealed), SEALED_MODE, error))
		return false;
	g_ptr_array_add(written, g_steal_pointer(&path));
	return true;
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
			g_autofree char *known = g_strjoinv(", ", (GStrv)report_formats);
			g_set_error(error, FAULT, FAULT_USAGE, "report: %s is none of %s",
			    formats[i], known);
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
	if (!write_sealed(report, target, written, error) || !report_index(report, folder, error))
		return false;
	if (paths != NULL)
		*paths = g_steal_pointer(&written);
	return true;
}
