/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Descriptors and durable files. What is said to be written is on the disk when a function
 * that promises durability returns; nothing here ever leaves half a file under its final name.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"

#define BLOCK_BYTES 65536

void
io_close(int *fd)
{
	int saved = errno;

	/* Linux frees the number even when close is interrupted: it must not be repeated. */
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

bool
io_write_all(int fd, const void *data, gsize size, GError **error)
{
	const char *at = data;

	while (size > 0) {
		ssize_t n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_errno(error, "write");
			return false;
		}
		at += n;
		size -= (gsize)n;
	}
	return true;
}

bool
io_pwrite_all(int fd, const void *data, gsize size, guint64 offset, GError **error)
{
	const char *at = data;

	while (size > 0) {
		ssize_t n = pwrite(fd, at, size, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_errno(error, "write at %" G_GUINT64_FORMAT, offset);
			return false;
		}
		at += n;
		size -= (gsize)n;
		offset += (guint64)n;
	}
	return true;
}

/* Like pread, repeated when interrupted; -1 after an error. */
static gssize
read_some(int fd, void *data, gsize size, guint64 offset, GError **error)
{
	for (;;) {
		ssize_t n = pread(fd, data, size, (off_t)offset);
		if (n >= 0)
			return n;
		if (errno != EINTR) {
			fault_errno(error, "read at %" G_GUINT64_FORMAT, offset);
			return -1;
		}
	}
}

bool
io_pread_all(int fd, void *data, gsize size, guint64 offset, GError **error)
{
	char *at = data;

	while (size > 0) {
		gssize n = read_some(fd, at, size, offset, error);
		if (n < 0)
			return false;
		if (n == 0) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "read at %" G_GUINT64_FORMAT ": the file ends %" G_GSIZE_FORMAT
			    " bytes early",
			    offset, size);
			return false;
		}
		at += n;
		size -= (gsize)n;
		offset += (guint64)n;
	}
	return true;
}

bool
io_size(int fd, guint64 *out, GError **error)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		fault_errno(error, "stat");
		return false;
	}
	if (!S_ISREG(st.st_mode)) {
		g_set_error(error, FAULT, FAULT_IO, "not a regular file%s",
		    S_ISDIR(st.st_mode) ? " but a folder" : "");
		return false;
	}
	*out = (guint64)st.st_size;
	return true;
}

GBytes *
io_read_fd(int fd, gsize max, GError **error)
{
	guint64 size;

	if (!io_size(fd, &size, error))
		return NULL;
	if (size > max) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "%" G_GUINT64_FORMAT " bytes, more than the %" G_GSIZE_FORMAT " allowed", size,
		    max);
		return NULL;
	}
	g_autofree char *data = g_try_malloc(MAX(size, 1));
	if (data == NULL) {
		g_set_error(
		    error, FAULT, FAULT_IO, "no memory for %" G_GUINT64_FORMAT " bytes", size);
		return NULL;
	}
	if (!io_pread_all(fd, data, size, 0, error))
		return NULL;
	return g_bytes_new_take(g_steal_pointer(&data), size);
}

GBytes *
io_read_file(const char *path, gsize max, GError **error)
{
	/* Non-blocking, because opening a named pipe would wait for its other end for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return NULL;
	}
	GBytes *bytes = io_read_fd(fd, max, error);
	if (bytes == NULL)
		g_prefix_error(error, "%s: ", path);
	io_close(&fd);
	return bytes;
}

char *
io_sha256(int fd, guint64 *size, GError **error)
{
	g_autoptr(digest) digest = digest_new();
	g_autofree guchar *block = g_malloc(BLOCK_BYTES);
	guint64 total = 0;

	for (;;) {
		gssize n = read_some(fd, block, BLOCK_BYTES, total, error);
		if (n < 0)
			return NULL;
		if (n == 0)
			break;
		digest_update(digest, block, (gsize)n);
		total += (guint64)n;
	}
	if (size != NULL)
		*size = total;
	char hex[DIGEST_HEX];
	digest_finish(digest, hex);
	return g_strdup(hex);
}

bool
io_sync_folder(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0) {
		fault_errno(error, "sync %s", path);
		io_close(&fd);
		return false;
	}
	io_close(&fd);
	return true;
}

bool
io_sync_data(int fd, GError **error)
{
	struct statvfs system;

	if (fdatasync(fd) == 0)
		return true;
	if (errno == EIO && fstatvfs(fd, &system) == 0 && (system.f_flag & ST_RDONLY) != 0)
		errno = EROFS;
	fault_errno(error, "sync");
	return false;
}

static bool
write_temporary(
    int fd, const char *path, const void *data, gsize size, unsigned mode, GError **error)
{
	if (fchmod(fd, (mode_t)mode) < 0) {
		fault_errno(error, "change the mode of %s", path);
		return false;
	}
	if (!io_write_all(fd, data, size, error)) {
		g_prefix_error(error, "%s: ", path);
		return false;
	}
	if (fsync(fd) < 0) {
		fault_errno(error, "sync %s", path);
		return false;
	}
	return true;
}

bool
io_replace_file(const char *path, const void *data, gsize size, unsigned mode, GError **error)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *hidden = g_strdup_printf(".%s.XXXXXX", name);
	g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
	int fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0) {
		fault_errno(error, "create %s", temporary);
		return false;
	}
	bool written = write_temporary(fd, temporary, data, size, mode, error);
	io_close(&fd);
	if (written && rename(temporary, path) < 0) {
		fault_errno(error, "rename %s to %s", temporary, path);
		written = false;
	}
	if (!written) {
		unlink(temporary);
		return false;
	}
	return io_sync_folder(folder, error);
}

bool
io_make_folders(const char *path, unsigned mode, GError **error)
{
	struct stat st;

	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return true;
		errno = ENOTDIR;
		fault_errno(error, "%s", path);
		return false;
	}
	g_autofree char *parent = g_path_get_dirname(path);
	/* A broken link is found here again as EEXIST, so this ends at "/" or "." at the latest. */
	if (strcmp(parent, path) != 0 && !io_make_folders(parent, mode, error))
		return false;
	if (mkdir(path, (mode_t)mode) < 0) {
		/* Somebody else may have made it meanwhile. */
		int saved = errno;
		if (saved == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			return true;
		errno = saved;
		fault_errno(error, "make folder %s", path);
		return false;
	}
	return io_sync_folder(parent, error);
}
