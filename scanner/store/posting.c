/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never trusts what it reads: a rank outside the block or bytes that end early are told.
 */
#include "store/posting.h"

#include "store/bits.h"

#define PIECE 32 /* places that are handed on at once */

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
	guint32 next = 0, piece[PIECE];

	for (guint32 i = 0; i < count && !reader->bad; i++) {
		guint64 step = length == 0  ? bits_get_gamma(reader) - 1
			       : count == 1 ? bits_get_below(reader, length)
					    : bits_get_rice(reader, k);
		guint32 place = next + (guint32)step;
		piece[i % PIECE] = place;
		if (out != NULL && (i % PIECE == PIECE - 1 || i + 1 == count))
			g_array_append_vals(out, piece, i % PIECE + 1);
		next = place + 1;
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

/* frame->count where there is none. */
static guint32
next_rank(struct cursor *cursor, const struct posting_frame *frame)
{
	guint64 rank = cursor->next + bits_get_rice(&cursor->reader, cursor->k);

	if (rank >= frame->count) {
		cursor->reader.bad = true;
		return frame->count;
	}
	cursor->next = (guint32)rank + 1;
	return (guint32)rank;
}

bool
posting_mark(const guint8 *data, gsize size, const struct posting_frame *frame, guint64 *bits)
{
	struct cursor cursor;

	if (!cursor_open(&cursor, data, size, frame))
		return false;
	for (guint64 i = 0; i < cursor.n; i++) {
		guint32 rank = next_rank(&cursor, frame);
		if (cursor.reader.bad)
			return false;
		bits[rank / 64] |= G_GUINT64_CONSTANT(1) << (rank % 64);
	}
	return true;
}

/* Ranks and counts of all. */
static bool
read_heads(struct cursor *cursor, const struct posting_frame *frame, GArray *ranks, GArray *counts)
{
	g_array_set_size(ranks, (guint)cursor->n);
	g_array_set_size(counts, (guint)cursor->n);
	for (guint i = 0; i < cursor->n && !cursor->reader.bad; i++)
		g_array_index(ranks, guint32, i) = next_rank(cursor, frame);
	for (guint i = 0; i < cursor->n && !cursor->reader.bad; i++)
		g_array_index(counts, guint32, i) =
		    frame->places ? (guint32)bits_get_gamma(&cursor->reader) : 1;
	return !cursor->reader.bad;
}

bool
posting_count(const guint8 *data, gsize size, const struct posting_frame *frame, guint32 *sums)
{
	g_autoptr(posting) heads = posting_new();
	struct cursor cursor;

	if (!cursor_open(&cursor, data, size, frame) ||
	    !read_heads(&cursor, frame, heads->ranks, heads->counts))
		return false;
	for (guint i = 0; i < heads->ranks->len; i++)
		sums[at(heads->ranks, i)] += at(heads->counts, i);
	return true;
}

static bool
is_wanted(const guint64 *wanted, guint32 rank)
{
	return wanted == NULL || (wanted[rank / 64] >> (rank % 64) & 1) != 0;
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
	if (!cursor_open(&cursor, data, size, frame) ||
	    !read_heads(&cursor, frame, heads->ranks, heads->counts))
		return false;
	if (frame->places && heads->ranks->len > POSTING_STRIDE)
		return read_strides(&cursor, frame, heads, wanted, out);
	for (guint i = 0; i < heads->ranks->len; i += POSTING_STRIDE) {
		if (!read_stride(&cursor.reader, frame, heads, i, wanted, out))
			return false;
	}
	return true;
}
