/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_H
#define FLAGPOST_STORE_VAULT_H
/*
 * vault - exact copies, appended to one plain tar volume for each day of keeping.
 *
 * copies/2026/2026-11-22.tar, mode 0600, entries 090205-<sha256>.eml (POSIX ustar; a base-256
 * size where needed), or frames in place of the bytes (store/frame.h): .eml.zst, .eml.sealed. What
 * is read is always the message, and its SHA-256 is looked at each time. Append only. The database
 *knows volume, offset and length; what stands behind a volume's last committed end is cut off at
 *the next start. After each sync a volume is a complete tar file. What comes on a day whose volume
 *is not as it was committed goes into the day's next one, 2026-11-22-2.tar.
 *
 *	vault_recover for each volume known -> vault_recover_unknown
 *	vault_append or vault_append_later ... -> vault_sync -> (the caller commits) -> ...
 *
 * To one that was not recovered nothing is appended (FAULT_DATA).
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"
#include "store/frame.h"

struct vault_place {
	char volume[40]; /* "2026/2026-11-22.tar", "2026/2026-11-22-2.tar" */
	guint64 offset;  /* of the entry's first byte */
	guint64 length;  /* bytes of the entry */
	guint64 size;    /* bytes of the message; the same but where the entry is a frame */
	guint64 end;     /* of the volume after this entry: what commit makes valid */
	/* Set by vault_append: VAULT_PLAIN, VAULT_PACKED, or VAULT_SEALED with the key's name. */
	char form[48];
};
#define VAULT_PLAIN  "plain"
#define VAULT_PACKED "packed"
#define VAULT_SEALED "sealed "

struct vault;

/* folder: data_dir/copies, created 0700. zone decides which day it is. */
struct vault *vault_open(const char *folder, GTimeZone *zone, GError **error);
void vault_close(struct vault *vault);
AUTO_DEFINE(vault, vault_close)

/* Takes the keys: copies are read with them and, when there is one for new copies, sealed. */
void vault_take_keys(struct vault *vault, struct cipher_keys *keys);
/* Borrowed; NULL: none were given. */
const struct cipher_keys *vault_keys(const struct vault *vault);

/*
 * Cuts volume back to its committed end. One that is missing, or shorter than that, is left as it
 * is (FAULT_DATA) and gets nothing more until vault_recover finds it whole again.
 */
bool vault_recover(struct vault *vault, const char *volume, guint64 end, GError **error);
/*
 * By its size alone: whether bytes were altered shows when they are read. *size (of one that is
 * short) in bytes.
 */
enum vault_state { VAULT_WHOLE, VAULT_MISSING, VAULT_SHORT };
enum vault_state vault_look(
    const struct vault *vault, const char *volume, guint64 end, guint64 *size);
/* False when its volume is known to be gone, or to end before this copy does. Reads no bytes. */
bool vault_holds(const struct vault *vault, const struct vault_place *place);
/* Removes volumes that no commit ever named. names: NULL-terminated, all known volumes. */
bool vault_recover_unknown(struct vault *vault, const char *const *names, GError **error);

/*
 * Copies all bytes behind fd (pread) and checks them against sha256 on the way. Read and durable
 * behind vault_sync.
 */
bool vault_append(struct vault *vault, int fd, guint64 size, const char *sha256, gint64 now,
    struct vault_place *out, GError **error);
/*
 * The same, but the bytes are read, checked and written beside the caller, by vault_sync at the
 * latest: *out is where they will stand. What fails then fails each vault_append and vault_sync
 * until the volume is recovered, so that nothing can be committed which names it. fd may be closed
 * at once; what is behind it must stay as it is. Copies that are sealed are written at once.
 */
bool vault_append_later(struct vault *vault, int fd, guint64 size, const char *sha256, gint64 now,
    struct vault_place *out, GError **error);
/* Has what was put off synced behind it, beside the caller; vault_sync is still to be called. */
void vault_begin_sync(struct vault *vault);
/* FAULT_IO also when the volume was removed or cut while it was written. */
bool vault_sync(struct vault *vault, GError **error);

/*
 * Overwrites a committed copy with zeros, durably, and gives its blocks back where the file system
 * can; its entry gets the name 090205-<sha256>.purged, and the volume stays a tar file. Beside a
 * writer; a second time does no harm. FAULT_DATA: there is no such volume, or it has another entry
 * there.
 */
bool vault_overwrite(
    struct vault *vault, const struct vault_place *place, const char *sha256, GError **error);
/*
 * Overwrites a file of the vault that nothing names any more with zeros, durably, and removes it.
 * One that is gone already is no fault; of a link the link goes.
 */
bool vault_shred(struct vault *vault, const char *name, GError **error);
/* Stands for a volume where a copy was purged: there is none, and none is to be made. */
#define VAULT_PURGED "purged"
/* The same of one that stands in an archive alone. */
#define VAULT_ARCHIVED "archived"

/*
 * The exact bytes again, checked against sha256: FAULT_DATA when they differ, FAULT_DENIED when the
 * copy is sealed with a key that is not here. Of a frame place->size bytes at most are unpacked.
 */
GBytes *vault_read(
    struct vault *vault, const struct vault_place *place, const char *sha256, GError **error);

/* What vault_check finds of a copy, and vault_measure of a volume. */
enum vault_finding {
	VAULT_EXACT,
	VAULT_ABSENT,  /* there is no such volume */
	VAULT_CUT,     /* it ends before the copy does */
	VAULT_ALTERED, /* other bytes */
	VAULT_RENAMED, /* the bytes are exact, the entry before them names others */
	VAULT_LOCKED,  /* it is sealed with a key that is not here: *error */
	VAULT_BROKEN,  /* it cannot be read: *error */
};
/* Reads a copy again, whatever its size, in little memory. */
enum vault_finding vault_check(
    struct vault *vault, const struct vault_place *place, const char *sha256, GError **error);
/* Its size, and whether all behind `end` is the end of an archive, as it should be. */
enum vault_finding vault_measure(struct vault *vault, const char *volume, guint64 end,
    guint64 *size, bool *ends, GError **error);
/* Names of all files under the folder that are no volume among known (sorted). */
GPtrArray *vault_strangers(struct vault *vault, const char *const *known, GError **error);

#endif
