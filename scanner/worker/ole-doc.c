/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-doc - Word (MS-DOC, and Word 6/95 before it): the text of all stories by the piece table,
 * with notes, headers, comments and text boxes, which lie behind one another in it; and field
 * codes.
 */
#include <string.h>

#include "worker/ole-read.h"
#include "worker/ole-text.h"

#define MAGIC      0xA5EC /* wIdent */
#define NFIB_97    0x69   /* from here on characters are of Unicode */
#define ENCRYPTED  0x0100 /* FibBase.fEncrypted */
#define COMPLEX    0x0004
#define TABLE_1    0x0200 /* fWhichTblStm */
#define COMPRESSED 0x40000000u
#define FC_CLX     0x1A2 /* section 2.5.6: fcClx and lcbClx */
#define FC_CLX_95  0x160
#define CODE_MAX   (16 * 1024) /* bytes of one field code */
#define NEST_MAX   32          /* fields within fields whose codes are told from results */

/* Section 2.8.25, and its like: characters that are more than themselves. */
enum {
	CELL = 0x07,
	FIELD_BEGIN = 0x13,
	FIELD_SEPARATOR,
	FIELD_END,
	HYPHEN_HARD = 0x1E,
	HYPHEN_SOFT
};

struct doc {
	struct ole_read *read;
	const guint8 *bytes; /* of the stream WordDocument */
	gsize size;
	bool wide; /* Word 97 and later */
	GString *code;
	guint depth; /* of fields */
	guint codes; /* of those, in their code */
	bool in_code[NEST_MAX];
	bool after_cell;
};

/* HYPERLINK "address" \l "place": the address; other codes are text that nobody sees. */
static void
end_code(struct doc *doc)
{
	struct ole_read *read = doc->read;
	const char *code = doc->code->str;

	ole_clean(doc->code, 0);
	for (const char *from = strchr(code, '"'); from != NULL;) {
		const char *to = strchr(from + 1, '"');
		if (to == NULL)
			break;
		g_autofree char *word = g_strndup(from + 1, (gsize)(to - from) - 1);
		if (strstr(word, ":") != NULL || g_str_has_prefix(word, "www.") ||
		    g_str_has_prefix(word, "\\\\"))
			ole_add_url(read, word);
		from = strchr(to + 1, '"');
	}
	g_string_append_printf(read->hidden, "%s\n", g_strstrip(doc->code->str));
	g_string_truncate(doc->code, 0);
}

/* False for a character that is no sign of a field. */
static bool
take_field(struct doc *doc, gunichar c)
{
	switch (c) {
	case FIELD_BEGIN:
		if (doc->depth < NEST_MAX) {
			doc->in_code[doc->depth] = true;
			doc->codes++;
		}
		doc->depth++;
		return true;
	case FIELD_SEPARATOR:
	case FIELD_END:
		if (doc->depth > 0 && doc->depth <= NEST_MAX && doc->in_code[doc->depth - 1]) {
			doc->in_code[doc->depth - 1] = false;
			if (--doc->codes == 0)
				end_code(doc);
		}
		if (c == FIELD_END && doc->depth > 0)
			doc->depth--;
		return true;
	default:
		return false;
	}
}

static void
take_character(struct doc *doc, gunichar c)
{
	GString *out = doc->codes > 0 ? doc->code : doc->read->text;

	if (take_field(doc, c))
		return;
	if (c == CELL) /* two in a row: the cell's and the row's */
		g_string_append_c(out, doc->after_cell ? '\n' : '\t');
	else if (c == HYPHEN_HARD)
		g_string_append_c(out, '-');
	else if (c == '\r' || c == '\n' || c == 0x0B || c == 0x0C)
		g_string_append_c(out, '\n');
	else if (c == '\t' || (c >= 0x20 && c != 0x7F))
		g_string_append_unichar(out, c);
	else if (c == 0x0E)
		g_string_append_c(out, ' '); /* column break */
	doc->after_cell = c == CELL;
	/* A code without an end is no reason to lose the text. */
	if (doc->codes > 0 && doc->code->len > CODE_MAX) {
		memset(doc->in_code, 0, sizeof doc->in_code);
		doc->codes = 0;
		end_code(doc);
	}
}

/* size bytes at a place of the stream, which are characters of one or of two bytes. */
static void
take_piece(struct doc *doc, guint64 at, guint64 size, bool wide)
{
	struct scan *scan = doc->read->item->scan;
	g_autoptr(GString) piece = g_string_new(NULL);

	if (at >= doc->size || size > doc->size - at) {
		ole_broken(doc->read, "Word: text that lies outside the file");
		size = at < doc->size ? doc->size - at : 0;
	}
	gsize room = (gsize)scan->limits->text;
	if (size / (wide ? 2 : 1) > room)
		scan_outcome(
		    scan, doc->read->item->part, PART_OVER_LIMIT, "more text than is looked at");
	if (wide)
		ole_utf16(piece, doc->bytes + MIN(at, doc->size), (gsize)MIN(size / 2, room));
	else if (size > 0)
		ole_codepage(
		    scan->charset, 0, piece, doc->bytes + at, (gsize)MIN(size, room), room);
	for (const char *p = piece->str; p < piece->str + piece->len; p = g_utf8_next_char(p))
		take_character(doc, g_utf8_get_char(p));
}

/* Section 2.8.35, PlcPcd: n + 1 character positions, then n descriptors of 8 bytes. */
static void
take_pieces(struct doc *doc, const guint8 *plc, gsize size)
{
	gsize n = size >= 4 ? (size - 4) / 12 : 0;
	const guint8 *descriptors = plc + 4 * (n + 1);

	for (gsize i = 0; i < n && ole_room(doc->read); i++) {
		guint32 from = ole_u32(plc, size, 4 * i), to = ole_u32(plc, size, 4 * (i + 1));
		guint32 fc = ole_u32(descriptors, 8 * n, 8 * i + 2);
		if (to < from) {
			ole_broken(doc->read, "Word: pieces that are out of order");
			continue;
		}
		guint64 characters = to - from;
		if (!doc->wide || (fc & COMPRESSED) != 0) {
			guint32 at = doc->wide ? (fc & ~COMPRESSED) / 2 : fc;
			take_piece(doc, at, characters, false);
		} else {
			take_piece(doc, fc, 2 * characters, true);
		}
	}
}

/* Section 2.9.38, Clx: property changes, which hold no text, and then the piece table. */
static bool
take_clx(struct doc *doc, const guint8 *table, gsize table_size, guint fc_at)
{
	gsize at = ole_u32(doc->bytes, doc->size, fc_at);
	gsize size = ole_u32(doc->bytes, doc->size, fc_at + 4);

	if (table == NULL || at >= table_size || size < 5)
		return false;
	if (size > table_size - at) {
		ole_broken(doc->read, "Word: the piece table is cut short");
		size = table_size - at;
	}
	const guint8 *clx = table + at;
	gsize n = 0;
	while (n < size && clx[n] == 1)
		n += 3 + (gsize)ole_u16(clx, size, n + 1);
	if (n >= size || size - n < 5 || clx[n] != 2)
		return false;
	gsize plc = ole_u32(clx, size, n + 1);
	take_pieces(doc, clx + n + 5, MIN(plc, size - n - 5));
	return true;
}

/* Word 6 and 95: one stretch of 8-bit text, or a piece table in the same stream. */
static bool
take_95(struct doc *doc, guint flags)
{
	guint32 from = ole_u32(doc->bytes, doc->size, 0x18);
	guint32 to = ole_u32(doc->bytes, doc->size, 0x1C);

	if ((flags & COMPLEX) != 0)
		return take_clx(doc, doc->bytes, doc->size, FC_CLX_95);
	if (from < 0x20 || to <= from)
		return false;
	take_piece(doc, from, to - from, false);
	return true;
}

void
ole_doc_read(struct ole_read *read, guint stream)
{
	gsize size, table_size = 0;
	g_autofree guint8 *bytes = ole_bytes(read->ole, stream, G_MAXSIZE, &size);
	g_autofree guint8 *table = NULL;
	guint flags = ole_u16(bytes, size, 0x0A);
	bool read_all;

	if (bytes == NULL)
		return; /* the container says why */
	if (ole_u16(bytes, size, 0) != MAGIC) {
		ole_broken(read, "Word: not the format of Word 6 or later");
		return;
	}
	if ((flags & ENCRYPTED) != 0) {
		extract_set_encrypted(read->item, "Word document: password needed");
		return;
	}
	struct doc doc = { .read = read,
		.bytes = bytes,
		.size = size,
		.wide = ole_u16(bytes, size, 2) >= NFIB_97,
		.code = g_string_new(NULL) };
	if (doc.wide) {
		const char *name = (flags & TABLE_1) != 0 ? "1Table" : "0Table";
		table = ole_bytes(
		    read->ole, ole_child(read->ole, read->storage, name), G_MAXSIZE, &table_size);
		read_all = take_clx(&doc, table, table_size, FC_CLX);
	} else {
		read_all = take_95(&doc, flags);
	}
	if (doc.codes > 0)
		end_code(&doc);
	g_string_append_c(read->text, '\n');
	if (!read_all)
		ole_broken(read, "Word: no piece table, so its text cannot be found");
	g_string_free(doc.code, TRUE);
}
