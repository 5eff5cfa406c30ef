/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-lzfu - compressed RTF, whole, cut and wrong (the examples of MS-OXRTFCP section 3). */
#include <string.h>

#include "worker/lzfu.h"

#define HELLO                                                                                      \
	"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\0\x0a\0rcpg125B2\x0a\xf3 hel"                \
	"\x09\0 bw\x05\xb0ld}\x0a\x80\x0f\xa0"
#define HELLO_TEXT "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
#define CIRCLE     "\x1a\0\0\0\x1c\0\0\0LZFu\xe2\xd4\x4b\x51\x41\0\x04 WXYZ\x0d\x6e}\x01\x0e\xb0"

static void
test_lzfu(void)
{
	static const struct {
		const char *label;
		const char *in;
		gsize size, max;
		const char *out;
		bool cut, broken;
	} rows[] = {
		{ "the first example", HELLO, sizeof HELLO - 1, 1000, HELLO_TEXT, false, false },
		{ "a reference into what it writes", CIRCLE, sizeof CIRCLE - 1, 1000,
		    "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", false, false },
		{ "more than is wanted", HELLO, sizeof HELLO - 1, 10, "{\\rtf1\\ans", true, false },
		{ "bytes behind the end", HELLO "junk", sizeof HELLO + 3, 1000, HELLO_TEXT, false,
		    false },
		{ "its end is lost", HELLO, sizeof HELLO - 5, 1000,
		    "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}", false, true },
		{ "a wrong checksum",
		    "\x1a\0\0\0\x1c\0\0\0LZFu\0\0\0\0\x41\0\x04 WXYZ\x0d\x6e}\x01\x0e\xb0", 30,
		    1000, "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}", false, true },
		{ "not compressed", "\x14\0\0\0\x08\0\0\0MELA\0\0\0\0{\\rtf1 }", 24, 1000,
		    "{\\rtf1 }", false, false },
		{ "not compressed, length a lie", "\xff\xff\0\0\xff\xff\xff\xffMELA\0\0\0\0{\\rtf",
		    21, 1000, "{\\rtf", false, true },
		{ "no header", "\x14\0\0\0\x08\0\0\0XXXX\0\0\0\0{\\rtf1 }", 24, 1000, NULL, false,
		    true },
		{ "nothing", "", 0, 1000, NULL, false, true },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct lzfu_result result;
		g_test_message("%s", rows[i].label);
		g_autofree char *out =
		    lzfu_uncompress((const guint8 *)rows[i].in, rows[i].size, rows[i].max, &result);
		g_assert_cmpstr(out, ==, rows[i].out);
		g_assert_cmpuint(result.size, ==, out != NULL ? strlen(out) : 0);
		g_assert_cmpint(result.cut, ==, rows[i].cut);
		g_assert_cmpint(result.broken, ==, rows[i].broken);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/lzfu", test_lzfu);
	return g_test_run();
}
