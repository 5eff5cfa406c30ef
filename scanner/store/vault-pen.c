/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a pen writes: gathered, then written in large pieces past the page cache, for which a copy
 * would only be the dearest part of its way. Never writes before the end of what was finished.
 *
 * Past the cache go whole blocks alone. What stands before the first of them shares its block with
 * bytes that were finished, and what stands behind the last one with bytes to come: both go through
 * the cache, by the byte, so that nobody's bytes but the caller's own are ever written - not even
 * as they were, for another process may have overwritten them meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

#define BLOCK  4096          /* a multiple of what any disk wants */
#define BUFFER (256 * BLOCK) /* what is written at a time */
#define LEAST  (16 * BLOCK)  /* less is not worth waiting for the disk twice */

void
vault_pen_init(struct vault_pen *pen)
{
	*pen = (struct vault_pen){ .fd = -1, .level = SQUEEZE_FAST };
}

void
vault_pen_clear(struct vault_pen *pen)
{
	frame_writer_free(pen->writer);
	digest_free(pen->digest);
	g_free(pen->chunk);
	free(pen->buffer);
}

/* The buffer's first byte belongs to a block's, and nothing is in it. */
static void
stand_at(struct vault_pen *pen, guint64 offset)
{
	pen->base = offset / BLOCK * BLOCK;
	pen->written = offset;
	pen->filled = offset;
}

void
vault_pen_turn(struct vault_pen *pen, int fd, guint64 end)
{
	pen->fd = fd;
	pen->end = end;
	pen->cached = false;
	stand_at(pen, end);
}

/* --- writing --- */

/*
 * How much of it the file system took past its cache. Where it takes none it is not asked again;
 * what it does not take for another reason is offered to the cache, whose word is the last.
 */
static gsize
write_past_cache(struct vault_pen *pen, const guchar *data, gsize size, guint64 offset)
{
	if (pen->cached)
		return 0;
	if (fcntl(pen->fd, F_SETFL, O_DIRECT) < 0) {
		pen->cached = true;
		return 0;
	}
	ssize_t n = TEMP_FAILURE_RETRY(pwrite(pen->fd, data, size, (off_t)offset));
	pen->cached = n < 0 && errno == EINVAL;
	/* A volume's descriptor has no other flag; all else that is done with it goes by the byte.
	 */
	fcntl(pen->fd, F_SETFL, 0);
	return n > 0 ? (gsize)n : 0;
}

/* Through the cache. */
static bool
write_to(struct vault_pen *pen, guint64 to, GError **error)
{
	if (!io_pwrite_all(pen->fd, pen->buffer + (pen->written - pen->base),
		(gsize)(to - pen->written), pen->written, error))
		return false;
	pen->written = to;
	return true;
}

/* All that was gathered. */
static bool
flush(struct vault_pen *pen, GError **error)
{
	guint64 first = (pen->written + BLOCK - 1) / BLOCK * BLOCK;
	guint64 last = pen->filled / BLOCK * BLOCK;

	if (pen->filled == pen->written)
		return true;
	if (first + LEAST <= last) {
		if (!write_to(pen, first, error))
			return false;
		pen->written += write_past_cache(
		    pen, pen->buffer + (first - pen->base), (gsize)(last - first), first);
	}
	if (!write_to(pen, pen->filled, error))
		return false;
	stand_at(pen, pen->filled);
	return true;
}

/* --- gathering --- */

guchar *
vault_pen_room(struct vault_pen *pen, gsize *room, GError **error)
{
	if (pen->buffer == NULL)
		pen->buffer = aligned_alloc(BLOCK, BUFFER);
	if (pen->buffer == NULL) {
		g_set_error(error, FAULT, FAULT_IO, "no memory for %d bytes", BUFFER);
		return NULL;
	}
	if (pen->filled - pen->base == BUFFER && !flush(pen, error))
		return NULL;
	gsize used = (gsize)(pen->filled - pen->base);
	*room = BUFFER - used;
	return pen->buffer + used;
}

bool
vault_pen_add(const void *data, gsize size, void *user, GError **error)
{
	struct vault_pen *pen = user;
	const guchar *bytes = data;

	while (size > 0) {
		gsize room;
		guchar *at = vault_pen_room(pen, &room, error);
		if (at == NULL)
			return false;
		gsize n = MIN(size, room);
		memcpy(at, bytes, n);
		pen->filled += n;
		bytes += n;
		size -= n;
	}
	return true;
}

bool
vault_pen_mend(struct vault_pen *pen, const guchar block[TAR_BLOCK], guint64 offset, GError **error)
{
	if (offset < pen->written)
		return io_pwrite_all(pen->fd, block, TAR_BLOCK, offset, error);
	memcpy(pen->buffer + (offset - pen->base), block, TAR_BLOCK);
	return true;
}

void
vault_pen_drop(struct vault_pen *pen)
{
	if (pen->written > pen->end)
		stand_at(pen, pen->end);
	pen->filled = pen->end;
	/* When this fails vault_pen_finish does it again, and does not finish before it is done. */
	G_GNUC_UNUSED int cut = ftruncate(pen->fd, (off_t)pen->written);
}

bool
vault_pen_finish(struct vault_pen *pen, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	guint64 size, wanted = pen->end + TAR_TRAILER;

	if (!flush(pen, error) || !io_pwrite_all(pen->fd, zeros, sizeof zeros, pen->end, error) ||
	    !io_size(pen->fd, &size, error))
		return false;
	if (size == wanted || ftruncate(pen->fd, (off_t)wanted) == 0)
		return true;
	fault_errno(error, "cut");
	return false;
}
