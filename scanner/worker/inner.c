/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inner - see inner.h. Never looks at every byte of a text whose words are of ordinary length. */
#include "worker/inner.h"

#include <stdbool.h>
#include <string.h>

#define RUN_MIN    24 /* signs: 18 bytes */
#define LINE_MIN   40 /* of a line that may go on in the next */
#define PRINT_RATE 95 /* of 100 characters */

static const bool signs[256] = {
	['0' ... '9'] = true,
	['A' ... 'Z'] = true,
	['a' ... 'z'] = true,
	['+'] = true,
	['/'] = true,
	['-'] = true,
	['_'] = true,
};

static bool
is_sign(char c)
{
	return signs[(guchar)c];
}

/* Where the run of signs at `at` ends, over line ends; its signs to out. */
static gsize
take_run(const char *text, gsize size, gsize at, GString *out)
{
	g_string_truncate(out, 0);
	for (;;) {
		gsize start = at;
		for (; at < size && is_sign(text[at]); at++)
			g_string_append_c(out, text[at] == '-'   ? '+'
					       : text[at] == '_' ? '/'
								 : text[at]);
		gsize next = at + (at < size && text[at] == '\r');
		if (at - start < LINE_MIN || next >= size || text[next] != '\n' ||
		    next + 1 >= size || !is_sign(text[next + 1]))
			return at;
		at = next + 1;
	}
}

/* True for text that a person may read: letters among it, hardly a control. */
static bool
is_readable(const char *text, gsize size)
{
	gsize n = 0, printable = 0, letters = 0;

	for (const char *at = text; at < text + size; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		n++;
		printable +=
		    c != 0xFFFD && (g_unichar_isprint(c) || c == '\n' || c == '\t' || c == '\r');
		letters += g_unichar_isalnum(c) || c == ' ';
	}
	return n > 0 && printable * 100 >= n * PRINT_RATE && letters * 2 > n;
}

static void
add_decoded(struct charset *charset, GString *run, GString *out, gsize max)
{
	struct charset_result result;
	gsize size;

	g_string_truncate(run, run->len - (run->len % 4 == 1));
	while (run->len % 4 != 0)
		g_string_append_c(run, '=');
	g_autofree guchar *bytes = g_base64_decode(run->str, &size);
	/* Latin-1 makes text of anything: what is no UTF-8 is believed as UTF-16 alone. */
	if (!g_utf8_validate_len((const char *)bytes, size, NULL) && !charset_is_wide(bytes, size))
		return;
	g_autofree char *text = charset_decode(charset, NULL, bytes, size, max, &result);
	if (!is_readable(text, result.size) || out->len + result.size + 1 > max)
		return;
	g_string_append_len(out, text, (gssize)result.size);
	g_string_append_c(out, '\n');
}

GString *
inner_base64(struct charset *charset, const char *text, gsize size, gsize max)
{
	GString *out = g_string_new(NULL);
	g_autoptr(GString) run = g_string_new(NULL);
	gsize start = 0;

	/* A run of that length has a sign at every such step: look there, then around. */
	while (start + RUN_MIN <= size) {
		gsize at = start + RUN_MIN;
		while (at > start && is_sign(text[at - 1]))
			at--;
		if (at > start) {
			start = at;
			continue;
		}
		start = take_run(text, size, start, run);
		add_decoded(charset, run, out, max);
	}
	return out;
}
