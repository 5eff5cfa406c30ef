/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-plain - plain mail is read without GMime, and as GMime reads it; all other mail is not. */
#include <fcntl.h>

#include "alike.h"
#include "worker/plain.h"
#include "worker/seen.h"

#define TOP  "From: anna@corp.example\nTo: bob@rival.example\nSubject: x\nMIME-Version: 1.0\n"
#define TEXT "Content-Type: text/plain; charset=utf-8\n\nhello\n"
#define FILE                                                                                       \
	"Content-Type: application/octet-stream; name=\"a b.bin\"\n"                               \
	"Content-Disposition: attachment; filename=\"a b.bin\"\n"                                  \
	"Content-Transfer-Encoding: base64\n\naGVsbG8gd29ybGQ=\n"
#define MIX "Content-Type: multipart/mixed; boundary=\"b\"\n"

/* Line ends become CRLF, a form feed a line feed alone. */
static const struct row {
	const char *label;
	const char *mail;
	bool plain;
} rows[] = {
	{ "one text", TOP TEXT, true },
	{ "one text without a type", TOP "\nhello\n", true },
	{ "a text and a file", TOP MIX "\n--b\n" TEXT "--b\n" FILE "--b--\n", true },
	{ "the line for programs without MIME",
	    TOP MIX "\nThis is a multi-part message in MIME format.\n--b\n" TEXT "--b--\n", true },
	{ "a multipart in a multipart",
	    TOP MIX "\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n" TEXT
		    "--c--\n\n--b\n" FILE "--b--\n",
	    true },
	{ "boundaries of which one begins with the other",
	    TOP MIX "\n--b\nContent-Type: multipart/alternative; boundary=bc\n\n--bc\n" TEXT
		    "--bc--\n\n--b\n" FILE "--b--\n",
	    true },
	{ "a last line of a part that ends unlike the others",
	    TOP MIX "\n--b\nContent-Type: text/plain\n\nhello\f--b--\n", false },
	{ "a last boundary line that does not end", TOP MIX "\n--b\n" TEXT "--b--", false },
	{ "no last boundary", TOP MIX "\n--b\n" TEXT, false },
	{ "words before the first part", TOP MIX "\nhidden words\n--b\n" TEXT "--b--\n", false },
	{ "words behind the last part", TOP MIX "\n--b\n" TEXT "--b--\nhidden words\n", false },
	{ "a part behind the end", TOP MIX "\n--b\n" TEXT "--b--\n--b\n" FILE "--b--\n", false },
	{ "blanks behind a boundary", TOP MIX "\n--b \n" TEXT "--b--\n", false },
	{ "a part without fields", TOP MIX "\n--b\n\nhello\n--b--\n", false },
	{ "two types", TOP "Content-Type: text/html\n" TEXT, false },
	{ "two charsets", TOP "Content-Type: text/plain; charset=a; charset=b\n\nhello\n", false },
	{ "a field of MIME twice", TOP "Content-ID: <a@b>\nContent-ID: <c@d>\n" TEXT, false },
	{ "two senders", "From: eve@corp.example\n" TOP TEXT, false },
	{ "two senders in a part",
	    TOP MIX "\n--b\nFrom: a@corp.example\nFrom: b@corp.example\n" TEXT "--b--\n", false },
	{ "no semicolon before the boundary",
	    TOP "Content-Type: multipart/mixed boundary=b\n\n--b\n" TEXT "--b--\n", false },
	{ "a comment in the type", TOP "Content-Type: text/plain (x); a=b\n\nhello\n", false },
	{ "an unknown encoding", TOP "Content-Transfer-Encoding: rot13\n" TEXT, false },
	{ "base64 that nobody declares",
	    TOP "\nVGhlIHBhcGVycyBhcmUgd2l0aCB0aGUgY29tcGV0aXRvciBub3csIGFzIGFncmVlZC4=\n", false },
	{ "a multipart in base64",
	    TOP MIX "Content-Transfer-Encoding: base64\n\n--b\n" TEXT "--b--\n", false },
	{ "a message within", TOP MIX "\n--b\nContent-Type: message/rfc822\n\n" TOP TEXT "--b--\n",
	    false },
	{ "a digest", TOP "Content-Type: multipart/digest; boundary=b\n\n--b\n" TEXT "--b--\n",
	    false },
	{ "something encrypted",
	    TOP "Content-Type: multipart/encrypted; boundary=b\n\n--b\n" TEXT "--b--\n", false },
	{ "a blank before a colon", TOP "Content-Type : text/html\n\nhello\n", false },
	{ "a line that is no field", TOP "just words\n" TEXT, false },
	{ "an mbox line first", "From anna Mon Jan  1 00:00:00 2026\n" TOP TEXT, false },
	{ "a header and nothing else", TOP, false },
};

static GString *
with_crlf(const char *text)
{
	GString *out = g_string_new(NULL);

	for (; *text != '\0'; text++)
		if (*text == '\n')
			g_string_append(out, "\r\n");
		else
			g_string_append_c(out, *text == '\f' ? '\n' : *text);
	return out;
}

static bool
is_plain(const struct limits *limits, const GString *mail)
{
	struct scan scan = { .limits = limits, .fd = -1 };
	struct header_block header;

	scan.charset = charset_new();
	scan.sniff = sniff_new(NULL);
	scan.message = message_new();
	scan.seen = seen_new();
	headers_split(mail->str, mail->len, limits, &header);
	bool plain = plain_walk(&scan, mail->str, mail->len, &header);
	g_assert_true(plain == (scan.message->parts->len > 0));
	headers_clear(&header);
	seen_free(scan.seen);
	message_free(scan.message);
	sniff_free(scan.sniff);
	charset_free(scan.charset);
	return plain;
}

static void
test_rows(void)
{
	struct limits limits;

	limits_default(&limits);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) mail = with_crlf(rows[i].mail);
		if (is_plain(&limits, mail) == rows[i].plain)
			continue;
		g_test_message("%s: %splain", rows[i].label, rows[i].plain ? "not " : "");
		g_test_fail();
	}
}

/* --- what comes of it --- */

struct pair {
	struct limits limits;
	struct dissect *plain, *thorough;
	guint n;
};

static void
pair_open(struct pair *pair)
{
	g_autoptr(GError) error = NULL;

	memset(pair, 0, sizeof *pair);
	limits_default(&pair->limits);
	pair->limits.seconds_per_message = pair->limits.seconds_per_part = 600;
	pair->plain = dissect_new(&pair->limits, &error);
	pair->thorough = dissect_new(&pair->limits, &error);
	g_assert_no_error(error);
	dissect_set_thorough(pair->thorough, true);
}

static void
pair_close(struct pair *pair)
{
	dissect_free(pair->plain);
	dissect_free(pair->thorough);
}

static void
pair_check(struct pair *pair, const char *label, int fd)
{
	g_autofree char *differ = alike_differ(pair->plain, pair->thorough, fd);

	pair->n++;
	if (differ == NULL)
		return;
	g_test_message("%s\n%s", label, differ);
	g_test_fail();
}

static void
test_rows_alike(void)
{
	struct pair pair;

	pair_open(&pair);
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GString) mail = with_crlf(rows[i].mail);
		int fd = memfd_create("mail", MFD_CLOEXEC);
		g_assert_true(io_write_all(fd, mail->str, mail->len, NULL));
		pair_check(&pair, rows[i].label, fd);
		close(fd);
	}
	pair_close(&pair);
}

/* Every mail in a folder; none when it is not there. */
static void
check_folder(struct pair *pair, const char *folder)
{
	GDir *names = g_dir_open(folder, 0, NULL);
	const char *name;

	while (names != NULL && (name = g_dir_read_name(names)) != NULL) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		int fd = g_str_has_suffix(name, ".eml") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
		if (fd < 0)
			continue;
		pair_check(pair, name, fd);
		close(fd);
	}
	if (names != NULL)
		g_dir_close(names);
}

static void
test_mail_alike(void)
{
	g_autofree char *ours = g_build_filename(g_getenv("G_TEST_SRCDIR"), "mail", NULL);
	g_autofree char *theirs =
	    g_build_filename(g_getenv("FLAGPOST_SOURCE"), "..", "shared", "samples", "mail", NULL);
	struct pair pair;

	pair_open(&pair);
	check_folder(&pair, ours);
	g_assert_cmpuint(pair.n, >, 0);
	check_folder(&pair, theirs);
	g_test_message("%u mails", pair.n);
	pair_close(&pair);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/plain/which", test_rows);
	g_test_add_func("/worker/plain/alike", test_rows_alike);
	g_test_add_func("/worker/plain/mail-alike", test_mail_alike);
	return g_test_run();
}
