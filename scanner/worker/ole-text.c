/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ole-text - see ole-text.h. Never adds what is no valid UTF-8. */
#include "worker/ole-text.h"

#include <string.h>

#define REPLACEMENT 0xFFFDu

static gunichar
unit_at(const guint8 *data, gsize i)
{
	return data[2 * i] | (gunichar)data[2 * i + 1] << 8;
}

void
ole_utf16(GString *out, const guint8 *data, gsize units)
{
	for (gsize i = 0; i < units; i++) {
		gunichar c = unit_at(data, i);
		if (c >= 0xD800 && c <= 0xDFFF) {
			gunichar low = i + 1 < units ? unit_at(data, i + 1) : 0;
			if (c < 0xDC00 && low >= 0xDC00 && low <= 0xDFFF) {
				c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
				i++;
			} else {
				c = REPLACEMENT;
			}
		}
		if (c != 0)
			g_string_append_unichar(out, c);
	}
}

void
ole_latin1(GString *out, const guint8 *data, gsize size)
{
	for (gsize i = 0; i < size; i++)
		if (data[i] != 0)
			g_string_append_unichar(out, data[i]);
}

const char *
ole_codepage_label(guint codepage, char room[OLE_LABEL_MAX])
{
	static const struct {
		guint codepage;
		const char *label;
	} names[] = {
		{ 0, "windows-1252" },
		{ 932, "cp932" },
		{ 936, "gb18030" },
		{ 949, "cp949" },
		{ 950, "big5" },
		{ 1200, "utf-16le" },
		{ 10000, "macintosh" },
		{ 20127, "windows-1252" },
		{ 20866, "koi8-r" },
		{ 28591, "windows-1252" },
		{ 32768, "macintosh" },
		{ 32769, "windows-1252" },
		{ 65000, "utf-7" },
		{ 65001, "utf-8" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (names[i].codepage == codepage)
			return names[i].label;
	g_snprintf(room, OLE_LABEL_MAX, codepage >= 1250 ? "windows-%u" : "cp%u", codepage);
	return room;
}

void
ole_codepage(struct charset *charset, guint codepage, GString *out, const guint8 *data, gsize size,
    gsize max)
{
	struct charset_result result;
	char room[OLE_LABEL_MAX];

	while (size > 0 && data[size - 1] == 0 && codepage != 1200)
		size--; /* strings end with a NUL here and there */
	g_autofree char *text =
	    charset_decode(charset, ole_codepage_label(codepage, room), data, size, max, &result);
	if (result.unknown) {
		g_free(text);
		text = charset_decode(charset, "windows-1252", data, size, max, &result);
	}
	g_string_append_len(out, text, (gssize)result.size);
}

void
ole_clean(GString *out, gsize from)
{
	gsize to = from;

	for (gsize i = from; i < out->len; i++) {
		char c = out->str[i];
		if (c == '\r' && i + 1 < out->len && out->str[i + 1] == '\n')
			continue;
		if (c == '\r' || c == 0x0B || c == '\f')
			c = '\n';
		else if (g_ascii_iscntrl(c) && c != '\t' && c != '\n')
			c = ' ';
		out->str[to++] = c;
	}
	g_string_truncate(out, to);
}
