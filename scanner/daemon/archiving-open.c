/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What archives hold: opened, walked through, compared. Bytes that are not those that were recorded
 * are handed to nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/archiving-parts.h"
#include "daemon/openpgp-file.h"
#include "daemon/repacking.h"
#include "mail/tarball.h"
#include "worker/worker.h"

char *
archiving_folder(const struct config *config)
{
	return g_build_filename(config->data_dir, "archives", NULL);
}

int
archiving_scratch(const struct config *config, GError **error)
{
	g_autofree char *folder = archiving_folder(config);
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fault_errno(error, "%s", folder);
	return fd;
}

void
archiving_say_where(const struct archiving *archiving, GError **error)
{
	g_autofree char *folder = archiving_folder(archiving->config);

	if (error != NULL && g_error_matches(*error, FAULT, FAULT_IO) &&
	    strstr((*error)->message, archiving->config->data_dir) == NULL)
		g_prefix_error(error, "%s: ", folder);
}

int
archiving_lock(const struct config *config, GError **error)
{
	g_autofree char *folder = archiving_folder(config);
	g_autofree char *path = g_build_filename(folder, ARCHIVING_LOCK, NULL);

	if (!io_make_folders(folder, 0700, error))
		return -1;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		fault_errno(error, "%s", path);
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	g_set_error(error, FAULT, FAULT_RETRY,
	    "an archive is being made or restored, or copies rewritten, by another");
	io_close(&fd);
	return -1;
}

static bool
unpack(const struct archiving *archiving, int file, int tar, bool locked, GError **error)
{
	g_autofree char *most = g_strdup_printf("%" G_GUINT64_FORMAT, (guint64)G_MAXINT64 / 4);
	g_autofree char *lines = NULL;
	bool gaps;

	if (!repacking_run(WORKER_UNPACK, most, archiving->config->limits.worker_memory,
		locked ? archiving->passphrase : NULL, file, tar, &lines, &gaps, error))
		return false;
	if (!gaps)
		return true;
	bool denied = strstr(lines, "assphrase") != NULL || strstr(lines, "password") != NULL;
	g_strdelimit(g_strchomp(lines), "\n", ';');
	g_set_error(error, FAULT, denied ? FAULT_DENIED : FAULT_DATA, "%s", lines);
	return false;
}

int
archiving_unpack(
    const struct archiving *archiving, enum archiving_form form, int file, GError **error)
{
	int tar = archiving_scratch(archiving->config, error);
	int plain = -1;
	bool right = tar >= 0;

	if (right && form == ARCHIVING_OPENPGP) {
		plain = archiving_scratch(archiving->config, error);
		right =
		    plain >= 0 && openpgp_file_decrypt(file, plain, archiving->passphrase, error);
	}
	right = right && unpack(archiving, form == ARCHIVING_OPENPGP ? plain : file, tar,
			     form == ARCHIVING_ZIP, error);
	io_close(&plain);
	if (!right)
		io_close(&tar);
	return tar;
}

bool
archiving_walk(
    const struct archiving *archiving, int tar, archiving_each *each, void *data, GError **error)
{
	const struct limits *limits = &archiving->config->limits;
	g_autofree char *folder = archiving_folder(archiving->config);
	int copy = fcntl(tar, F_DUPFD_CLOEXEC, 0);
	g_autoptr(tarball) tarball = tarball_new(copy, limits->import, folder);
	GError *fault = NULL;
	guint64 size;
	int fd;

	while (tarball_next(tarball, &fd, &size, &fault)) {
		g_autofree char *sha256 = io_sha256(fd, NULL, &fault);
		bool right = sha256 != NULL && each(sha256, fd, size, data, &fault);
		io_close(&fd);
		if (!right)
			break;
	}
	if (fault == NULL && tarball_left_out(tarball) > 0)
		g_set_error(&fault, FAULT, FAULT_DATA, "%u entries are no messages",
		    tarball_left_out(tarball));
	if (fault == NULL)
		return true;
	g_propagate_error(error, fault);
	return false;
}

/* --- compare --- */

struct comparison {
	GHashTable *wanted; /* of digests; what was found leaves it */
};

static bool
strike(const char *sha256, G_GNUC_UNUSED int fd, G_GNUC_UNUSED guint64 size, void *data,
    GError **error)
{
	struct comparison *comparison = data;

	if (g_hash_table_remove(comparison->wanted, sha256))
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "it holds %s, which does not belong there", sha256);
	return false;
}

bool
archiving_compare(
    const struct archiving *archiving, int tar, const GPtrArray *digests, GError **error)
{
	g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
	struct comparison comparison = { wanted };

	for (guint i = 0; i < digests->len; i++)
		g_hash_table_add(wanted, digests->pdata[i]);
	bool right = archiving_walk(archiving, tar, strike, &comparison, error);
	io_close(&tar);
	if (right && g_hash_table_size(wanted) > 0) {
		g_set_error(error, FAULT, FAULT_DATA, "%u of its %u messages are not in it",
		    g_hash_table_size(wanted), digests->len);
		return false;
	}
	return right;
}

int
archiving_open(const struct archiving *archiving, const struct archive *archive, GError **error)
{
	g_autofree char *path = archiving_path(archiving, archive->file, false);
	g_autofree char *partial = archiving_path(archiving, archive->file, true);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	guint64 size = 0;

	/* One that was recorded just now has its name in a moment, or with the next archive. */
	if (fd < 0 && errno == ENOENT)
		fd = open(partial, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		if (errno == ENOENT)
			g_set_error(
			    error, FAULT, FAULT_DATA, "%s: it is missing: put it back", path);
		else
			fault_errno(error, "%s", path);
		return -1;
	}
	g_autofree char *sha256 = io_sha256(fd, &size, error);
	if (sha256 != NULL && size == archive->size && strcmp(sha256, archive->sha256) == 0)
		return fd;
	if (sha256 != NULL)
		g_set_error(error, FAULT, FAULT_DATA,
		    "%s: it was altered: its digest is now %s, not %s", path, sha256,
		    archive->sha256);
	io_close(&fd);
	return -1;
}
