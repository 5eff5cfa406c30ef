/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Making the file of a data set. All of it is made in memory: nothing of what is hashed is written
 * anywhere.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "rules/data-inside.h"
#include "rules/data.h"

struct made {
	guint64 hash;
	guint32 payload;
};

struct data_maker {
	enum data_kind kind;
	struct keyed keyed;
	GString *labels;
	GArray *totals;  /* of guint32 */
	GArray *entries; /* of struct made */
	GArray *marks;   /* of guint64 */
};

struct data_maker *
data_maker_new(enum data_kind kind, const guint8 *key)
{
	struct data_maker *maker = g_new0(struct data_maker, 1);

	maker->kind = kind;
	keyed_set(&maker->keyed, key);
	maker->labels = g_string_new(NULL);
	maker->totals = g_array_new(FALSE, FALSE, sizeof(guint32));
	maker->entries = g_array_new(FALSE, FALSE, sizeof(struct made));
	maker->marks = g_array_new(FALSE, FALSE, sizeof(guint64));
	return maker;
}

void
data_maker_free(struct data_maker *maker)
{
	if (maker == NULL)
		return;
	g_string_free(maker->labels, TRUE);
	g_array_unref(maker->totals);
	g_array_unref(maker->entries);
	g_array_unref(maker->marks);
	explicit_bzero(&maker->keyed, sizeof(maker->keyed));
	g_free(maker);
}

void
data_maker_add_label(struct data_maker *maker, const char *label)
{
	guint32 none = 0;

	g_string_append_len(maker->labels, label, (gssize)strlen(label) + 1);
	g_array_append_val(maker->totals, none);
}

void
data_maker_set_total(struct data_maker *maker, guint label, guint total)
{
	g_array_index(maker->totals, guint32, label) = total;
}

void
data_maker_add(struct data_maker *maker, guint64 hash, guint32 payload)
{
	struct made made = { hash, payload };

	g_array_append_val(maker->entries, made);
}

void
data_maker_mark(struct data_maker *maker, guint64 hash)
{
	g_array_append_val(maker->marks, hash);
}

guint
data_maker_entries(const struct data_maker *maker)
{
	return maker->entries->len;
}

const struct keyed *
data_maker_keyed(const struct data_maker *maker)
{
	return &maker->keyed;
}

/*
 * The file keeps the first bits of a hash as the place in the directory, and the last 32: what
 * lies between is lost, so entries are in the order of what is kept.
 */
static int
by_hash(const void *a, const void *b)
{
	const struct made *left = a, *right = b;

	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return (left->payload > right->payload) - (left->payload < right->payload);
}

void
data_maker_sort(struct data_maker *maker, guint limit, data_common *common, void *user)
{
	struct made *all = (struct made *)(void *)maker->entries->data;
	guint n = maker->entries->len, kept = 0;
	g_autoptr(GArray) payloads = g_array_new(FALSE, FALSE, sizeof(guint32));

	if (n > 0)
		qsort(all, n, sizeof(*all), by_hash);
	for (guint from = 0, to; from < n; from = to) {
		g_array_set_size(payloads, 0);
		for (to = from; to < n && all[to].hash == all[from].hash; to++) {
			if (to == from || all[to].payload != all[to - 1].payload)
				g_array_append_val(payloads, all[to].payload);
		}
		guint64 hash = all[from].hash;
		const guint32 *values = (const guint32 *)(void *)payloads->data;
		if (limit > 0 && payloads->len > limit) {
			common(hash, values, payloads->len, user);
			continue;
		}
		for (guint i = 0; i < payloads->len; i++)
			all[kept++] = (struct made){ hash, values[i] };
	}
	g_array_set_size(maker->entries, kept);
}

static guint32
bits_for(guint64 count, guint32 min, guint32 max)
{
	guint32 bits = min;

	while (bits < max && (G_GUINT64_CONSTANT(1) << bits) < count)
		bits++;
	return bits;
}

static void
pad(GByteArray *out)
{
	static const guint8 zeros[8];

	g_byte_array_append(out, zeros, (guint)(DATA_WHOLE(out->len) - out->len));
}

static int
by_number(const void *a, const void *b)
{
	const guint64 *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The directory, and the entries of each of its buckets by what is kept of their hashes. */
static void
put_entries(const struct data_maker *maker, guint32 bits, GByteArray *out)
{
	guint n = maker->entries->len, at = 0;
	gsize buckets = (gsize)1 << bits;
	g_autofree guint64 *entries = g_new(guint64, n + 1);
	g_autofree guint32 *directory = g_new(guint32, buckets + 1);

	for (gsize bucket = 0; bucket < buckets; bucket++) {
		directory[bucket] = at;
		for (; at < n; at++) {
			const struct made *made = &g_array_index(maker->entries, struct made, at);
			if ((bits > 0 ? (gsize)(made->hash >> (64 - bits)) : 0) != bucket)
				break;
			entries[at] = made->hash << 32 | made->payload;
		}
		guint count = at - directory[bucket];
		if (count > 1)
			qsort(entries + directory[bucket], count, sizeof(*entries), by_number);
	}
	directory[buckets] = n;
	g_byte_array_append(
	    out, (const guint8 *)directory, (guint)((buckets + 1) * sizeof(*directory)));
	pad(out);
	g_byte_array_append(out, (const guint8 *)entries, (guint)(n * sizeof(*entries)));
}

static void
put_filter(const struct data_maker *maker, guint32 bits, GByteArray *out)
{
	gsize size = ((gsize)1 << bits) / 8;
	g_autofree guint8 *filter = g_malloc0(size);

	for (guint i = 0; i < maker->marks->len; i++)
		data_filter_add(filter, bits, g_array_index(maker->marks, guint64, i));
	g_byte_array_append(out, filter, (guint)size);
}

static void
put_header(struct data_header *header, GByteArray *out)
{
	char hex[DIGEST_HEX];

	memcpy(out->data, header, sizeof(*header));
	digest_bytes(out->data + DATA_DIGESTED, out->len - DATA_DIGESTED, hex);
	memcpy(
	    out->data + G_STRUCT_OFFSET(struct data_header, digest), hex, sizeof(header->digest));
}

GBytes *
data_maker_finish(struct data_maker *maker, guint owners, guint limit, GError **error)
{
	struct data_header header = { .magic = DATA_MAGIC,
		.check = keyed_hash(&maker->keyed, DATA_MAGIC, strlen(DATA_MAGIC)),
		.made = clock_now(),
		.kind = maker->kind,
		.owners = owners,
		.labels = maker->totals->len,
		.entries = maker->entries->len,
		.limit = limit,
		.labels_bytes = (guint32)DATA_WHOLE(maker->labels->len) };

	header.directory_bits = bits_for(header.entries, 0, DATA_DIRECTORY_BITS_MAX);
	/* Sixteen bits a mark: one text in eighty that was never marked passes. */
	header.filter_bits =
	    bits_for(16 * (guint64)maker->marks->len, DATA_FILTER_BITS_MIN, DATA_FILTER_BITS_MAX);
	guint64 size = sizeof(header) + header.labels_bytes + header.labels * 4ull +
		       (1ull << header.filter_bits) / 8 + (4ull << header.directory_bits) +
		       header.entries * 8ull + 32;
	if (size > DATA_BYTES_MAX) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "the data set would be larger than %u MiB: leave out columns or rows",
		    DATA_BYTES_MAX >> 20);
		return NULL;
	}
	GByteArray *out = g_byte_array_sized_new((guint)size);
	g_byte_array_set_size(out, sizeof(header));
	g_byte_array_append(out, (const guint8 *)maker->labels->str, (guint)maker->labels->len);
	pad(out);
	g_byte_array_append(
	    out, (const guint8 *)maker->totals->data, maker->totals->len * sizeof(guint32));
	pad(out);
	put_filter(maker, header.filter_bits, out);
	put_entries(maker, header.directory_bits, out);
	put_header(&header, out);
	return g_byte_array_free_to_bytes(out);
}
