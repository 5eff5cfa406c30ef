/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lzfu - see lzfu.h. Never allocates by the length that the header states. */
#include "worker/lzfu.h"

#include <string.h>

#define RING       4096
#define COMPRESSED 0x75465A4Cu /* "LZFu" */
#define PLAIN      0x414C454Du /* "MELA" */

/* MS-OXRTFCP section 2.1.3.1.1: what the ring holds before the first byte. */
static const char initial[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
    "{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

static guint32
get32(const guint8 *data)
{
	return data[0] | (guint32)data[1] << 8 | (guint32)data[2] << 16 | (guint32)data[3] << 24;
}

/* Section 2.1.3.2: CRC-32 with the usual polynomial, from 0 and without the last inversion. */
static guint32
checksum(const guint8 *data, gsize size)
{
	guint32 table[256], crc = 0;

	for (guint32 i = 0; i < 256; i++) {
		guint32 c = i;
		for (int k = 0; k < 8; k++)
			c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
		table[i] = c;
	}
	for (gsize i = 0; i < size; i++)
		crc = table[(crc ^ data[i]) & 0xFF] ^ (crc >> 8);
	return crc;
}

struct ring {
	guint8 bytes[RING];
	guint at;
	GString *out;
	gsize max;
};

/* False when the text is full. */
static bool
put(struct ring *ring, guint8 byte)
{
	if (ring->out->len == ring->max)
		return false;
	ring->bytes[ring->at] = byte;
	ring->at = (ring->at + 1) % RING;
	g_string_append_c(ring->out, (char)byte);
	return true;
}

/* Section 2.2.1: eight tokens behind a control byte; a reference to the write position ends. */
static void
expand(struct ring *ring, const guint8 *data, gsize size, struct lzfu_result *result)
{
	guint control = 1;

	for (gsize at = 0; at < size;) {
		if (control == 1) {
			control = 0x100u | data[at++];
			continue;
		}
		bool reference = (control & 1) != 0;
		control >>= 1;
		if (!reference) {
			if (!put(ring, data[at++])) {
				result->cut = true;
				return;
			}
			continue;
		}
		if (at + 2 > size)
			break;
		guint from = (guint)data[at] << 4 | data[at + 1] >> 4;
		guint length = (data[at + 1] & 15u) + 2;
		at += 2;
		if (from == ring->at)
			return;
		while (length-- > 0) {
			if (!put(ring, ring->bytes[from])) {
				result->cut = true;
				return;
			}
			from = (from + 1) % RING;
		}
	}
	result->broken = true;
}

char *
lzfu_uncompress(const guint8 *data, gsize size, gsize max, struct lzfu_result *result)
{
	memset(result, 0, sizeof *result);
	guint32 kind = size >= LZFU_HEADER ? get32(data + 8) : 0;
	if (kind != COMPRESSED && kind != PLAIN) {
		result->broken = true;
		return NULL;
	}
	guint64 stated = get32(data);
	guint32 raw = get32(data + 4);
	const guint8 *content = data + LZFU_HEADER;
	gsize left = size - LZFU_HEADER;
	/* The length counts twelve bytes of the header too. */
	if (stated < 12 || stated - 12 > left)
		result->broken = true;
	else
		left = (gsize)stated - 12;
	if (kind == PLAIN) {
		gsize shown = MIN(left, raw);
		result->broken = result->broken || left < raw;
		result->cut = shown > max;
		result->size = MIN(shown, max);
		char *copy = g_try_malloc(result->size + 1);
		if (copy == NULL) {
			result->cut = true;
			result->size = 0;
			return NULL;
		}
		memcpy(copy, content, result->size);
		copy[result->size] = '\0';
		return copy;
	}
	struct ring ring = { .at = sizeof initial - 1, .out = g_string_new(NULL), .max = max };
	memcpy(ring.bytes, initial, sizeof initial - 1);
	result->broken = result->broken || checksum(content, left) != get32(data + 12);
	expand(&ring, content, left, result);
	result->size = ring.out->len;
	return g_string_free(ring.out, FALSE);
}
