/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-tnef - any bytes behind the signature of TNEF. */
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

	if (charset == NULL) {
		limits_default(&limits);
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
	struct item *item = extract_begin(&scan, index, 0, true, NULL);
	extract_add(item, (const guint8 *)"\x78\x9F\x3E\x22", 4);
	extract_add(item, data, size);
	extract_end(item);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (!g_utf8_validate_len(text->data, text->size, NULL) ||
		    strlen(text->data) != text->size)
			abort();
	}
	return 0;
}
