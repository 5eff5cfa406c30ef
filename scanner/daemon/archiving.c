/* SPDX-License-Identifier: GPL-3.0-or-later */
/* archiving - see archiving.h. No copy leaves its volume before all of them were read again. */
#include "daemon/archiving.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/io.h"
#include "daemon/archiving-parts.h"
#include "daemon/copies.h"
#include "daemon/openpgp-file.h"
#include "daemon/repacking.h"
#include "store/leaving.h"
#include "store/store.h"
#include "store/tar.h"
#include "worker/worker.h"

const char *const archiving_form_words[] = { "tar", "openpgp", "zip", NULL };
static const char *const endings[] = { ".tar.zst", ".tar.zst.gpg", ".zip" };

char *
archiving_month(const struct config *config, gint64 now)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, config->zone);

	return g_date_time_format(local, "%Y-%m");
}

static void
say(const struct archiving *archiving, guint64 done, guint64 all, const char *what)
{
	if (archiving->progress != NULL)
		archiving->progress(done, all, what, archiving->data);
}

/* --- a plain tar file of all copies --- */

/* "2026-10-05/090205-<sha256>.eml": the volume's day, the time of keeping. */
static char *
entry_name(const struct archiving *archiving, const struct archive_copy *copy)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(copy->copied / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, archiving->config->zone);
	g_autofree char *time = g_date_time_format(local, "%H%M%S");

	return g_strdup_printf(
	    "%.10s/%s-%s.eml", copy->place.volume + strlen("2026/"), time, copy->sha256);
}

static bool
write_copy(const struct archiving *archiving, const struct archive_copy *copy, int tar, guint64 *at,
    GError **error)
{
	static const guchar zeros[TAR_BLOCK];
	g_autoptr(GBytes) bytes = archive_read(archiving->view, copy, error);
	g_autofree char *name = entry_name(archiving, copy);
	guchar header[TAR_BLOCK];
	gsize size;

	if (bytes == NULL)
		return false;
	const void *data = g_bytes_get_data(bytes, &size);
	tar_header(header, name, size, copy->copied / G_USEC_PER_SEC);
	if (!io_pwrite_all(tar, header, sizeof header, *at, error) ||
	    !io_pwrite_all(tar, data, size, *at + TAR_BLOCK, error) ||
	    !io_pwrite_all(tar, zeros, tar_padding(size), *at + TAR_BLOCK + size, error))
		return false;
	*at += TAR_BLOCK + size + tar_padding(size);
	return true;
}

static int
write_tar(const struct archiving *archiving, const GPtrArray *copies, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	int tar = archiving_scratch(archiving->config, error);
	bool right = tar >= 0;
	guint64 at = 0;

	for (guint i = 0; right && i < copies->len; i++) {
		right = write_copy(archiving, copies->pdata[i], tar, &at, error);
		say(archiving, i + 1, copies->len, "reading copies");
	}
	right = right && io_pwrite_all(tar, zeros, sizeof zeros, at, error);
	if (!right)
		io_close(&tar);
	return tar;
}

/* --- the archive --- */

static bool
pack(const struct archiving *archiving, int tar, const char *form, int out, GError **error)
{
	bool zip = strcmp(form, WORKER_PACK_ZIP) == 0;
	g_autofree char *lines = NULL;
	bool gaps;

	return repacking_run(WORKER_PACK, form, archiving->config->limits.worker_memory,
	    zip ? archiving->passphrase : NULL, tar, out, &lines, &gaps, error);
}

/* For public keys what is read again is what goes into the encryption: nobody here can open it. */
static bool
prove(
    const struct archiving *archiving, int file, int plain, const GPtrArray *copies, GError **error)
{
	bool closed = archiving->form == ARCHIVING_OPENPGP && archiving->passphrase == NULL;
	g_autoptr(GPtrArray) digests = g_ptr_array_new();

	say(archiving, 0, 0, "reading it again");
	for (guint i = 0; i < copies->len; i++)
		g_ptr_array_add(digests, ((struct archive_copy *)copies->pdata[i])->sha256);
	int tar = closed ? archiving_unpack(archiving, ARCHIVING_TAR, plain, error)
			 : archiving_unpack(archiving, archiving->form, file, error);
	return tar >= 0 && archiving_compare(archiving, tar, digests, error);
}

static bool
pack_tar(
    const struct archiving *archiving, int tar, const GPtrArray *copies, int file, GError **error)
{
	bool openpgp = archiving->form == ARCHIVING_OPENPGP;
	int plain = tar >= 0 && openpgp ? archiving_scratch(archiving->config, error) : -1;
	bool right = tar >= 0 && (!openpgp || plain >= 0);

	say(archiving, 0, 0, "packing");
	if (right && archiving->form == ARCHIVING_ZIP)
		right = pack(archiving, tar, WORKER_PACK_ZIP, file, error);
	else if (right)
		right = pack(archiving, tar, WORKER_PACK_ZSTD, openpgp ? plain : file, error);
	io_close(&tar);
	if (right && openpgp)
		right = openpgp_file_encrypt(
		    plain, file, archiving->passphrase, archiving->keys, error);
	right = right && prove(archiving, file, plain, copies, error);
	io_close(&plain);
	return right;
}

bool
archiving_make_file(const struct archiving *archiving, int tar, const GPtrArray *copies,
    struct archive *archive, GError **error)
{
	g_autofree char *folder = archiving_folder(archiving->config);
	int file = archiving_begin(archiving, archive->file, error);

	if (file < 0) {
		io_close(&tar);
		return false;
	}
	bool right = pack_tar(archiving, tar, copies, file, error) &&
		     (archive->sha256 = io_sha256(file, &archive->size, error)) != NULL;
	if (right && fsync(file) < 0) {
		fault_errno(error, "%s", archive->file);
		right = false;
	}
	io_close(&file);
	return right && io_sync_folder(folder, error);
}

struct archive *
archiving_describe(
    const struct archiving *archiving, const char *month, const GPtrArray *copies, GError **error)
{
	g_autoptr(archive) archive = g_new0(struct archive, 1);

	archive->name = archive_free_name(archiving->view, month, error);
	if (archive->name == NULL)
		return NULL;
	archive->file = g_strconcat(archive->name, endings[archiving->form], NULL);
	archive->form = g_strdup(archiving_form_words[archiving->form]);
	archive->messages = copies->len;
	archive->made = clock_now();
	for (guint i = 0; i < copies->len; i++)
		archive->bytes += ((struct archive_copy *)copies->pdata[i])->place.size;
	return g_steal_pointer(&archive);
}

/* A crash may have left volumes whose copies all stand in an archive, and files without a name. */
static bool
finish_others(const struct archiving *archiving, GError **error)
{
	if (!archiving_settle(archiving, error))
		return false;
	g_autoptr(GPtrArray) all =
	    leaving_settle(archiving->view, error) ? archive_list(archiving->view, error) : NULL;

	for (guint i = 0; all != NULL && i < all->len; i++)
		if (!archive_release(
			archiving->view, ((struct archive *)all->pdata[i])->name, error))
			return false;
	return all != NULL;
}

bool
archiving_finish(const struct archiving *archiving, GError **error)
{
	int lock = archiving_lock(archiving->config, error);
	bool right = lock >= 0 && finish_others(archiving, error);

	io_close(&lock);
	return right;
}

static struct archive *
create(const struct archiving *archiving, const char *month, GError **error)
{
	g_autoptr(GPtrArray) copies = NULL;

	if (!finish_others(archiving, error) ||
	    (copies = archive_copies(archiving->view, month, error)) == NULL)
		return NULL;
	if (copies->len == 0) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "there are no copies of %s in the volumes (what was restored from an archive "
		    "lies in that of the day on which it came back)",
		    month);
		return NULL;
	}
	g_autoptr(archive) archive = archiving_describe(archiving, month, copies, error);
	int tar = archive != NULL ? write_tar(archiving, copies, error) : -1;
	if (tar < 0 || !archiving_make_file(archiving, tar, copies, archive, error) ||
	    !archive_record(archiving->view, archive, copies, error) ||
	    !archiving_publish(archiving, archive->file, error) ||
	    !archive_release(archiving->view, archive->name, error))
		return NULL;
	return g_steal_pointer(&archive);
}

struct archive *
archiving_create(const struct archiving *archiving, const char *month, GError **error)
{
	g_autofree char *current = archiving_month(archiving->config, clock_now());

	if (!archive_is_month(month) || strcmp(month, current) >= 0) {
		g_set_error(error, FAULT, FAULT_USAGE, "'%s' is no month that is over; write %s",
		    month, "YYYY-MM");
		return NULL;
	}
	int lock = archiving_lock(archiving->config, error);
	struct archive *archive = lock >= 0 ? create(archiving, month, error) : NULL;
	if (archive == NULL)
		archiving_say_where(archiving, error);
	if (lock >= 0 && archive == NULL)
		archiving_settle(archiving, NULL);
	io_close(&lock);
	return archive;
}

/* --- verify and restore --- */

enum archiving_form
archiving_form_of(const struct archive *archive)
{
	for (guint i = 0; archiving_form_words[i] != NULL; i++)
		if (strcmp(archiving_form_words[i], archive->form) == 0)
			return i;
	return ARCHIVING_TAR;
}

bool
archiving_verify(
    const struct archiving *archiving, const struct archive *archive, bool *opened, GError **error)
{
	enum archiving_form form = archiving_form_of(archive);
	int file = archiving_open(archiving, archive, error);

	/* Of one that was restored the messages stand elsewhere by now. */
	bool open =
	    (form == ARCHIVING_TAR || archiving->passphrase != NULL) && archive->restored == 0;

	*opened = false;
	if (file < 0 || !archive_is_in_ledger(archiving->view, archive, error)) {
		io_close(&file);
		return false;
	}
	bool right = true;
	if (open) {
		g_autoptr(GPtrArray) digests =
		    archive_digests(archiving->view, archive->name, false, error);
		*opened = digests != NULL;
		int tar = digests != NULL ? archiving_unpack(archiving, form, file, error) : -1;
		right = tar >= 0 && archiving_compare(archiving, tar, digests, error);
	}
	io_close(&file);
	if (!right)
		archiving_say_where(archiving, error);
	return right;
}

struct restoring {
	struct vault *vault;
	GHashTable *wanted; /* digests */
	GPtrArray *copies;  /* of struct archive_copy */
	gint64 now;
};

static void
copy_free(void *data)
{
	struct archive_copy *copy = data;

	g_free(copy->sha256);
	g_free(copy);
}

static bool
restore_one(const char *sha256, int fd, guint64 size, void *data, GError **error)
{
	struct restoring *restoring = data;

	if (!g_hash_table_remove(restoring->wanted, sha256))
		return true;
	struct archive_copy *copy = g_new0(struct archive_copy, 1);
	copy->sha256 = g_strdup(sha256);
	g_ptr_array_add(restoring->copies, copy);
	return vault_append(
	    restoring->vault, fd, size, sha256, restoring->now, &copy->place, error);
}

static bool
restore_from(const struct archiving *archiving, const struct archive *archive, int tar,
    struct store *store, guint *n, GError **error)
{
	g_autoptr(GPtrArray) digests = archive_digests(archiving->view, archive->name, true, error);
	g_autoptr(GHashTable) wanted = g_hash_table_new(g_str_hash, g_str_equal);
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func(copy_free);
	struct restoring restoring = { store_vault(store), wanted, copies, clock_now() };

	for (guint i = 0; digests != NULL && i < digests->len; i++)
		g_hash_table_add(wanted, digests->pdata[i]);
	if (digests == NULL || !archiving_walk(archiving, tar, restore_one, &restoring, error))
		return false;
	if (g_hash_table_size(wanted) > 0) {
		g_set_error(error, FAULT, FAULT_DATA, "%u of its %u messages are not in it",
		    g_hash_table_size(wanted), digests->len);
		return false;
	}
	*n = copies->len;
	return vault_sync(store_vault(store), error) &&
	       archive_restored(archiving->view, archive, copies, error);
}

bool
archiving_restore(
    const struct archiving *archiving, const struct archive *archive, guint *n, GError **error)
{
	const struct config *config = archiving->config;
	int lock = archiving_lock(config, error);
	g_autoptr(store) store = lock >= 0 ? copies_open_store(config, error) : NULL;
	int file = store != NULL ? archiving_open(archiving, archive, error) : -1;
	int tar =
	    file >= 0 ? archiving_unpack(archiving, archiving_form_of(archive), file, error) : -1;
	bool right = tar >= 0 && restore_from(archiving, archive, tar, store, n, error);

	io_close(&tar);
	io_close(&file);
	io_close(&lock);
	if (!right)
		archiving_say_where(archiving, error);
	return right;
}
