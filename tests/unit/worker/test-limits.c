/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-limits - each limit at its edge: reached is fine, passed is never clean. */
#include <gio/gio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"
#include "worker/extract.h"

static struct message *
dissected(const struct limits *limits, const char *bytes, gsize size)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(dissect) dissect = dissect_new(limits, &error);
	int fd = memfd_create("mail", MFD_CLOEXEC);

	g_assert_no_error(error);
	g_assert_true(io_write_all(fd, bytes, size, NULL));
	struct message *message = dissect_message(dissect, fd, false, &error);
	g_assert_no_error(error);
	close(fd);
	return message;
}

static GString *
multipart(guint parts)
{
	GString *mail =
	    g_string_new("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");

	for (guint i = 0; i < parts; i++)
		g_string_append(mail, "--b\r\nContent-Type: text/plain\r\n\r\nwords\r\n");
	g_string_append(mail, "--b--\r\n");
	return mail;
}

static void
check(const struct limits *limits, GString *mail, enum outcome outcome, guint facts)
{
	g_autoptr(message) message = dissected(limits, mail->str, mail->len);

	g_assert_cmpint(message->outcome, ==, outcome);
	g_assert_cmphex(message->facts & (FACT_TOO_MANY_PARTS), ==, facts);
	g_string_free(mail, TRUE);
}

static void
test_parts(void)
{
	struct limits limits;

	limits_default(&limits);
	limits.parts = 5;
	check(&limits, multipart(5), OUTCOME_SCANNED, 0);
	check(&limits, multipart(6), OUTCOME_PARTIAL, FACT_TOO_MANY_PARTS);
	/* So many that GMime is not even asked. */
	check(&limits, multipart(5000), OUTCOME_PARTIAL, FACT_TOO_MANY_PARTS);
}

static GString *
nest(guint levels)
{
	GString *mail = g_string_new("Subject: x\r\n");

	for (guint i = 0; i < levels; i++)
		g_string_append_printf(
		    mail, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
	g_string_append(mail, "Content-Type: text/plain\r\n\r\nwords\r\n");
	for (guint i = levels; i-- > 0;)
		g_string_append_printf(mail, "--b%u--\r\n", i);
	return mail;
}

static void
test_depth(void)
{
	struct limits limits;

	limits_default(&limits);
	check(&limits, nest((guint)limits.depth), OUTCOME_SCANNED, 0);
	check(&limits, nest((guint)limits.depth + 1), OUTCOME_PARTIAL, FACT_TOO_MANY_PARTS);
	check(&limits, nest(3000), OUTCOME_PARTIAL, FACT_TOO_MANY_PARTS);
}

static void
test_text(void)
{
	struct limits limits;

	limits_default(&limits);
	limits.text = 4096;
	for (gsize extra = 0; extra < 2; extra++) {
		GString *mail = g_string_new("Subject: x\r\n\r\n");
		for (gsize i = 0; i < 4096 + extra; i++)
			g_string_append_c(mail, 'a');
		g_autoptr(message) message = dissected(&limits, mail->str, mail->len);
		const struct part *part = message->parts->pdata[0];
		g_assert_cmpint(part->outcome, ==, extra == 0 ? PART_READ : PART_OVER_LIMIT);
		g_assert_cmpint(
		    message->outcome, ==, extra == 0 ? OUTCOME_SCANNED : OUTCOME_PARTIAL);
		const struct text *last = message->texts->pdata[message->texts->len - 1];
		g_assert_cmpuint(last->size, ==, 4096);
		g_string_free(mail, TRUE);
	}
}

static void
test_headers(void)
{
	struct limits limits;

	limits_default(&limits);
	limits.header = 64 * 1024;
	GString *mail = g_string_new("Subject: x\r\nTo: bob@rival.example\r\n");
	while (mail->len < 80 * 1024)
		g_string_append(mail, "X-Long: some words that fill the block\r\n");
	g_string_append(mail, "\r\nthe falcon\r\n");
	g_autoptr(message) message = dissected(&limits, mail->str, mail->len);
	/* The body is read all the same. */
	const struct text *last = message->texts->pdata[message->texts->len - 1];
	g_assert_cmpint(message->outcome, ==, OUTCOME_PARTIAL);
	g_assert_cmpstr(last->data, ==, "the falcon\n");
	g_assert_cmpuint(message->addresses->len, ==, 1);
	g_string_free(mail, TRUE);
}

/* Each at, one above and one below what the mail needs. */
static void
test_unpacked(void)
{
	struct limits limits;

	limits_default(&limits);
	for (guint64 limit = 1999; limit <= 2001; limit++) {
		GString *mail = g_string_new("Subject: x\r\n\r\n");
		for (gsize i = 0; i < 2000; i++)
			g_string_append_c(mail, 'a');
		limits.unpacked = limit;
		check(&limits, mail, limit < 2000 ? OUTCOME_PARTIAL : OUTCOME_SCANNED, 0);
	}
}

static void
test_text_message(void)
{
	struct limits limits;

	limits_default(&limits);
	for (guint64 limit = 5999; limit <= 6001; limit++) {
		GString *mail =
		    g_string_new("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
		for (gsize part = 0; part < 2; part++) {
			g_string_append(mail, "--b\r\nContent-Type: text/plain\r\n\r\n");
			for (gsize i = 0; i < 3000; i++)
				g_string_append_c(mail, 'a');
			g_string_append(mail, "\r\n");
		}
		g_string_append(mail, "--b--\r\n");
		limits.text_message = limit;
		g_autoptr(message) message = dissected(&limits, mail->str, mail->len);
		const struct part *first = message->parts->pdata[0];
		const struct part *last = message->parts->pdata[1];
		g_assert_cmpint(first->outcome, ==, PART_READ);
		g_assert_cmpint(last->outcome, ==, limit < 6000 ? PART_OVER_LIMIT : PART_READ);
		g_assert_cmpint(
		    message->outcome, ==, limit < 6000 ? OUTCOME_PARTIAL : OUTCOME_SCANNED);
		g_string_free(mail, TRUE);
	}
}

/* A gzip file of so many bytes of one kind and then some text, as a mail in base64. */
static GString *
gzipped(char byte, gsize size, const char *text, gsize *packed)
{
	g_autoptr(GZlibCompressor) gzip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
	g_autofree char *plain = g_malloc(size + strlen(text));
	g_autofree char *out = g_malloc(size);
	gsize taken, used;

	memset(plain, byte, size);
	memcpy(plain + size, text, strlen(text));
	GConverterResult result = g_converter_convert(G_CONVERTER(gzip), plain, size + strlen(text),
	    out, size, G_CONVERTER_INPUT_AT_END, &taken, &used, NULL);

	g_assert_cmpint(result, ==, G_CONVERTER_FINISHED);
	g_autofree char *base64 = g_base64_encode((guchar *)out, used);
	GString *mail = g_string_new("Subject: x\r\nContent-Type: application/gzip; name=a.gz\r\n"
				     "Content-Transfer-Encoding: base64\r\n\r\n");
	g_string_append(mail, base64);
	*packed = used;
	return mail;
}

static void
test_ratio(void)
{
	const gsize size = 12 * 1024 * 1024;
	struct limits limits;
	gsize packed;
	GString *mail = gzipped(1, size, "", &packed);

	limits_default(&limits);
	limits.seconds_per_message = limits.seconds_per_part = 600; /* valgrind is slow */
	for (gsize below = 0; below < 2; below++) {
		limits.ratio = size / packed - below;
		g_autoptr(message) message = dissected(&limits, mail->str, mail->len);
		const struct part *part = message->parts->pdata[0];
		g_assert_cmpint(part->outcome, ==, below == 0 ? PART_READ : PART_OVER_LIMIT);
		g_assert_cmphex(
		    part->facts & FACT_ARCHIVE_BOMB, ==, below == 0 ? 0 : (guint)FACT_ARCHIVE_BOMB);
	}
	g_string_free(mail, TRUE);
}

/* NUL bytes are the end of a tar archive, and no reason to pass what stands behind them. */
static void
test_no_tar(void)
{
	struct limits limits;
	gsize packed;
	GString *mail = gzipped('\0', 8192, "the falcon", &packed);

	limits_default(&limits);
	g_autoptr(message) message = dissected(&limits, mail->str, mail->len);
	g_assert_cmpuint(message->parts->len, ==, 2);
	const struct part *member = message->parts->pdata[1];
	g_assert_cmpuint(member->size, ==, 8192 + strlen("the falcon"));
	g_string_free(mail, TRUE);
}

/* --- time, by a clock that the test winds --- */

static gint64 now, tick;

static gint64
test_clock(void)
{
	now += tick;
	return now;
}

#define SECONDS G_GINT64_CONSTANT(1000000)

/* Text in two pieces, the second after a time. */
static enum part_outcome
slow_part(struct scan *scan, const char *path, gint64 pause)
{
	static const guint8 half[] = "words and more words\n";
	guint index = scan_add_part(scan, path, 0);
	struct item *item = extract_begin(scan, index, 0, true, NULL);

	g_assert_true(extract_add(item, half, sizeof half - 1));
	now += pause;
	extract_add(item, half, sizeof half - 1);
	extract_end(item);
	return scan_part(scan, index)->outcome;
}

static void
test_time(void)
{
	g_autoptr(GError) error = NULL;
	struct limits limits;
	struct scan scan = { .limits = &limits, .clock = test_clock };

	limits_default(&limits);
	limits.seconds_per_part = 3;
	scan.charset = charset_new();
	scan.sniff = sniff_new(&error);
	scan.message = message_new();
	now = 1;
	scan.deadline = now + 8 * SECONDS;
	g_assert_cmpint(slow_part(&scan, "1", 3 * SECONDS), ==, PART_READ);
	g_assert_cmpint(scan.message->outcome, ==, OUTCOME_SCANNED);
	/* One that is late costs no other its reading. */
	g_assert_cmpint(slow_part(&scan, "2", 3 * SECONDS + 1), ==, PART_TIMEOUT);
	g_assert_cmpint(scan.message->outcome, ==, OUTCOME_PARTIAL);
	g_assert_false(scan.out_of_time);
	g_assert_cmpint(slow_part(&scan, "3", 1 * SECONDS), ==, PART_READ);
	g_assert_false(scan_late(&scan));
	/* But the message's own time is that of all. */
	g_assert_cmpint(slow_part(&scan, "4", 1 * SECONDS), ==, PART_TIMEOUT);
	g_assert_true(scan.out_of_time);
	g_assert_true(scan_late(&scan));
	message_free(scan.message);
	sniff_free(scan.sniff);
	charset_free(scan.charset);
}

/* A text that may be of two charsets (RFC 1843) is read once more: not when that is too late. */
static void
test_time_second(void)
{
	static const guint8 two[] = "~{<:Ky2;NpJ)l6HK!#~}\n";
	g_autoptr(GError) error = NULL;
	struct limits limits;
	struct scan scan = { .limits = &limits, .clock = test_clock };

	limits_default(&limits);
	limits.seconds_per_part = 2; /* it is asked for the time when it begins, gets bytes, ends */
	scan.charset = charset_new();
	scan.sniff = sniff_new(&error);
	for (guint late = 0; late < 2; late++) {
		enum part_outcome wanted = late ? PART_TIMEOUT : PART_READ;
		guint texts = late ? 1 : 2;
		scan.message = message_new();
		now = 1;
		tick = late * SECONDS;
		guint index = scan_add_part(&scan, "1", 0);
		struct item *item = extract_begin(&scan, index, 0, true, "utf-8");
		extract_add(item, two, sizeof two - 1);
		extract_end(item);
		g_assert_cmpint(scan_part(&scan, index)->outcome, ==, wanted);
		g_assert_cmpuint(scan.message->texts->len, ==, texts);
		message_free(scan.message);
	}
	tick = 0;
	sniff_free(scan.sniff);
	charset_free(scan.charset);
}

/* A part within has no more time than the one around it has left. */
static void
test_time_within(void)
{
	struct limits limits;
	struct scan scan = { .limits = &limits, .clock = test_clock };

	limits_default(&limits);
	limits.seconds_per_part = 3;
	now = 1;
	gint64 outermost = scan_begin_part(&scan);
	now += 2 * SECONDS;
	gint64 around = scan_begin_part(&scan);
	now += 1 * SECONDS;
	g_assert_false(scan_late(&scan));
	now += 1;
	g_assert_true(scan_late(&scan));
	scan_end_part(&scan, around);
	g_assert_true(scan_late(&scan));
	scan_end_part(&scan, outermost);
	g_assert_false(scan_late(&scan));
}

/* Every limit has its line in the manual, with its default. */
static void
test_documented(void)
{
	g_autofree char *path =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "docs", "man", "flagpost.1", NULL);
	g_autofree char *manual = NULL;

	g_assert_true(g_file_get_contents(path, &manual, NULL, NULL));
	for (const struct limit_row *row = limit_rows; row->key != NULL; row++) {
		guint64 value = row->fallback;
		const char *unit = "";
		if (row->unit == LIMIT_BYTES && value % (1 << 30) == 0)
			value >>= 30, unit = "G";
		else if (row->unit == LIMIT_BYTES && value % (1 << 20) == 0)
			value >>= 20, unit = "M";
		else if (row->unit == LIMIT_BYTES && value % (1 << 10) == 0)
			value >>= 10, unit = "k";
		g_autofree char *line =
		    g_strdup_printf("\n.BR %s \" (%" G_GUINT64_FORMAT "%s)\"\n%s", row->key, value,
			unit, row->help);
		if (strstr(manual, line) == NULL)
			g_error("docs/man/flagpost.1 lacks:%s", line);
	}
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/limits/parts", test_parts);
	g_test_add_func("/worker/limits/depth", test_depth);
	g_test_add_func("/worker/limits/text", test_text);
	g_test_add_func("/worker/limits/headers", test_headers);
	g_test_add_func("/worker/limits/unpacked", test_unpacked);
	g_test_add_func("/worker/limits/text-message", test_text_message);
	g_test_add_func("/worker/limits/ratio", test_ratio);
	g_test_add_func("/worker/limits/no-tar", test_no_tar);
	g_test_add_func("/worker/limits/time", test_time);
	g_test_add_func("/worker/limits/time-second", test_time_second);
	g_test_add_func("/worker/limits/time-within", test_time_within);
	g_test_add_func("/worker/limits/documented", test_documented);
	return g_test_run();
}
