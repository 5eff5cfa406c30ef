/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One entry, as it is written: a header, the bytes or their frame, padding. Never keeps an entry
 * whose bytes are not those of its digest.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define CHUNK (128 * 1024)

/* size bytes at offset of a message that has `all`. */
static bool
read_piece(int fd, guchar *piece, gsize size, guint64 offset, guint64 all, GError **error)
{
	gsize have = 0;

	while (have < size) {
		ssize_t n = TEMP_FAILURE_RETRY(
		    pread(fd, piece + have, size - have, (off_t)(offset + have)));
		if (n < 0) {
			fault_errno(error, "read the message");
			return false;
		}
		if (n == 0) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "the message ends after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			    " bytes",
			    offset + have, all);
			return false;
		}
		have += (gsize)n;
	}
	return true;
}

/* The bytes into the digest and, as they are, behind the header. */
static bool
put_plain(struct vault_pen *pen, int fd, guint64 size, GError **error)
{
	for (guint64 read = 0; read < size;) {
		gsize room;
		guchar *piece = vault_pen_room(pen, &room, error);
		if (piece == NULL)
			return false;
		/* Small enough to be near still when it is digested. */
		gsize want = (gsize)MIN(MIN(CHUNK, room), size - read);
		if (!read_piece(fd, piece, want, read, size, error))
			return false;
		digest_update(pen->digest, piece, want);
		vault_pen_filled(pen, want);
		read += want;
	}
	return true;
}

/* The bytes into the digest and, as a frame, behind the header. */
static bool
put_frame(struct vault_pen *pen, const struct cipher_keys *keys, int fd, guint64 size,
    const char *sha256, GError **error)
{
	guint64 read = 0;

	if (pen->writer == NULL)
		pen->writer = frame_writer_new();
	if (pen->chunk == NULL)
		pen->chunk = g_malloc(CHUNK);
	if (!frame_begin(pen->writer, keys, pen->level, sha256, size, vault_pen_add, pen, error))
		return false;
	do {
		gsize want = (gsize)MIN(CHUNK, size - read);
		if (!read_piece(fd, pen->chunk, want, read, size, error))
			return false;
		digest_update(pen->digest, pen->chunk, want);
		read += want;
		if (!frame_put(pen->writer, pen->chunk, want, read == size, error))
			return false;
	} while (read < size);
	return true;
}

static bool
is_exact(struct vault_pen *pen, const char *sha256, GError **error)
{
	char found[DIGEST_HEX];

	digest_finish(pen->digest, found);
	if (strcmp(found, sha256) == 0)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "the message's bytes are not those of %s", sha256);
	return false;
}

static void
place_behind(guint64 end, guint64 length, guint64 size, struct vault_place *out)
{
	out->offset = end + TAR_BLOCK;
	out->length = length;
	out->size = size;
	out->end = out->offset + length + tar_padding(length);
}

void
vault_plain_place(guint64 end, guint64 size, struct vault_place *out)
{
	place_behind(end, size, size, out);
	g_strlcpy(out->form, VAULT_PLAIN, sizeof out->form);
}

/* What an entry is made from. */
struct source {
	int fd;
	guint64 size;
	const char *sha256, *clock;
	gint64 mtime;
	enum frame_form form;
	const struct cipher_keys *keys; /* of a sealed one */
};

/* The length of a frame is known behind it. */
static bool
put_all(struct vault_pen *pen, const struct source *from, struct vault_place *out, GError **error)
{
	static const guchar zeros[TAR_BLOCK];
	guchar header[TAR_BLOCK];
	char name[TAR_NAME];
	bool plain = from->form == FRAME_PLAIN;

	g_snprintf(
	    name, sizeof name, "%s-%s%s", from->clock, from->sha256, frame_ending(from->form));
	tar_header(header, name, plain ? from->size : 0, from->mtime);
	digest_reset(pen->digest);
	if (!vault_pen_add(header, TAR_BLOCK, pen, error) ||
	    !(plain ? put_plain(pen, from->fd, from->size, error)
		    : put_frame(pen, from->keys, from->fd, from->size, from->sha256, error)) ||
	    !is_exact(pen, from->sha256, error))
		return false;
	place_behind(pen->end, vault_pen_position(pen) - pen->end - TAR_BLOCK, from->size, out);
	if (!vault_pen_add(zeros, tar_padding(out->length), pen, error))
		return false;
	if (plain)
		return true;
	tar_header(header, name, out->length, from->mtime);
	return vault_pen_mend(pen, header, pen->end, error);
}

bool
vault_pen_put(struct vault_pen *pen, int fd, guint64 size, const char *sha256, const char *clock,
    gint64 mtime, struct vault_place *out, GError **error)
{
	const char *key = pen->keys != NULL ? cipher_keys_writes(pen->keys) : NULL;
	const struct source from = {
		.fd = fd,
		.size = size,
		.sha256 = sha256,
		.clock = clock,
		.mtime = mtime,
		.form = key != NULL  ? FRAME_SEALED
			: pen->packs ? FRAME_PACKED
				     : FRAME_PLAIN,
		.keys = key != NULL ? pen->keys : NULL,
	};

	if (pen->digest == NULL)
		pen->digest = digest_new();
	if (!put_all(pen, &from, out, error)) {
		vault_pen_drop(pen);
		return false;
	}
	g_snprintf(out->form, sizeof out->form, "%s%s",
	    from.form == FRAME_PLAIN    ? VAULT_PLAIN
	    : from.form == FRAME_PACKED ? VAULT_PACKED
					: VAULT_SEALED,
	    key != NULL ? key : "");
	pen->end = out->end;
	return true;
}
