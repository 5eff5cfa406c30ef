/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never trusts what it reads: a rank outside the block or bytes that end early are told.
 */
#include "store/posting.h"

#include "store/bits.h"

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
	for (guint32 i = 0; i < count; i++) {
		if (length > 0)
			bits_put_rice(writer, places[i] - next, place_k(length, count));
		else
			bits_put_gamma(writer, (guint64)places[i] - next + 1);
		next = places[i] + 1;
	}
}

/* out: NULL to pass over them. */
static void
get_places(struct bit_reader *reader, guint32 count, guint32 length, GArray *out)
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
		if (out == NULL)
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
	for (gsize i = 0; i < n; i++) {
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
		gsize n = MIN(reader->size - reader->at, frame->count - at);
		guint64 some = bits_get(reader, (guint)MIN(n, 32));
		/* What stands behind the last one is no gap any more. */
		while ((guint64)__builtin_popcountll(some) > left)
			some &= ~(G_GUINT64_CONSTANT(1) << (63 - __builtin_clzll(some)));
		left -= (guint64)__builtin_popcountll(some);
		bits[at / 64] |= some << (at % 64);
		if (left > 0 && n <= 32)
			return false;
	}
	return true;
}

bool
posting_mark(const guint8 *data, gsize size, const struct posting_frame *frame, guint64 *bits)
{
	struct cursor cursor;
	guint32 ranks[PIECE];

	if (!cursor_open(&cursor, data, size, frame))
		return false;
	if (cursor.k == 0)
		return mark_dense(&cursor, frame, bits);
	for (guint64 i = 0; i < cursor.n; i += PIECE) {
		gsize n = MIN(cursor.n - i, PIECE);
		if (!next_ranks(&cursor, frame, ranks, n))
			return false;
		for (gsize j = 0; j < n; j++)
			bits[ranks[j] / 64] |= G_GUINT64_CONSTANT(1) << (ranks[j] % 64);
	}
	return true;
}

/* Of all. */
static bool
read_ranks(struct cursor *cursor, const struct posting_frame *frame, GArray *ranks)
{
	g_array_set_size(ranks, (guint)cursor->n);
	for (guint64 i = 0; i < cursor->n; i += PIECE) {
		if (!next_ranks(cursor, frame, &g_array_index(ranks, guint32, i),
			MIN(cursor->n - i, PIECE)))
			return false;
	}
	return true;
}

/* Of the first n. */
static bool
read_counts(struct cursor *cursor, const struct posting_frame *frame, guint n, GArray *counts)
{
	g_array_set_size(counts, n);
	if (frame->places)
		bits_get_gammas(&cursor->reader, (guint32 *)(void *)counts->data, n);
	for (guint i = 0; !frame->places && i < n; i++)
		g_array_index(counts, guint32, i) = 1;
	return !cursor->reader.bad;
}

/* Ranks and counts of all. */
static bool
read_heads(struct cursor *cursor, const struct posting_frame *frame, struct posting *heads)
{
	return read_ranks(cursor, frame, heads->ranks) &&
	       read_counts(cursor, frame, heads->ranks->len, heads->counts);
}

static bool
is_wanted(const guint64 *wanted, guint32 rank)
{
	return wanted == NULL || (wanted[rank / 64] >> (rank % 64) & 1) != 0;
}

/* Where the last wanted one stands in ranks, and one more; 0: there is none. */
static guint
behind_last(const GArray *ranks, const guint64 *wanted)
{
	guint n = ranks->len;

	while (n > 0 && !is_wanted(wanted, at(ranks, n - 1)))
		n--;
	return n;
}

bool
posting_count(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out)
{
	g_autoptr(posting) heads = posting_new();
	struct cursor cursor;

	posting_clear(out);
	if (!cursor_open(&cursor, data, size, frame) || !read_ranks(&cursor, frame, heads->ranks) ||
	    !read_counts(&cursor, frame, behind_last(heads->ranks, wanted), heads->counts))
		return false;
	for (guint i = 0; i < heads->counts->len; i++) {
		guint32 rank = at(heads->ranks, i), count = at(heads->counts, i);
		if (!is_wanted(wanted, rank))
			continue;
		g_array_append_val(out->ranks, rank);
		g_array_append_val(out->counts, count);
	}
	return true;
}

static bool
read_stride(struct bit_reader *reader, const struct posting_frame *frame,
    const struct posting *heads, guint first, const guint64 *wanted, struct posting *out)
{
	guint last = MIN(first + POSTING_STRIDE, heads->ranks->len);

	for (guint i = first; i < last; i++) {
		guint32 rank = at(heads->ranks, i), count = at(heads->counts, i);
		bool is = is_wanted(wanted, rank);
		if (is) {
			g_array_append_val(out->ranks, rank);
			g_array_append_val(out->counts, count);
		}
		if (frame->places)
			get_places(reader, count, length_of(frame, rank), is ? out->places : NULL);
		if (reader->bad)
			return false;
	}
	return true;
}

static bool
stride_is_wanted(const struct posting *heads, guint first, const guint64 *wanted)
{
	guint last = MIN(first + POSTING_STRIDE, heads->ranks->len);

	for (guint i = first; i < last; i++) {
		if (is_wanted(wanted, at(heads->ranks, i)))
			return true;
	}
	return false;
}

/* Sizes of strides, then the strides. */
static bool
read_strides(struct cursor *cursor, const struct posting_frame *frame, const struct posting *heads,
    const guint64 *wanted, struct posting *out)
{
	guint n = heads->ranks->len, strides = (n + POSTING_STRIDE - 1) / POSTING_STRIDE;
	const guint8 *data = cursor->reader.data, *end = data + cursor->reader.size / 8;
	g_autofree guint64 *sizes = g_new0(guint64, strides);

	bits_align(&cursor->reader);
	const guint8 *begin = data + cursor->reader.at / 8;
	for (guint i = 0; i + 1 < strides; i++) {
		begin = bits_get_varint(begin, end, &sizes[i]);
		if (begin == NULL)
			return false;
	}
	for (guint i = 0; i < strides; i++) {
		guint first = i * POSTING_STRIDE;
		struct bit_reader reader = bits_reader(begin, (gsize)(end - begin));
		if (stride_is_wanted(heads, first, wanted) &&
		    !read_stride(&reader, frame, heads, first, wanted, out))
			return false;
		if (sizes[i] > (gsize)(end - begin))
			return false;
		begin += sizes[i];
	}
	return true;
}

bool
posting_read(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out)
{
	g_autoptr(posting) heads = posting_new();
	struct cursor cursor;

	posting_clear(out);
	if (!cursor_open(&cursor, data, size, frame) || !read_heads(&cursor, frame, heads))
		return false;
	if (frame->places && heads->ranks->len > POSTING_STRIDE)
		return read_strides(&cursor, frame, heads, wanted, out);
	for (guint i = 0; i < heads->ranks->len; i += POSTING_STRIDE) {
		if (!read_stride(&cursor.reader, frame, heads, i, wanted, out))
			return false;
	}
	return true;
}
