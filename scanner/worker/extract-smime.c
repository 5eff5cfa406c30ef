/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-smime - CMS (RFC 5652) as S/MIME (RFC 8551) sends it: what is signed or compressed is a
 * MIME entity and read as such, what is enveloped is encrypted. Never verifies, never fetches,
 * never looks for a key.
 */
#include "worker/extract.h"

#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "worker/decode.h"
#include "worker/entity.h"
#include "worker/inflate.h"

enum kind { KIND_NONE, KIND_PLAIN, KIND_COMPRESSED, KIND_ENCRYPTED };

/* RFC 5652 section 3: content types below 1.2.840.113549.1.7 and .1.9.16.1. */
static enum kind
kind_of(const guint8 *bytes, gsize size)
{
	static const struct {
		const char *oid;
		gsize size;
		enum kind kind;
	} rows[] = {
		{ "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01", 11, KIND_PLAIN },
		{ "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02", 11, KIND_PLAIN },
		{ "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03", 11, KIND_ENCRYPTED },
		{ "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x04", 11, KIND_ENCRYPTED },
		{ "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x05", 11, KIND_PLAIN },
		{ "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x06", 11, KIND_ENCRYPTED },
		{ "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x02", 13, KIND_PLAIN },
		{ "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x09", 13, KIND_COMPRESSED },
		{ "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17", 13, KIND_ENCRYPTED },
	};
	gsize at = 2; /* SEQUENCE and its length, in any form */

	if (size < 2 || bytes[0] != 0x30)
		return KIND_NONE;
	if (bytes[1] > 0x80)
		at += bytes[1] & 0x7F;
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
		if (at + rows[i].size <= size && memcmp(bytes + at, rows[i].oid, rows[i].size) == 0)
			return rows[i].kind;
	return KIND_NONE;
}

static bool
is_declared(const struct item *item)
{
	const char *declared = extract_part(item)->declared_type;

	return g_str_equal(declared, "application/pkcs7-mime") ||
	       g_str_equal(declared, "application/x-pkcs7-mime");
}

static bool
is_armoured(const guint8 *head, gsize size)
{
	static const char *const starts[] = { "-----BEGIN CMS-----", "-----BEGIN PKCS7-----",
		"-----BEGIN PKCS #7 SIGNED DATA-----" };

	while (size > 0 && g_ascii_isspace(*head)) {
		head++;
		size--;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(starts); i++)
		if (size >= strlen(starts[i]) && memcmp(head, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static bool
smime_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)type;
	return is_declared(item) || kind_of(head, size) != KIND_NONE || is_armoured(head, size);
}

/* Base64 whose transfer encoding was not said, or with PEM's lines around it. */
static GByteArray *
unarmour(const char *bytes, gsize size)
{
	GByteArray *out = g_byte_array_new();
	const char *end = bytes + size;
	struct decode decode;

	decode_begin(&decode, DECODE_BASE64);
	while (bytes < end) {
		const char *stop = memchr(bytes, '\n', (gsize)(end - bytes));
		gsize length = (gsize)((stop != NULL ? stop : end) - bytes);
		if (length < 5 || memcmp(bytes, "-----", 5) != 0)
			decode_add(&decode, bytes, length, out);
		bytes += length + (stop != NULL);
	}
	decode_end(&decode, out);
	return out;
}

static void
read_entity(struct item *item, const guint8 *bytes, gsize size)
{
	if (!entity_read(item, ENTITY_MIME, bytes, size))
		extract_member(item, "content", "", bytes, size);
}

/* RFC 3274: zlib alone is defined. */
static void
read_compressed(struct item *item, const guint8 *bytes, gsize size)
{
	g_autoptr(GByteArray) out = g_byte_array_new();

	switch (inflate_bytes(item->scan, INFLATE_ZLIB, bytes, size, out)) {
	case INFLATE_DONE:
		break;
	case INFLATE_OVER:
		extract_part(item)->facts |= FACT_ARCHIVE_BOMB;
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
		break;
	case INFLATE_BROKEN:
		scan_outcome(
		    item->scan, item->part, PART_BROKEN, "S/MIME: compressed data that breaks off");
		break;
	case INFLATE_LATE:
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
		break;
	}
	if (out->len > 0)
		read_entity(item, out->data, out->len);
}

static void
read_cms(struct item *item, enum kind kind, const guint8 *bytes, gsize size)
{
	const unsigned char *at = bytes;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)size);
	ASN1_OCTET_STRING **content = cms != NULL ? CMS_get0_content(cms) : NULL;

	if (cms == NULL) {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "S/MIME that cannot be read");
	} else if (content == NULL || *content == NULL) {
		/* Certificates alone, or a signature of something that lies elsewhere. */
		scan_outcome(item->scan, item->part, PART_NO_TEXT, NULL);
	} else if (kind == KIND_COMPRESSED) {
		read_compressed(
		    item, ASN1_STRING_get0_data(*content), (gsize)ASN1_STRING_length(*content));
	} else {
		read_entity(
		    item, ASN1_STRING_get0_data(*content), (gsize)ASN1_STRING_length(*content));
	}
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
}

static void
read_object(struct item *item, const guint8 *bytes, gsize size)
{
	enum kind kind = kind_of(bytes, size);

	if (kind == KIND_ENCRYPTED) {
		/* A message in an envelope, whatever name its file has. */
		if (is_declared(item))
			item->scan->message->facts |= FACT_ENCRYPTED_MESSAGE;
		extract_set_encrypted(item, "S/MIME");
	} else if (kind != KIND_NONE) {
		read_cms(item, kind, bytes, size);
	} else {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "not S/MIME");
	}
}

static void
smime_read(struct item *item)
{
	gsize size;
	g_autofree char *bytes = extract_bytes(item, &size);

	if (bytes == NULL)
		return;
	if (size > 0 && (guint8)bytes[0] == 0x30 && kind_of((guint8 *)bytes, size) != KIND_NONE) {
		read_object(item, (guint8 *)bytes, size);
		return;
	}
	g_autoptr(GByteArray) plain = unarmour(bytes, size);
	g_clear_pointer(&bytes, g_free);
	read_object(item, plain->data, plain->len);
}

/* The configuration file and the providers are out of reach once the sandbox is up. */
static void
smime_set_up(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS |
				OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS,
	    NULL);
	CMS_ContentInfo *cms = CMS_ContentInfo_new();
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
}

const struct extractor extract_smime = {
	.name = "smime",
	.takes = smime_takes,
	.wanted = WANTED_OBJECT,
	.read = smime_read,
	.set_up = smime_set_up,
};
