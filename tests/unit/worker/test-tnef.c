/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-tnef - winmail.dat built attribute by attribute: whole, nested, cut and lying. */
#include "kit.h"
#include "worker/tnef.h"

#define FILE_FIELDS "Content-Type: application/octet-stream; name=data.bin\r\n"

static void
put32(GString *out, guint32 value)
{
	for (guint i = 0; i < 4; i++)
		g_string_append_c(out, (char)(value >> 8 * i));
}

static void
put_padded(GString *out, const void *data, gsize size)
{
	put32(out, (guint32)size);
	g_string_append_len(out, data, (gssize)size);
	for (; size % 4 != 0; size++)
		g_string_append_c(out, '\0');
}

/* A property of one value that says its length. */
static void
put_property(GString *out, guint16 tag, guint16 type, const void *data, gsize size)
{
	put32(out, (guint32)tag << 16 | type);
	if (tag >= 0x8000) {
		g_string_append_len(out, "0123456789abcdef", 16);
		put32(out, 1);
		put_padded(out, "N\0a\0", 4);
	}
	put32(out, 1);
	put_padded(out, data, size);
}

static void
put_string(GString *out, guint16 tag, const char *text)
{
	put_property(out, tag, TNEF_STRING8, text, strlen(text) + 1);
}

static void
put_wide(GString *out, guint16 tag, const char *text)
{
	g_autoptr(GString) wide = g_string_new(NULL);

	for (; *text != '\0'; text++) {
		g_string_append_c(wide, *text);
		g_string_append_c(wide, '\0');
	}
	g_string_append_len(wide, "\0\0", 2);
	put_property(out, tag, TNEF_UNICODE, wide->str, wide->len);
}

static void
put_attribute(GString *out, guint level, guint32 id, const void *data, gsize size)
{
	const guint8 *bytes = data;
	guint sum = 0;

	g_string_append_c(out, (char)level);
	put32(out, id);
	put32(out, (guint32)size);
	g_string_append_len(out, data, (gssize)size);
	for (gsize i = 0; i < size; i++)
		sum += bytes[i];
	g_string_append_c(out, (char)sum);
	g_string_append_c(out, (char)(sum >> 8));
}

static void
put_text(GString *out, guint level, guint32 id, const char *text)
{
	put_attribute(out, level, id, text, strlen(text) + 1);
}

static GString *
begin(void)
{
	GString *out = g_string_new(NULL);

	put32(out, 0x223E9F78);
	g_string_append_len(out, "\x01\x00", 2);
	put_attribute(out, 1, 0x00089006, "\x00\x00\x01\x00", 4);
	put_attribute(out, 1, TNEF_CODEPAGE, "\xE4\x04\0\0\0\0\0\0", 8);
	return out;
}

static void
put_old_file(GString *out, const char *title, const char *words)
{
	put_attribute(out, 2, TNEF_ATTACH_BEGIN, "\x01\x00\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 14);
	put_text(out, 2, TNEF_ATTACH_TITLE, title);
	put_attribute(out, 2, TNEF_ATTACH_DATA, words, strlen(words));
}

static void
check(const char *label, GString *bytes, const char *const *wants)
{
	kit_check_file(label, FILE_FIELDS, bytes->str, bytes->len, wants);
	g_string_free(bytes, TRUE);
}

static void
test_old(void)
{
	static const char *const wants[KIT_WANTS] = { "message scanned",
		"part 2 [data.bin] application/octet-stream | application/ms-tnef, read: ;",
		"body of 2: Falcon plan",
		("body of 2: Gr\xC3\xBC\xC3\x9F"
		 "e\nfrom Anna"),
		"part 2/PLAN.TXT [PLAN.TXT]  | text/plain, read: ;",
		"attachments of 2/PLAN.TXT: secret words", "filenames of 2/TWO.CSV: TWO.CSV",
		"attachments of 2/TWO.CSV: a,b" };
	GString *out = begin();

	put_text(out, 1, TNEF_SUBJECT, "Falcon plan");
	put_text(out, 1, TNEF_BODY,
	    "Gr\xFC\xDF"
	    "e\r\nfrom Anna");
	put_old_file(out, "PLAN.TXT", "secret words");
	put_old_file(out, "TWO.CSV", "a,b\n");
	check("attributes of the old kind", out, wants);
}

static GString *
with_properties(guint32 id, guint level, GString *list, guint count)
{
	GString *out = begin();
	g_autoptr(GString) data = g_string_new(NULL);

	put32(data, count);
	g_string_append_len(data, list->str, (gssize)list->len);
	put_attribute(out, level, id, data->str, data->len);
	g_string_free(list, TRUE);
	return out;
}

static void
test_properties(void)
{
	static const char *const wants[KIT_WANTS] = { "message scanned", "body of 2: Falcon plan",
		"body of 2: words of the body", "Anna Berg\nanna@corp.example\n",
		"attachments of 2: a named text", "body of 2/body: seen in HTML",
		"part 2/body [] text/html | text/html, read: ;" };
	GString *list = g_string_new(NULL);

	put_wide(list, 0x0037, "Falcon plan");
	put_string(list, 0x1000, "words of the body");
	put_string(list, 0x0C1A, "Anna Berg");
	put_wide(list, 0x0C1F, "anna@corp.example");
	put32(list, 0x0E060040); /* a date: eight bytes */
	put32(list, 1);
	put32(list, 2);
	put32(list, 0x0017000B);
	put32(list, 1);
	put_string(list, 0x8001, "a named text");
	put_property(list, 0x1013, TNEF_BINARY, "<p>seen in HTML</p>", 19);
	check("MAPI properties", with_properties(TNEF_PROPERTIES, 1, list, 8), wants);
}

/* The same by MAPI as the old way is said once; another one is another file. */
static void
test_attachments(void)
{
	static const char *const wants[KIT_WANTS] = { "message scanned",
		"part 2/The plan.txt [The plan.txt] text/plain | text/plain, read: ;",
		"filenames of 2/The plan.txt: The plan.txt",
		"filenames of 2/The plan.txt: PLAN~1.TXT", "secret words",
		"part 2/A message [A message]  | application/ms-tnef, read: ;",
		"body of 2/A message: Inner subject",
		"attachments of 2/A message/IN.TXT: inner words" };
	GString *out = begin(), *inner = begin(), *list = g_string_new(NULL);

	put_text(inner, 1, TNEF_SUBJECT, "Inner subject");
	put_old_file(inner, "IN.TXT", "inner words");
	put_old_file(out, "PLAN~1.TXT", "secret words");
	put32(list, 3);
	put_wide(list, 0x3707, "The plan.txt");
	put_string(list, 0x370E, "text/plain");
	put_property(list, 0x3701, TNEF_BINARY, "secret words", 12);
	put_attribute(out, 2, TNEF_ATTACH_PROPERTIES, list->str, list->len);
	put_attribute(out, 2, TNEF_ATTACH_BEGIN, "\x02\x00\xFF\xFF\xFF\xFF\0\0\0\0\0\0\0\0", 14);
	g_string_truncate(list, 0);
	g_string_prepend_len(inner, "\x07\x03\x02\0\0\0\0\0\xC0\0\0\0\0\0\0F", 16);
	put32(list, 2);
	put_wide(list, 0x3001, "A message");
	put_property(list, 0x3701, TNEF_OBJECT, inner->str, inner->len);
	put_attribute(out, 2, TNEF_ATTACH_PROPERTIES, list->str, list->len);
	check("files by MAPI, one of them a message", out, wants);
	g_string_free(inner, TRUE);
	g_string_free(list, TRUE);
}

static void
test_recipients(void)
{
	static const char *const wants[KIT_WANTS] = { "message scanned",
		"body of 2: Bob\nbob@rival.example\nZoe\n" };
	GString *rows = g_string_new(NULL);

	put32(rows, 2);
	put_string(rows, 0x3001, "Bob");
	put_string(rows, 0x3003, "bob@rival.example");
	put32(rows, 1);
	put_string(rows, 0x3001, "Zoe");
	check("a table of recipients", with_properties(TNEF_RECIPIENTS, 1, rows, 2), wants);
}

static void
test_faults(void)
{
	static const char *const sum[KIT_WANTS] = {
		"application/ms-tnef, read: a checksum is not as stated; malformed",
		"body of 2: Falcon plan"
	};
	static const char *const cut[KIT_WANTS] = { "message partial",
		"application/ms-tnef, broken: its end is missing; malformed",
		"of 2/A.TXT: secret" };
	static const char *const list[KIT_WANTS] = { "message partial",
		"broken: properties that cannot be read; malformed", "body of 2: Falcon plan",
		"of 2/A.TXT: secret words" };
	static const char *const nothing[KIT_WANTS] = {
		"application/ms-tnef, broken: its end is missing; malformed"
	};
	GString *out = begin();

	put_text(out, 1, TNEF_SUBJECT, "Falcon plan");
	out->str[out->len - 1] ^= 1;
	check("a wrong checksum", out, sum);
	out = begin();
	put_old_file(out, "A.TXT", "secret words");
	g_string_truncate(out, out->len - 5);
	check("cut in the middle of a file", out, cut);
	GString *properties = g_string_new(NULL);
	put_string(properties, 0x0037, "Falcon plan");
	put32(properties, 0x0000777F);
	out = with_properties(TNEF_PROPERTIES, 1, properties, 900000);
	put_old_file(out, "A.TXT", "secret words");
	check("a type that is none: what comes after is read", out, list);
	out = begin();
	g_string_append_len(out, "\x01\x04\x80\x01\x00\xFF\xFF\xFF\xFF", 9);
	check("four gigabytes that are not there", out, nothing);
}

/* Every length of a stream is read without a step outside (AddressSanitizer looks on). */
static void
test_every_length(void)
{
	GString *out = begin(), *list = g_string_new(NULL);

	put32(list, 2);
	put_string(list, 0x8001, "named");
	put_wide(list, 0x3707, "name");
	put_attribute(out, 2, TNEF_ATTACH_PROPERTIES, list->str, list->len);
	for (gsize size = 0; size <= out->len; size++) {
		g_autofree guint8 *copy = g_memdup2(out->str, size + 1);
		struct tnef tnef;
		struct tnef_attribute attribute;
		copy = g_realloc(copy, MAX(size, 1));
		bool begun = tnef_begin(&tnef, copy, size);
		g_assert_cmpint(begun, ==, size >= 6);
		while (begun && tnef_next(&tnef, &attribute)) {
			struct tnef_values values;
			struct tnef_value value;
			tnef_values_begin(&values, attribute.data, attribute.size, false);
			while (tnef_values_next(&values, &value))
				g_assert_true(value.data + value.size <= copy + size);
		}
	}
	g_string_free(out, TRUE);
	g_string_free(list, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/tnef/old", test_old);
	g_test_add_func("/worker/tnef/properties", test_properties);
	g_test_add_func("/worker/tnef/attachments", test_attachments);
	g_test_add_func("/worker/tnef/recipients", test_recipients);
	g_test_add_func("/worker/tnef/faults", test_faults);
	g_test_add_func("/worker/tnef/every-length", test_every_length);
	return g_test_run();
}
