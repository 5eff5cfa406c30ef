/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Volumes against what was committed. Never writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

static int
open_here(struct vault *vault, const char *volume, enum vault_finding *state, GError **error)
{
	g_autoptr(GError) fault = NULL;
	int fd = vault_open_volume(vault, volume, O_RDONLY, &fault);

	*state = VAULT_EXACT;
	if (fd >= 0)
		return fd;
	*state = g_error_matches(fault, FAULT, FAULT_DATA) ? VAULT_ABSENT : VAULT_BROKEN;
	if (*state == VAULT_BROKEN)
		g_propagate_error(error, g_steal_pointer(&fault));
	return -1;
}

/* "090205-<sha256>.eml" */
static bool
names_it(int fd, guint64 offset, const char *sha256)
{
	char header[TAR_BLOCK + 1] = "";

	if (offset < TAR_BLOCK || !io_pread_all(fd, header, TAR_BLOCK, offset - TAR_BLOCK, NULL))
		return false;
	header[TAR_NAME] = '\0';
	const char *hash = strchr(header, '-');
	return hash != NULL && strncmp(hash + 1, sha256, DIGEST_HEX - 1) == 0;
}

static enum vault_finding
check_open(struct vault *vault, int fd, const struct vault_place *place, const char *sha256,
    GError **error)
{
	g_autoptr(GError) trouble = NULL;
	char hash[DIGEST_HEX];
	guint64 size;

	if (!io_size(fd, &size, error))
		return VAULT_BROKEN;
	if (place->offset > size || place->length > size - place->offset)
		return VAULT_CUT;
	if (!vault_pour_digest(vault, fd, place, sha256, hash, &trouble)) {
		bool altered = g_error_matches(trouble, FAULT, FAULT_DATA);
		bool locked = g_error_matches(trouble, FAULT, FAULT_DENIED);
		if (!altered)
			g_propagate_error(error, g_steal_pointer(&trouble));
		return altered ? VAULT_ALTERED : locked ? VAULT_LOCKED : VAULT_BROKEN;
	}
	if (strcmp(hash, sha256) != 0)
		return VAULT_ALTERED;
	return names_it(fd, place->offset, sha256) ? VAULT_EXACT : VAULT_RENAMED;
}

enum vault_finding
vault_check(
    struct vault *vault, const struct vault_place *place, const char *sha256, GError **error)
{
	enum vault_finding state;
	int fd = open_here(vault, place->volume, &state, error);

	if (fd < 0)
		return state;
	state = check_open(vault, fd, place, sha256, error);
	io_close(&fd);
	return state;
}

enum vault_finding
vault_measure(
    struct vault *vault, const char *volume, guint64 end, guint64 *size, bool *ends, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	guchar tail[TAR_TRAILER];
	enum vault_finding state;
	int fd = open_here(vault, volume, &state, error);

	*ends = false;
	*size = 0;
	if (fd < 0)
		return state;
	if (!io_size(fd, size, error))
		state = VAULT_BROKEN;
	else if (*size < end)
		state = VAULT_CUT;
	else
		*ends = *size == end + TAR_TRAILER &&
			io_pread_all(fd, tail, sizeof tail, end, NULL) &&
			memcmp(tail, zeros, sizeof zeros) == 0;
	io_close(&fd);
	return state;
}

static bool
add_strangers(const char *folder, const char *under, const char *const *known, guint depth,
    GPtrArray *out, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
	const char *entry;

	while (dir != NULL && (entry = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(folder, entry, NULL);
		g_autofree char *name =
		    under[0] != '\0' ? g_strconcat(under, "/", entry, NULL) : g_strdup(entry);
		bool inside = depth == 0 && g_file_test(path, G_FILE_TEST_IS_DIR) &&
			      !g_file_test(path, G_FILE_TEST_IS_SYMLINK);
		if (inside && !add_strangers(path, name, known, depth + 1, out, error))
			return false;
		if (!inside && !g_strv_contains(known, name))
			g_ptr_array_add(out, g_steal_pointer(&name));
	}
	return dir != NULL;
}

static gint
compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

GPtrArray *
vault_strangers(struct vault *vault, const char *const *known, GError **error)
{
	g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);

	if (!add_strangers(vault_folder(vault), "", known, 0, out, error))
		return NULL;
	g_ptr_array_sort(out, compare_names);
	return g_steal_pointer(&out);
}
