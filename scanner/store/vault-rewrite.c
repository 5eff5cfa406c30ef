/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never writes into a file that has a name.
 */
#include "store/vault-rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define VOLUMES_OF_DAY 99
#define CLOCK          6 /* of "090205-<sha256>.eml" */

struct vault_rewrite {
	struct vault *vault;
	char volume[40]; /* the old one */
	int from;
	struct vault_pen pen;
	char *folder; /* of its year */
};

struct vault_rewrite *
vault_rewrite_new(struct vault *vault, const char *volume, bool packs, GError **error)
{
	g_autoptr(vault_rewrite) rewrite = g_new0(struct vault_rewrite, 1);
	g_autofree char *path = g_build_filename(vault_folder(vault), volume, NULL);

	rewrite->vault = vault;
	g_strlcpy(rewrite->volume, volume, sizeof rewrite->volume);
	vault_pen_init(&rewrite->pen);
	rewrite->pen.keys = vault_keys(vault);
	rewrite->pen.packs = packs;
	rewrite->pen.level = packs ? SQUEEZE_WELL : SQUEEZE_FAST;
	rewrite->folder = g_path_get_dirname(path);
	rewrite->from = vault_open_volume(vault, volume, O_RDONLY, error);
	if (rewrite->from < 0)
		return NULL;
	vault_pen_turn(
	    &rewrite->pen, open(rewrite->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600), 0);
	if (rewrite->pen.fd >= 0)
		return g_steal_pointer(&rewrite);
	fault_errno(error, "%s", rewrite->folder);
	return NULL;
}

void
vault_rewrite_free(struct vault_rewrite *rewrite)
{
	if (rewrite == NULL)
		return;
	io_close(&rewrite->from);
	vault_pen_clear(&rewrite->pen);
	io_close(&rewrite->pen.fd);
	g_free(rewrite->folder);
	g_free(rewrite);
}

/* --- copies --- */

static bool
into_spool(const void *data, gsize size, void *user, GError **error)
{
	return io_spool_write(user, data, size, error);
}

/* The time of keeping as the old entry's name has it. */
static void
clock_of(int fd, guint64 offset, char clock[CLOCK + 1])
{
	guchar header[TAR_BLOCK];
	char name[TAR_NAME + 1];
	guint64 size;

	g_strlcpy(clock, "000000", CLOCK + 1);
	if (offset >= TAR_BLOCK &&
	    io_pread_all(fd, header, sizeof header, offset - TAR_BLOCK, NULL) &&
	    tar_read_header(header, name, &size) && name[CLOCK] == '-' &&
	    strspn(name, "0123456789") == CLOCK)
		g_strlcpy(clock, name, CLOCK + 1);
}

bool
vault_rewrite_put(struct vault_rewrite *rewrite, const struct vault_place *was, const char *sha256,
    gint64 mtime, struct vault_place *is, GError **error)
{
	struct io_spool *spool = io_spool_new(vault_folder(rewrite->vault));
	char clock[CLOCK + 1];
	bool right =
	    vault_pour(rewrite->vault, rewrite->from, was, sha256, into_spool, spool, error);
	guint64 size = io_spool_size(spool);
	int fd = right ? io_spool_finish(&spool, error) : -1;

	io_spool_free(spool);
	clock_of(rewrite->from, was->offset, clock);
	right = fd >= 0 && vault_pen_put(&rewrite->pen, fd, size, sha256, clock, mtime, is, error);
	io_close(&fd);
	if (!right)
		g_prefix_error(
		    error, "%s, at byte %" G_GUINT64_FORMAT ": ", was->volume, was->offset);
	return right;
}

bool
vault_rewrite_sync(struct vault_rewrite *rewrite, GError **error)
{
	if (!vault_pen_finish(&rewrite->pen, error))
		return false;
	if (fsync(rewrite->pen.fd) == 0)
		return true;
	fault_errno(error, "sync %s anew", rewrite->volume);
	return false;
}

bool
vault_rewrite_prove(
    struct vault_rewrite *rewrite, const struct vault_place *is, const char *sha256, GError **error)
{
	char hash[DIGEST_HEX];

	if (!vault_pour_digest(rewrite->vault, rewrite->pen.fd, is, sha256, hash, error))
		return false;
	if (strcmp(hash, sha256) == 0)
		return true;
	g_set_error(error, FAULT, FAULT_IO, "%s: what was written anew of %s is read otherwise",
	    rewrite->volume, sha256);
	return false;
}

guint64
vault_rewrite_end(const struct vault_rewrite *rewrite)
{
	return rewrite->pen.end;
}

/* --- names --- */

/* "2026/2026-11-22.tar", -2, ... */
static void
name_of(const char *volume, guint n, char out[40])
{
	int day = (int)strlen("2026/2026-11-22");

	if (n == 1)
		g_snprintf(out, 40, "%.*s.tar", day, volume);
	else
		g_snprintf(out, 40, "%.*s-%u.tar", day, volume, n);
}

bool
vault_rewrite_publish(struct vault_rewrite *rewrite, char name[40], GError **error)
{
	g_autofree char *self = g_strdup_printf("/proc/self/fd/%d", rewrite->pen.fd);

	for (guint n = 1; n <= VOLUMES_OF_DAY; n++) {
		name_of(rewrite->volume, n, name);
		g_autofree char *path = g_build_filename(vault_folder(rewrite->vault), name, NULL);
		if (linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
			return io_sync_folder(rewrite->folder, error);
		if (errno != EEXIST) {
			fault_errno(error, "%s", path);
			return false;
		}
	}
	g_set_error(error, FAULT, FAULT_DATA, "%s: there are %d volumes of its day",
	    rewrite->volume, VOLUMES_OF_DAY);
	return false;
}

void
vault_rewrite_withdraw(struct vault_rewrite *rewrite, const char *name)
{
	g_autofree char *path = g_build_filename(vault_folder(rewrite->vault), name, NULL);

	unlink(path);
}

int
vault_lock(struct vault *vault, GError **error)
{
	int fd = open(vault_folder(vault), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && TEMP_FAILURE_RETRY(flock(fd, LOCK_EX)) == 0)
		return fd;
	fault_errno(error, "lock %s", vault_folder(vault));
	io_close(&fd);
	return -1;
}

bool
vault_is_locked(struct vault *vault)
{
	int fd = open(vault_folder(vault), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	io_close(&fd);
	return locked;
}

void
vault_unlock(int *lock)
{
	io_close(lock);
}
