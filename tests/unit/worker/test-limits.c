/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-limits - each limit at its edge: reached is fine, passed is never clean. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/dissect.h"

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

static void
test_unpacked(void)
{
	struct limits limits;

	limits_default(&limits);
	limits.unpacked = 1000;
	GString *mail = g_string_new("Subject: x\r\nContent-Type: image/png\r\n\r\n");
	for (gsize i = 0; i < 2000; i++)
		g_string_append_c(mail, 'a');
	check(&limits, mail, OUTCOME_PARTIAL, 0);
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
	return g_test_run();
}
