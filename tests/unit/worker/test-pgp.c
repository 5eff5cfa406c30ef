/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-pgp - OpenPGP without a key: what is read, and what is said of the rest. */
#include "kit.h"
#include "worker/openpgp.h"

#define LITERAL                                                                                    \
	"\xcb\x17\x62\x05\x61\x2e\x74\x78\x74\x00\x00\x00\x00\x73\x65\x63\x72\x65"                 \
	"\x74\x20\x77\x6f\x72\x64\x73"
#define PARTS                                                                                      \
	"\xcb\xe4\x62\x00\x00\x00\x00\x00\x73\x65\x63\x72\x65\x74\x20\x77\x6f\x72"                 \
	"\x02\x64\x73"
#define ZIP                                                                                        \
	"\xc8\x1a\x01\x3b\x2d\x9e\xc4\x9a\xa8\x57\x52\x51\xc2\x00\x04\xc5\xa9\xc9"                 \
	"\x45\xa9\x25\x0a\xe5\xf9\x45\x29\xc5\x00"
#define CUT                                                                                        \
	"\xcb\x17\x62\x05\x61\x2e\x74\x78\x74\x00\x00\x00\x00\x73\x65\x63\x72\x65"                 \
	"\x74\x20\x77"
#define SESSION                                                                                    \
	"\xc1\x15\x03\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b\x6b"                 \
	"\x6b\x6b\x6b\x6b\x6b"
#define PASSWORD "\xc3\x0c\x04\x09\x03\x02\x73\x61\x6c\x74\x73\x61\x6c\x74"
#define SEALED                                                                                     \
	"\xd2\x1f\x01\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78"                 \
	"\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78\x78"
#define NESTED                                                                                     \
	"\xc8\x29\x00\xc8\x26\x00\xc8\x23\x00\xc8\x20\x00\xc8\x1d\x00\xc8\x1a\x00"                 \
	"\xcb\x17\x62\x05\x61\x2e\x74\x78\x74\x00\x00\x00\x00\x73\x65\x63\x72\x65"                 \
	"\x74\x20\x77\x6f\x72\x64\x73"
#define SECRET   "\x94\x06\x04\x73\x65\x63\x72\x65"
#define ARMOURED "yxdiBWEudHh0AAAAAHNlY3JldCB3b3Jkcw=="

#define ANY_FILE "Content-Type: application/octet-stream; name=a.gpg\r\n"

struct row {
	const char *label;
	const char *fields;
	const char *bytes;
	gsize size;
	const char *wants[KIT_WANTS];
};

#define BYTES(text) text, sizeof text - 1

static void
check(const struct row *rows, gsize n_rows)
{
	for (gsize i = 0; i < n_rows; i++)
		kit_check_file(
		    rows[i].label, rows[i].fields, rows[i].bytes, rows[i].size, rows[i].wants);
}

static void
test_binary(void)
{
	static const struct row rows[] = {
		{ "wrapped", ANY_FILE, BYTES(LITERAL),
		    { "message scanned", "part 2/a.txt [a.txt]", "of 2/a.txt: secret words" } },
		{ "wrapped, under another name", "Content-Type: image/png; name=a.png\r\n",
		    BYTES(LITERAL), { "of 2/a.txt: secret words" } },
		{ "a body in parts", ANY_FILE, BYTES(PARTS), { "of 2/data: secret words" } },
		{ "compressed", ANY_FILE, BYTES(ZIP), { "of 2/a.txt: secret words" } },
		{ "compressed, and nothing left of it", ANY_FILE, BYTES("\xC8\x03\x01\xFF\xFF"),
		    { "message partial", "broken: OpenPGP: compressed data that breaks off" } },
		{ "cut", ANY_FILE, BYTES(CUT),
		    { "message partial", "broken: OpenPGP that breaks off", "malformed",
			"of 2/a.txt: secret w" } },
		{ "for a key", ANY_FILE, BYTES(SESSION SEALED),
		    { "message partial", "encrypted: PGP message; encrypted-attachment" } },
		{ "for a password", ANY_FILE, BYTES(PASSWORD SEALED),
		    { "message partial", "encrypted: PGP message; encrypted-attachment" } },
		{ "for a key, under another name",
		    "Content-Type: application/octet-stream; name=a.bin\r\n", BYTES(SESSION SEALED),
		    { "message partial", "encrypted: PGP message; encrypted-attachment" } },
		{ "wrapped and sealed: both count", ANY_FILE, BYTES(LITERAL SEALED),
		    { "encrypted: PGP message", "of 2/a.txt: secret words" } },
		{ "in itself, again and again", ANY_FILE, BYTES(NESTED),
		    { "message partial", "over-limit: nested too deep", "archive-too-deep" } },
		{ "a secret key", ANY_FILE, BYTES(SECRET),
		    { "message partial", "unknown-type: OpenPGP: a secret key" } },
		{ "no OpenPGP", ANY_FILE, BYTES("\xff\xff\xff\xff\xff\x01\x02\x03"),
		    { "message partial", "broken" } },
	};

	check(rows, G_N_ELEMENTS(rows));
}

#define TEXT_FILE "Content-Type: text/plain; name=a.asc\r\n"
#define PLAIN     "Content-Type: text/plain\r\n"

static void
test_armour(void)
{
	static const struct row rows[] = {
		{ "a message that is not encrypted", PLAIN,
		    BYTES("see\n-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n" ARMOURED
			  "\n=abcd\n-----END PGP MESSAGE-----\nbye\n"),
		    { "message scanned", "of 2/a.txt: secret words", "body of 2: see", "bye" } },
		{ "without headers and an end", TEXT_FILE,
		    BYTES("-----BEGIN PGP MESSAGE-----\n\n" ARMOURED),
		    { "of 2/a.txt: secret words" } },
		{ "without ends: each ends where the next begins", PLAIN,
		    BYTES("-----BEGIN PGP MESSAGE-----\n\n" ARMOURED
			  "\n-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n"
			  "-----BEGIN PGP MESSAGE-----\n\n" ARMOURED "\n"),
		    { "2/a.txt [a.txt]", "encrypted: PGP message", "!broken" } },
		{ "one that nobody can read", PLAIN,
		    BYTES(
			"see\n-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n-----END PGP MESSAGE-----\n"),
		    { "message partial encrypted-message", "encrypted: PGP message",
			"body of 2: see" } },
		{ "signed text is as it was before", PLAIN,
		    BYTES(
			"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -secret\n- - list\n"
			"-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"),
		    { "message scanned", "\n-secret\n- list\n" } },
		{ "a public key says nothing", TEXT_FILE,
		    BYTES("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n"
			  "-----END PGP PUBLIC KEY BLOCK-----\n"),
		    { "message scanned", "no-text" } },
		{ "a private key is text for rules", TEXT_FILE,
		    BYTES("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nabc\n"
			  "-----END PGP PRIVATE KEY BLOCK-----\n"),
		    { "message scanned", "read", "of 2: -----BEGIN PGP PRIVATE KEY BLOCK" } },
	};

	check(rows, G_N_ELEMENTS(rows));
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/pgp/binary", test_binary);
	g_test_add_func("/worker/pgp/armour", test_armour);
	return g_test_run();
}
