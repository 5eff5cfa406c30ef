/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-encoded - files within text: each kind, whole and broken, and prose that looks like one. The
 * blocks were written by uuencode (sharutils 4.15.2); those of yEnc and BinHex by hand.
 */
#include "kit.h"

#define UU "begin 644 a.txt\n7<V5C<F5T('=O<F1S(&]F(&9A;&-O;@H`\n`\nend\n"
#define YENC                                                                                       \
	"\x9d\x8f\x8d\x9c\x8f\x9eJ\xa1\x99\x9c\x8e\x9dJ\x99\x90J\x90\x8b\x96\x8d\x99\x98"          \
	"4"
#define HQX_LINE "(This file must be converted with BinHex 4.0)\n\n"
#define READ     "part 1/a.txt [a.txt]  | text/plain, read: ;\n"
#define WORDS    "attachments of 1/a.txt: secret words of falcon"

static const struct row {
	const char *label;
	const char *body;
	const char *wants[KIT_WANTS];
} rows[] = {
	{ "uuencode", "Dear Bob,\n\n" UU "\nRegards\n",
	    { "message scanned", READ, WORDS, "filenames of 1/a.txt: a.txt", "body of 1: Dear Bob,",
		"Regards" } },
	{ "two files", UU UU, { READ, "message scanned", "of 1/a.txt: secret" } },
	{ "in base64", "begin-base64 644 a.txt\nc2VjcmV0IHdvcmRzIG9mIGZhbGNvbgo=\n====\n",
	    { READ, WORDS, "message scanned" } },
	{ "with its name in base64",
	    "begin-base64-encoded 644 YSBiLnR4dA==\nc2VjcmV0IHdvcmRzIG9mIGZhbGNvbgo=\n====\n",
	    { "part 1/a b.txt [a b.txt]  | text/plain, read", "message scanned" } },
	{ "uuencode with its name in base64", "begin-encoded 644 YSBiLnR4dA==\n\">`H`\n`\nend\n",
	    { "part 1/a b.txt [a b.txt]  | text/plain, read", "of 1/a b.txt: x" } },
	{ "blanks at a line's end were lost", "begin 644 a\n\"<\n`\nend\n",
	    { "part 1/a [a]", "message scanned" } },
	{ "the end is missing", "begin 644 a.txt\n7<V5C<F5T('=O<F1S(&]F(&9A;&-O;@H`\n",
	    { "part 1/a.txt [a.txt]  | text/plain, broken: its end is missing; malformed", WORDS,
		"message partial" } },
	{ "a line of prose in it",
	    "begin 644 a.txt\n7<V5C<F5T('=O<F1S(&]F(&9A;&-O;@H`\nlower case\n`\nend\n",
	    { "| text/plain, read: ; malformed", WORDS } },
	{ "the next begins before the end", "begin 644 b\n7<V5C<F5T('=O<F1S(&]F(&9A;&-O;@H`\n" UU,
	    { "part 1/b [b]  | text/plain, broken: its end is missing", READ } },
	{ "yEnc",
	    "=ybegin line=128 size=23 name=a.txt\r\n" YENC "\r\n=yend size=23 crc32=7b683eda\r\n",
	    { READ, WORDS, "message scanned" } },
	{ "yEnc with another checksum",
	    "=ybegin line=128 size=23 name=a.txt\n" YENC "\n=yend size=23 crc32=00000000\n",
	    { "read: its size or checksum is not as stated; malformed", WORDS } },
	{ "yEnc, one piece of two",
	    "=ybegin part=1 total=2 line=128 size=46 name=a.txt\n=ypart begin=1 end=23\n" YENC
	    "\n=yend size=23 part=1 pcrc32=7b683eda\n",
	    { "broken: the rest is in other messages", WORDS, "message partial" } },
	{ "yEnc, cut", "=ybegin line=128 size=23 name=a.txt\n" YENC "\n",
	    { "broken: its end is missing; malformed", WORDS } },
	{ "yEnc, an escaped character", "=ybegin line=128 size=2 name=a\n=}\x8f\n=yend size=2\n",
	    { "part 1/a [a]  | ", "message", "read: ;" } },
	{ "BinHex",
	    HQX_LINE ":\"@%ZG(Kd!&4&@&4dG(Kd!*!&,!#3\"(YpFf9MFQ9d)(G[FQ4c)'pQ)'CKE'0[EJS\n"
		     "YN\"3+r@)!!!:\n",
	    { READ, WORDS "\n--------------------\n", "message scanned" } },
	{ "BinHex with a resource fork",
	    HQX_LINE ":\"@%ZG(Kd!&4&@&4dG(Kd!*!&&`!!!\"#*AA0PBh*PG#\"hEh*NFb\"[CL\"QB@aMEfi\n"
		     "+5kCbFh*M)(G[FQ4c)'KPFQ8+pi8:\n",
	    { READ, WORDS, "attachments of 1/a.txt.rsrc: rsrc words here", "message scanned" } },
	{ "BinHex, cut", HQX_LINE ":\"@%ZG(Kd!&4&@&4dG(Kd!*!&&`!!!\"#*AA0PBh*PG#\"hEh*NFb\n",
	    { "broken: its end is missing; malformed", "of 1/a.txt: secret words" } },
	{ "BinHex, nothing of it", HQX_LINE ":!!!\n", { "broken: not readable as BinHex" } },
	{ "a sentence", "begin 2020 was hard\n", { "!1/", "message scanned" } },
	{ "a sentence with a number in octal", "begin 644 times over\nand end\n", { "!1/" } },
	{ "a sentence at the end", "begin 644 times", { "!1/" } },
	{ "in the middle of a line", "we begin 644 a\n\"<\n`\nend\n", { "!1/" } },
	{ "a name alone", "begin 644 \n\"<\n", { "!1/" } },
	{ "an empty file", "begin 644 a\n`\nend\n", { "part 1/a [a]", "message scanned" } },
};

static void
test_kinds(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *mail = g_strconcat("Subject: x\n\n", rows[i].body, NULL);
		kit_check(rows[i].label, mail, strlen(mail), rows[i].wants);
	}
}

/* Ten thousand small files: no more than the parts that are allowed, and said so. */
static void
test_many(void)
{
	static const char *const wants[KIT_WANTS] = { "message partial too-many-parts",
		"over-limit: more files within than are looked at", "part 1/a.txt",
		"subject of : x" };
	GString *mail = g_string_new("Subject: x\n\n");

	for (guint i = 0; i < 10000; i++)
		g_string_append(mail, UU);
	kit_check("ten thousand files", mail->str, mail->len, wants);
	g_string_free(mail, TRUE);
}

/* A file larger than what lies in memory: read through the window, every byte of it. */
static void
test_large(void)
{
	static const char *const wants[KIT_WANTS] = { "part 1/big [big]  | text/plain, read: ;\n",
		"the last words" };
	GString *text = g_string_new(NULL);
	GString *mail = g_string_new("Subject: x\n\n");

	while (text->len < 2 * 1024 * 1024)
		g_string_append(text, "many words of a long text\n");
	g_string_append(text, "the last words");
	g_autofree char *base64 = g_base64_encode((const guchar *)text->str, text->len);
	g_string_append(mail, "begin-base64 644 big\n");
	for (const char *at = base64; *at != '\0'; at += strnlen(at, 60))
		g_string_append_printf(mail, "%.60s\n", at);
	g_string_append(mail, "====\n");
	kit_check("two megabytes", mail->str, mail->len, wants);
	g_string_free(mail, TRUE);
	g_string_free(text, TRUE);
}

/* In a text that is attached, in one that is transferred as base64, and in a file in a file. */
static void
test_places(void)
{
	static const char *const wants[KIT_WANTS] = { "part 2/a.txt [a.txt]  | text/plain, read",
		"attachments of 2/a.txt: secret words" };
	static const char *const inner[KIT_WANTS] = {
		"part 2/b/a.txt [a.txt]  | text/plain, read"
	};
	g_autofree char *base64 = g_base64_encode((const guchar *)UU, strlen(UU));
	g_autofree char *nested = g_strdup_printf("begin-base64 644 b\n%s\n====\n", base64);

	kit_check_file(
	    "an attached text", "Content-Type: text/plain; name=x.txt\r\n", UU, strlen(UU), wants);
	kit_check_file("a file of no type",
	    "Content-Type: application/octet-stream; name=x.uue\r\n", UU, strlen(UU), wants);
	kit_check_file("a file in a file", "Content-Type: text/plain; name=x.txt\r\n", nested,
	    strlen(nested), inner);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/encoded/kinds", test_kinds);
	g_test_add_func("/worker/encoded/many", test_many);
	g_test_add_func("/worker/encoded/large", test_large);
	g_test_add_func("/worker/encoded/places", test_places);
	return g_test_run();
}
