/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-locked - what can be told of containers that are not opened: whether an Office document
 * (MS-OFFCRYPTO section 2.3), S/MIME or PGP is encrypted, and whether it has macros.
 */
#include "worker/extract.h"

#include <string.h>

/* Directory entries of an OLE file (MS-CFB section 2.6.1) are UTF-16LE. */
#define OLE_NAME_MAX 32

static bool
is_ole(const char *type, const guint8 *head, gsize size)
{
	(void)type;
	return size >= 8 && memcmp(head, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8) == 0;
}

static bool
is_smime(const struct item *item)
{
	const char *declared = extract_part(item)->declared_type;

	return g_str_equal(declared, "application/pkcs7-mime") ||
	       g_str_equal(declared, "application/x-pkcs7-mime");
}

static bool
locked_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	return is_ole(type, head, size) || is_smime(item) ||
	       g_str_equal(type, "application/encrypted");
}

static bool
has_ole_name(const struct item *item, const char *name)
{
	guint8 wide[2 * OLE_NAME_MAX] = { 0 };
	gsize size = 2 * strlen(name);

	for (gsize i = 0; i < size / 2; i++)
		wide[2 * i] = (guint8)name[i];
	return blob_contains(item->blob, 0, G_MAXUINT64, wide, size);
}

static void
read_smime(struct item *item)
{
	/* RFC 5652: 1.2.840.113549.1.7.3 is enveloped-data, 1.9.16.1.23 auth-enveloped-data. */
	static const char enveloped[] = "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03";
	static const char authenticated[] = "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17";

	if (blob_contains(item->blob, 0, 64, enveloped, sizeof enveloped - 1) ||
	    blob_contains(item->blob, 0, 64, authenticated, sizeof authenticated - 1)) {
		item->scan->message->facts |= FACT_ENCRYPTED_MESSAGE;
		extract_set_encrypted(item, "S/MIME");
	} else {
		scan_outcome(item->scan, item->part, PART_UNKNOWN_TYPE,
		    "there is no reader for opaque S/MIME");
	}
}

static void
locked_read(struct item *item)
{
	struct part *part = extract_part(item);

	if (is_smime(item)) {
		read_smime(item);
		return;
	}
	if (has_ole_name(item, "EncryptedPackage") || has_ole_name(item, "EncryptionInfo") ||
	    g_str_equal(part->true_type, "application/encrypted")) {
		extract_set_encrypted(item, "Office document: password needed");
	} else if (has_ole_name(item, "_VBA_PROJECT") || has_ole_name(item, "Macros")) {
		part->facts |= FACT_MACRO;
	}
	scan_outcome(item->scan, item->part, PART_UNKNOWN_TYPE, "there is no reader for %s",
	    part->true_type);
}

const struct extractor extract_locked = {
	.name = "locked",
	.takes = locked_takes,
	.wanted = G_MAXUINT64,
	.read = locked_read,
};
