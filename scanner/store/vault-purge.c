/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One copy overwritten in its volume. Never touches bytes that are not the copy's: its entry must
 * name it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
static bool
overwrite(int fd, const struct vault_place *place, const char *sha256, GError **error)
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
	bool done = overwrite(fd, place, sha256, error);
	io_close(&fd);
	if (!done)
		g_prefix_error(error, "%s/%s: ", vault_folder(vault), place->volume);
	return done;
}
