/* SPDX-License-Identifier: GPL-3.0-or-later */
/* part - bytes as one part of a message, of a type that its sender declares, through extract. */
#ifndef FLAGPOST_TESTS_FUZZ_PART_H
#define FLAGPOST_TESTS_FUZZ_PART_H

#include <gmime/gmime.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/extract.h"
#include "worker/seen.h"

/* Small limits, so that a fuzzer reaches them; tables and libraries once for all inputs. */
static inline void
fuzz_scan(struct scan *scan)
{
	static struct limits limits;
	static struct charset *charset;
	static struct sniff *sniff;

	if (charset == NULL) {
		limits_default(&limits);
		limits.text = 64 * 1024;
		limits.unpacked = 8 * 1024 * 1024;
		limits.parts = 100;
		limits.members = 500;
		charset = charset_new();
		sniff = sniff_new(NULL);
		if (sniff == NULL)
			abort();
		g_mime_init(); /* a part may hold a message */
		extract_set_up();
	}
	*scan = (struct scan){ .limits = &limits,
		.charset = charset,
		.sniff = sniff,
		.message = message_new(),
		.seen = seen_new() };
}

/* A part that waits for its bytes. name "": shown in place, else a file of that name. */
static inline struct item *
fuzz_begin(struct scan *scan, const char *declared, const char *name)
{
	fuzz_scan(scan);
	guint index = scan_add_part(scan, "1", 0);
	struct part *part = scan_part(scan, index);
	g_free(part->declared_type);
	part->declared_type = g_strdup(declared);
	g_free(part->name);
	part->name = g_strdup(name);
	part->attachment = *name != '\0';
	return extract_begin(scan, index, 0, *name == '\0', NULL);
}

static inline void
fuzz_is_text(const char *text)
{
	if (!g_utf8_validate(text, -1, NULL))
		abort();
}

/* Reads it. Whatever came of it is valid UTF-8 and as long as it says. */
static inline void
fuzz_end(struct scan *scan, struct item *item)
{
	g_autoptr(message) message = scan->message;

	extract_end(item);
	for (guint i = 0; i < message->texts->len; i++) {
		const struct text *text = message->texts->pdata[i];
		if (!g_utf8_validate_len(text->data, text->size, NULL) ||
		    strlen(text->data) != text->size)
			abort();
	}
	for (guint i = 0; i < message->parts->len; i++) {
		const struct part *part = message->parts->pdata[i];
		fuzz_is_text(part->name);
		fuzz_is_text(part->path);
		fuzz_is_text(part->detail);
		fuzz_is_text(part->declared_type);
	}
	seen_free(scan->seen);
}

static inline void
fuzz_part(const uint8_t *data, size_t size, const char *declared, const char *name)
{
	struct scan scan;
	struct item *item = fuzz_begin(&scan, declared, name);

	extract_add(item, data, size);
	fuzz_end(&scan, item);
}

#endif
