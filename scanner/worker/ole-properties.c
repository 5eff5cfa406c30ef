/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-properties - the property sets of documents (MS-OLEPS): title, subject, author, keywords,
 * comments and whatever else is a string that a person may have typed.
 */
#include <string.h>

#include "worker/ole-read.h"
#include "worker/ole-text.h"

#define STREAM_MAX     (4 * 1024 * 1024)
#define PROPERTIES_MAX 10000
#define ITEMS_MAX      1000 /* of a vector */

enum {
	PID_DICTIONARY = 0,
	PID_CODEPAGE = 1,
	PID_TEMPLATE = 7,
	PID_REVISION = 9,
	PID_APPLICATION = 18
};
enum { VT_I2 = 0x02, VT_LPSTR = 0x1E, VT_LPWSTR = 0x1F, VT_VECTOR = 0x1000, VT_VARIANT = 0x0C };

struct set {
	struct ole_read *read;
	const guint8 *data; /* of the set, up to the end of the stream */
	gsize size;
	guint codepage;
};

/* One string at a place; how many bytes it takes. */
static gsize
take_string(struct set *set, gsize at, guint type)
{
	GString *out = set->read->text;
	gsize from = out->len;
	gsize units = ole_u32(set->data, set->size, at);
	gsize room = at + 4 <= set->size ? set->size - at - 4 : 0;
	const guint8 *data = set->data + MIN(at + 4, set->size);

	if (type == VT_LPWSTR || set->codepage == 1200) {
		gsize n = MIN(type == VT_LPWSTR ? units : units / 2, room / 2);
		ole_utf16(out, data, n);
		units = 2 * n;
	} else {
		units = MIN(units, room);
		ole_codepage(
		    set->read->item->scan->charset, set->codepage, out, data, units, 4 * units + 4);
	}
	ole_clean(out, from);
	if (out->len > from)
		g_string_append_c(out, '\n');
	return 4 + (units + 3) / 4 * 4;
}

static void
take_value(struct set *set, gsize at)
{
	guint32 type = ole_u32(set->data, set->size, at);
	guint32 n = 1;

	at += 4;
	if ((type & VT_VECTOR) != 0) {
		n = MIN(ole_u32(set->data, set->size, at), ITEMS_MAX);
		type &= ~(guint32)VT_VECTOR;
		at += 4;
	}
	if (type != VT_LPSTR && type != VT_LPWSTR)
		return;
	while (n-- > 0 && at < set->size && ole_room(set->read))
		at += take_string(set, at, type);
}

/* The code page first: it says how to read the others. */
static void
take_set(struct set *set, bool standard)
{
	guint32 n = MIN(ole_u32(set->data, set->size, 4), PROPERTIES_MAX);

	for (guint pass = 0; pass < 2; pass++) {
		for (guint32 i = 0; i < n && ole_room(set->read); i++) {
			gsize at = 8 + 8 * (gsize)i;
			guint32 id = ole_u32(set->data, set->size, at);
			gsize offset = ole_u32(set->data, set->size, at + 4);
			if (at >= set->size)
				break;
			if (pass == 0 && id == PID_CODEPAGE)
				set->codepage = ole_u16(set->data, set->size, offset + 4);
			bool dull = standard && (id == PID_TEMPLATE || id == PID_REVISION ||
						    id == PID_APPLICATION);
			if (pass == 1 && id > PID_CODEPAGE && !dull)
				take_value(set, offset);
		}
	}
}

static void
take_stream(struct ole_read *read, const char *name, bool standard)
{
	gsize size;
	g_autofree guint8 *data =
	    ole_bytes(read->ole, ole_child(read->ole, read->storage, name), STREAM_MAX, &size);
	guint32 n = MIN(ole_u32(data, size, 24), 2);

	if (data == NULL || ole_u16(data, size, 0) != 0xFFFE)
		return;
	for (guint32 i = 0; i < n; i++) {
		gsize offset = ole_u32(data, size, 28 + 20 * (gsize)i + 16);
		if (offset == 0 || offset >= size)
			continue;
		struct set set = { .read = read, .data = data + offset, .size = size - offset };
		take_set(&set, standard);
	}
}

void
ole_properties_read(struct ole_read *read)
{
	take_stream(read, "\005SummaryInformation", true);
	take_stream(read, "\005DocumentSummaryInformation", false);
}
