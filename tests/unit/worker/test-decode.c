/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-decode - base64, quoted-printable and charsets, cut anywhere, by the book and not. */
#include <string.h>

#include "worker/charset.h"
#include "worker/decode.h"

static char *
decoded(enum decode_kind kind, const char *in, gsize step)
{
	GByteArray *out = g_byte_array_new();
	struct decode decode;

	decode_begin(&decode, kind);
	for (gsize at = 0; at < strlen(in); at += step)
		decode_add(&decode, in + at, MIN(step, strlen(in) - at), out);
	decode_end(&decode, out);
	g_byte_array_append(out, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(out, FALSE);
}

static void
test_decode(void)
{
	static const struct {
		const char *label;
		enum decode_kind kind;
		const char *in, *out;
	} rows[] = {
		{ "base64", DECODE_BASE64, "SGVs\r\nbG8=\r\n", "Hello" },
		{ "base64 goes on after padding", DECODE_BASE64, "SGVsbG8=IHdvcmxk",
		    "Hello world" },
		{ "base64 without padding", DECODE_BASE64, "SGVsbG8", "Hello" },
		{ "base64 with junk", DECODE_BASE64, "SG!V*s-bG8=", "Hello" },
		{ "quoted-printable", DECODE_QUOTED, "Gr=C3=bc=C3=9Fe=3D", "Gr\u00fc\u00dfe=" },
		{ "a soft break", DECODE_QUOTED, "one=\r\n two=\nthree", "one twothree" },
		{ "a soft break behind blanks", DECODE_QUOTED, "con= \t\r\nfidential",
		    "confidential" },
		{ "blanks at a line's end", DECODE_QUOTED, "a  \r\nb", "a\r\nb" },
		{ "blanks within", DECODE_QUOTED, "a  b =  c", "a  b =  c" },
		{ "a broken escape", DECODE_QUOTED, "a=ZZ=4", "a=ZZ=4" },
		{ "words", DECODE_WORD_Q, "a_b=5Fc", "a b_c" },
		{ "no encoding", DECODE_NONE, "a=41", "a=41" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].label);
		for (gsize step = 1; step < 20; step++) {
			g_autofree char *out = decoded(rows[i].kind, rows[i].in, step);
			g_assert_cmpstr(out, ==, rows[i].out);
		}
	}
}

static void
test_charset(void)
{
	static const struct {
		const char *label, *charset, *in;
		gsize size;
		const char *out;
		guint replaced;
		bool unknown;
	} rows[] = {
		{ "UTF-8", "UTF-8", "\xC3\xBC", 2, "\u00fc", 0, false },
		{ "an alias in quotes", "\"latin1\"", "\xFC\x80", 2, "\u00fc\u20ac", 0, false },
		{ "no label, no UTF-8", NULL, "\xFC", 1, "\u00fc", 0, false },
		{ "said to be ASCII", "us-ascii", "\xC3\xBC", 2, "\u00fc", 0, false },
		{ "a NUL", "utf-8", "a\0b", 3,
		    "a\uFFFD"
		    "b",
		    1, false },
		{ "UTF-16 with a mark, wrong label", "utf-8",
		    "\xFF\xFE"
		    "a\0",
		    4, "a", 0, false },
		{ "UTF-16 by its pattern", NULL, "a\0b\0c\0", 6, "abc", 0, false },
		{ "UTF-16 big-endian by default", "utf-16", "\x04\x10\x04\x11", 4, "\u0410\u0411",
		    0, false },
		{ "a stray byte in UTF-8", "utf-8", "\xC3\xBC\xC3\xBC\xFF", 5, "\u00fc\u00fc\uFFFD",
		    1, false },
		{ "UTF-8 in name only", "utf-8", "gr\xFC\xDF", 4, "gr\u00fc\u00df", 0, false },
		{ "Cyrillic", "koi8-r", "\xC1", 1, "\u0430", 0, false },
		{ "a cut character", "shift_jis", "\x83\x65\x83", 3, "\u30c6\uFFFD", 1, false },
		{ "unknown", "x-made-up", "\xE9", 1, "\u00e9", 0, true },
		{ "a label that is a path", "../../evil", "a", 1, "a", 0, true },
		{ "nothing", "utf-8", NULL, 0, "", 0, false },
	};
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct charset_result result;
		g_autofree char *text = charset_decode(
		    charset, rows[i].charset, rows[i].in, rows[i].size, 1000, &result);
		g_test_message("%s", rows[i].label);
		g_assert_cmpstr(text, ==, rows[i].out);
		g_assert_cmpuint(result.replaced, ==, rows[i].replaced);
		g_assert_cmpint(result.unknown, ==, rows[i].unknown);
		g_assert_false(result.cut);
	}
	/* Cut between characters, whatever the limit. */
	for (gsize max = 0; max < 12; max++) {
		struct charset_result result;
		g_autofree char *text = charset_decode(
		    charset, "utf-8", "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", 9, max, &result);
		g_assert_cmpuint(result.size, ==, MIN(max, 9) / 3 * 3);
		g_assert_cmpint(result.cut, ==, max < 9);
		g_assert_true(g_utf8_validate(text, -1, NULL));
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/decode/encodings", test_decode);
	g_test_add_func("/worker/decode/charsets", test_charset);
	return g_test_run();
}
