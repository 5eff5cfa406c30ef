/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes bytes that were not read for places.
 */
#include <string.h>

#include "store/posting-inner.h"

static guint32
at(const GArray *array, guint i)
{
	return g_array_index(array, guint32, i);
}

static guint
strides_of(const struct posting_list *list)
{
	return (list->ranks->len + POSTING_STRIDE - 1) / POSTING_STRIDE;
}

static gsize
bytes_upto(const struct posting_list *list, guint stride)
{
	return stride < strides_of(list) ? list->strides[stride] / 8 : list->size;
}

/*
 * Behind the counts: the sizes of all strides but the last, and the strides, each from a whole
 * byte; what is short has one and no size, and people have none. *begin: of the strides, in bytes.
 */
static bool
find_strides(struct posting_list *list, struct bit_reader *reader, gsize *begin)
{
	guint n = list->frame.places ? strides_of(list) : 0;
	const guint8 *end = reader->data + reader->size / 8;

	if (n > 1)
		bits_align(reader);
	const guint8 *next = reader->data + reader->at / 8;
	list->strides = g_new0(gsize, strides_of(list) + 1);
	list->strides[0] = n == 1 ? reader->at & 7 : 0;
	for (guint i = 1; i < n; i++) {
		guint64 bytes;
		next = bits_get_varint(next, end, &bytes);
		if (next == NULL || bytes > G_MAXINT32)
			return false;
		list->strides[i] = list->strides[i - 1] + bytes * 8;
	}
	*begin = (gsize)(next - reader->data);
	return true;
}

static void
list_clear(struct posting_list *list)
{
	g_array_unref(list->ranks);
	g_array_unref(list->counts);
	g_free(list->strides);
	g_free(list->own);
	g_free(list->has);
}

/* The bytes stay for as long as the list. */
static bool
list_open(struct posting_list *list, const guint8 *data, gsize size, gsize whole,
    const struct posting_frame *frame)
{
	struct bit_reader behind;
	gsize begin = 0;

	*list = (struct posting_list){ .frame = *frame,
		.ranks = g_array_new(FALSE, FALSE, sizeof(guint32)),
		.counts = g_array_new(FALSE, FALSE, sizeof(guint32)) };
	if (!posting_heads(data, size, frame, list->ranks, list->counts, &behind) ||
	    !find_strides(list, &behind, &begin))
		return false;
	begin += (gsize)(behind.data - data);
	list->begin = begin;
	list->size = whole - begin;
	list->places = data + begin;
	list->has = g_new0(bool, strides_of(list) + 1);
	for (guint i = 0; i < strides_of(list); i++)
		list->has[i] = bytes_upto(list, i + 1) <= size - begin;
	return strides_of(list) == 0 || list->strides[strides_of(list) - 1] / 8 <= list->size;
}

struct posting_list *
posting_list_new(const guint8 *data, gsize size, gsize whole, const struct posting_frame *frame)
{
	struct posting_list *list = g_new(struct posting_list, 1);

	if (!list_open(list, data, size, whole, frame)) {
		posting_list_free(list);
		return NULL;
	}
	list->own = g_malloc(list->size + 1);
	memcpy(list->own, list->places, size - list->begin);
	list->places = list->own;
	return list;
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

/* Of a stride, which of first <= i < last stand in it, without what is not wanted at the end. */
static bool
part_of(
    const struct posting_list *list, guint stride, const guint64 *wanted, guint *first, guint *last)
{
	*first = MAX(*first, stride * POSTING_STRIDE);
	*last = MIN(*last, (stride + 1) * POSTING_STRIDE);
	while (*last > *first && !posting_is_wanted(wanted, at(list->ranks, *last - 1)))
		(*last)--;
	return *last > *first;
}

bool
posting_list_lacks(const struct posting_list *list, guint32 from, guint32 upto,
    const guint64 *wanted, guint *stride, gsize *begin, gsize *end)
{
	guint first = index_of(list->ranks, from), last = index_of(list->ranks, upto);
	bool any = false;

	if (!list->frame.places)
		return false;
	*stride = MAX(*stride, first / POSTING_STRIDE);
	for (; *stride * POSTING_STRIDE < last; (*stride)++) {
		guint low = first, high = last;
		bool lacks = !list->has[*stride] && part_of(list, *stride, wanted, &low, &high);
		if (any && !lacks)
			break;
		if (!lacks)
			continue;
		*begin = any ? *begin : list->begin + bytes_upto(list, *stride);
		*end = list->begin + bytes_upto(list, *stride + 1);
		any = true;
	}
	return any;
}

guint8 *
posting_list_fill(struct posting_list *list, gsize begin, gsize end)
{
	for (guint i = 0; i < strides_of(list); i++) {
		if (list->begin + bytes_upto(list, i) >= begin &&
		    list->begin + bytes_upto(list, i + 1) <= end)
			list->has[i] = true;
	}
	return list->own + (begin - list->begin);
}

/* Of those from `from` on and before upto; what stands before them in the stride is passed over. */
static bool
read_stride(const struct posting_list *list, guint stride, guint from, guint upto,
    const guint64 *wanted, struct posting *out)
{
	const struct posting_frame *frame = &list->frame;
	gsize end = frame->places ? bytes_upto(list, stride + 1) : 0;
	struct bit_reader reader = bits_reader(list->places, end);

	if (frame->places && !list->has[stride])
		return false;
	reader.at = frame->places ? MIN(list->strides[stride], reader.size) : 0;
	for (guint i = stride * POSTING_STRIDE; i < upto; i++) {
		guint32 rank = at(list->ranks, i), count = at(list->counts, i);
		bool is = i >= from && posting_is_wanted(wanted, rank);
		if (is) {
			g_array_append_val(out->ranks, rank);
			g_array_append_val(out->counts, count);
		}
		if (frame->places)
			posting_places(&reader, count,
			    frame->lengths != NULL ? frame->lengths[rank] : 0,
			    is ? out->places : NULL);
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
		guint low = first, high = last;
		if (part_of(list, i, wanted, &low, &high) &&
		    !read_stride(list, i, low, high, wanted, out))
			return false;
	}
	return true;
}

/* Without strides, as nearly all are. */
static bool
read_short(const guint8 *data, gsize size, const struct posting_frame *frame, struct posting *out)
{
	struct bit_reader reader;

	if (!posting_heads(data, size, frame, out->ranks, out->counts, &reader))
		return false;
	for (guint i = 0; frame->places && i < out->ranks->len && !reader.bad; i++)
		posting_places(&reader, at(out->counts, i),
		    frame->lengths != NULL ? frame->lengths[at(out->ranks, i)] : 0, out->places);
	return !reader.bad;
}

bool
posting_read(const guint8 *data, gsize size, const struct posting_frame *frame,
    const guint64 *wanted, struct posting *out)
{
	struct posting_list list;
	guint64 n;

	posting_clear(out);
	if (wanted == NULL && bits_get_varint(data, data + size, &n) != NULL && n <= POSTING_STRIDE)
		return read_short(data, size, frame, out);
	bool right = list_open(&list, data, size, size, frame) &&
		     posting_list_read(&list, 0, frame->count, wanted, out);
	list_clear(&list);
	return right;
}
