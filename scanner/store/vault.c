/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never writes before a volume's committed end: what is committed is only read again.
 *
 * A volume ends with the two zero blocks that tar wants; the next entry is written over them, and
 * vault_sync puts them behind it. The end that is committed is that of the last entry.
 */
#include "store/vault-scribe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"

#define VOLUMES_OF_DAY 99

struct vault {
	char *folder;
	GTimeZone *zone;
	GHashTable *ends;  /* volume -> guint64 *: end of its last entry */
	GHashTable *amiss; /* volumes that are not as they were committed */
	char volume[40];   /* the one that is written; its fd (or -1) and end are the pen's */
	struct vault_pen pen;
	struct vault_scribe *scribe; /* NULL: none was needed yet, or none is to be had */
	guint64 end;                 /* of the last entry that was asked for: pen.end comes to it */
	bool dirty;                  /* entries since the last sync */
	bool finishing;              /* the scribe was told to sync them */
	struct cipher_keys *keys;
};

struct vault *
vault_open(const char *folder, GTimeZone *zone, GError **error)
{
	if (!io_make_folders(folder, 0700, error))
		return NULL;

	struct vault *vault = g_new0(struct vault, 1);
	vault->folder = g_strdup(folder);
	vault->zone = g_time_zone_ref(zone);
	vault->ends = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	vault->amiss = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	vault_pen_init(&vault->pen);
	return vault;
}

void
vault_close(struct vault *vault)
{
	if (vault == NULL)
		return;
	vault_scribe_free(vault->scribe);
	vault_pen_clear(&vault->pen);
	io_close(&vault->pen.fd);
	cipher_keys_free(vault->keys);
	g_hash_table_unref(vault->ends);
	g_hash_table_unref(vault->amiss);
	g_time_zone_unref(vault->zone);
	g_free(vault->folder);
	g_free(vault);
}

static void
remember_end(struct vault *vault, const char *volume, guint64 end)
{
	g_hash_table_insert(vault->ends, g_strdup(volume), g_memdup2(&end, sizeof end));
}

void
vault_take_keys(struct vault *vault, struct cipher_keys *keys)
{
	cipher_keys_free(vault->keys);
	vault->keys = keys;
	vault->pen.keys = keys;
}

const struct cipher_keys *
vault_keys(const struct vault *vault)
{
	return vault->keys;
}

const char *
vault_folder(const struct vault *vault)
{
	return vault->folder;
}

static bool
has_shape(const char *name, const char *shape)
{
	for (; *shape != '\0'; shape++, name++) {
		if (*shape == 'd' ? !g_ascii_isdigit(*name) : *name != *shape)
			return false;
	}
	return *name == '\0';
}

bool
vault_is_volume(const char *name)
{
	return (has_shape(name, "dddd/dddd-dd-dd.tar") ||
		   has_shape(name, "dddd/dddd-dd-dd-d.tar") ||
		   has_shape(name, "dddd/dddd-dd-dd-dd.tar")) &&
	       memcmp(name, name + 5, 4) == 0;
}

int
vault_open_volume(struct vault *vault, const char *volume, int flags, GError **error)
{
	if (!vault_is_volume(volume)) {
		g_set_error(error, FAULT, FAULT_DATA, "%s: not the name of a volume", volume);
		return -1;
	}
	g_autofree char *path = g_build_filename(vault->folder, volume, NULL);
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		g_set_error(error, FAULT, FAULT_DATA, "%s: the volume is missing", path);
	else if (errno == EEXIST)
		g_set_error(error, FAULT, FAULT_DATA, "%s: no commit names this volume", path);
	else
		fault_errno(error, "%s", path);
	return -1;
}

/* --- recovery --- */

static bool
has_trailer(int fd, guint64 end)
{
	guchar tail[TAR_TRAILER];
	static const guchar zeros[TAR_TRAILER];

	return io_pread_all(fd, tail, sizeof tail, end, NULL) &&
	       memcmp(tail, zeros, sizeof zeros) == 0;
}

static bool
write_trailer(int fd, guint64 end, GError **error)
{
	static const guchar zeros[TAR_TRAILER];

	return io_pwrite_all(fd, zeros, sizeof zeros, end, error);
}

static bool
cut_back(int fd, guint64 end, GError **error)
{
	guint64 size;

	if (!io_size(fd, &size, error))
		return false;
	if (size < end) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the volume has %" G_GUINT64_FORMAT " bytes, %" G_GUINT64_FORMAT
		    " were committed: put back the whole one",
		    size, end);
		return false;
	}
	if (size == end + TAR_TRAILER && has_trailer(fd, end))
		return true;
	if (ftruncate(fd, (off_t)end) < 0) {
		fault_errno(error, "cut");
		return false;
	}
	return write_trailer(fd, end, error) && io_sync_data(fd, error);
}

/* Forgets the volume being written without a last sync. */
static void
drop_current(struct vault *vault)
{
	if (vault->scribe != NULL)
		vault_scribe_forget(vault->scribe);
	int fd = vault->pen.fd;
	vault_pen_turn(&vault->pen, -1, 0);
	io_close(&fd);
	vault->volume[0] = '\0';
	vault->dirty = false;
	vault->finishing = false;
}

bool
vault_recover(struct vault *vault, const char *volume, guint64 end, GError **error)
{
	if (strcmp(volume, vault->volume) == 0)
		drop_current(vault);

	g_hash_table_remove(vault->ends, volume);
	g_hash_table_add(vault->amiss, g_strdup(volume));
	int fd = vault_open_volume(vault, volume, O_RDWR, error);
	if (fd < 0)
		return false;
	bool done = cut_back(fd, end, error);
	io_close(&fd);
	if (!done) {
		g_prefix_error(error, "%s/%s: ", vault->folder, volume);
		return false;
	}
	g_hash_table_remove(vault->amiss, volume);
	remember_end(vault, volume, end);
	return true;
}

enum vault_state
vault_look(const struct vault *vault, const char *volume, guint64 end, guint64 *size)
{
	g_autofree char *path = g_build_filename(vault->folder, volume, NULL);
	struct stat status;

	*size = 0;
	if (!vault_is_volume(volume) || lstat(path, &status) < 0 || !S_ISREG(status.st_mode))
		return VAULT_MISSING;
	*size = (guint64)status.st_size;
	return *size < end ? VAULT_SHORT : VAULT_WHOLE;
}

bool
vault_holds(const struct vault *vault, const struct vault_place *place)
{
	guint64 size;

	return !g_hash_table_contains(vault->amiss, place->volume) ||
	       vault_look(vault, place->volume, place->offset + place->length, &size) ==
		   VAULT_WHOLE;
}

static bool
remove_unknown_in(struct vault *vault, const char *year, const char *const *names, GError **error)
{
	g_autofree char *path = g_build_filename(vault->folder, year, NULL);
	g_autoptr(GDir) folder = g_dir_open(path, 0, error);
	const char *entry;

	if (folder == NULL)
		return false;
	while ((entry = g_dir_read_name(folder)) != NULL) {
		g_autofree char *volume = g_strconcat(year, "/", entry, NULL);
		if (!vault_is_volume(volume) || g_strv_contains(names, volume))
			continue;
		if (strcmp(volume, vault->volume) == 0)
			drop_current(vault);
		g_hash_table_remove(vault->ends, volume);
		if (!vault_shred(vault, volume, error))
			return false;
	}
	return true;
}

bool
vault_recover_unknown(struct vault *vault, const char *const *names, GError **error)
{
	g_autoptr(GDir) folder = g_dir_open(vault->folder, 0, error);
	const char *entry;

	if (folder == NULL)
		return false;
	while ((entry = g_dir_read_name(folder)) != NULL) {
		bool year = strlen(entry) == 4 && strspn(entry, "0123456789") == 4;
		if (year && !remove_unknown_in(vault, entry, names, error))
			return false;
	}
	return true;
}

/* --- writing --- */

/* What goes into a file that has lost its name, or its beginning, is kept nowhere. */
static bool
is_still_there(struct vault *vault, GError **error)
{
	guint64 written = vault_pen_written(&vault->pen);
	struct stat status;

	if (fstat(vault->pen.fd, &status) == 0 && status.st_nlink > 0 &&
	    (guint64)status.st_size >= written)
		return true;
	g_set_error(error, FAULT, FAULT_IO, "the volume was removed or cut while it was written");
	return false;
}

/* By the scribe too, while nobody else touches the pen. */
static bool
sync_volume(void *user, GError **error)
{
	struct vault *vault = user;

	return is_still_there(vault, error) && vault_pen_finish(&vault->pen, error) &&
	       io_sync_data(vault->pen.fd, error);
}

static bool
in_volume(const struct vault *vault, bool right, GError **error)
{
	if (!right)
		g_prefix_error(error, "%s/%s: ", vault->folder, vault->volume);
	return right;
}

/* Until the pen is nobody else's. */
static bool
await_scribe(struct vault *vault, GError **error)
{
	return vault->scribe == NULL ||
	       in_volume(vault, vault_scribe_wait(vault->scribe, error), error);
}

void
vault_begin_sync(struct vault *vault)
{
	if (!vault->dirty || vault->finishing || vault->scribe == NULL)
		return;
	vault_scribe_finish(vault->scribe);
	vault->finishing = true;
}

bool
vault_sync(struct vault *vault, GError **error)
{
	if (!await_scribe(vault, error))
		return false;
	if (vault->dirty && !vault->finishing &&
	    !in_volume(vault, sync_volume(vault, error), error))
		return false;
	vault->dirty = false;
	vault->finishing = false;
	return true;
}

static int
create_volume(struct vault *vault, const char *volume, GError **error)
{
	g_autofree char *path = g_build_filename(vault->folder, volume, NULL);
	g_autofree char *year = g_path_get_dirname(path);

	if (!io_make_folders(year, 0700, error))
		return -1;
	int fd = vault_open_volume(vault, volume, O_RDWR | O_CREAT | O_EXCL, error);
	if (fd >= 0 && !io_sync_folder(year, error))
		io_close(&fd);
	return fd;
}

/* Makes volume the one that is written. */
static bool
turn_to(struct vault *vault, const char *volume, GError **error)
{
	if (strcmp(volume, vault->volume) == 0)
		return true;
	if (!vault_sync(vault, error))
		return false;
	if (vault->pen.fd >= 0)
		remember_end(vault, vault->volume, vault->pen.end);
	drop_current(vault);

	const guint64 *end = g_hash_table_lookup(vault->ends, volume);
	int fd = end != NULL ? vault_open_volume(vault, volume, O_RDWR, error)
			     : create_volume(vault, volume, error);
	if (fd < 0)
		return false;
	vault_pen_turn(&vault->pen, fd, end != NULL ? *end : 0);
	vault->end = vault->pen.end;
	g_strlcpy(vault->volume, volume, sizeof vault->volume);
	return true;
}

/* The day's first volume that can be written; NULL when none can. */
static char *
volume_of(const struct vault *vault, GDateTime *local)
{
	g_autofree char *day = g_date_time_format(local, "%Y/%Y-%m-%d");
	char *volume = g_strconcat(day, ".tar", NULL);

	for (guint n = 2; volume != NULL && g_hash_table_contains(vault->amiss, volume); n++) {
		g_free(volume);
		volume = n <= VOLUMES_OF_DAY ? g_strdup_printf("%s-%u.tar", day, n) : NULL;
	}
	return volume;
}

/* The volume of that time is the one that is written from now on; what the entry is called. */
static bool
make_ready(struct vault *vault, guint64 size, const char *sha256, gint64 now,
    struct vault_entry *entry, GError **error)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, vault->zone) : NULL;

	if (local == NULL || !digest_is_hex(sha256) ||
	    size > G_MAXINT64 - vault->end - 4 * TAR_BLOCK) {
		g_set_error(error, FAULT, FAULT_BUG, "append to a volume: time, size or digest");
		return false;
	}
	g_autofree char *volume = volume_of(vault, local);
	if (volume == NULL) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "%d volumes of this day are not as they were committed", VOLUMES_OF_DAY);
		return false;
	}
	if (!turn_to(vault, volume, error))
		return false;

	g_autofree char *clock = g_date_time_format(local, "%H%M%S");
	*entry = (struct vault_entry){ .size = size, .mtime = now / G_USEC_PER_SEC };
	g_strlcpy(entry->sha256, sha256, sizeof entry->sha256);
	g_strlcpy(entry->clock, clock, sizeof entry->clock);
	/* Set first: an entry that fails may have taken the end of the archive away. */
	vault->dirty = true;
	return true;
}

bool
vault_append(struct vault *vault, int fd, guint64 size, const char *sha256, gint64 now,
    struct vault_place *out, GError **error)
{
	struct vault_entry entry;

	if (!make_ready(vault, size, sha256, now, &entry, error) || !await_scribe(vault, error))
		return false;
	vault->finishing = false;
	if (!vault_pen_put(&vault->pen, fd, size, sha256, entry.clock, entry.mtime, out, error))
		return in_volume(vault, false, error);
	vault->end = vault->pen.end;
	g_strlcpy(out->volume, vault->volume, sizeof out->volume);
	return true;
}

/* A frame's length is known when it was made: such copies do not wait. */
static bool
can_wait(struct vault *vault)
{
	if (vault->keys != NULL && cipher_keys_writes(vault->keys) != NULL)
		return false;
	if (vault->scribe == NULL)
		vault->scribe = vault_scribe_new(&vault->pen, sync_volume, vault);
	return vault->scribe != NULL;
}

bool
vault_append_later(struct vault *vault, int fd, guint64 size, const char *sha256, gint64 now,
    struct vault_place *out, GError **error)
{
	struct vault_entry entry;

	if (!can_wait(vault))
		return vault_append(vault, fd, size, sha256, now, out, error);
	if (!make_ready(vault, size, sha256, now, &entry, error))
		return false;
	entry.fd = fd;
	vault->finishing = false;
	if (!vault_scribe_put(vault->scribe, &entry, error))
		return false;
	vault_plain_place(vault->end, size, out);
	g_strlcpy(out->volume, vault->volume, sizeof out->volume);
	vault->end = out->end;
	return true;
}
