/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-ole - an OLE file, and all that is read of one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct limits limits;
	static struct charset *charset;
	static struct sniff *sniff;

	if (size < 8)
		return 0;
	if (charset == NULL) {
		limits_default(&limits);
		limits.text = 64 * 1024;
		limits.unpacked = 4 * 1024 * 1024;
		limits.members = 500;
		limits.parts = 50;
		charset = charset_new();
		sniff = sniff_new(NULL);
		if (sniff == NULL)
			abort();
	}
	g_autoptr(message) message = message_new();
	struct scan scan = {
		.limits = &limits, .charset = charset, .sniff = sniff, .message = message
	};
	guint index = scan_add_part(&scan, "1", 0);
	scan_part(&scan, index)->attachment = true;
	struct item *item = extract_begin(&scan, index, 0, false, NULL);
	/* Whatever the input begins with, it is taken for an OLE file. */
	extract_add(item, (const guint8 *)"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	extract_add(item, data + 8, size - 8);
	extract_end(item);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (!g_utf8_validate_len(text->data, text->size, NULL) ||
		    strlen(text->data) != text->size)
			abort();
	}
	return 0;
}
