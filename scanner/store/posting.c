/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never trusts what it reads: a rank outside the block or bytes that end early are told.
 */
#include "store/posting.h"

#include "store/posting-inner.h"

#define PIECE 256 /* numbers that are read at once */

struct posting *
posting_new(void)
{
	struct posting *posting = g_new0(struct posting, 1);

	posting->ranks = g_array_new(FALSE, FALSE, sizeof(guint32));
	posting->counts = g_array_new(FALSE, FALSE, sizeof(guint32));
	posting->places = g_array_new(FALSE, FALSE, sizeof(guint32));
	return posting;
}

void
posting_free(struct posting *posting)
{
	if (posting == NULL)
		return;
	g_array_unref(posting->ranks);
	g_array_unref(posting->counts);
	g_array_unref(posting->places);
	g_free(posting);
}

void
posting_clear(struct posting *posting)
{
	g_array_set_size(posting->ranks, 0);
	g_array_set_size(posting->counts, 0);
	g_array_set_size(posting->places, 0);
}

static guint32
at(const GArray *array, guint i)
{
	return g_array_index(array, guint32, i);
}

void
posting_add(struct posting *posting, guint32 rank, guint32 place)
{
	guint n = posting->ranks->len;
	guint32 one = 1;

	g_array_append_val(posting->places, place);
	if (n > 0 && at(posting->ranks, n - 1) == rank) {
		g_array_index(posting->counts, guint32, n - 1)++;
		return;
	}
	g_array_append_val(posting->ranks, rank);
	g_array_append_val(posting->counts, one);
}

void
posting_fill(struct posting *posting, const struct posting_place *places, guint n)
{
	g_array_set_size(posting->ranks, n);
	g_array_set_size(posting->counts, n);
	g_array_set_size(posting->places, n);
	guint32 *ranks = (guint32 *)(void *)posting->ranks->data, *counts, *out;
	guint at_rank = 0;

	counts = (guint32 *)(void *)posting->counts->data;
	out = (guint32 *)(void *)posting->places->data;
	for (guint i = 0; i < n; i++) {
		out[i] = places[i].place;
		if (i > 0 && places[i].rank == places[i - 1].rank) {
			counts[at_rank - 1]++;
			continue;
		}
		ranks[at_rank] = places[i].rank;
		counts[at_rank++] = 1;
	}
	g_array_set_size(posting->ranks, at_rank);
	g_array_set_size(posting->counts, at_rank);
}

/* --- places of one message --- */

static guint
place_k(guint32 length, guint32 count)
{
	return bits_rice_for(length, count);
}

static void
put_places(struct bit_writer *writer, const guint32 *places, guint32 count, guint32 length)
{
	guint32 next = 0; /* the least that the next place can be */

	if (length > 0 && count == 1) {
		bits_put_below(writer, places[0], length);
		return;
	}
	guint k = place_k(length, count);
	for (guint32 i = 0; i < count; i++) {
		if (length > 0)
			bits_put_rice(writer, places[i] - next, k);
		else
			bits_put_gamma(writer, (guint64)places[i] - next + 1);
		next = places[i] + 1;
	}
}

/* out: NULL to pass over them. */
void
posting_places(struct bit_reader *reader, guint32 count, guint32 length, GArray *out)
{
	guint k = place_k(length, count);
	guint32 next = 0, least = length > 0 ? 0 : 1, piece[PIECE];

	for (guint32 i = 0; i < count && !reader->bad; i += PIECE) {
		guint32 n = MIN(count - i, PIECE);
		if (length > 0 && count == 1)
			piece[0] = (guint32)bits_get_below(reader, length);
		else if (length > 0)
			bits_get_rices(reader, k, piece, n);
		else
			bits_get_gammas(reader, piece, n);
		if (out == NULL || reader->bad)
			continue;
		for (guint32 j = 0; j < n; j++) {
			piece[j] += next - least;
			next = piece[j] + 1;
		}
		g_array_append_vals(out, piece, n);
	}
}

static guint32
length_of(const struct posting_frame *frame, guint32 rank)
{
	return frame->lengths != NULL ? frame->lengths[rank] : 0;
}

/* --- writing --- */

/* How many ranks one is apart from the one before, at least 1. */
static guint
gap_k(const struct posting_frame *frame, guint64 n)
{
	return bits_rice_for(frame->count, n);
}

static void
put_stride(struct bit_writer *writer, const struct posting *posting,
    const struct posting_frame *frame, guint from, guint *place)
{
	guint upto = MIN(from + POSTING_STRIDE, posting->ranks->len);

	for (guint i = from; i < upto; i++) {
		guint32 count = at(posting->counts, i);
		put_places(writer, &g_array_index(posting->places, guint32, *place), count,
		    length_of(frame, at(posting->ranks, i)));
		*place += count;
	}
}

/* The sizes of all strides but the last, then the strides, each from a whole byte. */
static void
put_strides(const struct posting *posting, const struct posting_frame *frame, GByteArray *out)
{
	g_autoptr(GByteArray) all = g_byte_array_new();
	guint n = posting->ranks->len, place = 0, before = 0;
	struct bit_writer writer;

	bits_begin(&writer, all);
	for (guint i = 0; i < n; i += POSTING_STRIDE) {
		put_stride(&writer, posting, frame, i, &place);
		bits_end(&writer);
		bits_begin(&writer, all);
		if (i + POSTING_STRIDE < n)
			bits_put_varint(out, all->len - before);
		before = all->len;
	}
	g_byte_array_append(out, all->data, all->len);
}

void
posting_write(const struct posting *posting, const struct posting_frame *frame, GByteArray *out)
{
	guint n = posting->ranks->len, k = gap_k(frame, n), place = 0;
	guint32 next = 0;
	struct bit_writer writer;

	bits_put_varint(out, n);
	bits_begin(&writer, out);
	for (guint i = 0; i < n; i++) {
		bits_put_rice(&writer, at(posting->ranks, i) - next, k);
		next = at(posting->ranks, i) + 1;
	}
	for (guint i = 0; frame->places && i < n; i++)
		bits_put_gamma(&writer, at(posting->counts, i));
	if (frame->places && n <= POSTING_STRIDE)
		put_stride(&writer, posting, frame, 0, &place);
	bits_end(&writer);
	if (frame->places && n > POSTING_STRIDE)
		put_strides(posting, frame, out);
}

/* --- reading --- */

struct cursor {
	struct bit_reader reader;
	guint64 n;
	guint k;
	guint32 next; /* the least that the next rank can be */
};

static bool
cursor_open(
    struct cursor *cursor, const guint8 *data, gsize size, const struct posting_frame *frame)
{
	const guint8 *begin = bits_get_varint(data, data + size, &cursor->n);

	if (begin == NULL || cursor->n > frame->count)
		return false;
	cursor->reader = bits_reader(begin, (gsize)(data + size - begin));
	cursor->k = gap_k(frame, cursor->n);
	cursor->next = 0;
	return true;
}

/* The next n ranks, n <= PIECE. False: one is outside of the block. */
static bool
next_ranks(struct cursor *cursor, const struct posting_frame *frame, guint32 *ranks, gsize n)
{
	bits_get_rices(&cursor->reader, cursor->k, ranks, n);
	for (gsize i = 0; i < n && !cursor->reader.bad; i++) {
		guint64 rank = (guint64)cursor->next + ranks[i];
		if (rank >= frame->count)
			return false;
		ranks[i] = (guint32)rank;
		cursor->next = (guint32)rank + 1;
	}
	return !cursor->reader.bad;
}

/* Where a gap is written as nothing but its zeros and a one, the bytes are the bits themselves. */
static bool
mark_dense(struct cursor *cursor, const struct posting_frame *frame, guint64 *bits)
{
	struct bit_reader *reader = &cursor->reader;
	guint64 left = cursor->n;

	for (guint32 at = 0; left > 0; at += 32) {
		gsize before = reader->at, n = MIN(reader->size - before, frame->count - at);
		guint64 some = bits_get(reader, (guint)MIN(n, 32));
		/* What stands behind the last one is no gap any more. */
		while ((guint64)__builtin_popcountll(some) > left)
			some &= ~(G_GUINT64_CONSTANT(1) << (63 - __builtin_clzll(some)));
		left -= (guint64)__builtin_popcountll(some);
		bits[at / 64] |= some << (at % 64);
		if (left > 0 && n <= 32)
			return false;
		if (left == 0)
			reader->at = before + 64 - (gsize)__builtin_clzll(some);
	}
	return true;
}

/* Up to the counts. */
static bool
mark_ranks(struct cursor *cursor, const struct posting_frame *frame, guint64 *bits)
{
	guint32 ranks[PIECE];

	if (cursor->k == 0)
		return mark_dense(cursor, frame, bits);
	for (guint64 i = 0; i < cursor->n; i += PIECE) {
		gsize n = MIN(cursor->n - i, PIECE);
		if (!next_ranks(cursor, frame, ranks, n))
			return false;
		for (gsize j = 0; j < n; j++)
			bits[ranks[j] / 64] |= G_GUINT64_CONSTANT(1) << (ranks[j] % 64);
	}
	return true;
}

bool
posting_mark(const guint8 *data, gsize size, const struct posting_frame *frame, guint64 *bits)
{
	struct cursor cursor;

	return cursor_open(&cursor, data, size, frame) && mark_ranks(&cursor, frame, bits);
}

/* Ranks that are many are read by their bits, where that is not mostly to look for them. */
static bool
is_common(const struct cursor *cursor, const struct posting_frame *frame)
{
	return cursor->n > frame->count / 64;
}

/* Of all that are few. */
static bool
read_few(struct cursor *cursor, const struct posting_frame *frame, GArray *ranks)
{
	g_array_set_size(ranks, (guint)cursor->n);
	for (guint64 i = 0; i < cursor->n; i += PIECE) {
		if (!next_ranks(cursor, frame, &g_array_index(ranks, guint32, i),
			MIN(cursor->n - i, PIECE)))
			return false;
	}
	return true;
}

static bool
read_ranks(struct cursor *cursor, const struct posting_frame *frame, GArray *ranks)
{
	if (!is_common(cursor, frame))
		return read_few(cursor, frame, ranks);

	g_autofree guint64 *bits = g_new0(guint64, frame->count / 64 + 1);
	if (!mark_ranks(cursor, frame, bits))
		return false;
	g_array_set_size(ranks, (guint)cursor->n);
	guint32 *out = (guint32 *)(void *)ranks->data;
	for (guint32 i = 0; i <= frame->count / 64; i++) {
		for (guint64 some = bits[i]; some != 0; some &= some - 1)
			*out++ = i * 64 + (guint32)__builtin_ctzll(some);
	}
	return true;
}

bool
posting_heads(const guint8 *data, gsize size, const struct posting_frame *frame, GArray *ranks,
    GArray *counts, struct bit_reader *behind)
{
	struct cursor cursor;

	if (!cursor_open(&cursor, data, size, frame) || !read_ranks(&cursor, frame, ranks))
		return false;
	g_array_set_size(counts, ranks->len);
	if (frame->places)
		bits_get_gammas(&cursor.reader, (guint32 *)(void *)counts->data, counts->len);
	for (guint i = 0; !frame->places && i < counts->len; i++)
		g_array_index(counts, guint32, i) = 1;
	*behind = cursor.reader;
	return !cursor.reader.bad;
}

/* Ranks that are wanted, and how many stand before each. */
static bool
find_wanted(struct cursor *cursor, const struct posting_frame *frame, const guint64 *wanted,
    GArray *ranks, GArray *before)
{
	g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(guint32));

	if (!read_few(cursor, frame, all))
		return false;
	for (guint32 i = 0; i < all->len; i++) {
		guint32 rank = at(all, i);
		if (!posting_is_wanted(wanted, rank))
			continue;
		g_array_append_val(ranks, rank);
		g_array_append_val(before, i);
	}
	return true;
}

/* The same of many. */
static bool
find_among_many(struct cursor *cursor, const struct posting_frame *frame, const guint64 *wanted,
    GArray *ranks, GArray *before)
{
	g_autofree guint64 *bits = g_new0(guint64, frame->count / 64 + 1);
	guint32 passed = 0;

	if (!mark_ranks(cursor, frame, bits))
		return false;
	for (guint32 i = 0; i <= frame->count / 64; i++) {
		guint64 some = wanted != NULL ? bits[i] & wanted[i] : bits[i];
		for (; some != 0; some &= some - 1) {
			guint64 below = bits[i] & ((some & -some) - 1);
			guint32 rank = i * 64 + (guint32)__builtin_ctzll(some);
			guint32 n = passed + (guint32)__builtin_popcountll(below);
			g_array_append_val(ranks, rank);
			g_array_append_val(before, n);
		}
		passed += (guint32)__builtin_popcountll(bits[i]);
	}
	return true;
}

bool
posting_count(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out)
{
	g_autoptr(GArray) before = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint32 piece[PIECE];
	struct cursor cursor;

	posting_clear(out);
	if (!cursor_open(&cursor, data, size, frame) ||
	    !(is_common(&cursor, frame) ? find_among_many : find_wanted)(
		&cursor, frame, wanted, out->ranks, before))
		return false;
	for (guint32 from = 0, i = 0; i < before->len; from += PIECE) {
		gsize n = MIN(cursor.n - from, PIECE);
		for (gsize j = 0; j < n && !frame->places; j++)
			piece[j] = 1;
		if (frame->places)
			bits_get_gammas(&cursor.reader, piece, n);
		if (cursor.reader.bad)
			return false;
		for (; i < before->len && at(before, i) < from + n; i++)
			g_array_append_val(out->counts, piece[at(before, i) - from]);
	}
	return true;
}
