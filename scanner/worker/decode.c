/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode - see decode.h. Never refuses input: bytes without a meaning are counted. */
#include "worker/decode.h"

#include <string.h>

void
decode_begin(struct decode *decode, enum decode_kind kind)
{
	memset(decode, 0, sizeof *decode);
	decode->kind = kind;
}

/* Six-bit value, 64 for padding, 65 for white space, 66 for junk. */
static guint
sextet(guint8 byte)
{
	if (byte >= 'A' && byte <= 'Z')
		return byte - 'A';
	if (byte >= 'a' && byte <= 'z')
		return byte - 'a' + 26u;
	if (byte >= '0' && byte <= '9')
		return byte - '0' + 52u;
	switch (byte) {
	case '+':
		return 62;
	case '/':
		return 63;
	case '=':
		return 64;
	case '\r':
	case '\n':
	case ' ':
	case '\t':
		return 65;
	default:
		return 66;
	}
}

/* The whole bytes of a group that ended early; a lone sextet gives none. */
static guint
flush_group(struct decode *decode, guint8 *at)
{
	guint n = 0;

	if (decode->n_bits >= 12) {
		guint32 bits = decode->bits << (24 - decode->n_bits);
		at[n++] = (guint8)(bits >> 16);
		if (decode->n_bits >= 18)
			at[n++] = (guint8)(bits >> 8);
	} else if (decode->n_bits > 0) {
		decode->junk++;
	}
	decode->bits = 0;
	decode->n_bits = 0;
	return n;
}

static gsize
base64_add(struct decode *decode, const guint8 *data, gsize size, guint8 *out)
{
	guint8 values[256];
	guint8 *at = out;

	for (guint i = 0; i < 256; i++)
		values[i] = (guint8)sextet((guint8)i);
	for (gsize i = 0; i < size;) {
		if (decode->n_bits == 0 && size - i >= 4) {
			guint a = values[data[i]], b = values[data[i + 1]];
			guint c = values[data[i + 2]], d = values[data[i + 3]];
			if (((a | b | c | d) & 64) == 0) {
				guint32 bits = a << 18 | b << 12 | c << 6 | d;
				decode->restarted |= decode->padded;
				*at++ = (guint8)(bits >> 16);
				*at++ = (guint8)(bits >> 8);
				*at++ = (guint8)bits;
				i += 4;
				continue;
			}
		}
		guint value = values[data[i++]];
		if (value < 64) {
			decode->restarted |= decode->padded;
			decode->bits = decode->bits << 6 | value;
			decode->n_bits += 6;
			if (decode->n_bits == 24) {
				*at++ = (guint8)(decode->bits >> 16);
				*at++ = (guint8)(decode->bits >> 8);
				*at++ = (guint8)decode->bits;
				decode->bits = 0;
				decode->n_bits = 0;
			}
		} else if (value == 64) {
			decode->padded = true;
			at += flush_group(decode, at);
		} else if (value == 66) {
			decode->junk++;
		}
	}
	return (gsize)(at - out);
}

static void
put_blanks(struct decode *decode, GByteArray *out)
{
	static const guint8 spaces[] = "                ";

	while (decode->blanks > 0) {
		guint n = (guint)MIN(decode->blanks, sizeof spaces - 1);
		g_byte_array_append(out, spaces, n);
		decode->blanks -= n;
	}
}

static void
put_held(struct decode *decode, GByteArray *out)
{
	if (decode->n_held > 0) {
		decode->junk++;
		g_byte_array_append(out, decode->held, decode->n_held);
	}
	decode->n_held = 0;
}

/* One byte after an '='. False when the byte is to be looked at again as plain text. */
static bool
quoted_escape(struct decode *decode, guint8 byte, GByteArray *out)
{
	if (decode->n_held == 1 && (byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t')) {
		if (byte == '\n') {
			decode->n_held = 0;
			decode->blanks = 0;
		} else if (byte != '\r') {
			decode->blanks++; /* "=  CRLF" is a soft break; "=  x" is not */
		}
		return true;
	}
	if (decode->blanks > 0 || !g_ascii_isxdigit(byte)) {
		put_held(decode, out);
		put_blanks(decode, out);
		return false;
	}
	decode->held[decode->n_held++] = byte;
	if (decode->n_held == 3) {
		guint8 value = (guint8)(g_ascii_xdigit_value((char)decode->held[1]) << 4 |
					g_ascii_xdigit_value((char)decode->held[2]));
		g_byte_array_append(out, &value, 1);
		decode->n_held = 0;
	}
	return true;
}

static void
quoted_byte(struct decode *decode, guint8 byte, GByteArray *out)
{
	if (decode->n_held > 0 && quoted_escape(decode, byte, out))
		return;
	if (byte == '=') {
		put_blanks(decode, out);
		decode->held[decode->n_held++] = byte;
		return;
	}
	if (byte == ' ' && decode->kind == DECODE_QUOTED) {
		decode->blanks++;
		return;
	}
	if (byte == '\r' || byte == '\n')
		decode->blanks = 0; /* RFC 2045 section 6.7 rule 3: added in transit */
	else
		put_blanks(decode, out);
	if (byte == '_' && decode->kind == DECODE_WORD_Q)
		byte = ' ';
	g_byte_array_append(out, &byte, 1);
}

static void
quoted_add(struct decode *decode, const guint8 *data, gsize size, GByteArray *out)
{
	for (gsize i = 0; i < size; i++) {
		gsize run = i;
		if (decode->n_held == 0 && decode->blanks == 0)
			while (
			    run < size && data[run] != '=' && data[run] != ' ' && data[run] != '_')
				run++;
		if (run > i) {
			g_byte_array_append(out, data + i, (guint)(run - i));
			if ((i = run) == size)
				break;
		}
		quoted_byte(decode, data[i], out);
	}
}

/* One whole line of uuencode: its first letter is the number of bytes. */
static void
uu_line(struct decode *decode, GByteArray *out)
{
	guint n = decode->n_line;
	const guint8 *line = decode->line;

	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' '))
		n--;
	if (!decode->begun) {
		decode->begun = n >= 10 && memcmp(line, "begin ", 6) == 0;
		return;
	}
	if (n == 3 && memcmp(line, "end", 3) == 0) {
		decode->begun = false;
		return;
	}
	guint left = n > 0 ? (guint)(line[0] - ' ') & 63 : 0;
	for (guint at = 1; left > 0; at += 4) {
		guint32 bits = 0;
		/* Blanks at the end of a line get lost on the way; they are zeros. */
		for (guint i = 0; i < 4; i++)
			bits = bits << 6 | (at + i < n ? (guint32)(line[at + i] - ' ') & 63 : 0);
		guint8 bytes[3] = { (guint8)(bits >> 16), (guint8)(bits >> 8), (guint8)bits };
		g_byte_array_append(out, bytes, MIN(left, 3));
		left -= MIN(left, 3);
	}
}

static void
uu_add(struct decode *decode, const guint8 *data, gsize size, GByteArray *out)
{
	for (gsize i = 0; i < size; i++) {
		if (data[i] == '\n') {
			uu_line(decode, out);
			decode->n_line = 0;
		} else if (decode->n_line < DECODE_UU_LINE) {
			decode->line[decode->n_line++] = data[i];
		} else {
			decode->junk++;
		}
	}
}

void
decode_add(struct decode *decode, const void *data, gsize size, GByteArray *out)
{
	guint before = out->len;

	switch (decode->kind) {
	case DECODE_NONE:
		g_byte_array_append(out, data, (guint)size);
		break;
	case DECODE_BASE64:
		g_byte_array_set_size(out, before + (guint)DECODE_ROOM(size));
		g_byte_array_set_size(
		    out, before + (guint)base64_add(decode, data, size, out->data + before));
		break;
	case DECODE_QUOTED:
	case DECODE_WORD_Q:
		quoted_add(decode, data, size, out);
		break;
	case DECODE_UU:
		uu_add(decode, data, size, out);
		break;
	}
}

void
decode_end(struct decode *decode, GByteArray *out)
{
	guint8 last[2];

	if (decode->kind == DECODE_BASE64) {
		g_byte_array_append(out, last, flush_group(decode, last));
	} else if (decode->kind == DECODE_UU) {
		uu_line(decode, out);
	} else if (decode->n_held == 1) {
		decode->n_held = 0; /* a soft break whose line end is missing */
		decode->blanks = 0;
	} else {
		put_held(decode, out);
		if (decode->kind == DECODE_WORD_Q)
			put_blanks(decode, out);
	}
}

bool
decode_by_name(const char *name, enum decode_kind *kind)
{
	static const struct {
		const char *name;
		enum decode_kind kind;
	} names[] = {
		{ "", DECODE_NONE },
		{ "7bit", DECODE_NONE },
		{ "8bit", DECODE_NONE },
		{ "7-bit", DECODE_NONE },
		{ "8-bit", DECODE_NONE },
		{ "binary", DECODE_NONE },
		{ "base64", DECODE_BASE64 },
		{ "quoted-printable", DECODE_QUOTED },
		{ "x-uuencode", DECODE_UU },
		{ "x-uue", DECODE_UU },
		{ "uuencode", DECODE_UU },
	};
	g_autofree char *word = g_ascii_strdown(name, -1);

	g_strstrip(word);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_str_equal(word, names[i].name)) {
			*kind = names[i].kind;
			return true;
		}
	}
	*kind = DECODE_NONE;
	return false;
}
