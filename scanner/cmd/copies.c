/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * All messages are looked up, and consent to each is asked for, before the first byte is written.
 */
#include "cmd/copies.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "cmd/bundle.h"
#include "cmd/progress.h"
#include "store/consent.h"

#define FILE_MODE   0600
#define FOLDER_MODE 0700
#define SUMS        "SHA256SUMS"
#define SUMS_MAX    (64 * 1024 * 1024)
#define SUM_PREFIX  (DIGEST_HEX - 1 + 2) /* of a line: the digest and two blanks */

struct copy {
	gint64 message;
	bool kept;
	char *sha256, *name;
};

struct laying {
	const struct report *report;
	GHashTable *seen;  /* digests; borrowed from copies */
	GPtrArray *copies; /* of struct copy */
};

static void
copy_free(gpointer data)
{
	struct copy *copy = data;

	g_free(copy->sha256);
	g_free(copy->name);
	g_free(copy);
}

static bool
note_message(struct view_flag *row, gpointer data, GError **error)
{
	g_autoptr(view_flag) flag = row;
	struct laying *laying = data;
	const struct view_message *message = flag->message;

	if (g_hash_table_contains(laying->seen, message->sha256))
		return true;
	if (message->has_copy &&
	    !consent_check(laying->report->view, message->sha256, clock_now(), error))
		return false;
	struct copy *copy = g_new0(struct copy, 1);
	copy->message = message->id;
	copy->kept = message->has_copy;
	copy->sha256 = g_strdup(message->sha256);
	copy->name = bundle_name(message, laying->report->zone);
	g_hash_table_add(laying->seen, copy->sha256);
	g_ptr_array_add(laying->copies, copy);
	return true;
}

/* The files that SHA256SUMS names, and none that its lines could lead elsewhere to. */
static bool
clear_folder(const char *folder, GError **error)
{
	g_autofree char *sums = g_build_filename(folder, SUMS, NULL);

	if (!g_file_test(sums, G_FILE_TEST_EXISTS))
		return true;
	g_autoptr(GBytes) bytes = io_read_file(sums, SUMS_MAX, error);
	if (bytes == NULL)
		return false;
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	g_autofree char *text = g_strndup(size > 0 ? data : "", size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		const char *name = strlen(lines[i]) > SUM_PREFIX ? lines[i] + SUM_PREFIX : "";
		if (!g_str_has_suffix(name, ".eml") || strchr(name, '/') != NULL)
			continue;
		g_autofree char *path = g_build_filename(folder, name, NULL);
		if (unlink(path) != 0 && errno != ENOENT) {
			fault_errno(error, "%s", path);
			return false;
		}
	}
	return true;
}

static bool
put_copy(const struct laying *laying, const struct copy *copy, const char *folder, GString *sums,
    struct copies *out, GError **error)
{
	g_autoptr(GError) trouble = NULL;
	g_autoptr(GBytes) bytes =
	    copy->kept ? view_copy(laying->report->view, copy->message, &trouble) : NULL;

	if (g_error_matches(trouble, FAULT, FAULT_DENIED)) {
		g_propagate_error(error, g_steal_pointer(&trouble));
		return false;
	}
	if (bytes == NULL) {
		fprintf(stderr, "flagpost report: %.12s: %s\n", copy->sha256,
		    trouble != NULL ? trouble->message : "no copy of it was kept");
		out->missing++;
		return true;
	}
	g_autofree char *path = g_build_filename(folder, copy->name, NULL);
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);
	g_string_append_printf(sums, "%s  %s\n", copy->sha256, copy->name);
	out->written++;
	return io_replace_file(path, data != NULL ? data : "", size, FILE_MODE, error);
}

static bool
put_all(const struct laying *laying, const char *folder, GHashTable *links, bool quiet,
    struct copies *out, GError **error)
{
	g_autoptr(progress) progress = progress_new(stderr, quiet);
	g_autoptr(GString) sums = g_string_new(NULL);
	g_autofree char *path = g_build_filename(folder, SUMS, NULL);
	g_autofree char *base = g_path_get_basename(folder);

	for (guint i = 0; i < laying->copies->len; i++) {
		const struct copy *copy = g_ptr_array_index(laying->copies, i);
		guint before = out->written;
		progress_set(progress, i + 1, laying->copies->len, "copies");
		if (!put_copy(laying, copy, folder, sums, out, error))
			return false;
		if (out->written > before)
			g_hash_table_insert(links, g_strdup(copy->sha256),
			    g_strconcat(base, "/", copy->name, NULL));
	}
	digest_bytes(sums->str, sums->len, out->digest);
	return io_replace_file(path, sums->str, sums->len, FILE_MODE, error);
}

static char *
folder_of(const struct report *report, const char *reports)
{
	g_autofree char *page = report_path(reports, report->from, report->to, report->zone);
	g_autofree char *month = g_path_get_dirname(page);
	g_autofree char *name = report_name(report, "copies");

	return g_build_filename(month, name, NULL);
}

bool
copies_put(
    struct report *report, const char *reports, bool quiet, struct copies *out, GError **error)
{
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(copy_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *folder = folder_of(report, reports);
	struct laying laying = { report, seen, copies };

	*out = (struct copies){ 0 };
	if (!view_flags_each(report->view, &report->which, note_message, &laying, error) ||
	    !io_make_folders(folder, FOLDER_MODE, error) || !clear_folder(folder, error))
		return false;
	if (chmod(folder, FOLDER_MODE) != 0) {
		fault_errno(error, "%s", folder);
		return false;
	}
	report->copies = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return put_all(&laying, folder, report->copies, quiet, out, error);
}
