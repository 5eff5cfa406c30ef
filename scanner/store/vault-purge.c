/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is no longer to be kept is overwritten: one copy in its volume, or a volume as a whole.
 * Never touches bytes that are not the copy's: its entry must name it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define PIECE (256 * 1024)

/* "090205-<sha256>.eml" becomes "090205-<sha256>.purged"; also when it was so before. */
static bool
rename_entry(int fd, guint64 offset, guint64 length, const char *sha256, GError **error)
{
	guchar header[TAR_BLOCK];
	char name[TAR_NAME + 1];
	guint64 size;

	if (!io_pread_all(fd, header, sizeof header, offset - TAR_BLOCK, error))
		return false;
	const char *dash = tar_read_header(header, name, &size) ? strchr(name, '-') : NULL;
	if (dash == NULL || size != length || strncmp(dash + 1, sha256, DIGEST_HEX - 1) != 0) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the entry there is not that of %s: nothing is overwritten", sha256);
		return false;
	}
	g_autofree char *purged =
	    g_strdup_printf("%.*s-%s.purged", (int)(dash - name), name, sha256);
	tar_rename(header, purged);
	return io_pwrite_all(fd, header, sizeof header, offset - TAR_BLOCK, error);
}

static bool
write_zeros(int fd, guint64 offset, guint64 length, GError **error)
{
	g_autofree guchar *zeros = g_malloc0(PIECE);

	for (guint64 done = 0; done < length;) {
		gsize n = (gsize)MIN(PIECE, length - done);
		if (!io_pwrite_all(fd, zeros, n, offset + done, error))
			return false;
		done += n;
	}
	return true;
}

static bool
sync_it(int fd, GError **error)
{
	if (fdatasync(fd) == 0)
		return true;
	fault_errno(error, "sync");
	return false;
}

/* Zeros reach the disk before the hole gives its blocks away: what is freed holds nothing. */
bool
vault_overwrite_at(int fd, const struct vault_place *place, const char *sha256, GError **error)
{
	guint64 size;

	if (!io_size(fd, &size, error))
		return false;
	if (place->offset < TAR_BLOCK || place->offset > size ||
	    place->length > size - place->offset) {
		g_set_error(error, FAULT, FAULT_DATA, "the volume ends before the copy does");
		return false;
	}
	if (!rename_entry(fd, place->offset, place->length, sha256, error) ||
	    !write_zeros(fd, place->offset, place->length, error) || !sync_it(fd, error))
		return false;
	if (place->length == 0 || fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				      (off_t)place->offset, (off_t)place->length) == 0)
		return true;
	if (errno == EOPNOTSUPP || errno == ENOSYS)
		return true; /* this file system has no holes: the zeros stay */
	fault_errno(error, "punch a hole");
	return false;
}

bool
vault_overwrite(
    struct vault *vault, const struct vault_place *place, const char *sha256, GError **error)
{
	int fd = vault_open_volume(vault, place->volume, O_RDWR, error);

	if (fd < 0)
		return false;
	bool done = vault_overwrite_at(fd, place, sha256, error);
	io_close(&fd);
	if (!done)
		g_prefix_error(error, "%s/%s: ", vault_folder(vault), place->volume);
	return done;
}

/* --- a volume --- */

/* Holes are left: they hold nothing, and writing them would take space that there may not be. */
static bool
zero_data(int fd, guint64 size, GError **error)
{
	for (guint64 at = 0; at < size;) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			return true;
		guint64 from = data >= 0 ? (guint64)data : at;
		off_t hole = data >= 0 ? lseek(fd, data, SEEK_HOLE) : -1;
		guint64 to = hole > data ? MIN((guint64)hole, size) : size;
		if (!write_zeros(fd, from, to - from, error))
			return false;
		at = to;
	}
	return true;
}

static bool
zero_file(const char *path, GError **error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	guint64 size = 0;

	if (fd < 0 && errno == ELOOP)
		return true; /* a link, whose target is not ours */
	if (fd < 0) {
		fault_errno(error, "open");
		return false;
	}
	bool right = io_size(fd, &size, error) && zero_data(fd, size, error) && sync_it(fd, error);
	io_close(&fd);
	return right;
}

/* Zeros reach the disk before the blocks are given away. One that is gone already is no fault. */
bool
vault_shred(struct vault *vault, const char *name, GError **error)
{
	g_autofree char *path = g_build_filename(vault_folder(vault), name, NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	struct stat status;

	if (lstat(path, &status) < 0 && errno == ENOENT)
		return true;
	if (!zero_file(path, error)) {
		g_prefix_error(error, "overwrite %s: ", path);
		return false;
	}
	if (unlink(path) < 0) {
		fault_errno(error, "remove %s", path);
		return false;
	}
	return io_sync_folder(folder, error);
}
