/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-headers - header blocks, encoded words and parameters, those of real programs and of foes.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "worker/block.h"
#include "worker/headers.h"
#include "worker/parameters.h"

static void
test_words(void)
{
	static const struct {
		const char *label, *raw, *text;
	} rows[] = {
		{ "a word after a padded one stays",
		    "=?UTF-8?B?SGVsbG8=?= =?UTF-8?B?IHdvcmxk?=", "Hello world" },
		{ "a character split between words",
		    "=?UTF-8?B?4oI=?= =?utf-8?B?rA==?=", "\u20ac" },
		{ "a base64 group split between words",
		    "=?utf-8?B?SGVsb?= =?utf-8?B?G8=?=", "Hello" },
		{ "blanks between words vanish", "=?utf-8?q?a?=\r\n \t=?utf-8?q?b?=", "ab" },
		{ "blanks beside text stay", "x =?utf-8?q?a?= y", "x a y" },
		{ "underscore is a blank", "=?iso-8859-1?Q?a_b=5F=FC?=", "a b_\u00fc" },
		{ "blanks in a word", "=?utf-8?q?two words?=", "two words" },
		{ "an escaped sign at the start", "=?utf-8?Q?=41?=", "A" },
		{ "a language", "=?utf-8*de?Q?ja?=", "ja" },
		{ "an unknown charset is read", "=?made-up?Q?caf=E9?=", "caf\u00e9" },
		{ "an unknown encoding stands for itself", "=?utf-8?X?a?=", "=?utf-8?X?a?=" },
		{ "a word without an end stands for itself", "=?utf-8?Q?abc", "=?utf-8?Q?abc" },
		{ "raw UTF-8", "Gr\xC3\xBC\xC3\x9F", "Gr\u00fc\u00df" },
		{ "raw windows-1252", "Gr\xFC\xDF \x80", "Gr\u00fc\u00df \u20ac" },
		{ "line breaks never come out", "a\r\n b =?utf-8?q?c=0D=0Ad?=", "a b c  d" },
		{ "a NUL is seen", "=?utf-8?q?a=00b?=", "a\u2400b" },
		{ "nothing", "", "" },
	};
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = headers_decode(charset, rows[i].raw);
		g_test_message("%s", rows[i].label);
		g_assert_cmpstr(text, ==, rows[i].text);
	}
}

static void
test_parameters(void)
{
	static const struct {
		const char *label, *raw, *name, *value;
	} rows[] = {
		{ "quotes", "attachment; filename=\"a b.txt\"", "filename", "a b.txt" },
		{ "blanks without quotes", "attachment; filename=a b.txt; x=1", "filename",
		    "a b.txt" },
		{ "percent", "attachment; filename*=utf-8''%e2%82%ac", "filename", "\u20ac" },
		{ "percent wins over plain", "a; filename=x; filename*=utf-8''y", "filename", "y" },
		{ "sections in any order", "a; filename*1=b; filename*0=a; filename*2=c",
		    "filename", "abc" },
		{ "a character split between sections",
		    "a; filename*0*=utf-8''%e2; filename*1*=%82%ac", "filename", "\u20ac" },
		{ "percent is text in a plain section", "a; n*0*=utf-8''%41; n*1=%41", "n",
		    "A%41" },
		{ "an encoded word", "a; name=\"=?utf-8?b?w7w=?=\"", "name", "\u00fc" },
		{ "an encoded word without quotes", "a; name==?utf-8?q?a;b?=", "name", "a;b" },
		{ "a comment", "text/plain (note; x=1); charset=utf-8", "charset", "utf-8" },
		{ "a comment without an end hides nothing", "a (b; name=x", "name", "x" },
		{ "an escaped quote", "a; name=\"x\\\"y\"", "name", "x\"y" },
		{ "absent", "a; b=c", "name", NULL },
		{ "no header", NULL, "name", NULL },
	};
	g_autoptr(charset) charset = charset_new();

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(parameters) found = parameters_parse(charset, rows[i].raw);
		g_test_message("%s", rows[i].label);
		g_assert_cmpstr(parameters_get(found, rows[i].name), ==, rows[i].value);
	}
}

static void
test_split(void)
{
	static const struct {
		const char *label, *bytes;
		guint fields;
		gsize start, body;
		bool malformed;
	} rows[] = {
		{ "plain", "A: 1\r\nB: 2\r\n 3\r\n\r\nx", 2, 0, 18, false },
		{ "bare line feeds", "A: 1\n\nx", 1, 0, 6, false },
		{ "no body", "A: 1\n", 1, 0, 5, false },
		{ "a byte order mark",
		    "\xEF\xBB\xBF"
		    "A: 1\n\nx",
		    1, 3, 9, true },
		{ "a blank line first", "\r\nA: 1\n\nx", 1, 2, 8, true },
		{ "an mbox line", "From a@b Mon\nA: 1\n\nx", 1, 13, 19, false },
		{ "a line that is none", "A: 1\nno field\nB: 2\n\nx", 2, 0, 20, true },
		{ "no header at all", "just words\n\nA: 1\n", 0, 0, 0, false },
		{ "nothing", "", 0, 0, 0, false },
	};
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		struct header_block block;
		g_test_message("%s", rows[i].label);
		headers_split(rows[i].bytes, strlen(rows[i].bytes), &limits, &block);
		g_assert_cmpuint(block.fields->len, ==, rows[i].fields);
		g_assert_cmpuint(block.start, ==, rows[i].start);
		g_assert_cmpuint(block.body, ==, rows[i].body);
		g_assert_cmpint(block.malformed, ==, rows[i].malformed);
		headers_clear(&block);
	}
	struct header_block block;
	limits.headers = 2;
	headers_split("A: 1\nB: 2\nC: 3\n\nx", 17, &limits, &block);
	g_assert_true(block.over_limit);
	g_assert_cmpuint(block.fields->len, ==, 2);
	g_assert_cmpuint(block.cut, ==, 10);
	g_assert_cmpuint(block.body, ==, 16);
	headers_clear(&block);
}

/* Bytes whose end is the end of what may be read: a mapped message, a section of one. */
static void
test_ends(void)
{
	static const char *const ends[] = { "From", ">From", "F", ">", "\xEF\xBB", "MAIL FROM",
		"MAIL", "RCPT TO", "RCPT", "\r", "\n", "A: 1\r", "A: 1\r\n\r", "A: 1\n ", "A" };
	gsize page = (gsize)sysconf(_SC_PAGESIZE);
	char *room =
	    mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct limits limits;

	g_assert_true(room != MAP_FAILED);
	g_assert_cmpint(mprotect(room + page, page, PROT_NONE), ==, 0);
	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
		gsize size = strlen(ends[i]);
		struct header_block fields;
		struct block block;
		g_test_message("%s", ends[i]);
		memcpy(room + page - size, ends[i], size);
		headers_split(room + page - size, size, &limits, &fields);
		headers_clear(&fields);
		block_read(&block, room + page - size, room + page, true, NULL);
		block_clear(&block);
	}
	munmap(room, 2 * page);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/headers/words", test_words);
	g_test_add_func("/worker/headers/parameters", test_parameters);
	g_test_add_func("/worker/headers/split", test_split);
	g_test_add_func("/worker/headers/ends", test_ends);
	return g_test_run();
}
