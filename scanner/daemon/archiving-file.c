/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of archive files. A new one is NAME.partial until the store has recorded it, so that
 * whatever ends a command in between, the store says of each such file whether it is an archive.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/archiving-parts.h"

#define PARTIAL ".partial"
#define PIECE   (1 << 20)

char *
archiving_path(const struct archiving *archiving, const char *file, bool partial)
{
	g_autofree char *folder = archiving_folder(archiving->config);

	return g_strconcat(folder, "/", file, partial ? PARTIAL : "", NULL);
}

int
archiving_begin(const struct archiving *archiving, const char *file, GError **error)
{
	g_autofree char *path = archiving_path(archiving, file, false);
	g_autofree char *partial = archiving_path(archiving, file, true);

	if (access(path, F_OK) == 0) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "%s: the store knows of no archive in this file: move it elsewhere", path);
		return -1;
	}
	int fd = open(partial, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		fault_errno(error, "%s", partial);
	return fd;
}

bool
archiving_publish(const struct archiving *archiving, const char *file, GError **error)
{
	g_autofree char *folder = archiving_folder(archiving->config);
	g_autofree char *path = archiving_path(archiving, file, false);
	g_autofree char *partial = archiving_path(archiving, file, true);

	if (rename(partial, path) < 0) {
		fault_errno(error, "%s", path);
		return false;
	}
	return io_sync_folder(folder, error);
}

bool
archiving_shred(const struct archiving *archiving, const char *file, GError **error)
{
	g_autofree char *folder = archiving_folder(archiving->config);
	g_autofree char *path = archiving_path(archiving, file, false);
	g_autofree guchar *zeros = g_malloc0(PIECE);
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	guint64 size = 0;

	if (fd < 0 && errno == ENOENT)
		return true;
	bool right = fd >= 0 && io_size(fd, &size, error);
	for (guint64 at = 0; right && at < size; at += PIECE)
		right = io_pwrite_all(fd, zeros, (gsize)MIN(PIECE, size - at), at, error);
	bool clean = right && fdatasync(fd) == 0 && unlink(path) == 0;
	if (fd < 0 || (right && !clean))
		fault_errno(error, "overwrite and remove %s", path);
	io_close(&fd);
	return clean && io_sync_folder(folder, error);
}

/* --- what a kill left --- */

static bool
is_recorded(const GPtrArray *all, const char *file)
{
	for (guint i = 0; i < all->len; i++)
		if (strcmp(((const struct archive *)all->pdata[i])->file, file) == 0)
			return true;
	return false;
}

/* One whose name has a file already was recorded, published, forgotten: it is no archive's. */
static bool
settle_one(
    const struct archiving *archiving, const GPtrArray *all, const char *name, GError **error)
{
	g_autofree char *file = g_strndup(name, strlen(name) - strlen(PARTIAL));
	g_autofree char *path = archiving_path(archiving, file, false);

	if (is_recorded(all, file) && access(path, F_OK) < 0)
		return archiving_publish(archiving, file, error);
	return archiving_shred(archiving, name, error);
}

bool
archiving_settle(const struct archiving *archiving, GError **error)
{
	g_autofree char *folder = archiving_folder(archiving->config);
	g_autoptr(GPtrArray) all = archive_list(archiving->view, error);
	g_autoptr(GDir) dir = all != NULL ? g_dir_open(folder, 0, error) : NULL;
	const char *name;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
		if (g_str_has_suffix(name, PARTIAL) && !settle_one(archiving, all, name, error))
			return false;
	return dir != NULL;
}

/* --- what lies beside --- */

static void
stranger_free(gpointer data)
{
	struct archiving_stranger *stranger = data;

	g_free(stranger->file);
	g_free(stranger);
}

static gint
compare_strangers(gconstpointer a, gconstpointer b)
{
	const struct archiving_stranger *const *one = a, *const *two = b;

	return strcmp((*one)->file, (*two)->file);
}

/* One that is recorded has its name in a moment, or with the next archive. */
static bool
is_archive(const GPtrArray *all, const char *name, bool *partial)
{
	g_autofree char *file = g_strdup(name);

	*partial = g_str_has_suffix(name, PARTIAL);
	if (*partial)
		file[strlen(name) - strlen(PARTIAL)] = '\0';
	return strcmp(name, ARCHIVING_LOCK) == 0 || is_recorded(all, file);
}

/* Looked at under the lock where that is free: what is made meanwhile is no stranger. */
GPtrArray *
archiving_strangers(const struct archiving *archiving, GError **error)
{
	g_autofree char *folder = archiving_folder(archiving->config);
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(stranger_free);
	g_autoptr(GError) busy = NULL;
	int lock = archiving_lock(archiving->config, &busy);
	g_autoptr(GPtrArray) all = archive_list(archiving->view, error);
	g_autoptr(GDir) dir = all != NULL ? g_dir_open(folder, 0, error) : NULL;
	const char *name;
	bool partial;

	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		if (is_archive(all, name, &partial) || (lock < 0 && partial))
			continue;
		struct archiving_stranger *stranger = g_new0(struct archiving_stranger, 1);
		stranger->file = g_filename_display_name(name);
		stranger->unfinished = partial;
		g_ptr_array_add(out, stranger);
	}
	io_close(&lock);
	if (dir == NULL)
		return NULL;
	g_ptr_array_sort(out, compare_strangers);
	return g_steal_pointer(&out);
}
