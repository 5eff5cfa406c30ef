/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DATA_INSIDE_H
#define FLAGPOST_RULES_DATA_INSIDE_H
/*
 * data_inside - the form of a data set's file, for what reads it and what makes it.
 */
#include <glib.h>
#include <stdbool.h>

#define DATA_MAGIC              "flagpost data 1" /* 16 bytes with its NUL */
#define DATA_DIRECTORY_BITS_MAX 26
#define DATA_FILTER_BITS_MIN    6
#define DATA_FILTER_BITS_MAX    31
#define DATA_COLUMNS_MAX        32

/* The payload of an entry of a table: column in the lowest five bits. */
#define DATA_ROWS_MAX          (1u << 27)
#define DATA_ROW(payload)      ((payload) >> 5)
#define DATA_COLUMN(payload)   ((payload)&31)
#define DATA_CELL(row, column) ((guint32)(row) << 5 | (column))

#define DATA_WHOLE(bytes) (((gsize)(bytes) + 7) / 8 * 8)

struct data_header {
	char magic[16];
	char digest[64]; /* SHA-256 of all behind it, hex */
	guint64 check;   /* the magic under the set's key */
	gint64 made;
	guint32 kind, owners, labels, entries;
	guint32 directory_bits, filter_bits, limit, labels_bytes;
};
G_STATIC_ASSERT(sizeof(struct data_header) == 128);
#define DATA_DIGESTED G_STRUCT_OFFSET(struct data_header, check)

/* Two bits of a filter stand for a hash. */
static inline bool
data_filter_has(const guint8 *filter, guint32 bits, guint64 hash)
{
	guint64 mask = (G_GUINT64_CONSTANT(1) << bits) - 1;
	guint64 one = hash & mask, two = hash >> 32 & mask;

	return (filter[one / 8] >> (one % 8) & 1) != 0 && (filter[two / 8] >> (two % 8) & 1) != 0;
}

static inline void
data_filter_add(guint8 *filter, guint32 bits, guint64 hash)
{
	guint64 mask = (G_GUINT64_CONSTANT(1) << bits) - 1;
	guint64 one = hash & mask, two = hash >> 32 & mask;

	filter[one / 8] = (guint8)(filter[one / 8] | 1u << (one % 8));
	filter[two / 8] = (guint8)(filter[two / 8] | 1u << (two % 8));
}

#endif
