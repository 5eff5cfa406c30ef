/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-rtf - RTF by the book and as evaders write it, cut anywhere. */
#include <string.h>

#include "worker/ole1.h"
#include "worker/rtf.h"

static bool
on_object(void *data, const char *class_name, const char *name, const guint8 *bytes, gsize size)
{
	GString *objects = data;

	g_string_append_printf(objects, "%s|%s|", class_name, name);
	for (gsize i = 0; i < size; i++)
		g_string_append_printf(objects, "%02x", bytes[i]);
	g_string_append_c(objects, '\n');
	return true;
}

struct reading {
	GString *objects;
	struct rtf_result result;
};

static void
read_rtf(struct charset *charset, const char *in, gsize size, gsize step, struct reading *reading)
{
	reading->objects = g_string_new(NULL);
	g_autoptr(rtf) rtf = rtf_new(charset, 200, 16, on_object, reading->objects);
	for (gsize at = 0; at < size; at += step)
		rtf_add(rtf, (const guint8 *)in + at, MIN(step, size - at));
	rtf_end(rtf, &reading->result);
}

static void
reading_clear(struct reading *reading)
{
	g_string_free(reading->objects, TRUE);
	g_string_free(reading->result.text, TRUE);
	g_string_free(reading->result.hidden, TRUE);
	g_string_free(reading->result.urls, TRUE);
}

struct row {
	const char *label;
	const char *in;
	const char *text, *hidden, *urls, *objects;
	guint facts;
};

static void
check(const struct row *rows, gsize n_rows)
{
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < n_rows; i++) {
		g_test_message("%s", rows[i].label);
		for (gsize step = 1; step < 9; step += 3) {
			struct reading reading;
			read_rtf(charset, rows[i].in, strlen(rows[i].in), step, &reading);
			g_assert_cmpstr(reading.result.text->str, ==, rows[i].text);
			g_assert_cmpstr(reading.result.hidden->str, ==, rows[i].hidden);
			g_assert_cmpstr(reading.result.urls->str, ==, rows[i].urls);
			g_assert_cmpstr(reading.objects->str, ==, rows[i].objects);
			g_assert_cmphex(reading.result.facts, ==, rows[i].facts);
			reading_clear(&reading);
		}
	}
}

static void
test_text(void)
{
	static const struct row rows[] = {
		{ "the least", "{\\rtf1 Hello}", "Hello", "", "", "", 0 },
		{ "lines and cells", "{\\rtf1 a\\par b\\line c\\cell d\\tab\ne\\row}",
		    "a\nb\nc\td\te\n", "", "", "", 0 },
		{ "signs", "{\\rtf1 a\\{b\\}c\\\\d\\~e\\-f\\_g}", "a{b}c\\d\u00a0ef\u2011g", "", "",
		    "", 0 },
		{ "line ends are no text", "{\\rtf1 conf\r\nidential}", "confidential", "", "", "",
		    0 },
		{ "Latin", "{\\rtf1\\ansi\\ansicpg1252 Gr\\'fc\\'dfe}", "Gr\u00fc\u00dfe", "", "",
		    "", 0 },
		{ "raw bytes",
		    "{\\rtf1\\ansi\\ansicpg1252 Gr\xfc\xdf"
		    "e}",
		    "Gr\u00fc\u00dfe", "", "", "", 0 },
		{ "Macintosh", "{\\rtf1\\mac \\'8a}", "\u00e4", "", "", "", 0 },
		{ "a font's charset",
		    "{\\rtf1\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}}"
		    "\\f1 \\'ef\\f0 \\'ef}",
		    "\u043f\u00ef", "", "", "", 0 },
		{ "a font's charset without inner groups",
		    "{\\rtf1{\\fonttbl\\f5\\fcharset161 B;}\\f5\\'e1\\plain\\'e1}", "\u03b1\u00e1",
		    "", "", "", 0 },
		{ "the first font of all",
		    "{\\rtf1\\deff3{\\fonttbl{\\f3\\fcharset238 B;}}\\plain\\'b9}", "\u0105", "",
		    "", "", 0 },
		{ "two bytes, one raw", "{\\rtf1\\ansicpg932 \\'83A\\'83\\'42}", "\u30a2\u30a3", "",
		    "", "", 0 },
		{ "UTF-8", "{\\rtf1\\ansicpg65001 \\'c3\\'a4}", "\u00e4", "", "", "", 0 },
		{ "a code page nobody has", "{\\rtf1\\ansicpg4711 \\'e4}", "\u00e4", "", "", "",
		    RTF_UNKNOWN_CODEPAGE },
		{ "a mark of byte order is none within", "{\\rtf1\\ansicpg1252 \\'ff\\'fesecret}",
		    "\u00ff\u00fesecret", "", "", "", 0 },
		{ "Unicode with its fallback", "{\\rtf1 \\u228?\\u-10179?\\u-8704?x}",
		    "\u00e4\U0001f600x", "", "", "", 0 },
		{ "fallbacks of other lengths",
		    "{\\rtf1\\uc2 \\u228\\'e4\\'e4{\\uc0\\u228 a}\\u228abc}",
		    "\u00e4\u00e4a\u00e4c", "", "", "", 0 },
		{ "a word as fallback", "{\\rtf1 \\u8211\\endash x}", "\u2013x", "", "", "", 0 },
		{ "half a pair", "{\\rtf1 \\u-10179?x\\u-8704?}", "x\ufffd", "", "", "",
		    RTF_UNEVEN },
		{ "dashes and quotes", "{\\rtf1 a\\emdash\\ldblquote b\\rdblquote}",
		    "a\u2014\u201cb\u201d", "", "", "", 0 },
		{ "machinery",
		    "{\\rtf1{\\colortbl;\\red0;}{\\stylesheet{\\s0 Normal;}}{\\*\\generator X;}"
		    "{\\pict\\pngblip 8950}a{\\nonshppict{\\pict 12}}}",
		    "a", "", "", "", 0 },
		{ "beside the body",
		    "{\\rtf1{\\info{\\title T}{\\author A}}{\\header H}a{\\footnote F}b"
		    "{\\*\\annotation C}}",
		    "ab\nT\nA\nH\nF\nC\n", "", "", "", 0 },
		{ "shapes",
		    "{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn wzDescription}{\\sv Alt}}{\\sp{\\sn x}"
		    "{\\sv 1}}{\\shptxt S}}}}",
		    "Alt\nS\n", "", "", "", 0 },
	};

	check(rows, G_N_ELEMENTS(rows));
}

static void
test_evasion(void)
{
	static const struct row rows[] = {
		{ "groups that split a word", "{\\rtf1 con{\\b}fid{}en{\\i ti}al}", "confidential",
		    "", "", "", 0 },
		{ "a note that splits a word", "{\\rtf1 con{\\footnote x}fidential}",
		    "confidential\nx\n", "", "", "", 0 },
		{ "Unicode within", "{\\rtf1 con\\u102?idential}", "confidential", "", "", "", 0 },
		{ "hexadecimal within", "{\\rtf1 con\\'66idential}", "confidential", "", "", "",
		    0 },
		{ "an escape that is none", "{\\rtf1 con\\'zzfid}", "conzzfid", "", "", "", 0 },
		{ "no closing brace", "{\\rtf1 {\\b secret", "secret", "", "", "", RTF_UNEVEN },
		{ "too many closing braces", "{\\rtf1 a}}}b", "a", "b", "", "", RTF_UNEVEN },
		{ "behind the end", "{\\rtf1 a}{\\rtf1 b}c", "a", "bc", "", "", 0 },
		{ "hidden text", "{\\rtf1 a{\\v secret}b\\v more\\v0 c}", "abc", "secret\nmore", "",
		    "", RTF_INVISIBLE },
		{ "text without size", "{\\rtf1 a{\\fs1 secret}b}", "ab", "secret", "", "",
		    RTF_INVISIBLE },
		{ "deleted text", "{\\rtf1 a{\\deleted secret}b}", "ab", "secret", "", "", 0 },
		{ "an unknown destination", "{\\rtf1 a{\\*\\nobody secret}b{\\nobody c}}", "abc",
		    "secret\n", "", "", 0 },
		{ "a fallback that swallows a word", "{\\rtf1\\uc9\\u97 secret...b}", "ab",
		    "secret...", "", "", 0 },
		{ "a header that is cut short", "{\\rt secret}", "secret", "", "", "", 0 },
		{ "a word of the longest", "{\\rtf1\\bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb x}",
		    "x", "", "", "", 0 },
		{ "binary data", "{\\rtf1 a\\bin5 }}}}}b\\bin0 c}", "abc", "", "", "", 0 },
		{ "binary data beyond the end", "{\\rtf1 a\\bin99999 secret}", "a", "", "", "",
		    RTF_BROKEN | RTF_UNEVEN },
		{ "symbols for letters", "{\\rtf1 \\u-4000?\\u-3999?}", "`a", "", "", "", 0 },
		{ "more text than is wanted",
		    "{\\rtf1 "
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aa"
		    "}",
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aa"
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "", "", "", RTF_TEXT_CUT },
	};

	check(rows, G_N_ELEMENTS(rows));
}

static void
test_links(void)
{
	static const struct row rows[] = {
		{ "a hyperlink",
		    "{\\rtf1{\\field{\\*\\fldinst{HYPERLINK \"http://x.example/\" \\\\o \"tip\"}}"
		    "{\\fldrslt here}}}",
		    "here", "", "http://x.example/", "", 0 },
		{ "a hyperlink in pieces",
		    "{\\rtf1{\\field{\\*\\fldinst HYPER{\\b LINK} \"http{}://x.example/\"}"
		    "{\\fldrslt here}}}",
		    "here", "", "http://x.example/", "", 0 },
		{ "a program",
		    "{\\rtf1{\\field{\\*\\fldinst DDEAUTO c:\\\\\\\\x\\\\\\\\cmd.exe \"/k "
		    "calc\"}}}",
		    "", "DDEAUTO c:\\\\x\\\\cmd.exe \"/k calc\"\n", "c:\\\\x\\\\cmd.exe\n/k calc",
		    "", 0 },
		{ "a page number", "{\\rtf1{\\field{\\*\\fldinst PAGE }{\\fldrslt 3}}}", "3", "",
		    "", "", 0 },
		{ "a link of a shape", "{\\rtf1{\\*\\hl{\\hlsrc http://y.example/}{\\hlfr Y}}}",
		    "Y\n", "", "http://y.example/", "", 0 },
		{ "encapsulated HTML",
		    "{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Hi "
		    "{\\*\\htmltag84 <a href=\"http://z.example/\">}\\htmlrtf \\b \\htmlrtf0 "
		    "there{\\*\\htmltag92 </a>}{\\*\\htmltag84 &amp;}\\htmlrtf x\\htmlrtf0 "
		    "me\\htmlrtf }\\htmlrtf0 {\\*\\htmltag72 </p>}}",
		    "Hi there&me\n", "x", "http://z.example/", "", 0 },
	};

	check(rows, G_N_ELEMENTS(rows));
}

static void
test_objects(void)
{
	static const struct row rows[] = {
		{ "an object",
		    "{\\rtf1{\\object\\objemb{\\*\\objclass Package}{\\*\\objname N}{\\*\\objdata "
		    "0102"
		    "\nfF}{\\result R}}}",
		    "R", "", "", "Package|N|0102ff\n", 0 },
		{ "junk among the digits",
		    "{\\rtf1{\\object{\\*\\objdata 0 1\\par zz\\'41{\\*\\foo 0}{\\b}0{}2}}}", "",
		    "0\n", "", "||0102\n", 0 },
		{ "binary within", "{\\rtf1{\\object{\\*\\objdata 01\\bin3 abc02}}}", "", "", "",
		    "||0161626302\n", 0 },
		{ "without the star", "{\\rtf1{\\object\\objdata 01}}", "", "", "", "||01\n", 0 },
		{ "in machinery", "{\\rtf1{\\colortbl{\\object{\\*\\objdata 01}}}}", "", "", "",
		    "||01\n", 0 },
		{ "without an end", "{\\rtf1{\\object{\\*\\objdata 01", "", "", "", "||01\n",
		    RTF_UNEVEN },
		{ "larger than is wanted",
		    "{\\rtf1{\\object{\\*\\objdata 0102030405060708090a0b0c0d0e0f101112}}}", "", "",
		    "", "", RTF_OBJECT_CUT },
		{ "two",
		    "{\\rtf1{\\object{\\*\\objclass A}{\\*\\objdata 01}}{\\object{\\*\\objdata "
		    "02}}}",
		    "", "", "", "A||01\n||02\n", 0 },
	};

	check(rows, G_N_ELEMENTS(rows));
}

static void
test_deep(void)
{
	g_autoptr(charset) charset = charset_new();
	g_autoptr(GString) in = g_string_new("{\\rtf1 ");
	struct reading reading;

	for (int i = 0; i < 5000; i++)
		g_string_append(in, "{\\b ");
	g_string_append(in, "secret");
	for (int i = 0; i < 5000; i++)
		g_string_append(in, "}");
	g_string_append(in, " end}");
	read_rtf(charset, in->str, in->len, 1000, &reading);
	g_assert_cmpstr(reading.result.text->str, ==, "secret end");
	g_assert_cmphex(reading.result.facts, ==, RTF_TOO_DEEP);
	reading_clear(&reading);
}

#define OBJECT "\1\5\0\0\2\0\0\0\x8\0\0\0Package\0\0\0\0\0\0\0\0\0"
#define FILE_A "\2\0a.txt\0c:\\a.txt\0\0\0\3\0\4\0\0\0tmp\0\2\0\0\0Hi"

static void
test_ole1(void)
{
	static const struct {
		const char *label;
		const char *in;
		gsize size;
		bool fine;
		gsize native;
		bool cut;
	} rows[] = {
		{ "whole", OBJECT "\2\0\0\0Hi", sizeof OBJECT + 5, true, 2, false },
		{ "cut", OBJECT "\xff\xff\xff\xffHi", sizeof OBJECT + 5, true, 2, true },
		{ "a length beyond the end", "\1\5\0\0\2\0\0\0\xff\xff\xff\x7fPack", 16, false, 0,
		    false },
		{ "no such kind", "\1\5\0\0\3\0\0\0\0\0\0\0", 12, false, 0, false },
		{ "nothing", "", 0, false, 0, false },
	};
	struct ole1 object;
	struct ole1_package package;

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_test_message("%s", rows[i].label);
		bool fine = ole1_parse((const guint8 *)rows[i].in, rows[i].size, &object);
		g_assert_cmpint(fine, ==, rows[i].fine);
		if (!fine)
			continue;
		g_assert_cmpuint(object.class_name.size, ==, 7);
		g_assert_cmpuint(object.native.size, ==, rows[i].native);
		g_assert_cmpint(object.cut, ==, rows[i].cut);
	}
	g_assert_true(ole1_parse_package((const guint8 *)FILE_A, sizeof FILE_A - 1, &package));
	g_assert_cmpuint(package.label.size, ==, 5);
	g_assert_true(memcmp(package.label.data, "a.txt", 5) == 0);
	g_assert_cmpuint(package.content.size, ==, 2);
	g_assert_true(memcmp(package.content.data, "Hi", 2) == 0);
	for (gsize n = 0; n < sizeof FILE_A - 3; n++)
		g_assert_true(
		    !ole1_parse_package((const guint8 *)FILE_A, n, &package) || package.cut);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/rtf/text", test_text);
	g_test_add_func("/worker/rtf/evasion", test_evasion);
	g_test_add_func("/worker/rtf/links", test_links);
	g_test_add_func("/worker/rtf/objects", test_objects);
	g_test_add_func("/worker/rtf/deep", test_deep);
	g_test_add_func("/worker/rtf/ole1", test_ole1);
	return g_test_run();
}
