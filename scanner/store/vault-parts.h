/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VAULT_PARTS_H
#define FLAGPOST_STORE_VAULT_PARTS_H
/*
 * vault_parts - what the files of the vault share. Seen by nobody else.
 *
 *	vault.c        writing, recovering
 *	vault-entry.c  one entry, as it is written
 *	vault-pen.c    what is written, gathered on sheets
 *	vault-hand.c   a sheet that is written beside
 *	vault-scribe.c entries that are written beside the caller
 *	vault-read.c   one entry, as it is read
 *	vault-check.c  volumes against what was committed
 *	vault-purge.c  a copy, or a volume, overwritten
 *	vault-aside.c  copies that the database does not know
 */
#include "base/digest.h"
#include "store/tar.h"
#include "store/vault.h"

#define VAULT_SHEET_BLOCK 4096                      /* a multiple of what any disk wants */
#define VAULT_SHEET       (256 * VAULT_SHEET_BLOCK) /* bytes that are written at a time */

/* A stretch of a file. */
struct vault_sheet {
	int fd;
	guchar *bytes;   /* VAULT_SHEET of them, or NULL; by free() */
	guint64 base;    /* where the first of them stands in the file: at the begin of a block */
	guint64 written; /* in the file is all before it, in bytes what follows */
	guint64 filled;  /* up to here */
	bool cached;     /* this file is not written past the page cache */
};

/* Nothing is on it, and the first byte will stand at offset. */
void vault_sheet_begin(struct vault_sheet *sheet, guint64 offset);
bool vault_sheet_prepare(struct vault_sheet *sheet, GError **error); /* it has bytes */
/* Into the file. After a failure written says how far it came, and it may be tried again. */
bool vault_sheet_write(struct vault_sheet *sheet, GError **error);

/* A thread that writes one sheet at a time. */
struct vault_hand;

struct vault_hand *vault_hand_new(void); /* NULL where no thread is to be had */
void vault_hand_free(struct vault_hand *hand);
/* Waits. The sheet, the caller's until the next is given; what could not be written is on it. */
struct vault_sheet *vault_hand_rest(struct vault_hand *hand);
/* Behind vault_hand_rest, with nothing left on that one: takes the sheet's bytes, gives others. */
void vault_hand_give(struct vault_hand *hand, struct vault_sheet *sheet);

/*
 * Writes entries behind one another, into a file that was opened for reading and writing and has
 * no other flag. Gathers them, and writes large pieces past the page cache where the file system
 * lets it (O_DIRECT). What was finished is never written again, not even as it was: behind
 * vault_pen_turn and each vault_pen_finish the first byte that is written is that at pen->end.
 *
 *	vault_pen_turn -> vault_pen_put ... -> vault_pen_finish -> vault_pen_put ... -> ...
 */
struct vault_pen {
	int fd;                         /* the owner's, by vault_pen_turn; -1: none */
	guint64 end;                    /* of the last entry */
	const struct cipher_keys *keys; /* borrowed; with a key for new copies: sealed */
	bool packs;                     /* else packed */
	int level;                      /* SQUEEZE_... */
	struct frame_writer *writer;    /* made when the first frame is written */
	struct digest *digest;          /* these three, with the first entry */
	guchar *chunk;                  /* what is to become a frame */
	struct vault_sheet sheet;       /* what is to be written */
	struct vault_hand *hand;        /* made when the first sheet is full */
};

void vault_pen_init(struct vault_pen *pen);
/* Leaves fd open; it is the caller's to close only behind this, or behind vault_pen_turn. */
void vault_pen_clear(struct vault_pen *pen);
/* fd's file is written from end on; what was put and not finished is forgotten. */
void vault_pen_turn(struct vault_pen *pen, int fd, guint64 end);
/*
 * One entry of what stands behind fd, named "clock-sha256" and what the form is called. Fills
 * offset, length, size, end and form of out. It can be read when it was finished. After a failure
 * nothing of it is left for vault_pen_finish to write, and the file is cut back where it can be.
 */
bool vault_pen_put(struct vault_pen *pen, int fd, guint64 size, const char *sha256,
    const char *clock, gint64 mtime, struct vault_place *out, GError **error);
/* Where vault_pen_put puts a plain entry behind this end; of a volume it says nothing. */
void vault_plain_place(guint64 end, guint64 size, struct vault_place *out);
/* How much of the file is there for certain: of what was put not all need be. Waits. */
guint64 vault_pen_written(struct vault_pen *pen);
/* The file holds the entries that were put and the end of an archive, and ends there. No sync. */
bool vault_pen_finish(struct vault_pen *pen, GError **error);

/* What vault_pen_put is made of: */

/* Where the next bytes go, *room of them (at least one), and: so many were put there. */
guchar *vault_pen_room(struct vault_pen *pen, gsize *room, GError **error);
void vault_pen_filled(struct vault_pen *pen, gsize size);
/* Where they will stand in the file. */
guint64 vault_pen_position(const struct vault_pen *pen);
/* A squeeze_sink; user: the pen. */
bool vault_pen_add(const void *data, gsize size, void *user, GError **error);
/* Other bytes in the place of a TAR_BLOCK of the entry that is put, wherever they are by now. */
bool vault_pen_mend(
    struct vault_pen *pen, const guchar block[TAR_BLOCK], guint64 offset, GError **error);
/* All behind pen->end. */
void vault_pen_drop(struct vault_pen *pen);

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
