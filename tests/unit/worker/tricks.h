/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TEST_TRICKS_H
#define FLAGPOST_TEST_TRICKS_H
/* tricks - mails that hide a word and a file, and ordinary ones, as templates for test-ambiguous */

#define WORD "NIGHTJAR"
#define SAID "The " WORD " papers are with the competitor now, as agreed."
#define NAME "plan.zip"

/*
 * Templates. Line ends become CRLF; {Z} is a zip that holds SAID, in base64; {T} is SAID in
 * base64, {U} the zip uuencoded, {0} a NUL byte, {E} the zip part, whole, in base64 once more,
 * {M} a message with the zip part, in base64.
 */
#define TOP  "From: anna@corp.example\nTo: bob@rival.example\nSubject: x\nMIME-Version: 1.0\n"
#define TEXT "--b\nContent-Type: text/plain\n\nhello\n"
#define HEAD "Content-Type: application/zip; name=" NAME "\nContent-Transfer-Encoding: base64\n"
#define ZIP  "--b\n" HEAD "\n{Z}\n"
#define END  "--b--\n"
#define MIX  "Content-Type: multipart/mixed; boundary=b\n"
#define BODY "\n" TEXT ZIP END
/* A mail whose outer header block is given, with text and zip within "b". */
#define MAIL(header) TOP header BODY
/* A mail of one part, whose header and content are given. */
#define PART(part) TOP MIX "\n--b\n" part "\n" END

struct trick {
	const char *label;
	const char *mail;
};

static const struct trick types[] = {
	{ "two Content-Types, text first", MAIL("Content-Type: text/plain\n" MIX) },
	{ "two Content-Types, text last", MAIL(MIX "Content-Type: text/plain\n") },
	{ "three Content-Types",
	    MAIL("Content-Type: text/plain\n" MIX "Content-Type: text/html\n") },
	{ "two boundaries, the other first",
	    MAIL("Content-Type: multipart/mixed; boundary=a; boundary=b\n") },
	{ "two boundaries, the other last",
	    MAIL("Content-Type: multipart/mixed; boundary=b; boundary=a\n") },
	{ "two Content-Types with a boundary each",
	    MAIL("Content-Type: multipart/mixed; boundary=a\n" MIX) },
	{ "each of two boundaries has parts",
	    TOP "Content-Type: multipart/mixed; boundary=a; boundary=b\n\n--a\n\nfine\n--a--\n" ZIP
		END },
	{ "and the other way round",
	    TOP "Content-Type: multipart/mixed; boundary=b; boundary=a\n\n--a\n\nfine\n--a--\n" ZIP
		END },
	{ "boundary with a blank before '='",
	    MAIL("Content-Type: multipart/mixed; boundary =b\n") },
	{ "boundary with a blank behind '='",
	    MAIL("Content-Type: multipart/mixed; boundary= b\n") },
	{ "boundary behind a comment", MAIL("Content-Type: multipart/mixed; boundary=(a)b\n") },
	{ "boundary before a comment", MAIL("Content-Type: multipart/mixed; boundary=b(a)\n") },
	{ "boundary before a comment with a semicolon",
	    MAIL("Content-Type: multipart/mixed; (;boundary=a;) boundary=b\n") },
	{ "boundary in quotes with a backslash",
	    MAIL("Content-Type: multipart/mixed; boundary=\"\\b\"\n") },
	{ "boundary whose quote never ends",
	    MAIL("Content-Type: multipart/mixed; boundary=\"b\n") },
	{ "boundary with a quote at its end alone",
	    MAIL("Content-Type: multipart/mixed; boundary=b\"\n") },
	{ "boundary of an empty string and a token",
	    MAIL("Content-Type: multipart/mixed; boundary=\"\"b\n") },
	{ "boundary in single quotes", MAIL("Content-Type: multipart/mixed; boundary='b'\n") },
	{ "boundary by RFC 2231",
	    MAIL("Content-Type: multipart/mixed; boundary*=us-ascii''%62\n") },
	{ "RFC 2231 against a plain one",
	    MAIL("Content-Type: multipart/mixed; boundary=a; boundary*=us-ascii''%62\n") },
	{ "boundary in sections",
	    MAIL("Content-Type: multipart/mixed; boundary*0=b; boundary*1=\"\"\n") },
	{ "sections against a plain one",
	    MAIL("Content-Type: multipart/mixed; boundary*0=a; boundary=b\n") },
	{ "boundary as an encoded word",
	    MAIL("Content-Type: multipart/mixed; boundary=\"=?us-ascii?Q?b?=\"\n") },
	{ "a Content-Type of encoded words",
	    MAIL("Content-Type: =?us-ascii?Q?multipart/mixed?=; boundary=b\n") },
	{ "no semicolon before the boundary", MAIL("Content-Type: multipart/mixed boundary=b\n") },
	{ "a comma before the boundary", MAIL("Content-Type: multipart/mixed, boundary=b\n") },
	{ "two semicolons", MAIL("Content-Type: multipart/mixed;; boundary=b\n") },
	{ "a backslash for the slash", MAIL("Content-Type: multipart\\mixed; boundary=b\n") },
	{ "blanks around the slash", MAIL("Content-Type: multipart / mixed; boundary=b\n") },
	{ "a type in quotes", MAIL("Content-Type: \"multipart/mixed\"; boundary=b\n") },
	{ "no subtype", MAIL("Content-Type: multipart; boundary=b\n") },
	{ "no boundary at all", MAIL("Content-Type: multipart/mixed\n") },
	{ "a boundary that never comes", MAIL("Content-Type: multipart/mixed; boundary=c\n") },
	{ "a boundary on a line of text", MAIL("Content-Type: text/plain; boundary=b\n") },
	{ "a blank before the colon", MAIL("Content-Type : multipart/mixed; boundary=b\n") },
	{ "the name folded", MAIL("Content-\n Type: multipart/mixed; boundary=b\n") },
	{ "the colon folded", MAIL("Content-Type\n : multipart/mixed; boundary=b\n") },
	{ "the value folded onto a blank line",
	    MAIL("Content-Type: multipart/mixed;\n \n boundary=b\n") },
	{ "a NUL in the name", MAIL("Content{0}-Type: multipart/mixed; boundary=b\n") },
	{ "a NUL in the value", MAIL("Content-Type: multi{0}part/mixed; boundary=b\n") },
	{ "a NUL before the boundary", MAIL("Content-Type: multipart/mixed;{0} boundary=b\n") },
	{ "an 8-bit byte in the name", MAIL("Content-Type\xA0: multipart/mixed; boundary=b\n") },
	{ "behind a carriage return alone",
	    MAIL("X-A: b\rContent-Type: multipart/mixed; boundary=b\n") },
};

static const struct trick structures[] = {
	{ "an empty line with blanks ends the header", TOP "X: y\n \n" MIX BODY },
	{ "an empty line with blanks is none", TOP "X: y\n \t\n" MIX BODY },
	{ "a line that is no field before the type", TOP "no field here\n" MIX BODY },
	{ "blank lines first", "\n\n" MAIL(MIX) },
	{ "a byte order mark first", "\xEF\xBB\xBF" MAIL(MIX) },
	{ "a command of SMTP first",
	    "MAIL FROM:<anna@corp.example>\nRCPT TO:<bob@rival.example>\nDATA\n" MAIL(MIX) },
	{ "another command first", "HELO corp.example\nDATA\n" MAIL(MIX) },
	{ "more behind a boundary", TOP MIX "\n" TEXT "--bis\n" HEAD "\n{Z}\n" END },
	{ "text behind every boundary", TOP MIX "\n--b x\n" HEAD "\n{Z}\n--b-- x\n" },
	{ "a part behind the end", TOP MIX "\n" TEXT END ZIP END },
	{ "a part behind the end, never closed", TOP MIX "\n" TEXT END ZIP },
	{ "a part before the first boundary", TOP MIX "\n" HEAD "\n{Z}\n" TEXT END },
	{ "a part behind the end without a boundary", TOP MIX "\n" TEXT END HEAD "\n{Z}\n" },
	{ "no end", TOP MIX "\n" TEXT ZIP },
	{ "a header block that a boundary ends",
	    TOP MIX "\n--b\nContent-Type: text/plain\n" ZIP END },
	{ "no empty line behind the header of a part", PART(HEAD "{Z}") },
	{ "a nested multipart that is never closed",
	    TOP MIX "\n--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n" ZIP END },
	{ "a nested multipart of the same boundary", TOP MIX "\n--b\n" MIX "\n" TEXT ZIP END END },
	{ "a boundary behind a carriage return alone",
	    TOP MIX "\n" TEXT "x\r--b\r"
		    "Content-Type: application/zip; name=" NAME
		    "\rContent-Transfer-Encoding: base64\r\r{Z}\r--b--\r" },
	{ "all lines end in a carriage return",
	    "From: anna@corp.example\rMIME-Version: 1.0\rContent-Type: multipart/mixed; "
	    "boundary=b\r\r--b\rContent-Type: application/zip; name=" NAME
	    "\rContent-Transfer-Encoding: base64\r\r{Z}\r--b--\r" },
	{ "a multipart in base64", TOP MIX "Content-Transfer-Encoding: base64\n\n{E}\n" },
	{ "a nested multipart in base64",
	    TOP MIX "\n--b\nContent-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: "
		    "base64\n\n{E}\n" END },
	{ "a message in base64",
	    PART("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{M}") },
	{ "a message in a message in base64",
	    TOP "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{M}\n" },
};

static const struct trick encodings[] = {
	{ "two encodings, 7bit first",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n{Z}") },
	{ "two encodings, 7bit last",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\n{Z}") },
	{ "quoted-printable against base64",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding: quoted-printable\nContent-Transfer-Encoding: "
		 "base64\n\n{Z}") },
	{ "an encoding in a comment", PART("Content-Type: application/zip; name=" NAME
					   "\nContent-Transfer-Encoding: 7bit (base64)\n\n{Z}") },
	{ "a comment before the encoding",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding: (7bit) base64 "
		 "(x)\n\n{Z}\n--b\nContent-Transfer-Encoding: nothing\n") },
	{ "an encoding in quotes", PART("Content-Type: application/zip; name=" NAME
					"\nContent-Transfer-Encoding: \"base64\"\n\n{Z}") },
	{ "an encoding with a dash", PART("Content-Type: application/zip; name=" NAME
					  "\nContent-Transfer-Encoding: base-64\n\n{Z}") },
	{ "an encoding with a blank in it", PART("Content-Type: application/zip; name=" NAME
						 "\nContent-Transfer-Encoding: base 64\n\n{Z}") },
	{ "an encoding and more", PART("Content-Type: application/zip; name=" NAME
				       "\nContent-Transfer-Encoding: 8bit; base64\n\n{Z}") },
	{ "an encoding that nobody knows", PART("Content-Type: application/zip; name=" NAME
						"\nContent-Transfer-Encoding: b64\n\n{Z}") },
	{ "the field with a blank before the colon",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding : base64\n\n{Z}") },
	{ "the field folded", PART("Content-Type: application/zip; name=" NAME
				   "\nContent-Transfer-\n Encoding: base64\n\n{Z}") },
	{ "base64 that is called 8bit", PART("Content-Type: application/zip; name=" NAME
					     "\nContent-Transfer-Encoding: 8bit\n\n{Z}") },
	{ "base64 that is called nothing",
	    PART("Content-Type: application/zip; name=" NAME "\n\n{Z}") },
	{ "text in base64 that is called 7bit",
	    PART("Content-Type: text/plain\nContent-Transfer-Encoding: 7bit\n\n{T}") },
	{ "base64 that is called plain text",
	    TOP "Content-Type: text/plain\nContent-Type: text/html\n\n{T}\n" },
	{ "plain text that is called base64 as well",
	    PART("Content-Type: text/plain\nContent-Transfer-Encoding: "
		 "base64\nContent-Transfer-Encoding: 7bit\n\n" SAID) },
	{ "uuencode as an encoding",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding: x-uuencode\n\n{U}\n--b\nContent-Transfer-Encoding: "
		 "nothing\n") },
	{ "uuencode against 7bit",
	    PART("Content-Type: application/zip; name=" NAME
		 "\nContent-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: uuencode\n\n{U}") },
	{ "words before base64", PART(HEAD "\nThis is a file, open it!\n{Z}") },
	{ "junk among base64", PART(HEAD "\n!!!!\n{Z}") },
	{ "padding before base64", PART(HEAD "\nQQ==\n{Z}\n--b\n" HEAD "\n====\n{Z}") },
	{ "padding in the midst", PART("Content-Type: text/plain\nContent-Transfer-Encoding: "
				       "base64\n\nVGhlIE5J=R0hUSkFSIHBhcGVycw==") },
	{ "padding that breaks a group",
	    PART("Content-Type: text/plain\nContent-Transfer-Encoding: "
		 "base64\n\nVGhlIE5JR0=hUSkFSIHBhcGVycyBhcmUgd2l0aCB0aGUgY29tcGV0aXRvcg==") },
	{ "two runs of base64", PART("Content-Type: text/plain\nContent-Transfer-Encoding: "
				     "base64\n\nSGVsbG8=\nVGhlIE5JR0hUSkFSIHBhcGVycw==") },
	{ "base64 of URLs", PART("Content-Type: text/plain\nContent-Transfer-Encoding: "
				 "base64\n\nPj4-Pz8_IFRoZSBOSUdIVEpBUiBwYXBlcnMgYXJlIGdvbmU=") },
	{ "quoted-printable, blanks behind a soft break",
	    PART("Content-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\nThe "
		 "NIGHT= \t\nJAR papers=ZZ") },
	{ "quoted-printable that is called so by half",
	    PART("Content-Type: text/plain\nContent-Transfer-Encoding: quoted printable\n\nThe "
		 "NIGHT=\nJAR papers") },
	{ "quoted-printable that nobody names well",
	    PART("Content-Type: text/plain\nContent-Transfer-Encoding: qp\n\nThe NIGHT=4AAR "
		 "papers") },
	{ "two charsets", PART("Content-Type: text/plain; charset=utf-7; charset=us-ascii\n\nThe "
			       "+AE4ASQBHAEgAVABKAEEAUg- papers") },
	{ "two charsets, the other way",
	    PART("Content-Type: text/plain; charset=us-ascii; charset=utf-7\n\nThe "
		 "+AE4ASQBHAEgAVABKAEEAUg- papers") },
	{ "two charsets in two types",
	    PART("Content-Type: text/plain; charset=us-ascii\nContent-Type: text/plain; "
		 "charset=utf-7\n\nThe +AE4ASQBHAEgAVABKAEEAUg- papers") },
};

static const struct trick names[] = {
	{ "two names in one type", PART("Content-Type: application/zip; name=a.txt; name=" NAME
					"\nContent-Transfer-Encoding: base64\n\n{Z}") },
	{ "name against filename",
	    PART(HEAD "Content-Disposition: attachment; filename=a.txt\n\n{Z}") },
	{ "two filenames",
	    PART(
		HEAD "Content-Disposition: attachment; filename=a.txt; filename=" NAME "\n\n{Z}") },
	{ "two dispositions",
	    PART("Content-Type: application/zip\nContent-Transfer-Encoding: "
		 "base64\nContent-Disposition: inline; filename=a.txt\nContent-Disposition: "
		 "attachment; filename=" NAME "\n\n{Z}") },
	{ "a plain name against an extended one",
	    PART("Content-Type: application/zip\nContent-Transfer-Encoding: "
		 "base64\nContent-Disposition: attachment; filename=" NAME
		 "; filename*=utf-8''a.txt\n\n{Z}") },
	{ "a name in sections against a plain one",
	    PART("Content-Type: application/zip\nContent-Transfer-Encoding: "
		 "base64\nContent-Disposition: attachment; filename=a.txt; filename*0=plan; "
		 "filename*1=.zip\n\n{Z}") },
};

static const struct trick ordinary[] = {
	{ "plain text", TOP "\nhello\n" },
	{ "plain text with a charset",
	    TOP "Content-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: "
		"8bit\n\nhello\n" },
	{ "quoted-printable", TOP "Content-Type: text/plain\nContent-Transfer-Encoding: "
				  "quoted-printable\n\nhel=\nlo =3D\n" },
	{ "base64 text",
	    TOP "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{T}\n" },
	{ "HTML", TOP "Content-Type: text/html; charset=utf-8\n\n<p>hello</p>\n" },
	{ "text and a file", MAIL(MIX) },
	{ "a preamble that mail programs write",
	    TOP MIX "\nThis is a multi-part message in MIME format.\n" TEXT ZIP END },
	{ "blank lines behind the end", TOP MIX "\n" TEXT ZIP END "\n\n\n" },
	{ "a boundary in quotes, folded",
	    MAIL("Content-Type: multipart/mixed;\n\tboundary=\"b\"\n") },
	{ "a boundary before other parameters",
	    MAIL("Content-Type: multipart/mixed; boundary=\"b\"; type=\"text/plain\"\n") },
	{ "a boundary of odd letters",
	    TOP "Content-Type: multipart/mixed; "
		"boundary=\"=_(b)+'x',y?\"\n\n--=_(b)+'x',y?\n\nhello\n--=_(b)+'x',y?--\n" },
	{ "an alternative", TOP "Content-Type: multipart/alternative; boundary=b\n\n" TEXT
				"--b\nContent-Type: text/html\n\n<b>hello</b>\n" END },
	{ "nested multiparts whose boundaries begin alike",
	    TOP MIX "\n--b\nContent-Type: multipart/alternative; "
		    "boundary=\"b_alt\"\n\n--b_alt\n\none\n--b_alt\nContent-Type: "
		    "text/html\n\n<i>two</i>\n--b_alt--\n" ZIP END },
	{ "a message in a message",
	    PART("Content-Type: message/rfc822\n\nFrom: a@corp.example\nSubject: y\n\nwithin\n") },
	{ "a multipart in a message in a message",
	    PART("Content-Type: message/rfc822\n\nFrom: a@corp.example\nContent-Type: "
		 "multipart/mixed; boundary=c\n\n--c\n\nwithin\n--c\n" HEAD "\n{Z}\n--c--\n") },
	{ "a digest", TOP "Content-Type: multipart/digest; boundary=b\n\n--b\n\nFrom: "
			  "a@corp.example\n\none\n--b\n\nFrom: a@corp.example\n\ntwo\n" END },
	{ "a report of a failed delivery",
	    TOP "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" TEXT
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; "
		"corp.example\n\nFinal-Recipient: rfc822; bob@rival.example\n\n--b\nContent-Type: "
		"text/rfc822-headers\n\nFrom: a@corp.example\n\n" END },
	{ "a signature",
	    TOP "Content-Type: multipart/signed; micalg=pgp-sha256; "
		"protocol=\"application/pgp-signature\"; boundary=b\n\n" TEXT
		"--b\nContent-Type: application/pgp-signature; name=\"s.asc\"\n\n-----BEGIN PGP "
		"SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\n" END },
	{ "a file with name and filename alike",
	    PART(HEAD "Content-Disposition: attachment; filename=" NAME "\n\n{Z}") },
	{ "a name and its stand-in in ASCII",
	    PART("Content-Type: application/zip\nContent-Transfer-Encoding: "
		 "base64\nContent-Disposition: attachment; filename=pl_n.zip; "
		 "filename*=utf-8''pl%C3%A4n.zip\n\n{Z}") },
	{ "an mbox line first",
	    "From anna@corp.example Mon Mar  2 09:02:00 2026\n" TOP "\nhello\n" },
	{ "text that speaks of boundaries", TOP
	    "Content-Type: text/plain\n\nPut\n--b\nContent-Type: text/plain\n\nthere.\n--b--\n" },
	{ "text with a rule of dashes", TOP MIX "\n--b\n\nhello\n-- \nAnna\n----------\n" END },
	{ "the same file twice", TOP MIX "\n" ZIP "--b\nContent-Type: text/plain\n\nhello\n" END },
	{ "headers folded over many lines",
	    TOP "Received: from x\n\tby y\n with z;\n\tMon, 02 Mar 2026 09:02:00 "
		"+0100\nContent-Type:\n text/plain;\n charset=us-ascii\n\nhello\n" },
	{ "a long word of letters and digits", TOP "\naGVsbG8gd29ybGQ\n" },
	{ "a fingerprint", TOP "\n0123456789ABCDEF0123456789ABCDEF01234567\n" },
	{ "a boundary with blanks behind it", TOP MIX "\n--b  \n\nhello\n--b-- \n" },
};

#endif
