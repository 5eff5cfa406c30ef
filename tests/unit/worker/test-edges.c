/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test-edges - what hostile mail may cost, limit by limit: as much as the limit says is read as
 * any mail, one more makes it partial and says what was left. Those of time and ratio are in
 * test-limits, pixels in test-ocr, the size of a message where it is fetched.
 */
#include "kit.h"

#include <gio/gio.h>

#define TOP "From: anna@corp.example\r\nSubject: x\r\n"

/* A block of n bytes and a body. */
static GString *
header_bytes(guint n)
{
	GString *mail = g_string_new(TOP "X-Long: ");

	while (mail->len + 2 < n)
		g_string_append_c(mail, 'a');
	return g_string_append(mail, "\r\n\r\nthe falcon\r\n");
}

static GString *
header_lines(guint n)
{
	GString *mail = g_string_new(TOP);

	for (guint i = 2; i < n; i++)
		g_string_append_printf(mail, "X-%u: y\r\n", i);
	return g_string_append(mail, "\r\nthe falcon\r\n");
}

static GString *
addresses(guint n)
{
	GString *mail = g_string_new(TOP "To: b@rival.example");

	for (guint i = 2; i < n; i++)
		g_string_append_printf(mail, ",\r\n b%u@rival.example", i);
	return g_string_append(mail, "\r\n\r\nthe falcon\r\n");
}

/* One header a recipient. */
static GString *
recipients(guint n)
{
	GString *mail = g_string_new(TOP);

	for (guint i = 1; i < n; i++)
		g_string_append_printf(mail, "To: b%u@rival.example\r\n", i);
	return g_string_append(mail, "\r\nthe falcon\r\n");
}

static GString *
parts(guint n)
{
	GString *mail = g_string_new(TOP "Content-Type: multipart/mixed; boundary=b\r\n\r\n");

	for (guint i = 0; i < n; i++)
		g_string_append(mail, "--b\r\n\r\nthe falcon\r\n");
	return g_string_append(mail, "--b--\r\n");
}

static GString *
multiparts(guint n)
{
	GString *mail = g_string_new(TOP);

	for (guint i = 0; i < n; i++)
		g_string_append_printf(
		    mail, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
	g_string_append(mail, "\r\nthe falcon\r\n");
	for (guint i = n; i-- > 0;)
		g_string_append_printf(mail, "--b%u--\r\n", i);
	return mail;
}

static GString *
messages(guint n)
{
	GString *mail = g_string_new(TOP);

	for (guint i = 0; i < n; i++)
		g_string_append(mail, "Content-Type: message/rfc822\r\n\r\nSubject: y\r\n");
	return g_string_append(mail, "\r\nthe falcon\r\n");
}

static GString *
file_of(const char *name, const void *bytes, gsize size)
{
	g_autofree char *fields =
	    g_strdup_printf("Content-Type: application/octet-stream; name=%s\r\n", name);

	return kit_mail(fields, bytes, size);
}

/* One ustar entry. */
static void
add_entry(GByteArray *tar, const char *name, char type, const GByteArray *content)
{
	gsize size = content != NULL ? content->len : 0;
	char block[512] = { 0 };
	guint sum = 8 * ' ';

	g_snprintf(block, 100, "%s", name);
	memcpy(block + 100, "0000644\0000000000\0000000000", 24);
	g_snprintf(block + 124, 12, "%011" G_GSIZE_MODIFIER "o", size);
	memcpy(block + 136, "00000000000", 12);
	block[156] = type;
	memcpy(block + 257, "ustar\00000", 8);
	for (gsize i = 0; i < sizeof block; i++)
		sum += (guchar)block[i];
	g_snprintf(block + 148, 8, "%06o", sum);
	block[155] = ' ';
	g_byte_array_append(tar, (const guint8 *)block, sizeof block);
	if (size == 0)
		return;
	g_byte_array_append(tar, content->data, content->len);
	guint end = tar->len, whole = (end + 511) / 512 * 512;
	g_byte_array_set_size(tar, whole);
	memset(tar->data + end, 0, whole - end);
}

static void
end_tar(GByteArray *tar)
{
	static const guint8 end[1024] = { 0 };

	g_byte_array_append(tar, end, sizeof end);
}

/* A text in n archives within one another. */
static GString *
archives(guint n)
{
	GByteArray *bytes = g_byte_array_new();

	g_byte_array_append(bytes, (const guint8 *)"the falcon\n", 11);
	for (guint i = 0; i < n; i++) {
		GByteArray *outer = g_byte_array_new();
		add_entry(outer, i == 0 ? "plan.txt" : "a.tar", '0', bytes);
		end_tar(outer);
		g_byte_array_unref(bytes);
		bytes = outer;
	}
	GString *mail = file_of("a.tar", bytes->data, bytes->len);
	g_byte_array_unref(bytes);
	return mail;
}

/* A tar of n directories, which are members and no parts. */
static GString *
members(guint n)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	for (guint i = 0; i < n; i++) {
		g_autofree char *name = g_strdup_printf("d%u/", i);
		add_entry(tar, name, '5', NULL);
	}
	end_tar(tar);
	return file_of("a.tar", tar->data, tar->len);
}

/* A tar of so many files that it has n parts with the text and the tar. */
static GString *
files(guint n)
{
	g_autoptr(GByteArray) tar = g_byte_array_new();
	for (guint i = 2; i < n; i++) {
		g_autofree char *name = g_strdup_printf("f%u", i);
		add_entry(tar, name, '0', NULL);
	}
	end_tar(tar);
	return file_of("a.tar", tar->data, tar->len);
}

/*
 * A tar and NUL bytes behind its end, together n bytes, as gzip: libarchive looks through them for
 * another tar, and hands out none of them.
 */
static GString *
behind_tar(guint n)
{
	g_autoptr(GZlibCompressor) gzip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
	g_autoptr(GByteArray) tar = g_byte_array_new(), text = g_byte_array_new();
	g_autofree guint8 *packed = g_malloc(n);
	gsize taken, used;

	g_byte_array_append(text, (const guint8 *)"the falcon\n", 11);
	add_entry(tar, "plan.txt", '0', text);
	guint end = tar->len;
	g_byte_array_set_size(tar, n);
	memset(tar->data + end, 0, n - end);
	GConverterResult result = g_converter_convert(G_CONVERTER(gzip), tar->data, tar->len,
	    packed, n, G_CONVERTER_INPUT_AT_END, &taken, &used, NULL);
	g_assert_cmpint(result, ==, G_CONVERTER_FINISHED);
	return file_of("a.tgz", packed, used);
}

/* A body of n bytes. */
static GString *
text(guint n)
{
	GString *mail = g_string_new(TOP "\r\n");

	for (guint i = 0; i < n; i++)
		g_string_append_c(mail, 'a');
	return mail;
}

/* Two bodies of n bytes together. */
static GString *
two_texts(guint n)
{
	GString *mail =
	    g_string_new(TOP "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n");

	for (guint i = 0; i < n; i++)
		g_string_append(mail, i == n / 2 ? "\r\n--b\r\n\r\na" : "a");
	return g_string_append(mail, "\r\n--b--\r\n");
}

/* A message of n readings beyond the first. */
static GString *
readings(guint n)
{
	GString *mail = g_string_new(TOP);

	for (guint i = 0; i <= n; i++)
		g_string_append_printf(mail, "Content-Type: multipart/mixed; boundary=c%u-\n", i);
	g_string_append_c(mail, '\n');
	for (guint i = 0; i <= n; i++)
		g_string_append_printf(mail, "--c%u-\n\nword%u\n--c%u---\n", i, i, i);
	return mail;
}

/* A card of n bytes. */
static GString *
card(guint n)
{
	static const char begin[] = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Anna\r\nNOTE:";
	static const char end[] = "\r\nEND:VCARD\r\n";
	g_autoptr(GString) bytes = g_string_new(begin);

	while (bytes->len + strlen(end) < n)
		g_string_append_c(bytes, 'a');
	g_string_append(bytes, end);
	return file_of("anna.vcf", bytes->str, bytes->len);
}

static const struct {
	const char *label, *limit;
	guint value;
	GString *(*build)(guint n);
	const char *wants[KIT_WANTS]; /* of one more than the limit */
} edges[] = {
	{ "bytes of a header block: the body is read all the same", "header", 9000, header_bytes,
	    { "body of 1: the falcon" } },
	{ "lines of a header block", "headers", 60, header_lines, { "body of 1: the falcon" } },
	{ "addresses, a header each", "addresses", 100, recipients, { "body of 1: the falcon" } },
	{ "addresses in few headers", "addresses", 100, addresses, { NULL } },
	{ "parts", "parts", 12, parts, { "too-many-parts", "body of 12: the falcon" } },
	{ "files in an archive are parts", "parts", 12, files,
	    { "too-many-parts", "over-limit: more files within than are looked at" } },
	{ "multiparts in multiparts", "depth", 5, multiparts, { "too-many-parts" } },
	{ "messages in messages", "depth", 5, messages, { "over-limit" } },
	{ "members of an archive", "members", 20, members,
	    { "over-limit: more members than are looked at; archive-bomb" } },
	{ "archives in archives", "archives", 3, archives,
	    { "over-limit: nested too deep; archive-too-deep" } },
	{ "text of one part", "text", 65536, text,
	    { "over-limit: more text than is looked at, 65536 of 65537 bytes read" } },
	{ "text of one message", "text_message", 65536, two_texts,
	    { "over-limit: more text than is looked at: 32768 of 32769 bytes of it" } },
	{ "bytes decoded", "unpacked", 1048576, text, { "over-limit" } },
	{ "bytes of a compressed file that are nobody's", "unpacked", 1048576, behind_tar,
	    { "attachments of 2/plan.txt: the falcon",
		"over-limit: unpacks to more than is looked at; archive-bomb" } },
	{ "an object that lies in memory", "object", 1048576, card, { "over-limit" } },
	{ "readings of an ambiguous message", "readings", 3, readings, { "word3" } },
};

static void
set_limit(struct limits *limits, const char *key, guint64 value)
{
	const struct limit_row *row = limit_rows;

	while (strcmp(row->key, key) != 0)
		row++;
	g_assert_cmpuint(value, >=, row->min);
	*limits_field(limits, row) = value;
}

static void
test_edges(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(edges); i++) {
		for (guint over = 0; over < 2; over++) {
			struct limits limits;
			limits_default(&limits);
			limits.seconds_per_message = limits.seconds_per_part = 600;
			set_limit(&limits, edges[i].limit, edges[i].value);
			GString *mail = edges[i].build(edges[i].value + over);
			g_autoptr(message) message = kit_dissect(&limits, mail->str, mail->len);
			g_autofree char *dump = kit_dump(message);
			const char *const at[] = { "message scanned", "!over-limit", NULL };
			g_test_message("%s, %u", edges[i].label, edges[i].value + over);
			kit_expect(edges[i].label, dump, over == 0 ? at : edges[i].wants);
			g_assert_cmpint(
			    message->outcome, ==, over == 0 ? OUTCOME_SCANNED : OUTCOME_PARTIAL);
			g_string_free(mail, TRUE);
		}
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/edges", test_edges);
	return g_test_run();
}
