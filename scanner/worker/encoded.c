/* SPDX-License-Identifier: GPL-3.0-or-later */
/* encoded - see encoded.h. Never takes a sentence that begins with "begin" for a file. */
#include "worker/encoded.h"

#include <string.h>

#include "worker/binhex.h"
#include "worker/decode.h"
#include "worker/lines.h"

#define NAME_BYTES 1024
#define BUFFER     (16 * 1024) /* bytes that go to the reader at once */

enum kind { KIND_NONE, KIND_UU, KIND_BASE64, KIND_YENC, KIND_BINHEX };

/* A line with which a file begins. */
struct start {
	enum kind kind;
	gsize name;       /* where its name starts */
	bool base64_name; /* the name is in base64 */
};

/* One file while its lines come by. */
struct file {
	struct item *around, *item;
	GByteArray *out;
	bool more;  /* its reader wants more */
	bool ended; /* the end was seen */
	bool junk;  /* lines that have no place in it */
	struct decode base64;
	guint64 decoded; /* bytes */
	bool escape;     /* yEnc: the last character was '=' */
	guint32 crc;     /* yEnc, of what was decoded */
	bool wrong;      /* size or checksum differ from what is stated */
	bool part;       /* yEnc: a piece of a file */
};

/* CRC-32 (ISO 3309), four bits at a time. */
static guint32
crc_add(guint32 crc, const guint8 *data, gsize size)
{
	static const guint32 table[16] = { 0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8,
		0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c };

	crc = ~crc;
	for (gsize i = 0; i < size; i++) {
		crc = crc >> 4 ^ table[(crc ^ data[i]) & 15];
		crc = crc >> 4 ^ table[(crc ^ (guint32)data[i] >> 4) & 15];
	}
	return ~crc;
}

/* A uuencoded line into at most 63 bytes; blanks at its end may have been lost on the way. */
static bool
uu_line(const struct line *line, guint8 *out, gsize *size)
{
	guint8 sextets[4] = { 0 };
	gsize n = line->size > 0 ? (gsize)(line->data[0] - 32) & 63 : 0;
	gsize needed = (n + 2) / 3 * 4;

	/* A checksum and a blank may follow. */
	if (!line->begins || line->size == 0 || line->size - 1 > needed + 2)
		return false;
	for (gsize i = 0; i < line->size; i++)
		if (line->data[i] < 32 || line->data[i] > 96)
			return false;
	*size = 0;
	for (gsize i = 0; i < needed; i++) {
		sextets[i % 4] = i + 1 < line->size ? (line->data[i + 1] - 32) & 63 : 0;
		if (i % 4 != 3)
			continue;
		guint32 bits = (guint32)sextets[0] << 18 | (guint32)sextets[1] << 12 |
			       (guint32)sextets[2] << 6 | sextets[3];
		for (guint k = 0; k < 3 && *size < n; k++)
			out[(*size)++] = (guint8)(bits >> (16 - 8 * k));
	}
	return true;
}

/* "begin 644 name", "begin-base64 644 name": where the name starts in the line, or 0. */
static gsize
begin_name(const struct line *line, gsize at)
{
	gsize digits = 0;

	while (at < line->size && line->data[at] == ' ')
		at++;
	while (at + digits < line->size && line->data[at + digits] >= '0' &&
	       line->data[at + digits] <= '7')
		digits++;
	at += digits;
	if (digits < 3 || digits > 6 || at + 1 >= line->size || line->data[at] != ' ')
		return 0;
	while (at < line->size && line->data[at] == ' ')
		at++;
	return at < line->size ? at : 0;
}

/* What begins with this line, by this line alone. */
static struct start
start_of(const struct line *line)
{
	static const struct {
		const char *word;
		enum kind kind;
		bool named;
	} words[] = {
		{ "begin ", KIND_UU, false },
		{ "begin-base64 ", KIND_BASE64, false },
		{ "begin-encoded ", KIND_UU, true },
		{ "begin-base64-encoded ", KIND_BASE64, true },
	};
	struct start start = { KIND_NONE, 0, false };

	if (!line->begins || line->size < 8 || strchr("b=(", line->data[0]) == NULL)
		return start;
	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		gsize name =
		    lines_starts(line, words[i].word) ? begin_name(line, strlen(words[i].word)) : 0;
		if (name > 0)
			start = (struct start){ words[i].kind, name, words[i].named };
	}
	if (lines_starts(line, "=ybegin ") && memmem(line->data, line->size, " size=", 6) != NULL)
		start.kind = KIND_YENC;
	if (lines_starts(line, BINHEX_FIRST_LINE))
		start.kind = KIND_BINHEX;
	return start;
}

static char *
name_of(const struct file *file, const struct line *line, const struct start *start)
{
	struct charset_result result;
	gsize size = MIN(line->size - start->name, NAME_BYTES);
	g_autoptr(GByteArray) raw = g_byte_array_new();
	struct decode decode;

	decode_begin(&decode, start->base64_name ? DECODE_BASE64 : DECODE_NONE);
	if (start->base64_name)
		decode_add(&decode, line->data + start->name, size, raw);
	else
		g_byte_array_append(raw, line->data + start->name, (guint)size);
	decode_end(&decode, raw);
	return g_strstrip(charset_decode(
	    file->around->scan->charset, NULL, raw->data, raw->len, NAME_BYTES, &result));
}

/* The number behind " key=" in a line of yEnc, before the name. False when there is none. */
static bool
yenc_value(const struct line *line, const char *key, int base, guint64 *value)
{
	g_autofree char *text = g_strndup((const char *)line->data, MIN(line->size, NAME_BYTES));
	char *name = strstr(text, " name=");

	if (name != NULL)
		*name = '\0';
	const char *at = strstr(text, key);
	if (at == NULL || !g_ascii_isxdigit(at[strlen(key)]))
		return false;
	*value = g_ascii_strtoull(at + strlen(key), NULL, (guint)base);
	return true;
}

static void
flush(struct file *file)
{
	if (file->out->len > 0 && file->more)
		file->more = extract_add(file->item, file->out->data, file->out->len);
	file->crc = crc_add(file->crc, file->out->data, file->out->len);
	file->decoded += file->out->len;
	g_byte_array_set_size(file->out, 0);
}

static void
yenc_line(struct file *file, const struct line *line)
{
	for (gsize i = 0; i < line->size; i++) {
		guint8 c = line->data[i];
		if (!file->escape && c == '=') {
			file->escape = true;
			continue;
		}
		c = (guint8)(c - (file->escape ? 64 + 42 : 42));
		file->escape = false;
		g_byte_array_append(file->out, &c, 1);
	}
}

/* "=yend size=123 pcrc32=... crc32=...": what is stated of the file, or of its piece. */
static void
yenc_end(struct file *file, const struct line *line)
{
	guint64 value;

	flush(file);
	if (yenc_value(line, " size=", 10, &value))
		file->wrong = file->wrong || value != file->decoded;
	if (yenc_value(line, " pcrc32=", 16, &value) ||
	    (!file->part && yenc_value(line, " crc32=", 16, &value)))
		file->wrong = file->wrong || (guint32)value != file->crc;
	file->ended = true;
}

/* One line of the file. False when the file is over; *back: the line is not the file's. */
static bool
take_line(struct file *file, enum kind kind, const struct line *line, bool *back)
{
	guint8 bytes[64];
	gsize size;

	if (kind == KIND_YENC) {
		if (lines_starts(line, "=ypart "))
			return true;
		if (lines_starts(line, "=yend"))
			yenc_end(file, line);
		*back = lines_starts(line, "=ybegin ");
		if (file->ended || *back)
			return false;
		yenc_line(file, line);
		return true;
	}
	*back = start_of(line).kind != KIND_NONE;
	if (kind == KIND_UU)
		file->ended = line->size == 3 && lines_starts(line, "end");
	else
		file->ended = lines_starts(line, "====");
	if (file->ended || *back)
		return false;
	if (kind == KIND_BASE64)
		decode_add(&file->base64, line->data, line->size, file->out);
	else if (uu_line(line, bytes, &size))
		g_byte_array_append(file->out, bytes, (guint)size);
	else
		file->junk = file->junk || line->size > 0;
	return true;
}

static void
finish(struct file *file)
{
	struct scan *scan = file->around->scan;

	decode_end(&file->base64, file->out);
	flush(file);
	struct part *part = extract_part(file->item);
	if (!file->ended || file->wrong || file->junk || file->base64.junk > 0)
		part->facts |= FACT_PART_MALFORMED;
	if (!file->ended)
		scan_outcome(scan, file->item->part, PART_BROKEN, "its end is missing");
	else if (file->part)
		scan_outcome(scan, file->item->part, PART_BROKEN, "the rest is in other messages");
	else if (file->wrong)
		scan_detail(scan, file->item->part, "its size or checksum is not as stated");
	if (!file->more)
		scan_outcome(scan, file->around->part, part->outcome, "not all files were read");
	extract_end(file->item);
}

/* The file that begins with the line first. False when no more files are wanted. */
static bool
read_file(struct item *around, struct lines *lines, const struct line *first, struct start start)
{
	struct file file = { .around = around, .more = true };
	enum kind kind = start.kind;
	struct line line = *first;
	guint64 total;
	bool back = false;

	if (kind == KIND_YENC) {
		const guint8 *at = memmem(line.data, line.size, " name=", 6);
		start.name = at != NULL ? (gsize)(at - line.data) + 6 : line.size;
		file.part = yenc_value(&line, " total=", 10, &total) && total > 1;
	}
	g_autofree char *name = name_of(&file, &line, &start);
	file.item = extract_begin_member(around, name, "");
	if (file.item == NULL)
		return false;
	file.out = g_byte_array_sized_new(BUFFER);
	decode_begin(&file.base64, kind == KIND_BASE64 ? DECODE_BASE64 : DECODE_NONE);
	while (file.more && lines_next(lines, &line) && take_line(&file, kind, &line, &back))
		if (file.out->len > BUFFER / 2)
			flush(&file);
	if (back)
		lines_back(lines, &line);
	finish(&file);
	g_byte_array_unref(file.out);
	return file.more;
}

/* A line of uuencode must follow: letters in lower case, which no such line has, are prose. */
static bool
is_confirmed(struct lines *lines)
{
	guint8 bytes[64];
	gsize size;
	struct line next;

	if (!lines_next(lines, &next))
		return false;
	bool ends = next.size == 3 && lines_starts(&next, "end");
	bool fits = ends || uu_line(&next, bytes, &size);
	lines_back(lines, &next);
	return fits;
}

void
encoded_read(struct item *item)
{
	struct lines lines;
	struct line line;
	bool more = true;

	lines_begin(&lines, item->blob, 0);
	while (more && lines_next(&lines, &line)) {
		struct start start = start_of(&line);
		if (start.kind == KIND_NONE)
			continue;
		if (start.kind == KIND_BINHEX) {
			more = binhex_read(item, &lines);
			continue;
		}
		/* The look ahead may move what the line lies in. */
		g_autofree guint8 *copy = g_memdup2(line.data, line.size);
		line.data = copy;
		if (start.kind != KIND_UU || is_confirmed(&lines))
			more = read_file(item, &lines, &line, start);
	}
	lines_end(&lines);
}
