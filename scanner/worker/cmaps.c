/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmaps - see cmaps.h. Never opens a file for a name that mail had a part in. */
#include "worker/cmaps.h"

#include <stdio.h>
#include <string.h>

#define FILES_MAX 1000
#define BYTES_MAX (64 * 1024 * 1024)
#define DEPTH_MAX 2

/* Of the program's life; GLib keeps it by this address, since nothing here may. */
static const char keeper[] = "flagpost-cmaps";

struct loading {
	GHashTable *files; /* path to GMappedFile */
	gsize bytes;
};

static void
load_file(struct loading *loading, const char *path)
{
	GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);
	gsize size = file != NULL ? g_mapped_file_get_length(file) : 0;

	if (size > 0 && size <= BYTES_MAX - loading->bytes &&
	    g_hash_table_size(loading->files) < FILES_MAX) {
		loading->bytes += size;
		g_hash_table_insert(loading->files, g_strdup(path), g_mapped_file_ref(file));
	}
	if (file != NULL)
		g_mapped_file_unref(file);
}

static void
load_folder(struct loading *loading, const char *folder, guint depth)
{
	GDir *names = g_dir_open(folder, 0, NULL);
	const char *name;

	if (names == NULL)
		return;
	while ((name = g_dir_read_name(names)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		if (!g_file_test(path, G_FILE_TEST_IS_DIR))
			load_file(loading, path);
		else if (depth < DEPTH_MAX)
			load_folder(loading, path, depth + 1);
	}
	g_dir_close(names);
}

static void
unload(gpointer files)
{
	g_hash_table_destroy(files);
}

gsize
cmaps_load(void)
{
	struct loading loading = { 0 };

	if (g_dataset_get_data(keeper, keeper) != NULL)
		return 0;
	loading.files = g_hash_table_new_full(
	    g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_mapped_file_unref);
	load_folder(&loading, FLAGPOST_POPPLER_DATA, 0);
	g_dataset_set_data_full(keeper, keeper, loading.files, unload);
	return loading.bytes;
}

/*
 * In place of the C library's for the whole program, libraries included. fopen64 is the same
 * function there on every 64-bit system; it is asked for by its other name.
 */
FILE *
fopen(const char *restrict path, const char *restrict mode)
{
	GHashTable *files;
	GMappedFile *file = NULL;

	/* Libraries open files before GLib is there to be asked. */
	if (strncmp(path, FLAGPOST_POPPLER_DATA "/", sizeof FLAGPOST_POPPLER_DATA) == 0 &&
	    (files = g_dataset_get_data(keeper, keeper)) != NULL)
		file = g_hash_table_lookup(files, path);
	if (file == NULL || *mode != 'r')
		return fopen64(path, mode);
	return fmemopen(g_mapped_file_get_contents(file), g_mapped_file_get_length(file), "r");
}
