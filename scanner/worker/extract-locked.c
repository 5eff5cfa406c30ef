/* SPDX-License-Identifier: GPL-3.0-or-later */
/* extract-locked - what can be told of S/MIME that is not opened: whether it is encrypted. */
#include "worker/extract.h"

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
	(void)type;
	(void)head;
	(void)size;
	return is_smime(item);
}

static void
locked_read(struct item *item)
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

const struct extractor extract_locked = {
	.name = "locked",
	.takes = locked_takes,
	.wanted = G_MAXUINT64,
	.read = locked_read,
};
