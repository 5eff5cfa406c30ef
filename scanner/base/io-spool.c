/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The spool of io.h: one message's bytes in a sealed memfd or an unlinked file.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"

#define GATHER_BYTES 65536
#define SPOOL_SEALS  (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

struct io_spool {
	const char *folder; /* borrowed */
	int fd;             /* -1 until the first flush */
	bool in_file;
	guint64 flushed; /* bytes behind fd */
	gsize gathered;  /* bytes in buffer */
	guchar buffer[GATHER_BYTES];
};

struct io_spool *
io_spool_new(const char *folder)
{
	struct io_spool *spool = g_new(struct io_spool, 1);

	spool->folder = folder;
	spool->fd = -1;
	spool->in_file = false;
	spool->flushed = 0;
	spool->gathered = 0;
	return spool;
}

void
io_spool_free(struct io_spool *spool)
{
	if (spool == NULL)
		return;
	io_close(&spool->fd);
	g_free(spool);
}

guint64
io_spool_size(const struct io_spool *spool)
{
	return spool->flushed + spool->gathered;
}

/* A file without a name. Read-only for everybody who did not make it. -1 on error. */
static int
open_unnamed(const char *folder, GError **error)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0400);

	if (fd >= 0)
		return fd;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
		fault_errno(error, "spool in %s", folder);
		return -1;
	}
	/* Some file systems (overlay, NFS, FUSE) have no O_TMPFILE. */
	g_autofree char *path = g_build_filename(folder, ".spool.XXXXXX", NULL);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0 || unlink(path) < 0 || fchmod(fd, 0400) < 0) {
		fault_errno(error, "spool in %s", folder);
		io_close(&fd);
	}
	return fd;
}

/* Copies what the memfd holds into a file, which takes its place. */
static bool
move_to_file(struct io_spool *spool, GError **error)
{
	int file = open_unnamed(spool->folder, error);

	if (file < 0)
		return false;
	g_autofree guchar *block = g_malloc(GATHER_BYTES);
	for (guint64 at = 0; at < spool->flushed;) {
		gsize n = (gsize)MIN(spool->flushed - at, (guint64)GATHER_BYTES);
		if (!io_pread_all(spool->fd, block, n, at, error) ||
		    !io_write_all(file, block, n, error)) {
			io_close(&file);
			return false;
		}
		at += n;
	}
	io_close(&spool->fd);
	spool->fd = file;
	spool->in_file = true;
	return true;
}

static bool
append(struct io_spool *spool, const void *data, gsize size, GError **error)
{
	if (spool->fd < 0) {
		spool->fd = memfd_create("flagpost-spool", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		if (spool->fd < 0) {
			fault_errno(error, "create a memory file");
			return false;
		}
	}
	if (!spool->in_file && spool->flushed + size > SPOOL_MEMORY_MAX &&
	    !move_to_file(spool, error))
		return false;
	if (!io_write_all(spool->fd, data, size, error)) {
		g_prefix_error(error, "spool: ");
		return false;
	}
	spool->flushed += size;
	return true;
}

static bool
flush(struct io_spool *spool, GError **error)
{
	if (!append(spool, spool->buffer, spool->gathered, error))
		return false;
	spool->gathered = 0;
	return true;
}

bool
io_spool_write(struct io_spool *spool, const void *data, gsize size, GError **error)
{
	if (size == 0)
		return true;
	if (size > GATHER_BYTES - spool->gathered && spool->gathered > 0 && !flush(spool, error))
		return false;
	if (size >= GATHER_BYTES)
		return append(spool, data, size, error);
	memcpy(spool->buffer + spool->gathered, data, size);
	spool->gathered += size;
	return true;
}

int
io_spool_finish(struct io_spool **spool, GError **error)
{
	g_autofree char *path = NULL;
	int out = -1;

	/* An empty message has a descriptor too. */
	if (!flush(*spool, error))
		goto done;
	if (!(*spool)->in_file && fcntl((*spool)->fd, F_ADD_SEALS, SPOOL_SEALS) < 0) {
		fault_errno(error, "seal a memory file");
		goto done;
	}
	path = g_strdup_printf("/proc/self/fd/%d", (*spool)->fd);
	out = open(path, O_RDONLY | O_CLOEXEC);
	if (out < 0)
		fault_errno(error, "open %s for reading", path);
done:
	io_spool_free(g_steal_pointer(spool));
	return out;
}
