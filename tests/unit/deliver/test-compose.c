/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gmime/gmime.h>
#include <stdbool.h>
#include <string.h>

#include "base/fault.h"
#include "deliver/compose.h"

#define DIGEST "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static GMimeMessage *
parse(GBytes *bytes)
{
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	g_object_unref(parser);
	g_object_unref(stream);
	g_assert_nonnull(message);
	return message;
}

static GByteArray *
content(GMimeObject *part)
{
	GMimeStream *stream = g_mime_stream_mem_new();

	g_assert_true(GMIME_IS_PART(part));
	g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), stream);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	g_object_unref(stream);
	return bytes;
}

/* SMTP knows no other end of a line: a bare one may end the message early (RFC 5321, 2.3.8). */
static void
check_lines(GBytes *bytes)
{
	gsize size, length = 0;
	const char *data = g_bytes_get_data(bytes, &size);

	g_assert_cmpint(data[size - 1], ==, '\n');
	for (gsize i = 0; i < size; i++) {
		g_assert_cmpint(data[i], !=, '\0');
		g_assert_cmpuint((guchar)data[i], <, 0x80);
		if (data[i] == '\n')
			g_assert_true(i > 0 && data[i - 1] == '\r');
		if (data[i] == '\r')
			g_assert_true(i + 1 < size && data[i + 1] == '\n');
		length = data[i] == '\n' ? 0 : length + 1;
		g_assert_cmpuint(length, <, 998);
	}
}

/* The names of the headers of the whole message, joined. */
static char *
header_names(GMimeMessage *message)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(GMIME_OBJECT(message));
	GString *names = g_string_new(NULL);

	for (int i = 0; i < g_mime_header_list_get_count(list); i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		g_string_append_printf(names, "%s ", g_mime_header_get_name(header));
	}
	return g_string_free(names, FALSE);
}

static const struct compose plain = {
	.from = { "Example Corp", "flagpost@corp.example" },
	.to = (const struct compose_person[]){ { "officer", "o@corp.example" } },
	.n_to = 1,
	.kind = "report",
	.subject = "Flag report",
	.text = "no flags\n",
	.digest = DIGEST,
	.date = G_GINT64_CONSTANT(1795305600000000),
};

/* Whatever stands in a text, the message has the same headers, recipients and parts. */
static void
test_injection(void)
{
	static const struct {
		const char *label, *text;
	} cases[] = {
		{ "a plain text", "Example Corp" },
		{ "a header behind CRLF", "x\r\nBcc: thief@evil.example" },
		{ "a header behind LF alone", "x\nBcc: thief@evil.example" },
		{ "a header behind CR alone", "x\rBcc: thief@evil.example" },
		{ "the end of the headers", "x\r\n\r\n<script>alert(1)</script>" },
		{ "a line break behind a blank, as folding has it",
		    "x\r\n \r\nBcc: t@evil.example" },
		{ "the end of the message", "x\r\n.\r\nMAIL FROM:<t@evil.example>" },
		{ "a second recipient", "x\" <thief@evil.example>, \"y" },
		{ "a comment that does not end", "x ( y" },
		{ "an encoded word that decodes to a line break",
		    "=?utf-8?q?x=0D=0ABcc:_thief@evil.example?=" },
		{ "other ends of lines: NEL, LS", "x\302\205Bcc: t@evil.example\342\200\250y" },
		{ "a turn of direction", "x\342\200\256elpmaxe" },
		{ "broken UTF-8", "x\377\376\r\nBcc: thief@evil.example" },
		{ "another script",
		    "\320\237\321\200\320\270\320\274\320\265\321\200 \346\226\207" },
		{ "nothing", "" },
		{ "more than a line can hold", NULL },
	};
	g_autofree char *long_text = g_strnfill(5000, 'x');

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		const char *text = cases[i].text != NULL ? cases[i].text : long_text;
		struct compose_person to = { text, "o@corp.example" };
		g_autoptr(GBytes) page = g_bytes_new_static("<p>", 3);
		struct compose_file file = { text, "text/html", page };
		struct compose compose = plain;
		compose.from.name = text;
		compose.to = &to;
		compose.subject = text;
		compose.text = text;
		compose.files = &file;
		compose.n_files = 1;
		g_test_message("%s", cases[i].label);
		g_autoptr(GBytes) bytes = compose_message(&compose, &error);
		g_assert_no_error(error);
		check_lines(bytes);
		GMimeMessage *message = parse(bytes);
		g_autofree char *names = header_names(message);
		/* An empty subject is a header all the same. */
		g_assert_cmpstr(names, ==,
		    "Date From Subject To Message-Id Auto-Submitted X-Flagpost-Report "
		    "MIME-Version ");
		InternetAddressList *list = g_mime_message_get_to(message);
		g_assert_cmpint(internet_address_list_length(list), ==, 1);
		InternetAddress *one = internet_address_list_get_address(list, 0);
		g_assert_cmpstr(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)),
		    ==, "o@corp.example");
		GMimeMultipart *mixed = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
		g_assert_cmpint(g_mime_multipart_get_count(mixed), ==, 2);
		const char *subject = g_mime_message_get_subject(message);
		g_assert_true(g_utf8_validate(subject, -1, NULL));
		g_assert_null(strpbrk(subject, "\r\n"));
		g_object_unref(message);
	}
}

static void
test_headers(void)
{
	static const struct {
		const char *name, *value;
	} cases[] = {
		{ "From", "Example Corp <flagpost@corp.example>" },
		{ "To", "officer <o@corp.example>" },
		{ "Date", "Sun, 22 Nov 2026 00:00:00 +0000" },
		{ "Message-Id", "<report." DIGEST "@corp.example>" },
		{ "Auto-Submitted", "auto-generated" },
		{ "X-Flagpost-Report", DIGEST },
		{ "MIME-Version", "1.0" },
	};
	g_autoptr(GBytes) bytes = compose_message(&plain, NULL);
	g_autoptr(GBytes) again = compose_message(&plain, NULL);
	GMimeMessage *message = parse(bytes), *other = parse(again);

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpstr(g_mime_object_get_header(GMIME_OBJECT(message), cases[i].name), ==,
		    cases[i].value);
	}
	/* The same report is the same message, so that a reader's server may drop a second one. */
	g_assert_cmpstr(
	    g_mime_message_get_message_id(message), ==, g_mime_message_get_message_id(other));
	g_object_unref(message);
	g_object_unref(other);
}

/* What arrives is what was written, byte for byte. */
static void
test_files(void)
{
	static const struct {
		const char *label, *bytes;
		gsize size;
	} cases[] = {
		{ "a page", "<!doctype html>\n<p>x</p>\n", 25 },
		{ "lines that end in CRLF, as CSV has them", "\"a\",\"b\"\r\n\"c\",\"d\"\r\n", 18 },
		{ "no end of line at the end", "x", 1 },
		{ "a dot on a line of its own", "\r\n.\r\nQUIT\r\n", 11 },
		{ "bytes of all kinds", "\0\377\r\n\r\n--\n\0", 10 },
		{ "nothing", "", 0 },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GBytes) given = g_bytes_new_static(cases[i].bytes, cases[i].size);
		struct compose_file file = { "2026-11-22.html", "text/html", given };
		struct compose compose = plain;
		compose.files = &file;
		compose.n_files = 1;
		g_test_message("%s", cases[i].label);
		g_autoptr(GBytes) bytes = compose_message(&compose, NULL);
		check_lines(bytes);
		GMimeMessage *message = parse(bytes);
		GMimeMultipart *mixed = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
		GMimeObject *part = g_mime_multipart_get_part(mixed, 1);
		GByteArray *got = content(part);
		g_assert_cmpmem(got->data, got->len, cases[i].bytes, (guint)cases[i].size);
		g_assert_cmpstr(g_mime_part_get_filename(GMIME_PART(part)), ==, "2026-11-22.html");
		g_byte_array_unref(got);
		g_object_unref(message);
	}
}

static void
test_text(void)
{
	static const char text[] = "Fl\303\244g report\n\n.\nFrom here = 3 flags \nend\n";
	static const char wanted[] =
	    "Fl\303\244g report\r\n\r\n.\r\nFrom here = 3 flags \r\nend\r\n";
	struct compose compose = plain;

	compose.text = text;
	g_autoptr(GBytes) bytes = compose_message(&compose, NULL);
	check_lines(bytes);
	GMimeMessage *message = parse(bytes);
	GMimeMultipart *mixed = GMIME_MULTIPART(g_mime_message_get_mime_part(message));
	GByteArray *got = content(g_mime_multipart_get_part(mixed, 0));
	g_assert_cmpmem(got->data, got->len, wanted, (guint)strlen(wanted));
	g_byte_array_unref(got);
	g_object_unref(message);
}

static void
test_addresses(void)
{
	static const struct {
		const char *label, *from, *to;
	} cases[] = {
		{ "a recipient behind a line break", "a@x.example", "o@x.example\r\nBcc: t@evil" },
		{ "a sender with a name", "X <a@x.example>", "o@x.example" },
		{ "a sender that is none", "a", "o@x.example" },
		{ "two recipients in one", "a@x.example", "o@x.example,t@evil.example" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GError) error = NULL;
		struct compose_person to = { "o", cases[i].to };
		struct compose compose = plain;
		compose.from.mail = cases[i].from;
		compose.to = &to;
		g_test_message("%s", cases[i].label);
		g_assert_null(compose_message(&compose, &error));
		g_assert_error(error, FAULT, FAULT_CONFIG);
		g_assert_null(strpbrk(error->message, "\r\n"));
	}
}

int
main(int argc, char **argv)
{
	g_mime_init();
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/compose/injection", test_injection);
	g_test_add_func("/compose/headers", test_headers);
	g_test_add_func("/compose/files", test_files);
	g_test_add_func("/compose/text", test_text);
	g_test_add_func("/compose/addresses", test_addresses);
	return g_test_run();
}
