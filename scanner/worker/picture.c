/* SPDX-License-Identifier: GPL-3.0-or-later */
/* picture - see picture.h. Never follows an offset out of the bytes. */
#include "worker/picture.h"

#include <string.h>

/* Little and big end first; the caller has seen that the bytes are there. */
static guint32
low(const guint8 *at, guint n)
{
	guint32 value = 0;

	while (n-- > 0)
		value = value << 8 | at[n];
	return value;
}

static guint32
high(const guint8 *at, guint n)
{
	guint32 value = 0;

	for (guint i = 0; i < n; i++)
		value = value << 8 | at[i];
	return value;
}

static enum picture_result
take(struct picture *out, guint32 width, guint32 height)
{
	if (width == 0 || height == 0)
		return PICTURE_BROKEN;
	out->width = MAX(out->width, width);
	out->height = MAX(out->height, height);
	out->pixels += (guint64)width * height;
	out->frames++;
	return PICTURE_MEASURED;
}

static enum picture_result
measure_png(const guint8 *bytes, gsize size, struct picture *out)
{
	if (size < 24)
		return PICTURE_UNKNOWN;
	if (memcmp(bytes + 12, "IHDR", 4) != 0)
		return PICTURE_BROKEN;
	return take(out, high(bytes + 16, 4), high(bytes + 20, 4));
}

/* Segments up to the first start of a frame (T.81 section B.1.1). */
static enum picture_result
measure_jpeg(const guint8 *bytes, gsize size, struct picture *out)
{
	gsize at = 2;

	while (at + 4 <= size) {
		guint8 marker = bytes[at + 1];
		if (bytes[at] != 0xFF)
			return PICTURE_BROKEN;
		if (marker == 0xFF) { /* filling */
			at++;
			continue;
		}
		if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
			at += 2;
			continue;
		}
		bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 &&
			     marker != 0xCC;
		if (marker == 0xD9 || marker == 0xDA)
			return PICTURE_BROKEN;
		if (frame && at + 9 <= size)
			return take(out, high(bytes + at + 7, 2), high(bytes + at + 5, 2));
		guint32 length = high(bytes + at + 2, 2);
		if (length < 2)
			return PICTURE_BROKEN;
		at += 2 + length;
	}
	return PICTURE_UNKNOWN;
}

static gsize
table_bytes(guint8 packed)
{
	return (packed & 0x80) != 0 ? (gsize)3 << ((packed & 7) + 1) : 0;
}

/* Every frame has a size of its own, and decoders make room for all of them. */
static enum picture_result
measure_gif(const guint8 *bytes, gsize size, struct picture *out)
{
	if (size < 13)
		return PICTURE_UNKNOWN;
	gsize at = 13 + table_bytes(bytes[10]);
	enum picture_result result =
	    take(out, low(bytes + 6, 2), low(bytes + 8, 2)) == PICTURE_MEASURED ? PICTURE_MEASURED
										: PICTURE_BROKEN;
	out->frames = 0;
	while (at + 10 <= size && out->frames < PICTURE_FRAMES_MAX) {
		if (bytes[at] == 0x2C) {
			take(out, low(bytes + at + 5, 2), low(bytes + at + 7, 2));
			at += 11 + table_bytes(bytes[at + 9]);
		} else if (bytes[at] == 0x21) {
			at += 2;
		} else {
			break;
		}
		while (at < size && bytes[at] != 0)
			at += 1u + bytes[at];
		at++;
	}
	return result;
}

static enum picture_result
measure_bmp(const guint8 *bytes, gsize size, struct picture *out)
{
	if (size < 26)
		return PICTURE_UNKNOWN;
	if (low(bytes + 14, 4) == 12)
		return take(out, low(bytes + 18, 2), low(bytes + 20, 2));
	/* A height below nothing: rows from the top. */
	gint32 width = (gint32)low(bytes + 18, 4), height = (gint32)low(bytes + 22, 4);
	return take(out, width > 0 ? (guint32)width : 0,
	    height >= 0 ? (guint32)height : (guint32) - (gint64)height);
}

static enum picture_result
measure_webp(const guint8 *bytes, gsize size, struct picture *out)
{
	if (size < 30)
		return PICTURE_UNKNOWN;
	if (memcmp(bytes + 12, "VP8X", 4) == 0)
		return take(out, low(bytes + 24, 3) + 1, low(bytes + 27, 3) + 1);
	if (memcmp(bytes + 12, "VP8L", 4) == 0) {
		guint32 both = low(bytes + 21, 4);
		return take(out, (both & 0x3FFF) + 1, (both >> 14 & 0x3FFF) + 1);
	}
	if (memcmp(bytes + 12, "VP8 ", 4) == 0)
		return take(out, low(bytes + 26, 2) & 0x3FFF, low(bytes + 28, 2) & 0x3FFF);
	return PICTURE_BROKEN;
}

/* TIFF 6.0 section 2: a chain of directories, one a page; 256 and 257 are width and height. */
static enum picture_result
measure_tiff(const guint8 *bytes, gsize size, struct picture *out)
{
	guint32 (*number)(const guint8 *at, guint n) = bytes[0] == 'M' ? high : low;
	guint32 next = size >= 8 ? number(bytes + 4, 4) : 0;

	if (size < 8)
		return PICTURE_UNKNOWN;
	while (next != 0 && out->frames < PICTURE_FRAMES_MAX) {
		guint32 width = 0, height = 0;
		if (next > size - 2)
			return out->frames > 0 ? PICTURE_MEASURED : PICTURE_UNKNOWN;
		guint32 n = number(bytes + next, 2);
		const guint8 *entry = bytes + next + 2;
		if ((gsize)n * 12 + 4 > size - next - 2)
			return out->frames > 0 ? PICTURE_MEASURED : PICTURE_UNKNOWN;
		for (guint32 i = 0; i < n; i++, entry += 12) {
			guint32 value = number(entry + 8, number(entry + 2, 2) == 3 ? 2 : 4);
			width = number(entry, 2) == 256 ? value : width;
			height = number(entry, 2) == 257 ? value : height;
		}
		if (take(out, width, height) != PICTURE_MEASURED)
			return PICTURE_BROKEN;
		/* Pages are decoded one by one. */
		out->pixels = (guint64)out->width * out->height;
		next = number(entry, 4);
	}
	return out->frames > 0 ? PICTURE_MEASURED : PICTURE_BROKEN;
}

enum picture_result
picture_measure(const char *type, const guint8 *bytes, gsize size, struct picture *out)
{
	static const struct {
		const char *type;
		enum picture_result (*measure)(const guint8 *, gsize, struct picture *);
	} rows[] = {
		{ "image/png", measure_png },
		{ "image/jpeg", measure_jpeg },
		{ "image/gif", measure_gif },
		{ "image/bmp", measure_bmp },
		{ "image/x-ms-bmp", measure_bmp },
		{ "image/webp", measure_webp },
		{ "image/tiff", measure_tiff },
	};

	memset(out, 0, sizeof *out);
	for (gsize i = 0; i < G_N_ELEMENTS(rows) && size > 0; i++)
		if (strcmp(rows[i].type, type) == 0)
			return rows[i].measure(bytes, size, out);
	return PICTURE_UNKNOWN;
}
