/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_IO_H
#define FLAGPOST_BASE_IO_H
/*
 * io - descriptors and durable files: whole reads and writes, spools, atomic replacement.
 *
 * Every function that fails sets FAULT_IO (FAULT_DENIED for permissions) with the path or
 * the act in the text. Interrupted calls are repeated.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

void io_close(int *fd); /* closes and sets to -1; does nothing for -1; keeps errno */

bool io_write_all(int fd, const void *data, gsize size, GError **error);
bool io_pwrite_all(int fd, const void *data, gsize size, guint64 offset, GError **error);
/* Reads exactly size bytes at offset; a short file is FAULT_DATA. */
bool io_pread_all(int fd, void *data, gsize size, guint64 offset, GError **error);
/* Size of a regular file or memfd behind fd. */
bool io_size(int fd, guint64 *out, GError **error);
/* All bytes of a regular file or memfd, at most max; more is FAULT_DATA. Does not move the offset.
 */
GBytes *io_read_fd(int fd, gsize max, GError **error);
GBytes *io_read_file(const char *path, gsize max, GError **error);

/* SHA-256 of all bytes behind fd, in lower-case hex; *size too. Uses pread only. */
char *io_sha256(int fd, guint64 *size, GError **error);

/* Creates path, or replaces it atomically and durably (temporary file, fsync, rename, fsync of
 * folder). */
bool io_replace_file(const char *path, const void *data, gsize size, unsigned mode, GError **error);
/* mkdir -p with that mode for what is created. */
bool io_make_folders(const char *path, unsigned mode, GError **error);
bool io_sync_folder(const char *path, GError **error);
/* fdatasync(2). What the kernel calls an I/O error, since it gave up the file system behind fd
 * and lets nobody write there any more, is said to be a read-only file system. */
bool io_sync_data(int fd, GError **error);

/*
 * spool - the exact bytes of one message on their way between processes.
 *
 * Small ones live in a memfd, those over SPOOL_MEMORY_MAX move to an unlinked file in the
 * folder given. Writes are gathered. io_spool_finish gives a read-only descriptor that can be
 * passed on; nobody can change the bytes behind it any more.
 */
#define SPOOL_MEMORY_MAX (1024 * 1024)

struct io_spool;
struct io_spool *io_spool_new(const char *folder); /* folder borrowed for its life */
bool io_spool_write(struct io_spool *spool, const void *data, gsize size, GError **error);
guint64 io_spool_size(const struct io_spool *spool);
int io_spool_finish(struct io_spool **spool, GError **error); /* frees; -1 on error */
void io_spool_free(struct io_spool *spool);

#endif
