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

static bool
is_wanted(const guint64 *wanted, guint32 rank)
{
	return wanted == NULL || (wanted[rank / 64] >> (rank % 64) & 1) != 0;
}

/* Ranks of bits that are wanted, and how many of bits stand before each. */
static void
find_wanted(
    const guint64 *bits, const guint64 *wanted, guint32 count, GArray *ranks, GArray *before)
{
	guint32 passed = 0;

	for (guint32 i = 0; i <= count / 64; i++) {
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
}

bool
posting_count(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out)
{
	g_autofree guint64 *bits = g_new0(guint64, frame->count / 64 + 1);
	g_autoptr(GArray) before = g_array_new(FALSE, FALSE, sizeof(guint32));
	guint32 piece[PIECE];
	struct cursor cursor;

	posting_clear(out);
	if (!cursor_open(&cursor, data, size, frame) || !mark_ranks(&cursor, frame, bits))
		return false;
	find_wanted(bits, wanted, frame->count, out->ranks, before);
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

/* --- places --- */

static guint
strides_of(const struct posting_list *list)
{
	return (list->ranks->len + POSTING_STRIDE - 1) / POSTING_STRIDE;
}

/*
 * Behind the counts: the sizes of all strides but the last, and the strides, each from a whole
 * byte; what is short has one and no size.
 */
static bool
find_strides(struct posting_list *list, struct bit_reader *reader)
{
	guint n = strides_of(list);
	const guint8 *end = reader->data + reader->size / 8;

	list->strides = g_new0(gsize, n + 1);
	if (n > 1)
		bits_align(reader);
	const guint8 *begin = reader->data + reader->at / 8;
	for (guint i = 1; i < n; i++) {
		guint64 bytes;
		begin = bits_get_varint(begin, end, &bytes);
		if (begin == NULL || bytes > (gsize)(end - begin))
			return false;
		list->strides[i] = list->strides[i - 1] + bytes * 8;
	}
	if (n == 1)
		list->strides[0] = reader->at & 7;
	if (n > 0 && list->strides[n - 1] > (gsize)(end - begin) * 8)
		return false;
	reader->at = (gsize)(begin - reader->data) * 8;
	return true;
}

static void
list_clear(struct posting_list *list)
{
	g_array_unref(list->ranks);
	g_array_unref(list->counts);
	g_clear_pointer(&list->places, g_bytes_unref);
	g_free(list->strides);
}

/* borrows: the bytes stay for as long as the list. */
static bool
list_open(struct posting_list *list, const guint8 *data, gsize size,
    const struct posting_frame *frame, bool borrows)
{
	struct cursor cursor;

	*list = (struct posting_list){ .frame = *frame,
		.ranks = g_array_new(FALSE, FALSE, sizeof(guint32)),
		.counts = g_array_new(FALSE, FALSE, sizeof(guint32)) };
	if (!cursor_open(&cursor, data, size, frame) || !read_ranks(&cursor, frame, list->ranks) ||
	    !read_counts(&cursor, frame, list->ranks->len, list->counts) ||
	    (frame->places && !find_strides(list, &cursor.reader)))
		return false;
	gsize left = (cursor.reader.size - cursor.reader.at + 7) / 8;
	const guint8 *begin = data + size - left;
	list->places = borrows ? g_bytes_new_static(begin, left) : g_bytes_new(begin, left);
	return true;
}

struct posting_list *
posting_list_new(const guint8 *data, gsize size, const struct posting_frame *frame)
{
	struct posting_list *list = g_new(struct posting_list, 1);

	if (list_open(list, data, size, frame, false))
		return list;
	posting_list_free(list);
	return NULL;
}

void
posting_list_free(struct posting_list *list)
{
	if (list == NULL)
		return;
	list_clear(list);
	g_free(list);
}

/* The first one whose rank is not below. */
static guint
index_of(const GArray *ranks, guint32 rank)
{
	guint low = 0, high = ranks->len;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (at(ranks, middle) < rank)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of those from `from` on and before upto; what stands before them in the stride is passed over. */
static bool
read_stride(const struct posting_list *list, guint stride, guint from, guint upto,
    const guint64 *wanted, struct posting *out)
{
	gsize size;
	const guint8 *data = g_bytes_get_data(list->places, &size);
	struct bit_reader reader = bits_reader(data, size);

	reader.at = list->frame.places ? list->strides[stride] : 0;
	for (guint i = stride * POSTING_STRIDE; i < upto; i++) {
		guint32 rank = at(list->ranks, i), count = at(list->counts, i);
		bool is = i >= from && is_wanted(wanted, rank);
		if (is) {
			g_array_append_val(out->ranks, rank);
			g_array_append_val(out->counts, count);
		}
		if (list->frame.places)
			get_places(
			    &reader, count, length_of(&list->frame, rank), is ? out->places : NULL);
		if (reader.bad)
			return false;
	}
	return true;
}

bool
posting_list_read(const struct posting_list *list, guint32 from, guint32 upto,
    const guint64 *wanted, struct posting *out)
{
	guint first = index_of(list->ranks, from), last = index_of(list->ranks, upto);

	posting_clear(out);
	for (guint i = first / POSTING_STRIDE; i * POSTING_STRIDE < last; i++) {
		guint begin = MAX(first, i * POSTING_STRIDE);
		guint end = MIN(last, (i + 1) * POSTING_STRIDE);
		while (end > begin && !is_wanted(wanted, at(list->ranks, end - 1)))
			end--;
		if (end > begin && !read_stride(list, i, begin, end, wanted, out))
			return false;
	}
	return true;
}

bool
posting_read(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out)
{
	struct posting_list list;

	posting_clear(out);
	bool right = list_open(&list, data, size, frame, true) &&
		     posting_list_read(&list, 0, frame->count, wanted, out);
	list_clear(&list);
	return right;
}
