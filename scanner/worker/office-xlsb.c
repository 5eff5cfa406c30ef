/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * office-xlsb - the binary members of an .xlsb workbook (MS-XLSB section 2.1.4): a record after
 * another, of which those with words and numbers are taken. Shared strings stand where their member
 * does, not in their cells. Never believes a length.
 */
#include <string.h>

#include "worker/office-parts.h"
#include "worker/ole-text.h"
#include "worker/ole.h"

/* Where in a record its strings begin, and how many there are. */
static const struct {
	guint type;
	guint skip;
	guint strings;
	enum office_stream to;
	bool relation; /* the first of them names a relation and tells people nothing */
} rows[] = {
	{ 6, 8, 1, OFFICE_SEEN, false },   /* BrtCellSt */
	{ 8, 8, 1, OFFICE_SEEN, false },   /* BrtFmlaString */
	{ 19, 1, 1, OFFICE_SEEN, false },  /* BrtSSTItem */
	{ 24, 0, 1, OFFICE_TOLD, false },  /* BrtPCDIString */
	{ 39, 9, 1, OFFICE_TOLD, false },  /* BrtName */
	{ 62, 9, 1, OFFICE_SEEN, false },  /* BrtCellRString */
	{ 156, 8, 2, OFFICE_TOLD, true },  /* BrtBundleSh: relation, name */
	{ 494, 16, 4, OFFICE_TOLD, true }, /* BrtHLink: relation, place, tip, words */
	{ 632, 0, 1, OFFICE_TOLD, false }, /* BrtCommentAuthor */
	{ 637, 1, 1, OFFICE_TOLD, false }, /* BrtCommentText */
	{ 479, 2, 6, OFFICE_TOLD, false }, /* BrtBeginHeaderFooter */
};

struct record {
	guint type;
	const guint8 *body;
	gsize size;
};

/* Seven bits a byte, the last without the eighth; false when it does not end in time. */
static bool
take_number(const guint8 *data, gsize size, gsize *at, guint bytes_max, gsize *out)
{
	*out = 0;
	for (guint i = 0; i < bytes_max && *at < size; i++) {
		guint8 byte = data[(*at)++];
		*out |= (gsize)(byte & 0x7F) << (7 * i);
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

/* MS-XLSB section 2.5.168; one of 0xFFFFFFFF characters is none at all. */
static bool
take_string(struct office *office, const struct record *record, gsize *at, enum office_stream to,
    bool quiet)
{
	guint32 n = ole_u32(record->body, record->size, *at);

	if (*at + 4 > record->size)
		return false;
	*at += 4;
	if (n == G_MAXUINT32)
		return true;
	if (n > (record->size - *at) / 2)
		return false;
	g_autoptr(GString) text = g_string_new(NULL);
	ole_utf16(text, record->body + *at, n);
	*at += 2 * (gsize)n;
	if (text->len > 0 && !quiet)
		office_line(office, to, text->str);
	return true;
}

static void
add_number(struct office *office, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(text, sizeof text, "%.15g", value);
	office_line(office, OFFICE_SEEN, text);
}

/* MS-XLSB section 2.5.122: an integer of 30 bits or the upper ones of a double, or 100 times it. */
static double
rk_value(guint32 bits)
{
	double value = (double)((gint32)bits >> 2);

	if ((bits & 2) == 0) {
		guint64 whole = (guint64)(bits & ~3u) << 32;
		memcpy(&value, &whole, sizeof value);
	}
	return (bits & 1) != 0 ? value / 100 : value;
}

static void
take_cell(struct office *office, const struct record *record)
{
	if (record->type == 2 && record->size >= 12) { /* BrtCellRk */
		add_number(office, rk_value(ole_u32(record->body, record->size, 8)));
	} else if ((record->type == 5 || record->type == 9) && record->size >= 16) {
		guint64 bits = ole_u32(record->body, record->size, 8) |
			       (guint64)ole_u32(record->body, record->size, 12) << 32;
		double value;
		memcpy(&value, &bits, sizeof value);
		add_number(office, value);
	}
}

/* False when a string of it does not fit. */
static bool
take_record(struct office *office, const struct record *record)
{
	take_cell(office, record);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		if (rows[i].type != record->type)
			continue;
		gsize at = rows[i].skip;
		for (guint k = 0; k < rows[i].strings; k++) {
			if (!take_string(
				office, record, &at, rows[i].to, rows[i].relation && k == 0))
				return false;
		}
	}
	return true;
}

bool
office_is_xlsb(const char *name)
{
	static const char *const others[] = { "xl/embeddings/*", "xl/activeX/*", "xl/ctrlProps/*",
		"*/vbaProject*.bin", "*/printerSettings*.bin" };

	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		if (g_pattern_match_simple(others[i], name))
			return false;
	return g_str_has_prefix(name, "xl/") && g_str_has_suffix(name, ".bin");
}

enum office_result
office_xlsb(struct office *office, const guint8 *data, gsize size)
{
	gsize at = 0;

	while (at < size && !office->over) {
		struct record record;
		gsize type, length;
		if (!take_number(data, size, &at, 2, &type) ||
		    !take_number(data, size, &at, 4, &length) || length > size - at)
			return OFFICE_BROKEN;
		record = (struct record){ (guint)type, data + at, length };
		at += length;
		if (!take_record(office, &record))
			return OFFICE_BROKEN;
	}
	return office->over ? OFFICE_OVER_LIMIT : OFFICE_FINE;
}
