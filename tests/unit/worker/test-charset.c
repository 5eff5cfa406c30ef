/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-charset - bytes under right, wrong and no labels: what they are read as, and what else they
 * may be.
 */
#include <string.h>

#include "worker/charset.h"
#include "worker/guess.h"
#include "worker/inner.h"

#define B(bytes) bytes, sizeof bytes - 1

static const struct {
	const char *label, *charset, *bytes;
	gsize size;
	const char *text;
	const char *second; /* NULL: none */
} rows[] = {
	{ "plain ASCII", "us-ascii", B("plan"), "plan", NULL },
	{ "UTF-8 as said", "utf-8",
	    B("Gr\xC3\xBC\xC3\x9F"
	      "e"),
	    "Gr\u00FC\u00DFe", NULL },
	{ "UTF-8 said to be Latin-1", "iso-8859-1", B("f\xC3\xBCr"), "f\u00C3\u00BCr", "f\u00FCr" },
	{ "UTF-8 said to be ASCII", "us-ascii", B("f\xC3\xBCr"), "f\u00FCr", NULL },
	{ "UTF-8 said to be Shift_JIS", "shift_jis", B("f\xC3\xBCr"), "f\uFF83\uFF7Cr",
	    "f\u00FCr" },
	{ "ASCII said to be UTF-16", "utf-16", B("the plan"), "\u7468\u6520\u706C\u616E",
	    "the plan" },
	{ "UTF-16 without a mark, small end first", "", B("p\0l\0a\0n\0"), "plan", NULL },
	{ "UTF-16 without a mark, big end first", "", B("\0p\0l\0a\0n"), "plan", NULL },
	{ "UTF-16 in Cyrillic without a mark", "",
	    B("\x1F\x04\x3B\x04\x30\x04\x3D\x04 \0\x34\x04\x30\x04"),
	    "\u041F\u043B\u0430\u043D \u0434\u0430", NULL },
	{ "UTF-16 in Chinese without a mark", "", B("\x67\x3A\x5B\xC6\x00 \x8B\xA1\x52\x12\x00\n"),
	    "\u673A\u5BC6 \u8BA1\u5212\n", NULL },
	{ "UTF-32 without a mark", "", B("p\0\0\0l\0\0\0a\0\0\0n\0\0\0"), "plan", NULL },
	{ "EBCDIC as said", "ibm037", B("\x97\x93\x81\x95"), "plan", NULL },
	{ "ASCII said to be EBCDIC", "ibm037", B("plan"), "\u00F8%/>", "plan" },
	{ "UTF-7 as said", "utf-7", B("f+APw-r"), "f\u00FCr", NULL },
	{ "UTF-7 that nobody said", "us-ascii", B("f+AGE-lc+AG8-n"), "f+AGE-lc+AG8-n", "falcon" },
	{ "telephone numbers and sums", "us-ascii", B("+49-30-123 +1-2 1+1=2 a+b- C++ +4930123-45"),
	    "+49-30-123 +1-2 1+1=2 a+b- C++ +4930123-45", NULL },
	{ "ISO-2022-JP as said", "iso-2022-jp", B("\x1B$B5!L)\x1B(B"), "\u6A5F\u5BC6", NULL },
	{ "ISO-2022-JP that nobody said", "us-ascii", B("\x1B$B5!L)\x1B(B"), "\x1B$B5!L)\x1B(B",
	    "\u6A5F\u5BC6" },
	{ "HZ", "hz-gb-2312", B("a ~{;zC\\~} b"), "a ~{;zC\\~} b", "a \u673A\u5BC6 b" },
	{ "GB 18030", "gb2312", B("\xBB\xFA\xC3\xDC"), "\u673A\u5BC6", NULL },
	{ "Big5", "big5", B("\xBE\xF7\xB1\x4B"), "\u6A5F\u5BC6", NULL },
	{ "EUC-KR", "euc-kr", B("\xB1\xE2\xB9\xD0"), "\uAE30\uBC00", NULL },
	{ "KOI8-R", "koi8-r", B("\xF0\xCC\xC1\xCE"), "\u041F\u043B\u0430\u043D", NULL },
	{ "KOI8-R said to be Latin-1", "iso-8859-1",
	    B("\xFC\xD4\xCF \xD3\xC5\xCB\xD2\xC5\xD4\xCE\xD9\xCA \xD0\xCC\xC1\xCE \xCE\xC1\xDB"
	      "\xC5\xCA \xCB\xCF\xCD\xD0\xC1\xCE\xC9\xC9 \xC9 \xC5\xC7\xCF "
	      "\xCE\xC5\xCC\xD8\xDA\xD1"),
	    "\u00FC\u00D4\u00CF \u00D3\u00C5\u00CB\u00D2\u00C5\u00D4\u00CE\u00D9\u00CA "
	    "\u00D0\u00CC\u00C1\u00CE \u00CE\u00C1\u00DB\u00C5\u00CA "
	    "\u00CB\u00CF\u00CD\u00D0\u00C1\u00CE\u00C9\u00C9 \u00C9 \u00C5\u00C7\u00CF "
	    "\u00CE\u00C5\u00CC\u00D8\u00DA\u00D1",
	    "\u042D\u0442\u043E \u0441\u0435\u043A\u0440\u0435\u0442\u043D\u044B\u0439 "
	    "\u043F\u043B\u0430\u043D \u043D\u0430\u0448\u0435\u0439 "
	    "\u043A\u043E\u043C\u043F\u0430\u043D\u0438\u0438 \u0438 \u0435\u0433\u043E "
	    "\u043D\u0435\u043B\u044C\u0437\u044F" },
	{ "French in Latin-1", "iso-8859-1", B("\xE9t\xE9, ca va"), "\u00E9t\u00E9, ca va", NULL },
	{ "Latin-1 among UTF-8", "utf-8",
	    B("f\xC3\xBCr Gr\xF6\xC3\x9F"
	      "e"),
	    "f\u00FCr Gr\uFFFD\u00DFe", "f\u00FCr Gr\u00F6\u00DFe" },
	{ "NUL in UTF-8", "utf-8", B("fal\0con"), "fal\uFFFDcon", NULL },
};

static void
test_readings(void)
{
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct charset_result result;
		gsize size = 0;
		g_autofree char *text = charset_decode(
		    charset, rows[i].charset, rows[i].bytes, rows[i].size, 1000, &result);
		g_autofree char *second = guess_second(
		    charset, rows[i].charset, rows[i].bytes, rows[i].size, text, 1000, &size);
		if (strcmp(text, rows[i].text) != 0 || g_strcmp0(second, rows[i].second) != 0) {
			g_test_message("%s: %s | %s", rows[i].label, text, second);
			g_test_fail();
		}
		g_assert_cmpuint(second != NULL ? strlen(second) : size, ==, size);
	}
}

static void
test_inner(void)
{
	static const struct {
		const char *label, *text, *inner;
	} texts[] = {
		{ "words of ordinary length", "the plan of the falcon is as it was before it was",
		    "" },
		{ "a sentence", "see VGhlIGZhbGNvbiBmbGllcyBhdCBuaWdodC4= there",
		    "The falcon flies at night.\n" },
		{ "without its padding, as in addresses",
		    "x?d=VGhlIGZhbGNvbiBmbGllcyBhdCBuaWdodC4&y", "The falcon flies at night.\n" },
		{ "over lines",
		    "VGhlIGZhbGNvbiBmbGllcyBhdCBuaWdodCBhbmQgdGhl\nIG5pZ2h0amFyIGJ5IGRheS4=\n",
		    "The falcon flies at night and the nightjar by day.\n" },
		{ "UTF-16", "dABoAGUAIABmAGEAbABjAG8AbgA=", "the falcon\n" },
		{ "a digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		    "" },
		{ "a long word", "Donaudampfschifffahrtsgesellschaftskapitaen", "" },
		{ "a rule of dashes", "----------------------------------------", "" },
		{ "a path", "/usr/share/doc/packages/something/else/readme", "" },
	};
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		GString *inner = inner_base64(charset, texts[i].text, strlen(texts[i].text), 1000);
		g_test_message("%s", texts[i].label);
		g_assert_cmpstr(inner->str, ==, texts[i].inner);
		g_string_free(inner, TRUE);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/charset/readings", test_readings);
	g_test_add_func("/charset/text within text", test_inner);
	return g_test_run();
}
