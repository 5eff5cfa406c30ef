/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sheets, and the thread that writes one while the next is filled: what comes to a volume has its
 * digest made meanwhile, which takes about as long as the disk does. One sheet is under way at a
 * time, so that they are written in their order.
 *
 * Past the cache go whole blocks alone. What stands before the first of them shares its block with
 * bytes that were finished, and what stands behind the last one with bytes to come: both go through
 * the cache, by the byte, so that nobody's bytes but the caller's own are ever written - not even
 * as they were, for another process may have overwritten them meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/thread.h"
#include "store/vault-parts.h"

#define BLOCK VAULT_SHEET_BLOCK
#define LEAST (16 * BLOCK) /* less is not worth waiting for the disk twice */

struct vault_hand {
	struct vault_sheet sheet; /* the thread's while it is busy, else the caller's */
	GThread *thread;
	GMutex lock;
	GCond given, done;
	/* Under the lock: */
	bool busy;
	bool leaving; /* the thread is to end */
};

/* --- a sheet --- */

/*
 * How much of it the file system took past its cache. Where it takes none it is not asked again;
 * what it does not take for another reason is offered to the cache, whose word is the last.
 */
static gsize
write_past_cache(struct vault_sheet *sheet, const guchar *data, gsize size, guint64 offset)
{
	if (sheet->cached)
		return 0;
	if (fcntl(sheet->fd, F_SETFL, O_DIRECT) < 0) {
		sheet->cached = true;
		return 0;
	}
	ssize_t n = TEMP_FAILURE_RETRY(pwrite(sheet->fd, data, size, (off_t)offset));
	sheet->cached = n < 0 && errno == EINVAL;
	/* A volume's descriptor has no other flag; all else that is done with it goes by the byte.
	 */
	fcntl(sheet->fd, F_SETFL, 0);
	return n > 0 ? (gsize)n : 0;
}

/* Through the cache. */
static bool
write_to(struct vault_sheet *sheet, guint64 to, GError **error)
{
	if (!io_pwrite_all(sheet->fd, sheet->bytes + (sheet->written - sheet->base),
		(gsize)(to - sheet->written), sheet->written, error))
		return false;
	sheet->written = to;
	return true;
}

bool
vault_sheet_write(struct vault_sheet *sheet, GError **error)
{
	guint64 first = (sheet->written + BLOCK - 1) / BLOCK * BLOCK;
	guint64 last = sheet->filled / BLOCK * BLOCK;

	if (sheet->filled == sheet->written)
		return true;
	if (first + LEAST <= last) {
		if (!write_to(sheet, first, error))
			return false;
		sheet->written += write_past_cache(
		    sheet, sheet->bytes + (first - sheet->base), (gsize)(last - first), first);
	}
	return write_to(sheet, sheet->filled, error);
}

void
vault_sheet_begin(struct vault_sheet *sheet, guint64 offset)
{
	sheet->base = offset / BLOCK * BLOCK;
	sheet->written = offset;
	sheet->filled = offset;
}

bool
vault_sheet_prepare(struct vault_sheet *sheet, GError **error)
{
	if (sheet->bytes == NULL)
		sheet->bytes = aligned_alloc(BLOCK, VAULT_SHEET);
	if (sheet->bytes != NULL)
		return true;
	g_set_error(error, FAULT, FAULT_IO, "no memory for %d bytes", VAULT_SHEET);
	return false;
}

/* --- the thread --- */

static gpointer
run(gpointer data)
{
	struct vault_hand *hand = data;

	g_mutex_lock(&hand->lock);
	while (!hand->leaving) {
		if (!hand->busy) {
			g_cond_wait(&hand->given, &hand->lock);
			continue;
		}
		g_mutex_unlock(&hand->lock);
		/* What fails stays on the sheet, for the caller to try again. */
		vault_sheet_write(&hand->sheet, NULL);
		g_mutex_lock(&hand->lock);
		hand->busy = false;
		g_cond_signal(&hand->done);
	}
	g_mutex_unlock(&hand->lock);
	return NULL;
}

struct vault_hand *
vault_hand_new(void)
{
	struct vault_hand *hand = g_new0(struct vault_hand, 1);

	hand->sheet.fd = -1;
	g_mutex_init(&hand->lock);
	g_cond_init(&hand->given);
	g_cond_init(&hand->done);
	hand->thread = thread_begin("hand", run, hand);
	if (hand->thread != NULL)
		return hand;
	vault_hand_free(hand);
	return NULL;
}

void
vault_hand_free(struct vault_hand *hand)
{
	if (hand == NULL)
		return;
	g_mutex_lock(&hand->lock);
	hand->leaving = true;
	g_cond_signal(&hand->given);
	g_mutex_unlock(&hand->lock);
	if (hand->thread != NULL)
		g_thread_join(hand->thread);
	free(hand->sheet.bytes);
	g_mutex_clear(&hand->lock);
	g_cond_clear(&hand->given);
	g_cond_clear(&hand->done);
	g_free(hand);
}

struct vault_sheet *
vault_hand_rest(struct vault_hand *hand)
{
	g_mutex_lock(&hand->lock);
	while (hand->busy)
		g_cond_wait(&hand->done, &hand->lock);
	g_mutex_unlock(&hand->lock);
	return &hand->sheet;
}

void
vault_hand_give(struct vault_hand *hand, struct vault_sheet *sheet)
{
	struct vault_sheet empty = hand->sheet;

	g_mutex_lock(&hand->lock);
	empty.cached = empty.cached || sheet->cached;
	empty.fd = sheet->fd;
	hand->sheet = *sheet;
	hand->sheet.cached = empty.cached;
	hand->busy = true;
	g_cond_signal(&hand->given);
	g_mutex_unlock(&hand->lock);
	*sheet = empty;
}
