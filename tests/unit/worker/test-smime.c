/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test-smime - CMS objects as a worker finds them; real ones are in tests/mail/smime-*.eml. */
#include "kit.h"

#define SIGNED                                                                                     \
	"\x30\x4e\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x41\x30\x3f\x02"                 \
	"\x01\x01\x31\x00\x30\x36\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0"                 \
	"\x29\x04\x27\x43\x6f\x6e\x74\x65\x6e\x74\x2d\x54\x79\x70\x65\x3a\x20\x74"                 \
	"\x65\x78\x74\x2f\x70\x6c\x61\x69\x6e\x0a\x0a\x73\x65\x63\x72\x65\x74\x20"                 \
	"\x77\x6f\x72\x64\x73\x0a\x31\x00"
#define NO_MIME                                                                                    \
	"\x30\x39\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x2c\x30\x2a\x02"                 \
	"\x01\x01\x31\x00\x30\x21\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0"                 \
	"\x14\x04\x12\x73\x65\x63\x72\x65\x74\x20\x77\x6f\x72\x64\x73\x20\x61\x6c"                 \
	"\x6f\x6e\x65\x31\x00"
#define DETACHED                                                                                   \
	"\x30\x23\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x16\x30\x14\x02"                 \
	"\x01\x01\x31\x00\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\x31"                 \
	"\x00"
#define BER                                                                                        \
	"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02"                 \
	"\x01\x01\x31\x00\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0"                 \
	"\x80\x24\x80\x04\x0a\x43\x6f\x6e\x74\x65\x6e\x74\x2d\x54\x79\x04\x1d\x70"                 \
	"\x65\x3a\x20\x74\x65\x78\x74\x2f\x70\x6c\x61\x69\x6e\x0a\x0a\x73\x65\x63"                 \
	"\x72\x65\x74\x20\x77\x6f\x72\x64\x73\x0a\x00\x00\x00\x00\x00\x00\x31\x00"                 \
	"\x00\x00\x00\x00\x00\x00"
#define COMPRESSED                                                                                 \
	"\x30\x63\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0\x54\x30"                 \
	"\x52\x02\x01\x00\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03"                 \
	"\x08\x30\x3e\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x31\x04\x2f"                 \
	"\x78\x9c\x73\xce\xcf\x2b\x49\xcd\x2b\xd1\x0d\xa9\x2c\x48\xb5\x52\x28\x49"                 \
	"\xad\x28\xd1\x2f\xc8\x49\xcc\xcc\xe3\xe2\x2a\x4e\x4d\x2e\x4a\x2d\x51\x28"                 \
	"\xcf\x2f\x4a\x29\xe6\x02\x00\x1d\xb4\x0e\x00"
#define CUT_ZLIB                                                                                   \
	"\x30\x5d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09\xa0\x4e\x30"                 \
	"\x4c\x02\x01\x00\x30\x0d\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x03"                 \
	"\x08\x30\x38\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\xa0\x2b\x04\x29"                 \
	"\x78\x9c\x73\xce\xcf\x2b\x49\xcd\x2b\xd1\x0d\xa9\x2c\x48\xb5\x52\x28\x49"                 \
	"\xad\x28\xd1\x2f\xc8\x49\xcc\xcc\xe3\xe2\x2a\x4e\x4d\x2e\x4a\x2d\x51\x28"                 \
	"\xcf\x2f\x4a\x29\xe6"
#define ENVELOPED                                                                                  \
	"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80\x30\x80\x02"                 \
	"\x01\x00\x00\x00"
#define AUTHENTICATED                                                                              \
	"\x30\x80\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17\xa0\x80\x30"                 \
	"\x80\x02\x01\x00\x00\x00"

#define ENVELOPE "Content-Type: application/pkcs7-mime; name=smime.p7m\r\n"

#define ARMOUR                                                                                     \
	"ME4GCSqGSIb3DQEHAqBBMD8CAQExADA2BgkqhkiG9w0BBwGgKQQnQ29udGVudC1UeXBlOiB0ZXh0"             \
	"L3BsYWluCgpzZWNyZXQgd29yZHMKMQA="

struct row {
	const char *label;
	const char *fields;
	const char *bytes;
	gsize size;
	const char *wants[KIT_WANTS];
};

#define BYTES(text) text, sizeof text - 1

static void
test_smime(void)
{
	static const struct row rows[] = {
		{ "signed: its content is mail", ENVELOPE, BYTES(SIGNED),
		    { "message scanned", "body of 2.1: secret words" } },
		{ "signed, of undefined length and in pieces", ENVELOPE, BYTES(BER),
		    { "message scanned", "body of 2.1: secret words" } },
		{ "signed, under another type and name",
		    "Content-Type: application/octet-stream; name=plan.bin\r\n", BYTES(SIGNED),
		    { "body of 2.1: secret words" } },
		{ "signed, and no entity within", ENVELOPE, BYTES(NO_MIME),
		    { "of 2/content: secret words alone" } },
		{ "a signature of something else",
		    "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n",
		    BYTES(DETACHED), { "message scanned", "no-text" } },
		{ "armoured", ENVELOPE,
		    BYTES("-----BEGIN CMS-----\n" ARMOUR "\n-----END CMS-----\n"),
		    { "body of 2.1: secret words" } },
		{ "base64 that nobody declared", ENVELOPE, BYTES(ARMOUR),
		    { "body of 2.1: secret words" } },
		{ "compressed", ENVELOPE, BYTES(COMPRESSED),
		    { "message scanned", "body of 2.1: secret words" } },
		{ "compressed, and cut: what is there is read", ENVELOPE, BYTES(CUT_ZLIB),
		    { "message partial", "broken: S/MIME: compressed data that breaks off" } },
		{ "enveloped", ENVELOPE, BYTES(ENVELOPED),
		    { "message partial encrypted-message", "encrypted: S/MIME" } },
		{ "enveloped and authenticated", ENVELOPE, BYTES(AUTHENTICATED),
		    { "message partial encrypted-message", "encrypted: S/MIME" } },
		{ "signed, and cut", ENVELOPE, SIGNED, sizeof SIGNED - 10,
		    { "message partial", "broken: S/MIME that cannot be read", "malformed" } },
		{ "anything else", ENVELOPE, BYTES("words that are no CMS"),
		    { "message partial", "broken: not S/MIME" } },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		kit_check_file(
		    rows[i].label, rows[i].fields, rows[i].bytes, rows[i].size, rows[i].wants);
}

int
main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/worker/smime", test_smime);
	return g_test_run();
}
