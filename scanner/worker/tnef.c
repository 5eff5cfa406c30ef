/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tnef - see tnef.h. Never believes a length before it is compared with what is there. */
#include "worker/tnef.h"

#include <string.h>

#define SIGNATURE   0x223E9F78u
#define HEADER_SIZE 9 /* level, id, length */
#define SUM_SIZE    2
#define MULTIPLE    0x1000 /* of a type: several values */
#define NAMED       0x8000 /* from this tag on: the name follows */
#define GUID_SIZE   16

static guint32
get32(const guint8 *at)
{
	return (guint32)at[0] | (guint32)at[1] << 8 | (guint32)at[2] << 16 | (guint32)at[3] << 24;
}

static guint16
get16(const guint8 *at)
{
	return (guint16)(at[0] | at[1] << 8);
}

bool
tnef_begin(struct tnef *tnef, const guint8 *data, gsize size)
{
	memset(tnef, 0, sizeof *tnef);
	tnef->data = data;
	tnef->size = size;
	tnef->pos = 6; /* the signature and a key that nobody uses */
	return size >= 6 && get32(data) == SIGNATURE;
}

bool
tnef_next(struct tnef *tnef, struct tnef_attribute *attribute)
{
	const guint8 *at = tnef->data + tnef->pos;
	gsize left = tnef->size - tnef->pos;
	guint sum = 0;

	if (left < HEADER_SIZE) {
		tnef->cut = tnef->cut || left > 0;
		return false;
	}
	tnef->wrong = tnef->wrong || (at[0] != 1 && at[0] != 2);
	attribute->id = get32(at + 1);
	guint32 length = get32(at + 5);
	attribute->data = at + HEADER_SIZE;
	left -= HEADER_SIZE;
	if (length > left || left - length < SUM_SIZE) {
		attribute->size = MIN(length, left);
		tnef->cut = true;
		tnef->pos = tnef->size;
		return true;
	}
	attribute->size = length;
	for (gsize i = 0; i < length; i++)
		sum += attribute->data[i];
	tnef->wrong = tnef->wrong || (sum & 0xFFFF) != get16(attribute->data + length);
	tnef->pos += HEADER_SIZE + length + SUM_SIZE;
	return true;
}

/* The next n bytes, or NULL (broken) when they are not there. */
static const guint8 *
take(struct tnef_values *values, gsize n)
{
	const guint8 *at = values->data + values->pos;

	if (values->broken || n > values->size - values->pos) {
		values->broken = true;
		return NULL;
	}
	values->pos += n;
	return at;
}

static guint32
take32(struct tnef_values *values)
{
	const guint8 *at = take(values, 4);

	return at != NULL ? get32(at) : 0;
}

/* Values of any length are filled up to a multiple of four; the last filling may be missing. */
static const guint8 *
take_padded(struct tnef_values *values, gsize n)
{
	const guint8 *at = take(values, n);

	if (at != NULL)
		values->pos += MIN((4 - n % 4) % 4, values->size - values->pos);
	return at;
}

void
tnef_values_begin(struct tnef_values *values, const guint8 *data, gsize size, bool table)
{
	memset(values, 0, sizeof *values);
	values->data = data;
	values->size = size;
	values->table = table;
	if (table)
		values->rows = take32(values);
	else
		values->left = take32(values);
}

/* Bytes of a value of a type of one length; 0 for those that say their length, and unknown ones. */
static gsize
fixed_size(guint16 type)
{
	static const struct {
		guint16 type;
		gsize size;
	} sizes[] = { { 0x01, 4 }, { 0x02, 4 }, { 0x03, 4 }, { 0x04, 4 }, { 0x05, 8 }, { 0x06, 8 },
		{ 0x07, 8 }, { 0x0A, 4 }, { 0x0B, 4 }, { 0x14, 8 }, { 0x40, 8 }, { 0x48, 16 } };

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++)
		if (sizes[i].type == type)
			return sizes[i].size;
	return 0;
}

static bool
says_length(guint16 type)
{
	return type == TNEF_STRING8 || type == TNEF_UNICODE || type == TNEF_OBJECT ||
	       type == TNEF_BINARY;
}

/* Type, tag, name, and how many values there are. */
static void
begin_property(struct tnef_values *values)
{
	const guint8 *at = take(values, 4);

	if (at == NULL)
		return;
	bool multiple = (get16(at) & MULTIPLE) != 0;
	values->type = (guint16)(get16(at) & ~MULTIPLE);
	values->tag = get16(at + 2);
	if (values->tag >= NAMED) {
		take(values, GUID_SIZE);
		if (take32(values) == 0)
			take(values, 4);
		else
			take_padded(values, take32(values));
	}
	values->values = multiple || says_length(values->type) ? take32(values) : 1;
	if (fixed_size(values->type) == 0 && !says_length(values->type))
		values->broken = true;
}

bool
tnef_values_next(struct tnef_values *values, struct tnef_value *value)
{
	value->starts_row = false;
	while (!values->broken && values->values == 0) {
		if (values->left == 0) {
			if (values->rows == 0)
				return false;
			values->rows--;
			values->left = take32(values);
			value->starts_row = true;
			continue;
		}
		values->left--;
		begin_property(values);
	}
	if (values->broken)
		return false;
	values->values--;
	value->tag = values->tag;
	value->type = values->type;
	value->size = fixed_size(values->type);
	if (value->size == 0)
		value->size = take32(values);
	value->data = take_padded(values, value->size);
	return value->data != NULL;
}
