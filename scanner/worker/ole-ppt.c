/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-ppt - PowerPoint (MS-PPT): the text of slides, notes, masters and comments, link targets, and
 * embedded objects. Containers are stepped into and atoms over, so that no nesting can be too
 * deep; what an earlier save left behind in the stream is read as well.
 */
#include <gio/gio.h>
#include <string.h>

#include "worker/ole-read.h"
#include "worker/ole-text.h"

#define RECORD     8           /* bytes of a header */
#define LOCKED     0xF3D1C4DFu /* CurrentUserAtom.headerToken of an encrypted file */
#define CHUNK      (64 * 1024)
#define RATIO_FREE (10 * 1024 * 1024) /* unpacked bytes below which limits.ratio does not count */

enum {
	VBA_INFO_ATOM = 0x0400,
	TEXT_CHARS = 0x0FA0,
	TEXT_BYTES = 0x0FA8,
	CSTRING = 0x0FBA,
	HYPERLINK = 0x0FD7,
	OBJECT = 0x1011,
	TAG_DATA = 0x138B, /* an atom by its header, which holds records */
	CRYPT_SESSION = 0x2F14,
};

struct ppt {
	struct ole_read *read;
	const guint8 *bytes;
	gsize size;
	gsize link_end; /* of the hyperlink container at hand */
	guint n_objects;
};

/* Section 2.10.34: an OLE file, compressed as RFC 1950 says. */
static bool
unpack_object(struct ole_read *read, struct item *member, const guint8 *data, gsize size)
{
	g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
	g_autofree guint8 *out = g_malloc(CHUNK);
	struct scan *scan = read->item->scan;
	gsize at = 0;
	guint64 unpacked = 0;

	for (;;) {
		g_autoptr(GError) error = NULL;
		gsize in = 0, n = 0;
		GConverterResult result = g_converter_convert(G_CONVERTER(zlib), data + at,
		    size - at, out, CHUNK, G_CONVERTER_INPUT_AT_END, &in, &n, &error);
		at += in;
		unpacked += n;
		if (result == G_CONVERTER_ERROR) {
			scan_outcome(scan, member->part, PART_BROKEN, "compressed data is broken");
			return true;
		}
		if (unpacked > RATIO_FREE && unpacked / MAX(size, 1) > scan->limits->ratio) {
			extract_part(member)->facts |= FACT_ARCHIVE_BOMB;
			scan_outcome(scan, member->part, PART_OVER_LIMIT,
			    "unpacks to more than is looked at");
			return false;
		}
		if (!extract_add(member, out, n))
			return false;
		if (result == G_CONVERTER_FINISHED)
			return true;
	}
}

static bool
take_object(struct ppt *ppt, guint instance, const guint8 *data, gsize size)
{
	g_autofree char *name = g_strdup_printf("object %u", ++ppt->n_objects);
	struct ole_read *read = ppt->read;

	if (instance == 0)
		return extract_member(read->item, name, "", data, size);
	struct item *member = extract_begin_member(read->item, name, "");
	if (member == NULL)
		return false;
	bool more = unpack_object(read, member, data + MIN(size, 4), size - MIN(size, 4));
	extract_end(member);
	return more;
}

static void
take_string(struct ppt *ppt, guint instance, const guint8 *data, gsize size, bool wide)
{
	g_autoptr(GString) text = g_string_new(NULL);
	struct ole_read *read = ppt->read;
	gsize room = (gsize)read->item->scan->limits->text + 1;

	if (wide)
		ole_utf16(text, data, MIN(size / 2, room));
	else
		ole_latin1(text, data, MIN(size, room));
	ole_clean(text, 0);
	if (data < ppt->bytes + ppt->link_end && instance == 1)
		ole_add_url(read, text->str);
	else if (text->len > 0 && !g_str_has_prefix(text->str, "___PPT"))
		g_string_append_printf(read->text, "%s\n", text->str);
}

/* False when nothing more is to be read. */
static bool
take_atom(struct ppt *ppt, guint type, guint instance, const guint8 *data, gsize size)
{
	switch (type) {
	case TEXT_CHARS:
	case CSTRING:
		take_string(ppt, instance, data, size, true);
		break;
	case TEXT_BYTES:
		take_string(ppt, instance, data, size, false);
		break;
	case OBJECT:
		return take_object(ppt, instance, data, size);
	default:
		break;
	}
	return true;
}

static void
take_records(struct ppt *ppt)
{
	struct ole_read *read = ppt->read;

	for (gsize at = 0; at + RECORD <= ppt->size && ole_room(read);) {
		guint first = ole_u16(ppt->bytes, ppt->size, at);
		guint type = ole_u16(ppt->bytes, ppt->size, at + 2);
		gsize length = ole_u32(ppt->bytes, ppt->size, at + 4);
		at += RECORD;
		/* Section 2.4.11: persistIdRef, fHasMacros. */
		if (type == VBA_INFO_ATOM && ole_u32(ppt->bytes, ppt->size, at + 4) != 0)
			extract_part(read->item)->facts |= FACT_MACRO;
		if (type == CRYPT_SESSION) {
			extract_set_encrypted(read->item, "PowerPoint: password needed");
			return;
		}
		if (type == HYPERLINK)
			ppt->link_end = at + MIN(length, ppt->size - at);
		if ((first & 0xF) == 0xF || type == TAG_DATA)
			continue; /* a container: its records follow */
		if (length > ppt->size - at) {
			ole_broken(read, "PowerPoint: the last record is cut short");
			length = ppt->size - at;
		}
		if (!take_atom(ppt, type, first >> 4, ppt->bytes + at, length))
			return;
		at += length;
	}
}

void
ole_ppt_read(struct ole_read *read, guint stream)
{
	gsize size;
	g_autofree guint8 *user =
	    ole_bytes(read->ole, ole_child(read->ole, read->storage, "Current User"), CHUNK, &size);
	bool locked = user != NULL && ole_u32(user, size, 12) == LOCKED;

	if (locked) {
		extract_set_encrypted(read->item, "PowerPoint: password needed");
		return;
	}
	struct ppt ppt = { .read = read };
	g_autofree guint8 *bytes = ole_bytes(read->ole, stream, G_MAXSIZE, &ppt.size);
	ppt.bytes = bytes;
	if (bytes != NULL)
		take_records(&ppt);
}
