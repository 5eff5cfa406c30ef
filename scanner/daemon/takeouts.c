/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never decodes anything itself: the parent reads headers of a tar file, checked one by one.
 */
#include "daemon/takeouts.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "daemon/repacking.h"
#include "store/tar.h"
#include "worker/worker.h"

/* SHA-256 -> GBytes, of a tar file whose headers hold. */
static GHashTable *
read_tar(GBytes *tar)
{
	GHashTable *files =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
	gsize size, at = 0;
	const guchar *data = g_bytes_get_data(tar, &size);

	while (size - at >= TAR_BLOCK) {
		char name[TAR_NAME + 1], sha256[DIGEST_HEX];
		guint64 length;
		if (!tar_read_header(data + at, name, &length) || length > size - at - TAR_BLOCK)
			break;
		at += TAR_BLOCK;
		digest_bytes(data + at, (gsize)length, sha256);
		g_hash_table_insert(
		    files, g_strdup(sha256), g_bytes_new_from_bytes(tar, at, (gsize)length));
		at += (gsize)MIN(length + tar_padding(length), size - at);
	}
	return files;
}

static bool
spool(GBytes *bytes, int *fd, GError **error)
{
	struct io_spool *spool = io_spool_new(g_get_tmp_dir());
	gsize size;
	const void *data = g_bytes_get_data(bytes, &size);

	*fd = -1;
	if (io_spool_write(spool, data, size, error))
		*fd = io_spool_finish(&spool, error);
	io_spool_free(spool);
	return *fd >= 0;
}

/* An empty table when the worker could not: what it was is in the log. */
static bool
run_worker(const char *sha256, int in, int out, const struct limits *limits, GError **error)
{
	g_autofree char *most = g_strdup_printf("%" G_GUINT64_FORMAT, limits->unpacked);
	g_autofree char *lines = NULL;
	g_autoptr(GError) trouble = NULL;
	bool gaps;

	if (repacking_run(WORKER_ATTACHMENTS, most, limits->worker_memory, NULL, in, out, &lines,
		&gaps, &trouble))
		return true;
	if (g_error_matches(trouble, FAULT, FAULT_IO)) {
		g_propagate_prefixed_error(
		    error, g_steal_pointer(&trouble), "attachments of %.12s: ", sha256);
		return false;
	}
	log_warning("attachments of %.12s: %s", sha256, trouble->message);
	return true;
}

GHashTable *
takeouts_decode(const char *sha256, GBytes *bytes, const struct limits *limits, GError **error)
{
	int in = -1, out = memfd_create("attachments", MFD_CLOEXEC);
	g_autoptr(GMappedFile) map = NULL;

	if (out < 0) {
		fault_errno(error, "attachments: memory");
		return NULL;
	}
	bool right = spool(bytes, &in, error) && run_worker(sha256, in, out, limits, error);
	io_close(&in);
	if (right)
		map = g_mapped_file_new_from_fd(out, FALSE, error);
	io_close(&out);
	if (map == NULL)
		return NULL;
	g_autoptr(GBytes) tar = g_mapped_file_get_bytes(map);
	return read_tar(tar);
}
