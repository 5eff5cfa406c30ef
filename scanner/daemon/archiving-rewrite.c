/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An archive without what was purged of it: under another name, and then the old one goes. Never
 * removes a file before the new one is durable, proved and recorded.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "daemon/archiving-parts.h"
#include "mail/tarball.h"
#include "store/tar.h"

#define PIECE (1 << 20)

/* --- the plain tar file of what is left --- */

static bool
copy_entry(
    int from, guint64 size, const char *name, gint64 mtime, int to, guint64 *at, GError **error)
{
	static const guchar zeros[TAR_BLOCK];
	g_autofree guchar *piece = g_malloc(PIECE);
	guchar header[TAR_BLOCK];

	tar_header(header, name, size, mtime);
	if (!io_pwrite_all(to, header, sizeof header, *at, error))
		return false;
	*at += TAR_BLOCK;
	for (guint64 done = 0; done < size;) {
		gsize n = (gsize)MIN(PIECE, size - done);
		if (!io_pread_all(from, piece, n, done, error) ||
		    !io_pwrite_all(to, piece, n, *at + done, error))
			return false;
		done += n;
	}
	if (!io_pwrite_all(to, zeros, tar_padding(size), *at + size, error))
		return false;
	*at += size + tar_padding(size);
	return true;
}

/* "2026-10-05/090205-<sha256>.eml", by the time of keeping. */
static char *
entry_name(const struct archiving *archiving, const struct archive_copy *copy)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(copy->copied / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, archiving->config->zone);
	g_autofree char *time = g_date_time_format(local, "%Y-%m-%d/%H%M%S");

	return g_strdup_printf("%s-%s.eml", time, copy->sha256);
}

/* kept: digest -> struct archive_copy. */
static bool
copy_kept(const struct archiving *archiving, struct tarball *tarball, GHashTable *kept, int to,
    guint64 *at, GError **error)
{
	GError *fault = NULL;
	guint64 size;
	int fd;

	while (tarball_next(tarball, &fd, &size, &fault)) {
		g_autofree char *sha256 = fd >= 0 ? io_sha256(fd, NULL, &fault) : NULL;
		const struct archive_copy *copy =
		    sha256 != NULL ? g_hash_table_lookup(kept, sha256) : NULL;
		bool right = fd < 0 || sha256 != NULL;
		g_autofree char *name = copy != NULL ? entry_name(archiving, copy) : NULL;
		if (copy != NULL)
			right = copy_entry(
			    fd, size, name, copy->copied / G_USEC_PER_SEC, to, at, &fault);
		io_close(&fd);
		if (!right)
			break;
	}
	if (fault == NULL)
		return true;
	g_propagate_error(error, fault);
	return false;
}

/* Takes tar, the old one's. */
static int
leave_out(const struct archiving *archiving, int tar, const GPtrArray *copies, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	g_autofree char *folder = archiving_folder(archiving->config);
	g_autoptr(tarball) tarball = tarball_new(tar, archiving->config->limits.import, folder);
	g_autoptr(GHashTable) kept = g_hash_table_new(g_str_hash, g_str_equal);
	int to = archiving_scratch(archiving->config, error);
	guint64 at = 0;

	for (guint i = 0; i < copies->len; i++) {
		struct archive_copy *copy = copies->pdata[i];
		g_hash_table_insert(kept, copy->sha256, copy);
	}
	if (to >= 0 && (!copy_kept(archiving, tarball, kept, to, &at, error) ||
			   !io_pwrite_all(to, zeros, sizeof zeros, at, error)))
		io_close(&to);
	return to;
}

/* --- one archive --- */

static struct archive *
make_anew(const struct archiving *archiving, const struct archive *old, const GPtrArray *copies,
    GError **error)
{
	g_autofree char *month = g_strndup(old->name, strlen("2026-10"));
	int file = archiving_open(archiving, old, error);
	int tar = file >= 0 ? archiving_unpack(archiving, archiving->form, file, error) : -1;
	int kept = tar >= 0 ? leave_out(archiving, tar, copies, error) : -1;
	g_autoptr(archive) anew =
	    kept >= 0 ? archiving_describe(archiving, month, copies, error) : NULL;

	io_close(&file);
	if (anew == NULL) {
		io_close(&kept);
		return NULL;
	}
	return archiving_make_file(archiving, kept, copies, anew, error) ? g_steal_pointer(&anew)
									 : NULL;
}

static bool
can_open(const struct archiving *archiving, GError **error)
{
	bool openpgp = archiving->form == ARCHIVING_OPENPGP;

	if (archiving->form == ARCHIVING_TAR || archiving->passphrase != NULL ||
	    (openpgp && archiving->keys != NULL))
		return true;
	g_set_error(error, FAULT, FAULT_DENIED, "%s",
	    openpgp ? "it is locked: --secret-file F for its password, or --keys F where one of "
		      "its keys is at hand; else who has it writes it anew, or removes it"
		    : "its password is needed: --secret-file F");
	return false;
}

/* What is left of it into another one; *anew stays NULL when nothing is. */
static bool
replace(const struct archiving *archiving, const struct archive *old, struct archive **anew,
    GError **error)
{
	g_autoptr(GPtrArray) copies = archive_kept(archiving->view, old->name, error);

	if (copies == NULL)
		return false;
	if (copies->len > 0) {
		if (!can_open(archiving, error))
			return false;
		*anew = make_anew(archiving, old, copies, error);
		if (*anew == NULL)
			return false;
	}
	return archive_replaced(archiving->view, old, *anew, error) &&
	       (*anew == NULL || archiving_publish(archiving, (*anew)->file, error));
}

static bool
rewrite(const struct archiving *archiving, const struct archive *old, struct archive **anew,
    GError **error)
{
	g_autoptr(GError) trouble = NULL;

	if (!ARCHIVE_IS_EMPTY(old) && !replace(archiving, old, anew, &trouble)) {
		archiving_say_where(archiving, &trouble);
		archive_note(archiving->view, old, trouble->message, NULL);
		g_propagate_prefixed_error(error, g_steal_pointer(&trouble), "%s: ", old->file);
		return false;
	}
	return archiving_shred(archiving, old->file, error) &&
	       archive_forget(archiving->view, old->name, error);
}

bool
archiving_rewrite(const struct archiving *archiving, const struct archive *old,
    struct archive **anew, GError **error)
{
	struct archiving same = *archiving;
	int lock = archiving_lock(archiving->config, error);

	*anew = NULL;
	same.form = archiving_form_of(old);
	bool right =
	    lock >= 0 && archiving_settle(&same, error) && rewrite(&same, old, anew, error);
	if (lock >= 0 && !right)
		archiving_settle(&same, NULL);
	io_close(&lock);
	return right;
}
