/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/documents.h"

#include <string.h>

#include "base/fault.h"
#include "base/text.h"

static void
document_free(void *data)
{
	struct document *file = data;

	g_free(file->path);
	g_free(file->name);
	g_free(file);
}

static bool
add_file(GPtrArray *files, const char *path, const char *name, GError **error)
{
	struct document *file = g_new0(struct document, 1);

	file->path = g_strdup(path);
	file->name = text_printable(name, 0);
	g_ptr_array_add(files, file);
	if (files->len <= DOCUMENTS_MAX)
		return true;
	g_set_error(error, FAULT, FAULT_USAGE, "over 10,000 files; add them in several commands");
	return false;
}

static bool
add_path(GPtrArray *files, const char *path, const char *name, guint depth, GError **error)
{
	const char *entry;

	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return add_file(files, path, name, error);
	g_autoptr(GDir) dir = depth < DOCUMENTS_DEPTH_MAX ? g_dir_open(path, 0, error) : NULL;
	if (dir == NULL && depth >= DOCUMENTS_DEPTH_MAX)
		g_set_error(
		    error, FAULT, FAULT_USAGE, "%s: over 16 folders within one another", path);
	if (dir == NULL)
		return false;
	while ((entry = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, entry, NULL);
		g_autofree char *title =
		    depth > 0 ? g_build_filename(name, entry, NULL) : g_strdup(entry);
		/* A link might lead anywhere, or back. */
		bool wanted = entry[0] != '.' && !g_file_test(below, G_FILE_TEST_IS_SYMLINK);
		if (wanted && !add_path(files, below, title, depth + 1, error))
			return false;
	}
	return true;
}

static gint
by_name(gconstpointer a, gconstpointer b)
{
	const struct document *left = *(const struct document *const *)a;
	const struct document *right = *(const struct document *const *)b;

	return strcmp(left->name, right->name);
}

GPtrArray *
documents_find(char **paths, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(document_free);

	for (guint i = 0; paths[i] != NULL; i++) {
		g_autofree char *base = g_path_get_basename(paths[i]);
		if (!add_path(files, paths[i], base, 0, error))
			return NULL;
	}
	g_ptr_array_sort(files, by_name);
	return g_steal_pointer(&files);
}
