/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_DAEMON_FOLDER_H
#define FLAGPOST_TESTS_DAEMON_FOLDER_H
/*
 * folder - a folder of a test's own, and files in it.
 */
#include <glib.h>
#include <glib/gstdio.h>

static inline char *
fresh_folder(void)
{
	char *path = g_dir_make_tmp("flagpost-config-XXXXXX", NULL);

	g_assert_nonnull(path);
	return path;
}

static inline char *
put_file(const char *folder, const char *name, const char *text)
{
	char *path = g_build_filename(folder, name, NULL);
	g_autofree char *parent = g_path_get_dirname(path);

	g_assert_cmpint(g_mkdir_with_parents(parent, 0700), ==, 0);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static inline void
remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *entry = g_build_filename(path, name, NULL);
		if (g_file_test(entry, G_FILE_TEST_IS_DIR) &&
		    !g_file_test(entry, G_FILE_TEST_IS_SYMLINK))
			remove_tree(entry);
		else
			g_unlink(entry);
	}
	g_rmdir(path);
}

#endif
