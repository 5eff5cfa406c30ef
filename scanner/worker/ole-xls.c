/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ole-xls - Excel (MS-XLS, BIFF8, and BIFF5/7 before it): cells, sheet names, notes, headers,
 * links.
 *
 * Hidden sheets are read like others, and are hidden text. Strings that no cell uses are, too.
 */
#include <math.h>
#include <string.h>

#include "worker/biff.h"
#include "worker/office-crypt.h"
#include "worker/ole-read.h"
#include "worker/ole-text.h"

#define SHEETS_MAX  4096       /* sheets whose names and states are known */
#define STRINGS_MAX (1u << 21) /* shared strings */
#define BIFF8       0x0600

enum {
	FORMULA = 0x0006,
	HEADER = 0x0014,
	FOOTER = 0x0015,
	NOTE = 0x001C,
	FILEPASS = 0x002F,
	CODEPAGE = 0x0042,
	BOUNDSHEET = 0x0085,
	MULRK = 0x00BD,
	PIVOT_STRING = 0x00CD,
	RSTRING = 0x00D6,
	SST = 0x00FC,
	LABELSST = 0x00FD,
	TXO = 0x01B6,
	HLINK = 0x01B8,
	NUMBER = 0x0203,
	LABEL = 0x0204,
	STRING = 0x0207,
	RK = 0x027E,
	SERIESTEXT = 0x100D,
	BOF = 0x0809,
};

struct sheet {
	guint32 at; /* of its BOF in the stream */
	bool hidden;
	char *name;
};

struct book {
	struct ole_read *read;
	struct biff biff;
	guint8 *bytes; /* of the stream at hand */
	GBytes *pass;  /* body of the FILEPASS record that was believed, or NULL */
	guint version;
	guint codepage;
	GArray *sheets;   /* of struct sheet */
	GString *strings; /* the shared ones, NUL behind each */
	GArray *offsets;  /* of guint32 into strings */
	GByteArray *used; /* one byte a shared string */
	GString *out;     /* text of the sheet at hand */
	guint row;
};

static void
clear_sheet(void *data)
{
	g_free(((struct sheet *)data)->name);
}

/* 16-digit numbers stay what they are: no exponent, no fraction that is none. */
static void
add_number(struct book *book, double value)
{
	char number[G_ASCII_DTOSTR_BUF_SIZE];

	if (!isfinite(value))
		return;
	bool whole = fabs(value) < 1e18 && (double)(gint64)value == value;
	g_ascii_formatd(number, sizeof number, whole ? "%.0f" : "%.15g", value);
	g_string_append(book->out, number);
}

static double
double_of(guint64 bits)
{
	double value;

	memcpy(&value, &bits, sizeof value);
	return value;
}

/* MS-XLS section 2.5.217: 30 bits of an integer or of a double, perhaps of hundredths. */
static double
rk_value(guint32 rk)
{
	double value;

	if ((rk & 2) != 0)
		value = (double)((gint32)(rk & ~3u) / 4);
	else
		value = double_of((guint64)(rk & ~3u) << 32);
	return (rk & 1) != 0 ? value / 100 : value;
}

/* Cells of a row stand in a line. */
static void
begin_cell(struct book *book, guint row)
{
	GString *out = book->out;

	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, row == book->row ? '\t' : '\n');
	book->row = row;
}

static void
end_line(GString *out)
{
	if (out->len > 0 && out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
}

/* A string with its flags byte (BIFF8), or plain bytes by the code page. */
static void
add_string(struct book *book, guint characters, GString *out)
{
	gsize from = out->len;

	if (book->version >= BIFF8) {
		biff_unicode(&book->biff, characters, out);
	} else {
		g_autofree guint8 *bytes = g_malloc(characters + 1u);
		gsize size = biff_take(&book->biff, bytes, characters);
		ole_codepage(book->read->item->scan->charset, book->codepage, out, bytes, size,
		    4 * (gsize)characters);
	}
	ole_clean(out, from);
}

/* Text that is no cell: a line of its own. */
static void
add_line(struct book *book, guint characters)
{
	if (characters == 0)
		return;
	end_line(book->out);
	add_string(book, characters, book->out);
	end_line(book->out);
}

static void
take_bound_sheet(struct book *book)
{
	struct biff *biff = &book->biff;
	struct sheet sheet = { .at = biff_u32(biff) };
	guint state = biff_u8(biff), kind = biff_u8(biff);
	GString *name = g_string_new(NULL);

	add_string(book, biff_u8(biff), name);
	sheet.hidden = (state & 3) != 0;
	sheet.name = g_string_free(name, FALSE);
	if (kind == 1 || kind == 6) /* Excel 4.0 macros, Visual Basic */
		extract_part(book->read->item)->facts |= FACT_MACRO;
	if (book->sheets->len < SHEETS_MAX)
		g_array_append_val(book->sheets, sheet);
	else
		clear_sheet(&sheet);
}

/* A substream begins: perhaps a sheet, whose name heads its text. */
static void
take_bof(struct book *book)
{
	guint version = biff_u16(&book->biff);

	if (version != 0)
		book->version = version;
	for (guint i = 0; i < book->sheets->len; i++) {
		const struct sheet *sheet = &g_array_index(book->sheets, struct sheet, i);
		if (sheet->at != book->biff.start)
			continue;
		end_line(book->out);
		book->out = sheet->hidden ? book->read->hidden : book->read->text;
		g_string_append_printf(book->out, "%s\n", sheet->name);
	}
}

/* Section 2.4.265: each string may be cut by a CONTINUE record, which biff hides. */
static void
take_sst(struct book *book)
{
	struct biff *biff = &book->biff;
	struct scan *scan = book->read->item->scan;

	biff_u32(biff);
	biff_u32(biff); /* a count that nothing keeps honest */
	while (biff_more(biff)) {
		guint32 offset = (guint32)book->strings->len;
		guint8 no = 0;
		if (offset > scan->limits->text || book->offsets->len >= STRINGS_MAX) {
			scan_outcome(scan, book->read->item->part, PART_OVER_LIMIT,
			    "more text than is looked at");
			return;
		}
		add_string(book, biff_u16(biff), book->strings);
		g_string_append_c(book->strings, '\0');
		g_array_append_val(book->offsets, offset);
		g_byte_array_append(book->used, &no, 1);
	}
}

static void
add_shared(struct book *book, guint32 index)
{
	if (index >= book->offsets->len)
		return;
	book->used->data[index] = 1;
	g_string_append(
	    book->out, book->strings->str + g_array_index(book->offsets, guint32, index));
}

/* What no cell uses is in the file all the same. */
static void
add_unused(struct book *book)
{
	for (guint i = 0; i < book->offsets->len && ole_room(book->read); i++)
		if (book->used->data[i] == 0)
			g_string_append_printf(book->read->hidden, "%s\n",
			    book->strings->str + g_array_index(book->offsets, guint32, i));
}

static guint64
take_u64(struct biff *biff)
{
	guint64 low = biff_u32(biff);

	return low | (guint64)biff_u32(biff) << 32;
}

static void
take_mulrk(struct book *book)
{
	struct biff *biff = &book->biff;

	while (biff_left(biff) >= 6) {
		biff_u16(biff);
		add_number(book, rk_value(biff_u32(biff)));
		g_string_append_c(book->out, '\t');
	}
}

static void
take_note(struct book *book)
{
	struct biff *biff = &book->biff;

	biff_u16(biff);
	biff_u16(biff);
	if (book->version >= BIFF8) { /* its text is in a TXO record */
		biff_u16(biff);
		biff_u16(biff);
	}
	add_line(book, biff_u16(biff));
}

/* A text box: its characters begin in the next record, which is a CONTINUE. */
static void
take_txo(struct book *book)
{
	struct biff *biff = &book->biff;

	biff_skip(biff, 10);
	guint characters = biff_u16(biff);
	biff_skip(biff, biff_left(biff));
	if (characters == 0 || !biff_more(biff))
		return;
	end_line(book->out);
	gsize from = book->out->len;
	biff_unicode(biff, characters, book->out);
	ole_clean(book->out, from);
	end_line(book->out);
}

static void
take_link_string(struct book *book, GString *out, bool bytes)
{
	struct biff *biff = &book->biff;
	guint32 units = biff_u32(biff);

	if (bytes)
		units /= 2;
	for (guint32 i = 0; i < units && biff_more(biff); i++) {
		guint8 unit[2];
		biff_take(biff, unit, 2);
		ole_utf16(out, unit, 1); /* links have no signs beyond 16 bits */
	}
	ole_clean(out, 0);
}

/* MS-OSHARED section 2.3.7.1, Hyperlink Object, behind the cells that show it. */
static void
take_hlink(struct book *book)
{
	static const guint8 url_moniker[] = { 0xE0, 0xC9, 0xEA, 0x79, 0xF9, 0xBA, 0xCE, 0x11 };
	struct biff *biff = &book->biff;
	g_autoptr(GString) label = g_string_new(NULL);
	g_autoptr(GString) target = g_string_new(NULL);
	guint8 moniker[16] = { 0 };

	biff_skip(biff, 8 + 16 + 4);
	guint32 flags = biff_u32(biff);
	if ((flags & 0x10) != 0)
		take_link_string(book, label, false);
	if ((flags & 0x80) != 0)
		take_link_string(book, label, false);
	if ((flags & 0x101) == 0x101) {
		take_link_string(book, target, false);
	} else if ((flags & 0x01) != 0) {
		biff_take(biff, moniker, sizeof moniker);
		if (memcmp(moniker, url_moniker, sizeof url_moniker) == 0) {
			take_link_string(book, target, true);
		} else { /* a file: its path in 8 bits */
			biff_u16(biff);
			gsize size = biff_u32(biff), left = biff_left(biff);
			size = MIN(size, left);
			g_autofree guint8 *path = g_malloc0(size + 1u);
			size = biff_take(biff, path, size);
			ole_codepage(book->read->item->scan->charset, book->codepage, target, path,
			    size, 4 * size);
		}
	}
	ole_add_url(book->read, target->str);
}

/* A row, a column, a format (but for MULRK), and a value. */
static void
take_cell(struct book *book)
{
	struct biff *biff = &book->biff;
	guint64 bits;

	begin_cell(book, biff_u16(biff));
	biff_u16(biff);
	if (biff->type == MULRK) {
		take_mulrk(book);
		return;
	}
	biff_u16(biff);
	switch (biff->type) {
	case FORMULA:
	case NUMBER:
		bits = take_u64(biff);
		/* Else a truth, an error, or a string, which comes in a record of its own. */
		if (biff->type == NUMBER || bits >> 48 != 0xFFFF)
			add_number(book, double_of(bits));
		break;
	case RK:
		add_number(book, rk_value(biff_u32(biff)));
		break;
	case LABELSST:
		add_shared(book, biff_u32(biff));
		break;
	default:
		add_string(book, biff_u16(biff), book->out);
	}
}

/* Many are encrypted with a password that every program tries; then all behind it is readable. */
static bool
take_pass(struct book *book)
{
	struct biff *biff = &book->biff;

	g_autoptr(GBytes) pass = g_bytes_new(biff->data + biff->at, biff_left(biff));
	gsize size;
	const guint8 *body = g_bytes_get_data(pass, &size);

	if (book->pass == NULL && body != NULL &&
	    office_crypt_workbook(body, size, book->bytes, biff->size, biff->end)) {
		book->pass = g_steal_pointer(&pass);
		scan_detail(book->read->item->scan, book->read->item->part, OPENED);
		return true;
	}
	extract_set_encrypted(book->read->item, "Excel workbook: password needed");
	return false;
}

/* False when nothing behind it can be read: the rest is encrypted. */
static bool
take_record(struct book *book)
{
	struct biff *biff = &book->biff;

	switch (biff->type) {
	case FILEPASS:
		return take_pass(book);
	case BOF:
		take_bof(book);
		break;
	case CODEPAGE:
		book->codepage = biff_u16(biff);
		break;
	case BOUNDSHEET:
		take_bound_sheet(book);
		break;
	case SST:
		take_sst(book);
		break;
	case FORMULA:
	case NUMBER:
	case RK:
	case MULRK:
	case LABEL:
	case RSTRING:
	case LABELSST:
		take_cell(book);
		break;
	case STRING: /* a formula's */
		add_string(book, biff_u16(biff), book->out);
		break;
	case PIVOT_STRING:
		add_line(book, biff_u16(biff));
		break;
	case HEADER:
	case FOOTER:
		add_line(book, book->version >= BIFF8 ? biff_u16(biff) : biff_u8(biff));
		break;
	case SERIESTEXT:
		biff_u16(biff);
		add_line(book, biff_u8(biff));
		break;
	case NOTE:
		take_note(book);
		break;
	case TXO:
		take_txo(book);
		break;
	case HLINK:
		take_hlink(book);
		break;
	default:
		break;
	}
	return true;
}

static bool
take_records(struct book *book, guint stream)
{
	gsize size, pass_size = 0;
	const guint8 *pass = book->pass != NULL ? g_bytes_get_data(book->pass, &pass_size) : NULL;
	g_autofree guint8 *bytes = ole_bytes(book->read->ole, stream, G_MAXSIZE, &size);
	bool more = bytes != NULL;

	book->bytes = bytes;
	/* A stream behind the workbook's. */
	if (pass != NULL && bytes != NULL)
		office_crypt_workbook(pass, pass_size, bytes, size, 0);
	biff_init(&book->biff, bytes, size);
	while (more && biff_next(&book->biff))
		more = take_record(book) && ole_room(book->read);
	if (more && (book->biff.cut || book->biff.end < size))
		ole_broken(book->read, "Excel: the last record is cut short");
	return more;
}

/* What pivot tables show is kept in streams of their own, also when its sheet is gone. */
static void
take_pivots(struct book *book)
{
	struct ole *ole = book->read->ole;
	guint storage = ole_child(ole, book->read->storage, "_SX_DB_CUR");

	book->out = book->read->hidden;
	for (guint i = 0; storage != OLE_NONE && i < ole_count(ole); i++)
		if (ole_entry(ole, i)->parent == storage && !ole_entry(ole, i)->storage &&
		    !take_records(book, i))
			break;
}

void
ole_xls_read(struct ole_read *read, guint stream)
{
	struct book book = { .read = read,
		.version = BIFF8,
		.sheets = g_array_new(FALSE, TRUE, sizeof(struct sheet)),
		.strings = g_string_new(NULL),
		.offsets = g_array_new(FALSE, FALSE, sizeof(guint32)),
		.used = g_byte_array_new(),
		.out = read->text,
		.row = G_MAXUINT };

	g_array_set_clear_func(book.sheets, clear_sheet);
	if (take_records(&book, stream)) {
		add_unused(&book);
		take_pivots(&book);
	}
	end_line(book.out);
	end_line(read->text);
	end_line(read->hidden);
	g_array_unref(book.sheets);
	g_array_unref(book.offsets);
	g_byte_array_unref(book.used);
	g_string_free(book.strings, TRUE);
	g_clear_pointer(&book.pass, g_bytes_unref);
}
