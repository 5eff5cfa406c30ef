/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a pen writes: gathered on sheets, then written in large pieces past the page cache, for
 * which a copy would only be the dearest part of its way; a full sheet beside the next one. Never
 * writes before the end of what was finished.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "store/tar.h"
#include "store/vault-parts.h"

void
vault_pen_init(struct vault_pen *pen)
{
	*pen = (struct vault_pen){ .fd = -1, .level = SQUEEZE_FAST };
}

void
vault_pen_clear(struct vault_pen *pen)
{
	vault_hand_free(pen->hand);
	frame_writer_free(pen->writer);
	digest_free(pen->digest);
	g_free(pen->chunk);
	free(pen->sheet.bytes);
}

void
vault_pen_turn(struct vault_pen *pen, int fd, guint64 end)
{
	/* What is under way is finished, or forgotten. */
	if (pen->hand != NULL) {
		struct vault_sheet *other = vault_hand_rest(pen->hand);
		vault_sheet_begin(other, end);
		other->cached = false;
	}
	pen->fd = fd;
	pen->end = end;
	pen->sheet.fd = fd;
	pen->sheet.cached = false;
	vault_sheet_begin(&pen->sheet, end);
}

/* Nothing is under way any more; what the hand could not write is tried once more. */
static bool
wait_for_hand(struct vault_pen *pen, GError **error)
{
	if (pen->hand == NULL)
		return true;
	struct vault_sheet *other = vault_hand_rest(pen->hand);
	bool right = vault_sheet_write(other, error);
	pen->sheet.cached = pen->sheet.cached || other->cached;
	return right;
}

guint64
vault_pen_written(struct vault_pen *pen)
{
	const struct vault_sheet *other = pen->hand != NULL ? vault_hand_rest(pen->hand) : NULL;

	return other != NULL && other->written < other->filled ? other->written
							       : pen->sheet.written;
}

/* --- gathering --- */

/* The sheet is full: it is given away, or, where there is no thread, written here. */
static bool
turn_over(struct vault_pen *pen, GError **error)
{
	guint64 filled = pen->sheet.filled;

	if (!wait_for_hand(pen, error))
		return false;
	if (pen->hand == NULL)
		pen->hand = vault_hand_new();
	if (pen->hand != NULL)
		vault_hand_give(pen->hand, &pen->sheet);
	else if (!vault_sheet_write(&pen->sheet, error))
		return false;
	vault_sheet_begin(&pen->sheet, filled);
	return true;
}

guchar *
vault_pen_room(struct vault_pen *pen, gsize *room, GError **error)
{
	struct vault_sheet *sheet = &pen->sheet;

	if ((sheet->filled - sheet->base == VAULT_SHEET && !turn_over(pen, error)) ||
	    !vault_sheet_prepare(sheet, error))
		return NULL;
	gsize used = (gsize)(sheet->filled - sheet->base);
	*room = VAULT_SHEET - used;
	return sheet->bytes + used;
}

void
vault_pen_filled(struct vault_pen *pen, gsize size)
{
	pen->sheet.filled += size;
}

guint64
vault_pen_position(const struct vault_pen *pen)
{
	return pen->sheet.filled;
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
		vault_pen_filled(pen, n);
		bytes += n;
		size -= n;
	}
	return true;
}

bool
vault_pen_mend(struct vault_pen *pen, const guchar block[TAR_BLOCK], guint64 offset, GError **error)
{
	struct vault_sheet *sheet = &pen->sheet;

	if (offset < sheet->written)
		return wait_for_hand(pen, error) &&
		       io_pwrite_all(pen->fd, block, TAR_BLOCK, offset, error);
	memcpy(sheet->bytes + (offset - sheet->base), block, TAR_BLOCK);
	return true;
}

/* --- the end of an entry that failed, and of many that did not --- */

/* A sheet that could not be written has something before the end: it is the one at hand again. */
static void
take_back(struct vault_pen *pen)
{
	struct vault_sheet *other = vault_hand_rest(pen->hand);
	struct vault_sheet given = *other;

	if (other->written == other->filled || other->filled < pen->end)
		return;
	if (other->written < pen->end) {
		*other = pen->sheet;
		pen->sheet = given;
	}
	vault_sheet_begin(other, pen->end);
}

void
vault_pen_drop(struct vault_pen *pen)
{
	if (pen->hand != NULL) {
		wait_for_hand(pen, NULL);
		take_back(pen);
	}
	if (pen->sheet.written > pen->end)
		vault_sheet_begin(&pen->sheet, pen->end);
	pen->sheet.filled = pen->end;
	/* When this fails vault_pen_finish does it again, and does not finish before it is done. */
	G_GNUC_UNUSED int cut = ftruncate(pen->fd, (off_t)vault_pen_written(pen));
}

bool
vault_pen_finish(struct vault_pen *pen, GError **error)
{
	static const guchar zeros[TAR_TRAILER];
	guint64 size, wanted = pen->end + TAR_TRAILER;

	if (!wait_for_hand(pen, error) || !vault_sheet_write(&pen->sheet, error))
		return false;
	vault_sheet_begin(&pen->sheet, pen->sheet.filled);
	if (!io_pwrite_all(pen->fd, zeros, sizeof zeros, pen->end, error) ||
	    !io_size(pen->fd, &size, error))
		return false;
	if (size == wanted || ftruncate(pen->fd, (off_t)wanted) == 0)
		return true;
	fault_errno(error, "cut");
	return false;
}
