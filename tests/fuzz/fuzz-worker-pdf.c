/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz-worker-pdf - any bytes as a PDF, through poppler and what stands around it. */
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
		limits.text = 64 * 1024;
		limits.unpacked = 4 * 1024 * 1024;
		limits.members = 100;
		charset = charset_new();
		sniff = sniff_new(NULL);
		if (sniff == NULL)
			abort();
		extract_set_up();
	}
	g_autoptr(message) message = message_new();
	struct scan scan = {
		.limits = &limits, .charset = charset, .sniff = sniff, .message = message
	};
	guint index = scan_add_part(&scan, "1", 0);
	g_free(scan_part(&scan, index)->declared_type);
	scan_part(&scan, index)->declared_type = g_strdup("application/pdf");
	struct item *item = extract_begin(&scan, index, 0, false, NULL);
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
