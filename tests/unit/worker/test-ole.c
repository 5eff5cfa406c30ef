/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-ole - OLE files built by hand: what each format keeps where, and files that lie.
 *
 * Documents of real programs are in tests/mail (ole-*.eml).
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ole-build.h"
#include "worker/dissect.h"
#include "worker/extract.h"

struct bench {
	struct limits limits;
	struct charset *charset;
	struct sniff *sniff;
};

static struct bench bench;

/* Frees bytes. The message holds one part, "1", and what was found in it. */
static struct message *
read_bytes(GByteArray *bytes, const char *name)
{
	struct message *message = message_new();
	struct scan scan = { .limits = &bench.limits,
		.charset = bench.charset,
		.sniff = bench.sniff,
		.message = message };
	guint index = scan_add_part(&scan, "1", 0);
	struct part *part = scan_part(&scan, index);

	part->attachment = true;
	g_free(part->name);
	part->name = g_strdup(name);
	struct item *item = extract_begin(&scan, index, 0, false, NULL);
	/* A copy with no byte to spare, so that one byte too far is seen. */
	g_autofree guint8 *tight = g_memdup2(bytes->data, bytes->len);
	extract_add(item, tight, bytes->len);
	extract_end(item);
	g_byte_array_unref(bytes);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		g_assert_true(g_utf8_validate_len(text->data, text->size, NULL));
		g_assert_cmpuint(strlen(text->data), ==, text->size);
	}
	return message;
}

static struct message *
read_build(struct build *build)
{
	return read_bytes(build_end(build), "");
}

static const struct part *
part_of(const struct message *message, guint index)
{
	g_assert_cmpuint(index, <, message->parts->len);
	return message->parts->pdata[index];
}

/* True when words stand in a text of that component and kind. */
static bool
has(const struct message *message, enum component component, bool hidden, const char *words)
{
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (text->component == component && text->hidden == hidden &&
		    strstr(text->data, words) != NULL)
			return true;
	}
	return false;
}

#define SEEN(message, words)   g_assert_true(has(message, COMPONENT_ATTACHMENTS, false, words))
#define HIDDEN(message, words) g_assert_true(has(message, COMPONENT_ATTACHMENTS, true, words))
#define URL(message, words)    g_assert_true(has(message, COMPONENT_URLS, false, words))

/* ------------------------------------------------------------------------------------- Excel */

static void
record(GByteArray *book, guint type, const void *data, gsize size)
{
	build_u16(book, type);
	build_u16(book, (guint)size);
	g_byte_array_append(book, data, (guint)size);
}

#define RECORD(book, type, bytes) record(book, type, bytes, sizeof(bytes) - 1)
#define BOF8(book, kind)          RECORD(book, 0x0809, "\0\x06" kind "\0\0\0\0")

/* A workbook of one stream; frees book. */
static struct message *
read_book(GByteArray *book, const char *stream)
{
	struct build *build = build_new();

	build_add(build, 0, stream, book);
	return read_build(build);
}

/* MS-XLS 2.5.293: a string goes on in the next record, there in characters of another width. */
static void
test_shared_strings(void)
{
	GByteArray *book = g_byte_array_new();

	BOF8(book, "\x05\0");
	RECORD(book, 0x00FC, "\x03\0\0\0\x03\0\0\0\x0B\0\0NIGHT");
	RECORD(book, 0x003C, "\x01J\0A\0R\0-\0\x37\0\x37\0\x05\0\x01\x91\x03\x92\x03");
	RECORD(book, 0x003C, "\0XYZ\x06\0\x08\x01\0unused\0\0\0\0");
	RECORD(book, 0x00FD, "\0\0\0\0\0\0\0\0\0\0");
	RECORD(book, 0x00FD, "\0\0\x01\0\0\0\x01\0\0\0");
	g_autoptr(message) message = read_book(book, "Workbook");
	SEEN(message, "NIGHTJAR-77\tΑΒXYZ");
	HIDDEN(message, "unused");
	g_assert_cmpint(part_of(message, 0)->outcome, ==, PART_READ);
	g_assert_cmpstr(part_of(message, 0)->true_type, ==, "application/vnd.ms-excel");
}

static void
test_numbers(void)
{
	GByteArray *book = g_byte_array_new();

	BOF8(book, "\x10\0");
	/* 4111111111111111 as a double; 16 digits that an exponent would hide. */
	RECORD(book, 0x0203, "\0\0\0\0\0\0\x8E\xE3\xD1\x4A\x11\x36\x2D\x43");
	GByteArray *number = g_byte_array_new();
	double values[] = { 4111111111111111.0, 378282246310005.0, -0.5 };
	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_byte_array_set_size(number, 0);
		build_u16(number, 1);
		build_u16(number, (guint)i);
		build_u16(number, 0);
		g_byte_array_append(number, (const guint8 *)&values[i], 8);
		record(book, i == 1 ? 0x0006 : 0x0203, number->data, number->len);
	}
	g_byte_array_unref(number);
	/* 1234 and 12.34 as integers of 30 bits, -7 in a row of several. */
	RECORD(book, 0x027E, "\x02\0\0\0\0\0\x4A\x13\0\0");
	RECORD(book, 0x027E, "\x02\0\x01\0\0\0\x4B\x13\0\0");
	RECORD(book, 0x00BD, "\x03\0\0\0\0\0\xE6\xFF\xFF\xFF\0\0\x06\0\0\0\x01\0");
	/* A formula whose result is the string behind it. */
	RECORD(book, 0x0006, "\x04\0\0\0\0\0\0\0\0\0\0\0\xFF\xFF\0\0\0\0\0\0\0\0");
	RECORD(book, 0x0207, "\x06\0\0falcon");
	g_autoptr(message) message = read_book(book, "Workbook");
	SEEN(message, "4111111111111111\t378282246310005\t-0.5");
	SEEN(message, "1234\t12.34");
	SEEN(message, "-7\t1");
	SEEN(message, "falcon");
}

static void
test_sheets(void)
{
	GByteArray *book = g_byte_array_new();

	BOF8(book, "\x05\0");
	/* Three BOUNDSHEET records before the first sheet. */
	guint first = 12 + 3 * (4 + 8 + 5);
	const char *names[] = { "Plain", "Close", "Macro" };
	for (guint i = 0; i < 3; i++) {
		GByteArray *sheet = g_byte_array_new();
		build_u32(sheet, first + i * (12 + 14));
		g_byte_array_append(sheet, (const guint8 *)(i == 1 ? "\x02\0" : "\0\0"), 2);
		sheet->data[5] = i == 2 ? 1 : 0;
		g_byte_array_append(sheet, (const guint8 *)"\x05\0", 2);
		build_text(sheet, names[i]);
		record(book, 0x0085, sheet->data, sheet->len);
		g_byte_array_unref(sheet);
	}
	g_assert_cmpuint(book->len, ==, first);
	for (guint i = 0; i < 3; i++) {
		char label[] = "\0\0\0\0\0\0\x01\0\0A";
		label[9] = (char)('A' + i);
		BOF8(book, "\x10\0");
		record(book, 0x0204, label, sizeof label - 1);
	}
	g_autoptr(message) message = read_book(book, "Workbook");
	SEEN(message, "Plain\nA");
	HIDDEN(message, "Close\nB");
	SEEN(message, "Macro\nC");
	g_assert_cmpuint(part_of(message, 0)->facts & FACT_MACRO, !=, 0);
}

static void
test_notes_and_links(void)
{
	GByteArray *book = g_byte_array_new();

	BOF8(book, "\x10\0");
	RECORD(book, 0x0014, "\x06\0\0header");
	RECORD(book, 0x01B6, "\0\0\0\0\0\0\0\0\0\0\x04\0\x10\0\0\0\0\0");
	RECORD(book, 0x003C, "\0note");
	RECORD(book, 0x003C, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	GByteArray *link = g_byte_array_new();
	g_byte_array_set_size(link, 24);
	memset(link->data, 0, 24);
	build_u32(link, 2);
	build_u32(link, 3);
	g_byte_array_append(link,
	    (const guint8 *)"\xE0\xC9\xEA\x79\xF9\xBA\xCE\x11\x8C\x82\0\xAA\0\x4B\xA9\x0B", 16);
	build_u32(link, 2 * 22);
	build_wide(link, "https://rival.example/");
	record(book, 0x01B8, link->data, link->len);
	g_byte_array_unref(link);
	g_autoptr(message) message = read_book(book, "Workbook");
	SEEN(message, "header");
	SEEN(message, "note");
	URL(message, "https://rival.example/\n");
}

static void
test_old_book(void)
{
	GByteArray *book = g_byte_array_new();

	RECORD(book, 0x0809, "\0\x05\x10\0\0\0\0\0");
	RECORD(book, 0x0042, "\xE3\x04"); /* windows-1251 */
	RECORD(book, 0x0204, "\0\0\0\0\0\0\x04\0\xEA\xEB\xFE\xF7");
	g_autoptr(message) message = read_book(book, "Book");
	SEEN(message, "ключ");
}

static void
test_locked(void)
{
	GByteArray *book = g_byte_array_new();

	BOF8(book, "\x05\0");
	RECORD(book, 0x002F, "\x01\0\x01\0\x01\0");
	RECORD(book, 0x0204, "\0\0\0\0\0\0\x04\0\0noise");
	g_autoptr(message) excel = read_book(book, "Workbook");
	g_assert_cmpint(part_of(excel, 0)->outcome, ==, PART_ENCRYPTED);
	g_assert_cmpuint(part_of(excel, 0)->facts & FACT_ENCRYPTED_ATTACHMENT, !=, 0);
	g_assert_false(has(excel, COMPONENT_ATTACHMENTS, false, "noise"));

	struct build *build = build_new();
	guint8 fib[0x200] = { 0xEC, 0xA5, 0xC1, 0 };
	fib[0x0B] = 0x01;
	build_stream(build, 0, "WordDocument", fib, sizeof fib);
	g_autoptr(message) word = read_build(build);
	g_assert_cmpint(part_of(word, 0)->outcome, ==, PART_ENCRYPTED);

	build = build_new();
	build_stream(build, 0, "PowerPoint Document", "x", 1);
	build_stream(
	    build, 0, "Current User", "\0\0\xF6\x0F\x20\0\0\0\x14\0\0\0\xDF\xC4\xD1\xF3", 16);
	g_autoptr(message) slides = read_build(build);
	g_assert_cmpint(part_of(slides, 0)->outcome, ==, PART_ENCRYPTED);

	build = build_new();
	build_stream(build, 0, "EncryptionInfo", "x", 1);
	build_stream(build, 0, "EncryptedPackage", "x", 1);
	g_autoptr(message) package = read_bytes(build_end(build), "plan.docx");
	g_assert_cmpint(part_of(package, 0)->outcome, ==, PART_ENCRYPTED);
	g_assert_cmpuint(part_of(package, 0)->facts, ==, FACT_ENCRYPTED_ATTACHMENT);
}

/* -------------------------------------------------------------------------------------- Word */

/* A document of two pieces: one of 8-bit characters, one of UTF-16. */
static struct build *
build_word(const char *narrow, const char *wide)
{
	struct build *build = build_new();
	GByteArray *text = g_byte_array_new(), *table = g_byte_array_new();
	guint n = (guint)strlen(narrow), units = (guint)g_utf8_strlen(wide, -1);

	g_byte_array_set_size(text, 0x200);
	memset(text->data, 0, 0x200);
	memcpy(text->data, "\xEC\xA5\xC1\0", 4);
	build_text(text, narrow);
	build_pad(text, 2);
	guint wide_at = text->len;
	build_wide(text, wide);
	build_text(table, "\x01\x02");
	g_byte_array_append(table, (const guint8 *)"\0ab\x02", 4);
	build_u32(table, 4 * 3 + 8 * 2);
	build_u32(table, 0);
	build_u32(table, n);
	build_u32(table, n + units);
	build_u16(table, 0);
	build_u32(table, 0x200 * 2 | 0x40000000u);
	build_u16(table, 0);
	build_u16(table, 0);
	build_u32(table, wide_at);
	build_u16(table, 0);
	text->data[0x1A6] = (guint8)table->len;
	build_add(build, 0, "WordDocument", text);
	build_add(build, 0, "0Table", table);
	return build;
}

static void
test_word(void)
{
	g_autoptr(message) message = read_build(
	    build_word("Caf\xE9 \x13HYPERLINK \"https://rival.example/\"\x14here\x15 cell\x07\x07",
		"κωδικός\r"));

	g_assert_cmpint(part_of(message, 0)->outcome, ==, PART_READ);
	SEEN(message, "Café here cell\t\nκωδικός\n");
	HIDDEN(message, "HYPERLINK");
	URL(message, "https://rival.example/\n");
	g_autoptr(message) open = read_build(build_word("a \x13no end of a field", "κ"));
	HIDDEN(open, "no end of a field");
}

static void
test_word_95(void)
{
	struct build *build = build_new();
	guint8 bytes[0x400] = { 0xDC, 0xA5, 0x65, 0 };

	memcpy(bytes, "\xEC\xA5\x65", 4);
	bytes[0x19] = 0x03;
	bytes[0x1C] = 0x0B;
	bytes[0x1D] = 0x03;
	memcpy(bytes + 0x300, "codename \xC4.", 11);
	build_stream(build, 0, "WordDocument", bytes, sizeof bytes);
	g_autoptr(message) message = read_build(build);
	SEEN(message, "codename Ä.");
	/* And one that says nothing of where its text is. */
	build = build_new();
	build_stream(build, 0, "WordDocument", bytes, 0x18);
	g_autoptr(message) broken = read_build(build);
	g_assert_cmpint(part_of(broken, 0)->outcome, ==, PART_BROKEN);
}

/* -------------------------------------------------------------------------------- PowerPoint */

static void
test_slides(void)
{
	struct build *build = build_new();
	GByteArray *out = g_byte_array_new();

	/* Containers 2,000 deep, each with a lie about its length. */
	for (guint i = 0; i < 2000; i++)
		g_byte_array_append(out, (const guint8 *)"\x0F\0\xE8\x03\xFF\xFF\xFF\xFF", 8);
	g_byte_array_append(out, (const guint8 *)"\0\0\xA0\x0F\x04\0\0\0\x91\x03\x92\x03", 12);
	g_byte_array_append(out, (const guint8 *)"\0\0\xA8\x0F\x05\0\0\0caf\xE9s", 13);
	g_byte_array_append(out, (const guint8 *)"\x0F\0\xD7\x0F\x16\0\0\0", 8);
	g_byte_array_append(out, (const guint8 *)"\x10\0\xBA\x0F\x0E\0\0\0", 8);
	build_wide(out, "www.a.b");
	g_byte_array_append(
	    out, (const guint8 *)"\0\0\0\x04\x0C\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0", 20);
	g_byte_array_append(out, (const guint8 *)"\0\0\xA8\x0F\xFF\0\0\0cut", 11);
	build_add(build, 0, "PowerPoint Document", out);
	g_autoptr(message) message = read_build(build);
	SEEN(message, "ΑΒ\ncafés\n");
	SEEN(message, "cut");
	URL(message, "www.a.b");
	g_assert_cmpuint(part_of(message, 0)->facts & FACT_MACRO, !=, 0);
	g_assert_cmpint(part_of(message, 0)->outcome, ==, PART_BROKEN);
}

/* ----------------------------------------------------------------------------------- Outlook */

static void
add_wide(struct build *build, guint storage, const char *name, const char *text)
{
	GByteArray *out = g_byte_array_new();

	build_wide(out, text);
	build_add(build, storage, name, out);
}

static void
test_msg(void)
{
	struct build *build = build_new();
	guint8 properties[32 + 16] = { 0 };

	memcpy(properties + 32, "\x03\0\xFD\x3F\0\0\0\0\xE3\x04\0\0", 12);
	build_stream(build, 0, "__properties_version1.0", properties, sizeof properties);
	add_wide(build, 0, "__substg1.0_0037001F", "Subject NIGHTJAR");
	build_stream(build, 0, "__substg1.0_1000001E", "\xEA\xEB\xFE\xF7", 4);
	add_wide(build, 0, "__substg1.0_8001001F", "room 12");
	build_stream(build, 0, "__substg1.0_10130102", "<p>html body</p>", 16);
	guint person = build_add(build, 0, "__recip_version1.0_#00000000", NULL);
	add_wide(build, person, "__substg1.0_39FE001F", "bob@rival.example");
	guint file = build_add(build, 0, "__attach_version1.0_#00000000", NULL);
	build_stream(build, file, "__substg1.0_37010102", "plain text", 10);
	add_wide(build, file, "__substg1.0_3707001F", "plan.txt");
	guint within = build_add(build, 0, "__attach_version1.0_#00000001", NULL);
	guint inner = build_add(build, within, "__substg1.0_3701000D", NULL);
	build_stream(build, inner, "__properties_version1.0", properties, 24);
	add_wide(build, inner, "__substg1.0_1000001F", "the message within");
	g_autoptr(message) message = read_build(build);

	g_assert_cmpstr(part_of(message, 0)->true_type, ==, "application/vnd.ms-outlook");
	g_assert_cmpint(part_of(message, 0)->outcome, ==, PART_READ);
	SEEN(message, "Subject: Subject NIGHTJAR\nключ\n");
	SEEN(message, "bob@rival.example");
	HIDDEN(message, "room 12");
	g_assert_cmpuint(message->parts->len, ==, 4);
	g_assert_cmpstr(part_of(message, 1)->path, ==, "1/body.html");
	SEEN(message, "html body");
	g_assert_cmpstr(part_of(message, 2)->path, ==, "1/plan.txt");
	SEEN(message, "plain text");
	g_assert_cmpstr(part_of(message, 3)->path, ==, "1/message.msg");
	SEEN(message, "the message within");
}

/* Messages within messages, without an end: named, and the program lives. */
static void
test_msg_depth(void)
{
	struct build *build = build_new();
	guint storage = 0;

	for (guint i = 0; i < 200; i++) {
		build_stream(build, storage, "__properties_version1.0", "", 0);
		storage = build_add(build, storage, "__attach_version1.0_#00000000", NULL);
		storage = build_add(build, storage, "__substg1.0_3701000D", NULL);
	}
	g_autoptr(message) message = read_build(build);
	guint last = message->parts->len - 1;
	g_assert_cmpuint(message->parts->len, ==, bench.limits.depth + 1);
	g_assert_cmpint(part_of(message, last)->outcome, ==, PART_OVER_LIMIT);
	g_assert_cmpuint(part_of(message, last)->facts & FACT_ARCHIVE_TOO_DEEP, !=, 0);
}

/* ------------------------------------------------------------------------ objects and macros */

static void
test_package(void)
{
	struct build *build = build_new();
	GByteArray *native = g_byte_array_new();

	build_u32(native, 0);
	g_byte_array_append(native, (const guint8 *)"\x02\0list.csv\0C:\\list.csv\0\0\0\x03\0", 27);
	build_u32(native, 4);
	g_byte_array_append(native, (const guint8 *)"C:\\", 4);
	build_u32(native, 13);
	build_text(native, "a;NIGHTJAR;b\n");
	build_add(build, 0, "\001Ole10Native", native);
	g_autoptr(message) message = read_build(build);
	g_assert_cmpuint(message->parts->len, ==, 2);
	g_assert_cmpstr(part_of(message, 1)->path, ==, "1/list.csv");
	SEEN(message, "NIGHTJAR");
	g_assert_cmpint(part_of(message, 0)->outcome, ==, PART_READ);
}

static void
test_macros(void)
{
	/* MS-OVBA 2.4.1: literals, and one copy of nine characters from nine before. */
	static const char module[] = "junk\x01\x13\xB0\0Attribut\0e VB_Nam\x02"
				     "x\x06\x80";
	struct build *build = build_new();
	guint macros = build_add(build, 0, "Macros", NULL);
	guint vba = build_add(build, macros, "VBA", NULL);

	build_stream(build, vba, "_VBA_PROJECT", "\xCC\x61", 2);
	build_stream(build, vba, "dir", "broken", 6);
	build_stream(build, vba, "Module1", module, sizeof module - 1);
	build_stream(build, 0, "WordDocument", "", 0);
	g_autoptr(message) message = read_build(build);
	g_assert_cmpuint(part_of(message, 0)->facts & FACT_MACRO, !=, 0);
	HIDDEN(message, "Attribute VB_Nam");
}

static void
test_unknown(void)
{
	struct build *build = build_new();

	build_stream(build, 0, "Catalog", "x", 1);
	g_autoptr(message) thumbs = read_build(build);
	g_assert_cmpint(part_of(thumbs, 0)->outcome, ==, PART_UNKNOWN_TYPE);
	g_assert_nonnull(strstr(part_of(thumbs, 0)->detail, "Catalog"));
	g_assert_cmpstr(part_of(thumbs, 0)->true_type, ==, "application/x-ole-storage");

	build = build_new();
	memcpy(build->class_id, "\x84\x10\x0C\0\0\0\0\0\xC0\0\0\0\0\0\0\x46", 16);
	build_stream(build, 0, "x", "x", 1);
	g_autoptr(message) installer = read_bytes(build_end(build), "report.doc");
	g_assert_cmpstr(part_of(installer, 0)->true_type, ==, "application/x-msi");
	g_assert_cmpuint(part_of(installer, 0)->facts, ==, FACT_EXECUTABLE | FACT_TYPE_MISMATCH);
}

/* -------------------------------------------------------------------- files of real programs */

/* Golden facts show the first words of a text; these stand further behind. */
static void
test_real(void)
{
	static const struct {
		const char *mail, *words;
		bool hidden;
	} rows[] = {
		{ "ole-office", "Footnote: PARTRIDGE-1", false },
		{ "ole-office", "Endnote: PARTRIDGE-2", false },
		{ "ole-office", "Comment: PARTRIDGE-3", false },
		{ "ole-office", "Header: PARTRIDGE-4", false },
		{ "ole-office", "Footer: PARTRIDGE-5", false },
		{ "ole-office", "Text box: PARTRIDGE-6", false },
		{ "ole-office", "cell one\t4111111111111111\t\n", false },
		{ "ole-office", "Title of the plan\n", false },
		{ "ole-office", "Comments: PARTRIDGE-7\n", false },
		{ "ole-office", "Comment: PARTRIDGE-2 κ\n", false },
		{ "ole-office", "row 47: plain ascii filler text", false },
		{ "ole-office", "After the CONTINUE: PARTRIDGE-3\n", false },
		{ "ole-office", "Hidden: PARTRIDGE-4", true },
		{ "ole-office", "Slide: NIGHTJAR-77\n", false },
		{ "ole-office", "Notes: PARTRIDGE-1\n", false },
		{ "ole-office", "Comment: PARTRIDGE-2\n", false },
		{ "ole-message", "Bob Rhee\nbob@rival.example\n", false },
		{ "ole-message", "PARTRIDGE-1\nsecond line\n", false },
	};
	g_autoptr(GError) error = NULL;
	g_autoptr(dissect) dissect = dissect_new(&bench.limits, &error);

	g_assert_no_error(error);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = g_strdup_printf(
		    "%s/tests/mail/%s.eml", g_getenv("FLAGPOST_SOURCE"), rows[i].mail);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		g_autoptr(message) message = dissect_message(dissect, fd, true, &error);
		close(fd);
		g_assert_no_error(error);
		g_test_message("%s: %s", rows[i].mail, rows[i].words);
		g_assert_true(has(message, COMPONENT_ATTACHMENTS, rows[i].hidden, rows[i].words));
	}
}

static void
test_samples(void)
{
	static const struct {
		const char *file;
		enum part_outcome outcome;
		const char *type;
	} rows[] = {
		{ "msoffcrypto__plain.doc", PART_READ, "application/msword" },
		{ "msoffcrypto__plain.xls", PART_READ, "application/vnd.ms-excel" },
		{ "msoffcrypto__rc4cryptoapi_password.doc", PART_ENCRYPTED, "application/msword" },
		{ "msoffcrypto__example_password.xlsx", PART_ENCRYPTED, "application/encrypted" },
		{ "msoffcrypto__ecma376standard_password.docx", PART_ENCRYPTED,
		    "application/encrypted" },
		{ "file-type__fixture.doc.cfb", PART_READ, "application/msword" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *path = g_build_filename(g_getenv("FLAGPOST_SOURCE"), "..",
		    "shared", "samples", "attachments", rows[i].file, NULL);
		char *data;
		gsize size;
		if (!g_file_get_contents(path, &data, &size, NULL)) {
			g_test_skip("no collection of attachments beside the source");
			return;
		}
		g_autoptr(message) message =
		    read_bytes(g_byte_array_new_take((guint8 *)data, size), rows[i].file);
		g_assert_cmpint(part_of(message, 0)->outcome, ==, rows[i].outcome);
		g_assert_cmpstr(part_of(message, 0)->true_type, ==, rows[i].type);
	}
}

/* --------------------------------------------------------------------------- files that lie */

static GByteArray *
small_word(void)
{
	return build_end(build_word("codename NIGHTJAR", "κ"));
}

/* Every cut is named; what stands before it is read as far as the tables lead there. */
static void
test_cut(void)
{
	GByteArray *uncut = small_word();
	guint whole = uncut->len;

	g_byte_array_unref(uncut);

	for (guint size = 8; size < whole; size += 64) {
		GByteArray *bytes = small_word();
		g_byte_array_set_size(bytes, size);
		g_autoptr(message) message = read_bytes(bytes, "");
		/* What is behind the last byte of the last stream is nobody's. */
		bool found = has(message, COMPONENT_ATTACHMENTS, false, "NIGHTJARκ");
		g_assert_true(found || message->outcome == OUTCOME_PARTIAL);
	}
}

/* Each byte of header, FAT and directory turned to each of a few values: an outcome, no crash. */
static void
test_turned(void)
{
	static const guint8 values[] = { 0x00, 0x01, 0x7F, 0xFE, 0xFF };

	for (guint at = 8; at < 2048; at++) {
		if (at >= 100 && at < 512)
			continue;
		for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
			GByteArray *bytes = small_word();
			bytes->data[at] = values[i];
			g_autoptr(message) message = read_bytes(bytes, "");
			bool found = has(message, COMPONENT_ATTACHMENTS, false, "NIGHTJAR");
			g_assert_true(found || message->outcome == OUTCOME_PARTIAL);
		}
	}
}

/* What ends libgsf: a directory that is one long list, and one that is a loop. */
static void
test_directory(void)
{
	struct build *build = build_new();

	for (guint i = 0; i < 9000; i++)
		build_stream(build, 0, "s", "", 0);
	build_stream(build, 0, "Workbook", "\x09\x08\x04\0\0\x06\x05\0", 8);
	g_autoptr(message) list = read_build(build);
	g_assert_cmpint(part_of(list, 0)->outcome, ==, PART_READ);

	build = build_new();
	for (guint i = 0; i < 11000; i++)
		build_stream(build, 0, "s", "", 0);
	g_autoptr(message) longer = read_build(build);
	g_assert_cmpint(part_of(longer, 0)->outcome, ==, PART_OVER_LIMIT);

	GByteArray *bytes = small_word();
	/* The sectors: FAT, directory. The first stream's brother is itself. */
	bytes->data[1024 + 128 + 72] = 1;
	memset(bytes->data + 1024 + 128 + 73, 0, 3);
	g_autoptr(message) loop = read_bytes(bytes, "");
	/* The table is no longer in the tree, and is found all the same. */
	SEEN(loop, "NIGHTJAR");
	g_assert_cmpuint(part_of(loop, 0)->facts & FACT_PART_MALFORMED, !=, 0);

	bytes = small_word();
	bytes->data[512 + 4] = 1; /* the directory's sector follows itself */
	memset(bytes->data + 512 + 5, 0, 3);
	g_autoptr(message) chain = read_bytes(bytes, "");
	g_assert_cmpint(part_of(chain, 0)->outcome, ==, PART_BROKEN);
}

static void
test_limits(void)
{
	guint64 text = bench.limits.text, unpacked = bench.limits.unpacked;
	GByteArray *book = g_byte_array_new();

	bench.limits.text = 1000;
	BOF8(book, "\x05\0");
	RECORD(book, 0x00FC, "\x01\0\0\0\x01\0\0\0\x20\0\0NIGHTJAR NIGHTJAR NIGHTJAR NIGHT");
	for (guint i = 0; i < 10000; i++)
		RECORD(book, 0x00FD, "\0\0\0\0\0\0\0\0\0\0");
	g_autoptr(message) many = read_book(book, "Workbook");
	g_assert_cmpint(part_of(many, 0)->outcome, ==, PART_OVER_LIMIT);
	bench.limits.text = text;

	bench.limits.unpacked = 3000;
	g_autoptr(message) large = read_bytes(small_word(), "");
	g_assert_cmpint(part_of(large, 0)->outcome, ==, PART_OVER_LIMIT);
	bench.limits.unpacked = unpacked;
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	limits_default(&bench.limits);
	bench.charset = charset_new();
	bench.sniff = sniff_new(NULL);
	g_test_add_func("/worker/ole/excel/shared-strings", test_shared_strings);
	g_test_add_func("/worker/ole/excel/numbers", test_numbers);
	g_test_add_func("/worker/ole/excel/sheets", test_sheets);
	g_test_add_func("/worker/ole/excel/notes-and-links", test_notes_and_links);
	g_test_add_func("/worker/ole/excel/old", test_old_book);
	g_test_add_func("/worker/ole/locked", test_locked);
	g_test_add_func("/worker/ole/word/pieces", test_word);
	g_test_add_func("/worker/ole/word/95", test_word_95);
	g_test_add_func("/worker/ole/powerpoint", test_slides);
	g_test_add_func("/worker/ole/outlook/message", test_msg);
	g_test_add_func("/worker/ole/outlook/depth", test_msg_depth);
	g_test_add_func("/worker/ole/package", test_package);
	g_test_add_func("/worker/ole/macros", test_macros);
	g_test_add_func("/worker/ole/unknown", test_unknown);
	g_test_add_func("/worker/ole/real", test_real);
	g_test_add_func("/worker/ole/samples", test_samples);
	g_test_add_func("/worker/ole/lies/cut", test_cut);
	g_test_add_func("/worker/ole/lies/turned", test_turned);
	g_test_add_func("/worker/ole/lies/directory", test_directory);
	g_test_add_func("/worker/ole/limits", test_limits);
	int failed = g_test_run();
	charset_free(bench.charset);
	sniff_free(bench.sniff);
	return failed;
}
