/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One entry, as it is written: a header, the bytes or their frame, padding. Never ends an entry
 * whose bytes are not those of its digest.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define CHUNK  (128 * 1024)
#define BUFFER (CHUNK + 8 * 1024) /* so that most messages are one read and one write */

void
vault_pen_init(struct vault_pen *pen)
{
	*pen = (struct vault_pen){ .fd = -1, .level = SQUEEZE_FAST };
	pen->chunk = g_malloc(CHUNK);
	pen->buffer = g_malloc(BUFFER);
}

void
vault_pen_clear(struct vault_pen *pen)
{
	frame_writer_free(pen->writer);
	g_free(pen->chunk);
	g_free(pen->buffer);
}

/* Fills chunk with at most size bytes at offset; the length read, 0 when the file is over. */
static gssize
read_chunk(int fd, guchar *chunk, gsize size, guint64 offset, GError **error)
{
	gsize have = 0;

	while (have < size) {
		ssize_t n = pread(fd, chunk + have, size - have, (off_t)(offset + have));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fault_errno(error, "read the message");
			return -1;
		}
		if (n == 0)
			break;
		have += (gsize)n;
	}
	return (gssize)have;
}

static bool
flush(struct vault_pen *pen, GError **error)
{
	if (!io_pwrite_all(pen->fd, pen->buffer, pen->filled, pen->at, error))
		return false;
	pen->at += pen->filled;
	pen->filled = 0;
	return true;
}

static bool
take(const void *data, gsize size, void *user, GError **error)
{
	struct vault_pen *pen = user;
	const guchar *bytes = data;

	while (size > 0) {
		if (pen->filled == BUFFER && !flush(pen, error))
			return false;
		gsize n = MIN(size, BUFFER - pen->filled);
		memcpy(pen->buffer + pen->filled, bytes, n);
		pen->filled += n;
		bytes += n;
		size -= n;
	}
	return true;
}

/* The content into the digest and, as it is or as a frame, behind the header. */
static bool
put_content(
    struct vault_pen *pen, int fd, guint64 size, bool framed, struct digest *digest, GError **error)
{
	guint64 read = 0;

	do {
		gsize want = (gsize)MIN(CHUNK, size - read);
		gssize n = read_chunk(fd, pen->chunk, want, read, error);
		if (n < 0)
			return false;
		if ((gsize)n < want) {
			g_set_error(error, FAULT, FAULT_DATA,
			    "the message ends after %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
			    " bytes",
			    read + (guint64)n, size);
			return false;
		}
		digest_update(digest, pen->chunk, (gsize)n);
		read += (guint64)n;
		if (!(framed ? frame_put(pen->writer, pen->chunk, (gsize)n, read == size, error)
			     : take(pen->chunk, (gsize)n, pen, error)))
			return false;
	} while (read < size);
	return true;
}

static bool
put_checked(
    struct vault_pen *pen, int fd, guint64 size, bool framed, const char *sha256, GError **error)
{
	g_autoptr(digest) digest = digest_new();
	char found[DIGEST_HEX];

	if (!put_content(pen, fd, size, framed, digest, error))
		return false;
	digest_finish(digest, found);
	if (strcmp(found, sha256) == 0)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "the message's bytes are not those of %s", sha256);
	return false;
}

/* The length of a frame is known behind it; a short one still lies in the buffer, header and all.
 */
static bool
end_entry(struct vault_pen *pen, const guchar header[TAR_BLOCK], guint64 length, GError **error)
{
	static const guchar zeros[TAR_BLOCK];
	bool flushed = pen->at != pen->end;

	if (!flushed)
		memcpy(pen->buffer, header, TAR_BLOCK);
	return take(zeros, tar_padding(length), pen, error) && flush(pen, error) &&
	       (!flushed || io_pwrite_all(pen->fd, header, TAR_BLOCK, pen->end, error));
}

void
vault_plain_place(guint64 end, guint64 size, struct vault_place *out)
{
	out->offset = end + TAR_BLOCK;
	out->length = size;
	out->size = size;
	out->end = out->offset + out->length + tar_padding(out->length);
	g_strlcpy(out->form, VAULT_PLAIN, sizeof out->form);
}

bool
vault_pen_put(struct vault_pen *pen, int fd, guint64 size, const char *sha256, const char *clock,
    gint64 mtime, struct vault_place *out, GError **error)
{
	const char *key = pen->keys != NULL ? cipher_keys_writes(pen->keys) : NULL;
	bool framed = key != NULL || pen->packs;
	enum frame_form form = key != NULL ? FRAME_SEALED : framed ? FRAME_PACKED : FRAME_PLAIN;
	guchar header[TAR_BLOCK];

	pen->at = pen->end;
	memset(pen->buffer, 0, TAR_BLOCK);
	pen->filled = TAR_BLOCK;
	if (framed && pen->writer == NULL)
		pen->writer = frame_writer_new();
	if ((framed && !frame_begin(pen->writer, key != NULL ? pen->keys : NULL, pen->level, sha256,
			   size, take, pen, error)) ||
	    !put_checked(pen, fd, size, framed, sha256, error))
		return false;
	out->offset = pen->end + TAR_BLOCK;
	out->length = pen->at + pen->filled - out->offset;
	out->size = size;
	out->end = out->offset + out->length + tar_padding(out->length);
	g_autofree char *name = g_strdup_printf("%s-%s%s", clock, sha256, frame_ending(form));
	tar_header(header, name, out->length, mtime);
	if (!end_entry(pen, header, out->length, error))
		return false;
	g_snprintf(out->form, sizeof out->form, "%s%s",
	    form == FRAME_PLAIN    ? VAULT_PLAIN
	    : form == FRAME_PACKED ? VAULT_PACKED
				   : VAULT_SEALED,
	    key != NULL ? key : "");
	pen->end = out->end;
	return true;
}
