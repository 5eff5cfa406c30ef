/* SPDX-License-Identifier: GPL-3.0-or-later */
/* biff - see biff.h. Never reads outside of data. */
#include "worker/biff.h"

#include <string.h>

#include "worker/ole-text.h"

#define CONTINUE 0x003C
#define WIDE     0x01
#define PHONETIC 0x04
#define RICH     0x08

void
biff_init(struct biff *biff, const guint8 *data, gsize size)
{
	memset(biff, 0, sizeof *biff);
	biff->data = data;
	biff->size = size;
}

/* The record at a place: its body becomes the cursor's. */
static void
enter(struct biff *biff, gsize start)
{
	gsize length = biff->data[start + 2] | (gsize)biff->data[start + 3] << 8;

	biff->at = start + 4;
	biff->cut = length > biff->size - biff->at;
	biff->end = biff->at + MIN(length, biff->size - biff->at);
}

static guint
type_at(const struct biff *biff, gsize start)
{
	return biff->data[start] | (guint)biff->data[start + 1] << 8;
}

bool
biff_next(struct biff *biff)
{
	if (biff->size - biff->end < 4)
		return false;
	biff->start = biff->end;
	biff->type = type_at(biff, biff->start);
	enter(biff, biff->start);
	return true;
}

gsize
biff_left(const struct biff *biff)
{
	return biff->end - biff->at;
}

bool
biff_more(struct biff *biff)
{
	while (biff->at == biff->end) {
		if (biff->size - biff->end < 4 || type_at(biff, biff->end) != CONTINUE)
			return false;
		enter(biff, biff->end);
	}
	return true;
}

guint
biff_u8(struct biff *biff)
{
	return biff_more(biff) ? biff->data[biff->at++] : 0;
}

guint
biff_u16(struct biff *biff)
{
	guint low = biff_u8(biff);

	return low | biff_u8(biff) << 8;
}

guint32
biff_u32(struct biff *biff)
{
	guint32 low = biff_u16(biff);

	return low | (guint32)biff_u16(biff) << 16;
}

gsize
biff_take(struct biff *biff, guint8 *out, gsize size)
{
	gsize got = 0;

	while (got < size && biff_more(biff)) {
		gsize n = MIN(size - got, biff_left(biff));
		memcpy(out + got, biff->data + biff->at, n);
		biff->at += n;
		got += n;
	}
	return got;
}

void
biff_skip(struct biff *biff, gsize size)
{
	while (size > 0 && biff_more(biff)) {
		gsize n = MIN(size, biff_left(biff));
		biff->at += n;
		size -= n;
	}
}

void
biff_unicode(struct biff *biff, guint characters, GString *out)
{
	guint flags = biff_u8(biff);
	guint runs = (flags & RICH) != 0 ? biff_u16(biff) : 0;
	guint32 phonetic = (flags & PHONETIC) != 0 ? biff_u32(biff) : 0;
	bool wide = (flags & WIDE) != 0;

	while (characters > 0) {
		if (biff->at == biff->end) {
			if (!biff_more(biff))
				return;
			wide = (biff_u8(biff) & WIDE) != 0;
			continue;
		}
		gsize n = MIN(characters, biff_left(biff) / (wide ? 2 : 1));
		if (n == 0) { /* half a character, which nothing completes */
			biff->at = biff->end;
			continue;
		}
		if (wide)
			ole_utf16(out, biff->data + biff->at, n);
		else
			ole_latin1(out, biff->data + biff->at, n);
		biff->at += wide ? 2 * n : n;
		characters -= (guint)n;
	}
	biff_skip(biff, 4 * (gsize)runs);
	biff_skip(biff, phonetic);
}
