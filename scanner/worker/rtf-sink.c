/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rtf-sink - see rtf-sink.h. */
#include "worker/rtf-sink.h"

#include <string.h>

#include "worker/rtf.h"

#define GATHERED_MAX (64 * 1024) /* bytes of one field, tag or name */
#define RUN_MAX      (64 * 1024) /* bytes that are decoded at one time, or a few more */

void
rtf_sink_init(struct rtf_sink *sink, struct charset *charset, gsize text_max)
{
	memset(sink, 0, sizeof *sink);
	sink->charset = charset;
	sink->text_max = text_max;
	sink->run = g_byte_array_new();
	for (gsize i = 0; i < RTF_OUTS; i++)
		sink->outs[i] = g_string_new(NULL);
}

void
rtf_sink_clear(struct rtf_sink *sink)
{
	for (gsize i = 0; i < RTF_OUTS; i++)
		if (sink->outs[i] != NULL)
			g_string_free(sink->outs[i], TRUE);
	g_byte_array_unref(sink->run);
}

static void
append(struct rtf_sink *sink, enum rtf_out out, const char *text, gsize size)
{
	GString *string = sink->outs[out];
	gsize max = out <= RTF_HIDDEN ? sink->text_max : GATHERED_MAX;

	if (out == RTF_NONE || out == RTF_OBJECT || out == RTF_FONTS)
		return;
	if (string->len + size > max) {
		sink->facts |= RTF_TEXT_CUT;
		size = max - MIN(string->len, max);
		while (size > 0 && ((guint8)text[size] & 0xC0) == 0x80)
			size--;
	}
	/* What is hidden in two places is not one word. */
	if (size > 0 && out == RTF_HIDDEN && sink->last_out != out && string->len > 0 &&
	    string->str[string->len - 1] != '\n')
		g_string_append_c(string, '\n');
	if (size > 0)
		sink->last_out = out;
	g_string_append_len(string, text, (gssize)size);
}

/* A mark of byte order within a text is none: charset.h would believe it. */
static bool
starts_like_mark(const guint8 *bytes, gsize size)
{
	return (size >= 2 && bytes[0] >= 0xFE && bytes[1] >= 0xFE) ||
	       (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0);
}

void
rtf_sink_flush(struct rtf_sink *sink)
{
	const char *label = rtf_words_label(sink->run_codepage);
	const guint8 *bytes = sink->run->data;
	gsize left = sink->run->len;

	if (label == NULL && left > 0) {
		for (gsize i = 0; i < left; i++)
			if (bytes[i] >= 0x80)
				sink->facts |= RTF_UNKNOWN_CODEPAGE;
		label = "windows-1252";
	}
	while (left > 0) {
		struct charset_result result;
		gsize size = starts_like_mark(bytes, left) ? 1 : left;
		g_autofree char *text =
		    charset_decode(sink->charset, label, bytes, size, 4 * size + 16, &result);
		if (result.replaced > 0)
			sink->facts |= RTF_UNEVEN;
		append(sink, sink->run_out, text, result.size);
		bytes += size;
		left -= size;
	}
	g_byte_array_set_size(sink->run, 0);
}

void
rtf_sink_byte(struct rtf_sink *sink, guint8 byte, enum rtf_out out, guint codepage)
{
	if (sink->run->len > 0 &&
	    (out != sink->run_out || codepage != sink->run_codepage ||
		(sink->run->len >= RUN_MAX && (byte == ' ' || sink->run->len >= 2 * RUN_MAX))))
		rtf_sink_flush(sink);
	sink->run_out = out;
	sink->run_codepage = codepage;
	if (byte != 0) /* Word does not see it */
		g_byte_array_append(sink->run, &byte, 1);
}

void
rtf_sink_char(struct rtf_sink *sink, gunichar c, enum rtf_out out)
{
	char utf8[6];

	if (c == 0)
		return;
	if (!g_unichar_validate(c)) {
		sink->facts |= RTF_UNEVEN;
		c = 0xFFFD;
	}
	/* Symbol fonts: the letter that another font shows there. */
	if (c >= 0xF020 && c <= 0xF07E)
		c -= 0xF000;
	rtf_sink_flush(sink);
	append(sink, out, utf8, (gsize)g_unichar_to_utf8(c, utf8));
}
