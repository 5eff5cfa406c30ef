/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never cuts or removes what it has not made durable elsewhere first, and takes nothing for a copy
 * but what an entry's name says by its digest.
 */
#include "store/vault-aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define PIECE (256 * 1024)

/* --- entries --- */

/* One whose key is not here may be one: it is not for us to lose it. */
static bool
is_copy(struct vault *vault, int fd, guint64 from, guint64 length, const char *sha256, bool *whole,
    GError **error)
{
	struct vault_place place = { .offset = from, .length = length, .size = G_MAXUINT64 };
	g_autoptr(GError) trouble = NULL;
	char hash[DIGEST_HEX] = "";

	if (vault_pour_digest(vault, fd, &place, sha256, hash, &trouble)) {
		*whole = strcmp(hash, sha256) == 0;
		return true;
	}
	*whole = g_error_matches(trouble, FAULT, FAULT_DENIED);
	if (*whole || g_error_matches(trouble, FAULT, FAULT_DATA))
		return true;
	g_propagate_error(error, g_steal_pointer(&trouble));
	return false;
}

/* An entry that is named by a digest. */
struct entry {
	guint64 offset, length;
	char sha256[DIGEST_HEX];
};

/*
 * The next from a block on: a damaged header is walked over block by block, for what comes behind
 * it may be whole. *found: there is one; from stands behind it then.
 */
static bool
next_entry(int fd, guint64 size, guint64 *from, struct entry *entry, bool *found, GError **error)
{
	guchar header[TAR_BLOCK];
	char name[TAR_NAME + 1];

	*found = false;
	while (size >= TAR_BLOCK && *from <= size - TAR_BLOCK) {
		if (!io_pread_all(fd, header, sizeof header, *from, error))
			return false;
		*from += TAR_BLOCK;
		const char *dash = NULL;
		if (tar_read_header(header, name, &entry->length) && entry->length <= size - *from)
			dash = strchr(name, '-');
		if (dash == NULL || strlen(dash) < DIGEST_HEX)
			continue;
		g_strlcpy(entry->sha256, dash + 1, sizeof entry->sha256);
		if (!digest_is_hex(entry->sha256))
			continue;
		entry->offset = *from;
		*from += entry->length + tar_padding(entry->length);
		*found = true;
		return true;
	}
	return true;
}

/* found gets the digests of whole entries whose bytes are right. */
static bool
find_copies(
    struct vault *vault, int fd, guint64 from, guint64 size, GPtrArray *found, GError **error)
{
	struct entry entry;
	bool more, whole;

	for (;;) {
		if (!next_entry(fd, size, &from, &entry, &more, error))
			return false;
		if (!more)
			return true;
		if (!is_copy(vault, fd, entry.offset, entry.length, entry.sha256, &whole, error))
			return false;
		if (whole)
			g_ptr_array_add(found, g_strdup(entry.sha256));
	}
}

/* --- putting aside --- */

static bool
copy_bytes(int from, guint64 offset, guint64 length, int to, GError **error)
{
	g_autofree guchar *piece = g_malloc(PIECE);

	for (guint64 done = 0; done < length;) {
		gsize n = (gsize)MIN(PIECE, length - done);
		if (!io_pread_all(from, piece, n, offset + done, error) ||
		    !io_write_all(to, piece, n, error))
			return false;
		done += n;
	}
	memset(piece, 0, TAR_TRAILER);
	return io_write_all(to, piece, TAR_TRAILER, error);
}

/* path is new, or the rest of a try that was killed. */
static bool
write_aside(int from, guint64 offset, guint64 length, const char *path, GError **error)
{
	g_autofree char *part = g_strconcat(path, ".part", NULL);
	g_autofree char *folder = g_path_get_dirname(path);
	int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		fault_errno(error, "%s", part);
		return false;
	}
	bool right = copy_bytes(from, offset, length, fd, error);
	if (right && fsync(fd) < 0) {
		fault_errno(error, "sync %s", part);
		right = false;
	}
	io_close(&fd);
	if (right && rename(part, path) < 0) {
		fault_errno(error, "%s", path);
		right = false;
	}
	return right && io_sync_folder(folder, error);
}

/* "aside/2026-11-22-at-51200.tar"; the same stretch again, with other bytes, gets a number. */
static char *
free_name(struct vault *vault, const char *volume, guint64 end)
{
	g_autofree char *base = g_path_get_basename(volume);
	int stem = (int)(strlen(base) - strlen(".tar"));
	g_autofree char *begin = g_strdup_printf(
	    "%s/" VAULT_ASIDE "/%.*s-at-%" G_GUINT64_FORMAT, vault_folder(vault), stem, base, end);
	char *path = g_strconcat(begin, ".tar", NULL);

	for (guint n = 2; g_file_test(path, G_FILE_TEST_EXISTS); n++) {
		g_free(path);
		path = g_strdup_printf("%s-%u.tar", begin, n);
	}
	return path;
}

static bool
put_aside(
    struct vault *vault, int fd, const char *volume, guint64 end, guint64 size, GError **error)
{
	g_autofree char *path = free_name(vault, volume, end);
	g_autofree char *folder = g_path_get_dirname(path);

	return io_make_folders(folder, 0700, error) && io_sync_folder(vault_folder(vault), error) &&
	       write_aside(fd, end, size - end, path, error);
}

bool
vault_set_aside(struct vault *vault, const char *volume, guint64 end, guint *copies, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	guint64 size;

	*copies = 0;
	if (vault_look(vault, volume, end, &size) != VAULT_WHOLE)
		return true;
	int fd = vault_open_volume(vault, volume, O_RDONLY, error);
	if (fd < 0)
		return false;
	bool right = io_size(fd, &size, error);
	if (right && size > end)
		right = find_copies(vault, fd, end, size, found, error) &&
			(found->len == 0 || put_aside(vault, fd, volume, end, size, error));
	io_close(&fd);
	if (!right)
		g_prefix_error(
		    error, "put aside what stands behind %s/%s: ", vault_folder(vault), volume);
	*copies = found->len;
	return right;
}

bool
vault_set_unknown_aside(
    struct vault *vault, const char *const *names, guint *copies, GError **error)
{
	g_autoptr(GPtrArray) strangers = vault_strangers(vault, names, error);

	*copies = 0;
	if (strangers == NULL)
		return false;
	for (guint i = 0; i < strangers->len; i++) {
		guint found;
		if (!vault_is_volume(strangers->pdata[i]))
			continue;
		if (!vault_set_aside(vault, strangers->pdata[i], 0, &found, error))
			return false;
		*copies += found;
	}
	return true;
}

/* --- what lies aside --- */

static gint
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
vault_aside(struct vault *vault, GError **error)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = g_build_filename(vault_folder(vault), VAULT_ASIDE, NULL);
	const char *entry;

	if (!g_file_test(path, G_FILE_TEST_IS_DIR))
		return g_steal_pointer(&out);
	g_autoptr(GDir) folder = g_dir_open(path, 0, error);
	if (folder == NULL)
		return NULL;
	while ((entry = g_dir_read_name(folder)) != NULL) {
		if (g_str_has_suffix(entry, ".tar"))
			g_ptr_array_add(out, g_strconcat(VAULT_ASIDE "/", entry, NULL));
	}
	g_ptr_array_sort(out, compare_names);
	return g_steal_pointer(&out);
}

GPtrArray *
vault_aside_digests(struct vault *vault, const char *name, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *path = g_build_filename(vault_folder(vault), name, NULL);
	guint64 size;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return NULL;
	}
	bool right = io_size(fd, &size, error) && find_copies(vault, fd, 0, size, found, error);
	io_close(&fd);
	return right ? g_steal_pointer(&found) : NULL;
}

static bool
overwrite_in(int fd, const char *sha256, GError **error)
{
	guint64 size, from = 0;
	struct entry entry;
	bool more = true;

	if (!io_size(fd, &size, error))
		return false;
	while (more) {
		if (!next_entry(fd, size, &from, &entry, &more, error))
			return false;
		if (!more || strcmp(entry.sha256, sha256) != 0)
			continue;
		struct vault_place place = { .offset = entry.offset, .length = entry.length };
		if (!vault_overwrite_at(fd, &place, sha256, error))
			return false;
	}
	return true;
}

bool
vault_aside_overwrite(struct vault *vault, const char *name, const char *sha256, GError **error)
{
	g_autofree char *path = g_build_filename(vault_folder(vault), name, NULL);
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0) {
		fault_errno(error, "%s", path);
		return false;
	}
	bool right = overwrite_in(fd, sha256, error);
	io_close(&fd);
	if (!right)
		g_prefix_error(error, "%s: ", path);
	return right;
}

bool
vault_aside_remove(struct vault *vault, const char *name, GError **error)
{
	return vault_shred(vault, name, error);
}
