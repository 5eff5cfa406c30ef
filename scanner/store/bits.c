/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never reads a byte that is not there.
 */
#include "store/bits.h"

#include <string.h>

#define UNARY_MAX  (1u << 30) /* no number of ours has a longer run */
#define VARINT_MAX 63         /* bits */
#define PEEKED     56u        /* bits that are at hand at once */

void
bits_begin(struct bit_writer *writer, GByteArray *out)
{
	*writer = (struct bit_writer){ .out = out };
}

void
bits_put(struct bit_writer *writer, guint64 value, guint n)
{
	writer->word |= (value & ((G_GUINT64_CONSTANT(1) << n) - 1)) << writer->used;
	writer->used += n;
	if (writer->used < 32)
		return;
	guint32 bytes = GUINT32_TO_LE((guint32)writer->word);
	g_byte_array_append(writer->out, (const guint8 *)&bytes, sizeof bytes);
	writer->word >>= 32;
	writer->used -= 32;
}

/* So many zeros, a one, and the lowest k bits of value. */
static void
put_run(struct bit_writer *writer, guint64 zeros, guint64 value, guint k)
{
	for (; zeros + 1 + k > 32 && zeros >= 32; zeros -= 32)
		bits_put(writer, 0, 32);
	if (zeros + 1 + k > 32) {
		bits_put(writer, 0, (guint)zeros);
		bits_put(writer, 1, 1);
		bits_put(writer, value, k);
		return;
	}
	value &= (G_GUINT64_CONSTANT(1) << k) - 1;
	bits_put(writer, (value << 1 | 1) << zeros, (guint)zeros + 1 + k);
}

void
bits_put_rice(struct bit_writer *writer, guint64 value, guint k)
{
	put_run(writer, value >> k, value, k);
}

static guint
width(guint64 value)
{
	return value == 0 ? 0 : 64 - (guint)__builtin_clzll(value);
}

void
bits_put_gamma(struct bit_writer *writer, guint64 value)
{
	guint n = width(value) - 1;

	put_run(writer, n, value, n);
}

/* The first numbers have a bit less than the others, where limit is no power of two. */
void
bits_put_below(struct bit_writer *writer, guint64 value, guint64 limit)
{
	guint n = width(limit - 1);
	guint64 less = (G_GUINT64_CONSTANT(1) << n) - limit;

	if (value < less) {
		bits_put(writer, value, n - 1);
		return;
	}
	bits_put(writer, (value + less) >> 1, n > 0 ? n - 1 : 0);
	bits_put(writer, (value + less) & 1, n > 0 ? 1 : 0);
}

void
bits_end(struct bit_writer *writer)
{
	guint64 bytes = GUINT64_TO_LE(writer->word);

	g_byte_array_append(writer->out, (const guint8 *)&bytes, (writer->used + 7) / 8);
	bits_begin(writer, writer->out);
}

/* --- reading --- */

struct bit_reader
bits_reader(const guint8 *data, gsize bytes)
{
	return (struct bit_reader){ .data = data, .size = bytes * 8 };
}

/* At least 57 bits from here, zeros behind the end. */
static guint64
peek(const struct bit_reader *reader)
{
	gsize byte = reader->at >> 3, left = (reader->size >> 3) - byte;
	guint64 word = 0;

	/* A size that the compiler knows is one instruction, and this is most of a search's time.
	 */
	if (left >= sizeof word)
		memcpy(&word, reader->data + byte, sizeof word);
	else
		memcpy(&word, reader->data + byte, left);
	return GUINT64_FROM_LE(word) >> (reader->at & 7);
}

static bool
move(struct bit_reader *reader, gsize n)
{
	if (n <= reader->size - reader->at) {
		reader->at += n;
		return true;
	}
	reader->at = reader->size;
	reader->bad = true;
	return false;
}

guint64
bits_get(struct bit_reader *reader, guint n)
{
	guint64 word = peek(reader) & ((G_GUINT64_CONSTANT(1) << n) - 1);

	return move(reader, n) ? word : 0;
}

/* How many zeros stand before the next one, which is read too. */
static guint64
zeros(struct bit_reader *reader)
{
	guint64 n = 0, word;

	while ((word = peek(reader) & ((G_GUINT64_CONSTANT(1) << 56) - 1)) == 0) {
		n += 56;
		if (!move(reader, 56) || n > UNARY_MAX)
			return 0;
	}
	guint more = (guint)__builtin_ctzll(word);
	move(reader, more + 1);
	return n + more;
}

guint64
bits_get_rice(struct bit_reader *reader, guint k)
{
	guint64 word = peek(reader);
	guint run = word != 0 ? (guint)__builtin_ctzll(word) : PEEKED;

	/* Nearly always all of it is at hand. */
	if (run + 1 + k <= PEEKED && move(reader, run + 1 + k))
		return ((guint64)run << k) |
		       (word >> (run + 1) & ((G_GUINT64_CONSTANT(1) << k) - 1));

	guint64 high = zeros(reader);

	return (high << k) | bits_get(reader, k);
}

guint64
bits_get_gamma(struct bit_reader *reader)
{
	guint64 word = peek(reader);
	guint run = word != 0 ? (guint)__builtin_ctzll(word) : PEEKED;

	if (2 * run + 1 <= PEEKED && run <= 31 && move(reader, 2 * run + 1))
		return (G_GUINT64_CONSTANT(1) << run) |
		       (word >> (run + 1) & ((G_GUINT64_CONSTANT(1) << run) - 1));

	guint64 n = zeros(reader);
	if (n > 31) {
		reader->bad = true;
		return 1;
	}
	return (G_GUINT64_CONSTANT(1) << n) | bits_get(reader, (guint)n);
}

guint64
bits_get_below(struct bit_reader *reader, guint64 limit)
{
	guint n = width(limit - 1);
	guint64 less = (G_GUINT64_CONSTANT(1) << n) - limit;

	if (n == 0)
		return 0;
	guint64 value = bits_get(reader, n - 1);
	return value < less ? value : ((value << 1) | bits_get(reader, 1)) - less;
}

/* As many as are whole in the bits at hand; returns how many. */
static gsize
rices_at_hand(struct bit_reader *reader, guint k, guint32 *out, gsize n)
{
	const guint64 word = peek(reader), mask = (G_GUINT64_CONSTANT(1) << k) - 1;
	guint used = 0;
	gsize i = 0;

	while (i < n && word >> used != 0) {
		guint64 rest = word >> used;
		guint run = (guint)__builtin_ctzll(rest), upto = used + run + 1 + k;
		if (upto > PEEKED)
			break;
		guint64 value = ((guint64)run << k) | (rest >> run >> 1 & mask);
		out[i++] = (guint32)MIN(value, G_MAXUINT32);
		used = upto;
	}
	move(reader, used);
	return i;
}

void
bits_get_rices(struct bit_reader *reader, guint k, guint32 *out, gsize n)
{
	for (gsize i = 0; i < n && !reader->bad;) {
		gsize taken = rices_at_hand(reader, k, out + i, n - i);
		if (taken == 0) {
			guint64 value = bits_get_rice(reader, k);
			out[i] = (guint32)MIN(value, G_MAXUINT32);
		}
		i += MAX(taken, 1);
	}
}

static gsize
gammas_at_hand(struct bit_reader *reader, guint32 *out, gsize n)
{
	const guint64 word = peek(reader);
	guint used = 0;
	gsize i = 0;

	while (i < n && word >> used != 0) {
		guint64 rest = word >> used;
		guint run = (guint)__builtin_ctzll(rest), upto = used + 2 * run + 1;
		if (upto > PEEKED)
			break;
		guint64 one = G_GUINT64_CONSTANT(1) << run;
		out[i++] = (guint32)(one | (rest >> run >> 1 & (one - 1)));
		used = upto;
	}
	move(reader, used);
	return i;
}

void
bits_get_gammas(struct bit_reader *reader, guint32 *out, gsize n)
{
	for (gsize i = 0; i < n && !reader->bad;) {
		gsize taken = gammas_at_hand(reader, out + i, n - i);
		if (taken == 0)
			out[i] = (guint32)bits_get_gamma(reader);
		i += MAX(taken, 1);
	}
}

void
bits_align(struct bit_reader *reader)
{
	move(reader, (8 - (reader->at & 7)) & 7);
}

guint
bits_rice_for(guint64 sum, guint64 count)
{
	/* The best divisor is ln 2 times the mean. */
	guint64 mean = count > 0 ? sum * 69 / (count * 100) : 0;

	return MIN(width(mean) > 0 ? width(mean) - 1 : 0, 31);
}

/* --- bytes --- */

void
bits_put_varint(GByteArray *out, guint64 value)
{
	guint8 bytes[(64 + 6) / 7];
	guint n = 0;

	do {
		bytes[n++] = (guint8)(value & 0x7f) | (value > 0x7f ? 0x80 : 0);
		value >>= 7;
	} while (value > 0);
	g_byte_array_append(out, bytes, n);
}

const guint8 *
bits_get_varint(const guint8 *at, const guint8 *end, guint64 *value)
{
	*value = 0;
	for (guint shift = 0; at < end && shift < VARINT_MAX; shift += 7, at++) {
		*value |= (guint64)(*at & 0x7f) << shift;
		if ((*at & 0x80) == 0)
			return at + 1;
	}
	return NULL;
}
