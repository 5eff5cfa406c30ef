/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-apple - AppleSingle and AppleDouble files (RFC 1740): the data fork becomes a part of its
 * own, real name and comment become texts, and what can be read of the resource fork too.
 */
#include "worker/extract.h"

#include <string.h>

#define HEADER_SIZE 26  /* magic, version, filler, count */
#define ENTRY_SIZE  12  /* id, offset, length */
#define ENTRIES_MAX 100 /* a file has about ten */
#define NAME_BYTES  1024
#define RUN_MIN     4 /* characters in a row that make a word of a resource fork */

/* Ids of entries (RFC 1740 appendix A). */
enum entry_id { ENTRY_DATA = 1, ENTRY_RESOURCES = 2, ENTRY_NAME = 3, ENTRY_COMMENT = 4 };

static gsize
number(const char *at)
{
	const guint8 *byte = (const guint8 *)at;

	return (gsize)byte[0] << 24 | (gsize)byte[1] << 16 | (gsize)byte[2] << 8 | byte[3];
}

static bool
apple_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	(void)type;
	return size >= HEADER_SIZE && (memcmp(head, "\x00\x05\x16\x00", 4) == 0 ||
					  memcmp(head, "\x00\x05\x16\x07", 4) == 0);
}

static char *
decoded(struct item *item, const char *data, gsize size, gsize max)
{
	struct charset_result result;
	bool utf8 = g_utf8_validate_len(data, size, NULL);

	return charset_decode(
	    item->scan->charset, utf8 ? "utf-8" : "macintosh", data, size, max, &result);
}

/* Runs of what prints, a line each; the rest of a resource fork is icons and numbers. */
static GString *
words_of(const char *data, gsize size)
{
	GString *out = g_string_new(NULL);
	gsize run = 0;

	for (gsize i = 0; i <= size; i++) {
		if (i < size && (guint8)data[i] >= 0x20 && data[i] != 0x7F) {
			run++;
			continue;
		}
		if (run >= RUN_MIN) {
			g_string_append_len(out, data + i - run, (gssize)run);
			g_string_append_c(out, '\n');
		}
		run = 0;
	}
	return out;
}

static void
add_text(struct item *item, const char *data, gsize size, bool hidden)
{
	GString *text = g_string_new(NULL);
	g_autofree char *words = decoded(item, data, size, (gsize)item->scan->limits->text);

	g_string_append(text, words);
	extract_add_text(item, extract_component(item), text, hidden);
}

static void
add_name(struct item *item, const char *data, gsize size)
{
	char *name = decoded(item, data, MIN(size, NAME_BYTES), NAME_BYTES);

	message_add_text(
	    item->scan->message, COMPONENT_FILENAMES, NULL, item->part, name, strlen(name));
}

/* Where an entry lies within the bytes; false, and malformed, when it does not. */
static bool
find_entry(struct item *item, const char *bytes, gsize size, guint n, gsize *from, gsize *length)
{
	const char *at = bytes + HEADER_SIZE + (gsize)n * ENTRY_SIZE;

	*from = number(at + 4);
	*length = number(at + 8);
	if (*from <= size && *length <= size - *from)
		return true;
	extract_part(item)->facts |= FACT_PART_MALFORMED;
	scan_outcome(item->scan, item->part, PART_BROKEN, "its end is missing");
	*length = *from <= size ? size - *from : 0;
	return *length > 0;
}

static void
apple_read(struct item *item)
{
	gsize size;
	g_autofree char *bytes = extract_bytes(item, &size);
	bool more = true;

	if (bytes == NULL || size < HEADER_SIZE)
		return;
	struct part *part = extract_part(item);
	g_free(part->true_type);
	part->true_type = g_strdup("application/applefile");
	guint stated = (guint)number(bytes + 22) & 0xFFFF;
	guint n = (guint)MIN(MIN(stated, ENTRIES_MAX), (size - HEADER_SIZE) / ENTRY_SIZE);
	if (n < stated) {
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		scan_outcome(item->scan, item->part, PART_BROKEN, "entries that are not there");
	}
	for (guint i = 0; i < n && more; i++) {
		gsize from, length;
		gsize id = number(bytes + HEADER_SIZE + (gsize)i * ENTRY_SIZE);
		if (!find_entry(item, bytes, size, i, &from, &length))
			continue;
		if (id == ENTRY_DATA) {
			g_autofree char *name = g_strdup(extract_part(item)->name);
			more = extract_member(item, name, "", (const guint8 *)bytes + from, length);
		} else if (id == ENTRY_RESOURCES) {
			GString *words = words_of(bytes + from, length);
			add_text(item, words->str, words->len, true);
			g_string_free(words, TRUE);
		} else if (id == ENTRY_NAME) {
			add_name(item, bytes + from, length);
		} else if (id == ENTRY_COMMENT) {
			add_text(item, bytes + from, length, false);
		}
	}
}

const struct extractor extract_apple = {
	.name = "apple",
	.takes = apple_takes,
	.wanted = G_MAXUINT64,
	.read = apple_read,
};
