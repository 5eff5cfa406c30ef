/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The archive's bytes are never looked at here: they go to another process as a descriptor, and
 * what comes of them is a tar file that the fetcher takes apart like any other.
 */
#include "daemon/imports-stage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/repacking.h"
#include "store/tar.h"
#include "worker/worker.h"

#define PIECE (128 * 1024)

static int
create(const char *path, GError **error)
{
	/* One that an interrupted import left is of the same name, and of no use. */
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		fault_errno(error, "%s", path);
	return fd;
}

/* --- archives --- */

bool
imports_stage_archive(const char *archive, const char *path, const struct limits *limits,
    char **lines, bool *gaps, GError **error)
{
	g_autofree char *most = g_strdup_printf("%" G_GUINT64_FORMAT, limits->import);
	int in = open(archive, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*lines = NULL;
	*gaps = false;
	if (in < 0) {
		fault_errno(error, "%s", archive);
		return false;
	}
	int out = create(path, error);
	bool right = out >= 0 && repacking_run(WORKER_UNPACK, most, limits->worker_memory, NULL, in,
				     out, lines, gaps, error);
	io_close(&in);
	io_close(&out);
	if (!right)
		unlink(path);
	return right;
}

/* --- files --- */

static bool
copy_file(int from, guint64 size, int to, guint64 *at, GError **error)
{
	g_autofree guchar *piece = g_malloc(PIECE);

	for (guint64 done = 0; done < size;) {
		gsize n = (gsize)MIN(PIECE, size - done);
		if (!io_pread_all(from, piece, n, done, error) ||
		    !io_pwrite_all(to, piece, n, *at, error))
			return false;
		done += n;
		*at += n;
	}
	return true;
}

/* An entry at *at, which moves behind it once all of it stands there. */
static bool
add_file(const char *file, guint number, int to, guint64 *at, GError **error)
{
	g_autofree char *name = g_strdup_printf("%08u.eml", number);
	static const guchar zeros[TAR_BLOCK];
	guchar header[TAR_BLOCK];
	struct stat status;
	int from = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	guint64 end = *at + TAR_BLOCK;

	if (from < 0 || fstat(from, &status) < 0) {
		fault_errno(error, "%s", file);
		io_close(&from);
		return false;
	}
	guint64 size = (guint64)status.st_size;
	tar_header(header, name, size, status.st_mtim.tv_sec);
	bool right = S_ISREG(status.st_mode) && copy_file(from, size, to, &end, error) &&
		     io_pwrite_all(to, zeros, tar_padding(size), end, error) &&
		     io_pwrite_all(to, header, sizeof header, *at, error);
	io_close(&from);
	if (right)
		*at = end + tar_padding(size);
	else if (error != NULL && *error == NULL)
		g_set_error(error, FAULT, FAULT_DATA, "%s: no regular file", file);
	return right;
}

bool
imports_stage_files(const GPtrArray *files, const char *path, imports_say *say, void *data,
    bool *gaps, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	guint64 at = 0;
	int to = create(path, error);

	for (guint i = 0; to >= 0 && i < files->len; i++) {
		g_autoptr(GError) fault = NULL;
		if (add_file(files->pdata[i], i + 1, to, &at, &fault))
			continue;
		*gaps = true;
		say(files->pdata[i], fault->message, true, data);
	}
	bool right = to >= 0 && ftruncate(to, (off_t)at) == 0 &&
		     io_pwrite_all(to, zeros, sizeof zeros, at, error);
	io_close(&to);
	if (!right)
		unlink(path);
	return right;
}
