/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_PARTS_H
#define FLAGPOST_STORE_VAULT_PARTS_H
/*
 * vault_parts - what the files of the vault share. Seen by nobody else.
 *
 *	vault.c        writing, recovering
 *	vault-entry.c  one entry, as it is written
 *	vault-scribe.c entries that are written beside the caller
 *	vault-read.c   one entry, as it is read
 *	vault-check.c  volumes against what was committed
 *	vault-purge.c  a copy, or a volume, overwritten
 *	vault-aside.c  copies that the database does not know
 */
#include "base/digest.h"
#include "store/vault.h"

/* Writes entries behind one another. Of which form they are is said by keys and packs. */
struct vault_pen {
	int fd;
	guint64 end;                    /* of the last entry */
	const struct cipher_keys *keys; /* borrowed; with a key for new copies: sealed */
	bool packs;                     /* else packed */
	int level;                      /* SQUEEZE_... */
	struct frame_writer *writer;    /* made when the first frame is written */
	guchar *chunk, *buffer;         /* what is read; what is to be written */
	guint64 at;                     /* of buffer's first byte */
	gsize filled;
};

void vault_pen_init(struct vault_pen *pen);
void vault_pen_clear(struct vault_pen *pen);
/*
 * One entry of what stands behind fd, named "clock-sha256" and what the form is called. Fills
 * offset, length, size, end and form of out. After a failure anything may stand behind pen->end.
 */
bool vault_pen_put(struct vault_pen *pen, int fd, guint64 size, const char *sha256,
    const char *clock, gint64 mtime, struct vault_place *out, GError **error);
/* Where vault_pen_put puts a plain entry behind this end; of a volume it says nothing. */
void vault_plain_place(guint64 end, guint64 size, struct vault_place *out);

const char *vault_folder(const struct vault *vault);
/* -1 after an error; FAULT_DATA: there is no such volume. */
int vault_open_volume(struct vault *vault, const char *volume, int flags, GError **error);
/* "2026/2026-11-22.tar": names come from the database, and none may lead elsewhere. */
bool vault_is_volume(const char *name);
/*
 * The message's bytes to the sink, whatever the entry's form is. The digest is the caller's to
 * compare; FAULT_DATA, FAULT_DENIED and FAULT_IO as vault_read.
 */
bool vault_pour(struct vault *vault, int fd, const struct vault_place *place, const char *sha256,
    squeeze_sink *sink, void *user, GError **error);
/* An entry's SHA-256 as a message. */
bool vault_pour_digest(struct vault *vault, int fd, const struct vault_place *place,
    const char *sha256, char hash[DIGEST_HEX], GError **error);
/* vault_overwrite in a file that is open. */
bool vault_overwrite_at(
    int fd, const struct vault_place *place, const char *sha256, GError **error);
bool vault_digest(int fd, guint64 offset, guint64 length, char hash[DIGEST_HEX], GError **error);

#endif
