/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part - bytes as one part of a message, of a type that its sender declares, through extract. */
#ifndef FLAGPOST_TESTS_FUZZ_PART_H
#define FLAGPOST_TESTS_FUZZ_PART_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/extract.h"

/* Small limits, so that a fuzzer reaches them. body: shown in place, else a file of that name. */
static void
fuzz_part(const uint8_t *data, size_t size, const char *declared, const char *name)
{
	static struct limits limits;
	static struct charset *charset;
	static struct sniff *sniff;

	if (charset == NULL) {
		limits_default(&limits);
		limits.text = 64 * 1024;
		limits.unpacked = 8 * 1024 * 1024;
		limits.parts = 100;
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
	struct part *part = scan_part(&scan, index);
	g_free(part->declared_type);
	part->declared_type = g_strdup(declared);
	g_free(part->name);
	part->name = g_strdup(name);
	part->attachment = *name != '\0';
	struct item *item = extract_begin(&scan, index, 0, *name == '\0', NULL);
	extract_add(item, data, size);
	extract_end(item);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (!g_utf8_validate_len(text->data, text->size, NULL) ||
		    strlen(text->data) != text->size)
			abort();
	}
	for (guint i = 0; i < message->parts->len; i++) {
		part = message->parts->pdata[i];
		if (!g_utf8_validate(part->name, -1, NULL) ||
		    !g_utf8_validate(part->path, -1, NULL) ||
		    !g_utf8_validate(part->detail, -1, NULL) ||
		    !g_utf8_validate(part->declared_type, -1, NULL))
			abort();
	}
}

#endif
