/* SPDX-License-Identifier: GPL-3.0-or-later */
/* binhex - see binhex.h. */
#include "worker/binhex.h"

#include <string.h>

#define RUN        0x90 /* repeats the byte before it as often as the next one says */
#define CRC_SIZE   2
#define FIXED_SIZE 18 /* version, type, creator, flags, lengths of both forks */

/* Six bits each, in this order. */
static const char alphabet[] = "!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr";

struct binhex {
	GByteArray *out;
	guint32 bits;
	guint n_bits;
	bool run;  /* the last byte was RUN */
	bool junk; /* characters that have no place */
	bool full; /* no more is kept */
	gsize max;
};

static void
put(struct binhex *binhex, guint8 byte)
{
	if (binhex->out->len >= binhex->max) {
		binhex->full = true;
		return;
	}
	g_byte_array_append(binhex->out, &byte, 1);
}

static void
put_coded(struct binhex *binhex, guint8 byte)
{
	if (!binhex->run && byte == RUN) {
		binhex->run = true;
	} else if (!binhex->run) {
		put(binhex, byte);
	} else {
		binhex->run = false;
		guint8 last = binhex->out->len > 0 ? binhex->out->data[binhex->out->len - 1] : 0;
		if (byte == 0)
			put(binhex, RUN);
		for (guint i = 1; i < byte; i++)
			put(binhex, last);
	}
}

/* True at the ':' that ends the file. */
static bool
take(struct binhex *binhex, const guint8 *data, gsize size, bool *begun)
{
	for (gsize i = 0; i < size; i++) {
		const char *found = data[i] != '\0' ? strchr(alphabet, data[i]) : NULL;
		if (data[i] == ':') {
			if (*begun)
				return true;
			*begun = true;
		} else if (!*begun) {
			continue;
		} else if (found == NULL) {
			binhex->junk = binhex->junk || !g_ascii_isspace(data[i]);
		} else {
			binhex->bits = binhex->bits << 6 | (guint32)(found - alphabet);
			binhex->n_bits += 6;
			if (binhex->n_bits >= 8) {
				binhex->n_bits -= 8;
				put_coded(binhex, (guint8)(binhex->bits >> binhex->n_bits));
			}
		}
	}
	return false;
}

/* CRC-CCITT as BinHex has it: polynomial 0x1021, from zero, over the bytes and two of zero. */
static guint
crc_of(const guint8 *data, gsize size)
{
	guint crc = 0;

	for (gsize i = 0; i < size + CRC_SIZE; i++) {
		guint byte = i < size ? data[i] : 0;
		for (guint bit = 0; bit < 8; bit++) {
			bool high = (crc & 0x8000) != 0;
			crc = (crc << 1 | (byte >> (7 - bit) & 1)) & 0xFFFF;
			if (high)
				crc ^= 0x1021;
		}
	}
	return crc;
}

static gsize
number(const guint8 *at)
{
	return (gsize)at[0] << 24 | (gsize)at[1] << 16 | (gsize)at[2] << 8 | at[3];
}

/* One fork into a part; data is what is there of it. False when no more files are wanted. */
static bool
read_fork(
    struct item *item, const char *name, const guint8 *data, gsize size, gsize there, bool junk)
{
	struct item *member = extract_begin_member(item, name, "");

	if (member == NULL)
		return false;
	bool whole = there >= size + CRC_SIZE;
	bool more = extract_add(member, data, MIN(size, there));
	bool wrong = whole && crc_of(data, size) != ((guint)data[size] << 8 | data[size + 1]);
	if (junk || wrong || !whole)
		extract_part(member)->facts |= FACT_PART_MALFORMED;
	if (!whole)
		scan_outcome(item->scan, member->part, PART_BROKEN, "its end is missing");
	else if (wrong)
		scan_detail(item->scan, member->part, "its checksum is not as stated");
	extract_end(member);
	return more;
}

static bool
read_forks(struct item *item, const struct binhex *binhex)
{
	struct charset_result result;
	const guint8 *data = binhex->out->data;
	gsize size = binhex->out->len;
	gsize name_size = size > 0 ? data[0] : 0;
	gsize header = 1 + name_size + 1 + FIXED_SIZE + CRC_SIZE;

	if (size < header) {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "not readable as BinHex");
		return true;
	}
	g_autofree char *name =
	    charset_decode(item->scan->charset, "macintosh", data + 1, name_size, 4 * 255, &result);
	gsize data_size = number(data + 1 + name_size + 11);
	gsize rest_size = number(data + 1 + name_size + 15);
	bool more = data_size == 0 ||
		    read_fork(item, name, data + header, data_size, size - header, binhex->junk);
	gsize after = header + data_size + CRC_SIZE;
	if (more && rest_size > 0 && after < size) {
		g_autofree char *fork = g_strdup_printf("%s.rsrc", name);
		more = read_fork(item, fork, data + after, rest_size, size - after, binhex->junk);
	}
	return more;
}

bool
binhex_read(struct item *item, struct lines *lines)
{
	struct binhex binhex = { .max = (gsize)item->scan->limits->text };
	struct line line;
	bool begun = false, ended = false;

	binhex.out = g_byte_array_new();
	while (!ended && !binhex.full && lines_next(lines, &line))
		ended = take(&binhex, line.data, line.size, &begun);
	bool more = begun ? read_forks(item, &binhex) : true;
	if (binhex.full)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "more than is looked at");
	g_byte_array_unref(binhex.out);
	return more;
}
