/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-nested - messages and multiparts of every kind within a message: what is in them is read. */
#include "kit.h"

#define ANY_FILE "Content-Type: application/octet-stream; name=data.bin\r\n"
#define INNER                                                                                      \
	"From: zoe@rival.example\r\nTo: anna@corp.example\r\nSubject: Falcon plan\r\n"             \
	"Message-ID: <inner@rival.example>\r\nMIME-Version: 1.0\r\n"                               \
	"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\ninner words\r\n"            \
	"--in\r\nContent-Type: text/csv; name=list.csv\r\n\r\na,b\r\n--in--\r\n"

static void
test_files(void)
{
	static const struct {
		const char *label;
		const char *fields, *bytes;
		const char *wants[KIT_WANTS];
	} rows[] = {
		{ "a message whose sender calls it data", ANY_FILE, INNER,
		    { "part 2 [data.bin] application/octet-stream | message/rfc822, read",
			"body of 2: Falcon plan", "body of 2.1: inner words",
			"filenames of 2.2: list.csv", "attachments of 2.2: a,b",
			"message scanned" } },
		{ "a message in base64, which RFC 2046 forbids", "Content-Type: message/rfc822\r\n",
		    INNER, { "body of 2: Falcon plan", "body of 2.1: inner words" } },
		{ "a saved mail under the name of a text",
		    "Content-Type: text/plain; name=notes.txt\r\n", INNER,
		    { "part 2 [notes.txt] text/plain | message/rfc822, read",
			"body of 2.1: inner words" } },
		{ "what stands in a field that no mail shows", ANY_FILE,
		    "From: a@b.example\nX-Note: Falcon\nDate: x\n\nwords\n",
		    { "attachments of 2: From: a@b.example\nX-Note: Falcon",
			"body of 2.1: words" } },
		{ "the name says mail: one field is enough",
		    "Content-Type: application/octet-stream; name=A.EML\r\n",
		    "Subject: x\n\nshort words\n", { "body of 2.1: short words" } },
		{ "a file of notes is no mail", ANY_FILE, "To: do\nDate: today\nBuy milk: yes\n",
		    { "part 2 [data.bin] application/octet-stream | text/plain, read", "!2.1" } },
		{ "text that people quote is no mail", "Content-Type: text/plain\r\n",
		    "From: a@b.example\nTo: c@d.example\nSubject: x\n\nwords\n",
		    { "body of 2: From: a@b.example", "!2.1" } },
		{ "an mbox file", "Content-Type: application/mbox; name=old\r\n",
		    "From anna@corp.example Sun Nov 22 09:02:05 2026\nSubject: one\n\n"
		    "first words\n>From here on\n\n"
		    "From bob Sun Nov 22 09:03:05 2026\nSubject: two\n\nFrom Sunday on\n\n",
		    { "part 2 [old] application/mbox | application/mbox, read",
			"part 2/1 [] message/rfc822 | message/rfc822, read", "body of 2/1: one",
			"body of 2/1.1: first words\nFrom here on", "body of 2/2: two",
			"body of 2/2.1: From Sunday on", "!2/3" } },
		{ "an mbox whose last message is cut", ANY_FILE,
		    "From anna@corp.example Sun Nov 22 09:02:05 2026\nSubject: one\n",
		    { "part 2/1 []", "body of 2/1: one" } },
		{ "a letter that begins with From is no mbox", ANY_FILE,
		    "From Sunday on we are closed\nRegards: Anna\n", { "!2/1" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		kit_check_file(rows[i].label, rows[i].fields, rows[i].bytes, strlen(rows[i].bytes),
		    rows[i].wants);
}

static void
test_messages(void)
{
	static const struct {
		const char *label;
		const char *mail;
		const char *wants[KIT_WANTS];
	} rows[] = {
		{ "the first fragment has the inner header",
		    "Subject: x\nContent-Type: message/partial; id=a; number=1; total=2\n\n"
		    "Subject: Falcon plan\nFrom: a@b.example\nContent-Type: text/plain\n\nhalf of",
		    { "message partial", "partial-message", "broken: the rest is in other messages",
			"body of 1: Falcon plan", "body of 1.1: half of" } },
		{ "a later fragment is text",
		    "Subject: x\nContent-Type: message/partial; id=a; number=2; total=2\n\n"
		    "the other half\n",
		    { "partial-message", "broken: the rest is in other messages",
			"attachments of 1: the other half" } },
		{ "what lies elsewhere, and where",
		    "Subject: x\nContent-Type: message/external-body; access-type=ANON-FTP;\n"
		    " site=ftp.rival.example; directory=pub; name=\"falcon.pdf\"\n\n"
		    "Content-Type: application/pdf\nContent-ID: <x@y>\n\nphantom words\n",
		    { "external-body", "unknown-type: the content lies elsewhere",
			"attachments of 1: Content-Type: application/pdf", "phantom words",
			"filenames of 1: falcon.pdf", "site=ftp.rival.example",
			"urls of 1: ftp://ftp.rival.example/pub/falcon.pdf" } },
		{ "a link to what lies elsewhere",
		    "Subject: x\nContent-Type: message/external-body; access-type=URL;\n"
		    " URL=\"https://rival.example/f\n alcon\"\n\nContent-Type: text/plain\n\n",
		    { "external-body", "urls of 1: https://rival.example/falcon" } },
		{ "a delivery status",
		    "Subject: x\nContent-Type: message/delivery-status\n\n"
		    "Reporting-MTA: dns; mx.corp.example\n\nFinal-Recipient: rfc822; b@c.example\n",
		    { "message scanned", "of 1: Reporting-MTA: dns; mx.corp.example" } },
		{ "a receipt",
		    "Subject: x\nContent-Type: message/disposition-notification\n\n"
		    "Final-Recipient: rfc822; b@c.example\n",
		    { "message scanned", "of 1: Final-Recipient" } },
		{ "a complaint",
		    "Subject: x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n",
		    { "message scanned", "of 1: Feedback-Type: abuse" } },
		{ "headers alone",
		    "Subject: x\nContent-Type: text/rfc822-headers\n\n"
		    "Received: from a\nSubject: Falcon plan\n",
		    { "Falcon plan" } },
		{ "a message in UTF-8",
		    "Subject: x\nContent-Type: message/global\n\n"
		    "Subject: \xC3\xA4rger\nFrom: a@b.example\n\nwords\n",
		    { "\xC3\xA4rger", "words" } },
		{ "a message as news",
		    "Subject: x\nContent-Type: message/news\n\n"
		    "Subject: Falcon plan\nNewsgroups: a.b\nFrom: a@b.example\n\nwords\n",
		    { "Falcon plan", "words" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		kit_check(rows[i].label, rows[i].mail, strlen(rows[i].mail), rows[i].wants);
}

static void
test_multiparts(void)
{
	static const char *const kinds[] = { "mixed", "alternative", "related", "parallel",
		"report; report-type=delivery-status",
		"signed; protocol=\"application/pgp-signature\"", "form-data", "appledouble",
		"x-mixed-replace", "byteranges", "voice-message", "unheard-of" };
	static const char *const wants[KIT_WANTS] = { "body of 1: first words",
		"attachments of 2: second words", "filenames of 2: two.txt", "message scanned" };

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autofree char *mail = g_strdup_printf(
		    "Subject: x\nContent-Type: multipart/%s; boundary=cut\n\n--cut\n\nfirst words\n"
		    "--cut\nContent-Type: text/plain; name=two.txt\n\nsecond words\n--cut--\n",
		    kinds[i]);
		kit_check(kinds[i], mail, strlen(mail), wants);
	}
}

static void
test_structures(void)
{
	static const struct {
		const char *label;
		const char *mail;
		const char *wants[KIT_WANTS];
	} rows[] = {
		{ "parts of a digest are messages by default (RFC 2046 section 5.1.5)",
		    "Subject: x\nContent-Type: multipart/digest; boundary=cut\n\n--cut\n\n"
		    "Subject: Falcon plan\nFrom: a@b.example\n\nfirst words\n--cut\n\n"
		    "Subject: two\n\nsecond words\n--cut--\n",
		    { "body of 1: Falcon plan", "body of 1.1: first words", "body of 2: two",
			"body of 2.1: second words" } },
		{ "a part of a digest that is none",
		    "Subject: x\nContent-Type: multipart/digest; boundary=cut\n\n--cut\n"
		    "Content-Type: text/plain\n\nplain words\n--cut--\n",
		    { "body of 1: plain words" } },
		{ "the same boundary in a multipart and the one within",
		    "Subject: x\nContent-Type: multipart/mixed; boundary=cut\n\n--cut\n"
		    "Content-Type: multipart/mixed; boundary=cut\n\n--cut\n\nfirst words\n"
		    "--cut\n\nsecond words\n--cut--\n",
		    { "first words", "second words" } },
		{ "a boundary that begins as the one around it",
		    "Subject: x\nContent-Type: multipart/mixed; boundary=cut\n\n--cut\n"
		    "Content-Type: multipart/mixed; boundary=cutter\n\n--cutter\n\nfirst words\n"
		    "--cutter--\n--cut\n\nsecond words\n--cut--\n",
		    { "body of 1.1: first words", "body of 2: second words" } },
		{ "a boundary of which the one around it is the longer",
		    "Subject: x\nContent-Type: multipart/mixed; boundary=cutter\n\n--cutter\n"
		    "Content-Type: multipart/mixed; boundary=cut\n\n--cut\n\nfirst words\n"
		    "--cut--\n--cutter\n\nsecond words\n--cutter--\n",
		    { "first words", "second words" } },
		{ "the parts of an encrypted multipart are no text, and said so",
		    "Subject: x\nContent-Type: multipart/encrypted; "
		    "protocol=\"application/pgp-encrypted\"; boundary=cut\n\n--cut\n"
		    "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--cut\n"
		    "Content-Type: application/octet-stream\n\nsomething\n--cut--\n",
		    { "encrypted-message", "message partial" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		kit_check(rows[i].label, rows[i].mail, strlen(rows[i].mail), rows[i].wants);
}

/* Mail in mail in mail: the depth that is allowed is read, the next is over the limit. */
static void
test_depth(void)
{
	static const char *const wants[KIT_WANTS] = { "message partial",
		"over-limit: nested too deep", "archive-too-deep" };
	GString *file = g_string_new("From: a@b.example\nSubject: x\n\nwords\n");

	for (guint i = 0; i < 20; i++) {
		g_autofree char *base64 = g_base64_encode((const guchar *)file->str, file->len);
		g_string_printf(file,
		    "From: a@b.example\nSubject: level\nMIME-Version: 1.0\n"
		    "Content-Type: application/octet-stream\n"
		    "Content-Transfer-Encoding: base64\n\n%s\n",
		    base64);
	}
	kit_check("twenty levels", file->str, file->len, wants);
	g_string_free(file, TRUE);
}

/*
 * Each boundary begins those that follow ("b1", "b10", "b11"), so that each of their lines is held
 * against all that are declared: bounded, where it took minutes.
 */
static void
test_prefixes(void)
{
	static const char *const wants[KIT_WANTS] = { "message partial", "too-many-parts" };
	GString *mail = g_string_new("From: a@b.example\nSubject: x\n");

	for (guint i = 0; i < 60000; i++)
		g_string_append_printf(
		    mail, "Content-Type: multipart/mixed; boundary=b%u\n\n--b%u\n", i, i);
	kit_check("sixty thousand multiparts", mail->str, mail->len, wants);
	g_string_free(mail, TRUE);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/nested/files", test_files);
	g_test_add_func("/worker/nested/messages", test_messages);
	g_test_add_func("/worker/nested/multiparts", test_multiparts);
	g_test_add_func("/worker/nested/structures", test_structures);
	g_test_add_func("/worker/nested/depth", test_depth);
	g_test_add_func("/worker/nested/prefixes", test_prefixes);
	return g_test_run();
}
