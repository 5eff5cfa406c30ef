/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every function here takes bytes that nobody checked: broken UTF-8 must never make a pointer
 * step over the terminating zero, which the g_utf8_ macros would do.
 */
#include "base/text.h"

#include <string.h>

#define MASK_SHOWN 2 /* characters that stay at each end */
#define MASK_MIN   8 /* shorter spans are hidden whole */

static bool
misleads(gunichar c)
{
	return c < 0x20 || (c >= 0x7f && c <= 0x9f) ||      /* C0, DEL, C1 */
	       c == 0x061c || c == 0x200e || c == 0x200f || /* bidi marks */
	       (c >= 0x2028 && c <= 0x202e) ||              /* separators, embeddings */
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff; /* isolates, byte order mark */
}

char *
text_printable(const char *text, gsize max_chars)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *out = g_string_sized_new(strlen(valid) + 1);
	const char *plain = valid, *p = valid; /* what was not copied yet begins at plain */
	gsize count = 0;

	for (; *p != '\0' && (max_chars == 0 || count < max_chars); count++) {
		gunichar c = g_utf8_get_char(p);
		const char *next = g_utf8_next_char(p);
		if (misleads(c)) {
			g_string_append_len(out, plain, p - plain);
			g_string_append_printf(out, "\\u{%X}", c);
			plain = next;
		}
		p = next;
	}
	g_string_append_len(out, plain, p - plain);
	if (*p != '\0')
		g_string_append(out, "…");
	return g_string_free(out, FALSE);
}

char *
text_mask(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	glong length = g_utf8_strlen(valid, -1);
	GString *out = g_string_sized_new(strlen(valid) + 1);
	glong at = 0;

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p), at++) {
		bool shown = length >= MASK_MIN && (at < MASK_SHOWN || at >= length - MASK_SHOWN);
		g_string_append_unichar(out, shown ? g_utf8_get_char(p) : '*');
	}
	return g_string_free(out, FALSE);
}

gsize
text_ascii(const char *text, gsize size)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101);
	const guint64 tops = ones << 7;
	gsize at = 0;

	/* Eight bytes at a time: a top bit is high, or borrowed by a byte that is NUL. */
	for (; at + 8 <= size; at += 8) {
		guint64 word;
		memcpy(&word, text + at, 8);
		if (((word | (word - ones)) & tops) != 0)
			break;
	}
	while (at < size && text[at] != '\0' && (guint8)text[at] < 0x80)
		at++;
	return at;
}

bool
text_is_utf8(const char *text, gsize size)
{
	for (gsize at = 0; (at += text_ascii(text + at, size - at)) < size;) {
		gsize start = at;
		/* Every byte of a character beyond ASCII has its top bit: such a run stands alone.
		 */
		while (at < size && (guint8)text[at] >= 0x80)
			at++;
		if (at == start || !g_utf8_validate(text + start, (gssize)(at - start), NULL))
			return false;
	}
	return true;
}

gsize
text_cut(const char *text, gsize size, gsize max)
{
	if (size <= max)
		return size;
	/* A character has at most three continuation bytes; more are garbage, cut anywhere. */
	for (gsize back = 0; back <= 3 && back <= max; back++) {
		if (((guchar)text[max - back] & 0xc0) != 0x80)
			return max - back;
	}
	return max;
}

/* Bytes of the character at p; a byte that is no character counts as one. 0 at the end. */
static gsize
step(const char *p)
{
	if (*p == '\0')
		return 0;
	gunichar c = g_utf8_get_char_validated(p, -1);
	if (c == (gunichar)-1 || c == (gunichar)-2)
		return 1;
	return (gsize)(g_utf8_next_char(p) - p);
}

bool
text_glob(const char *pattern, const char *text)
{
	const char *after_star = NULL, *retry = NULL;

	/* Only the last star needs another try: what an earlier one could take, it can too. */
	while (*text != '\0') {
		gsize n = step(text);
		if (*pattern == '*') {
			after_star = ++pattern;
			retry = text;
		} else if (*pattern == '?') {
			pattern++;
			text += n;
		} else if (step(pattern) == n && memcmp(pattern, text, n) == 0) {
			pattern += n;
			text += n;
		} else if (after_star != NULL) {
			retry += step(retry);
			text = retry;
			pattern = after_star;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

char *
text_size(guint64 bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	guint64 tenth = 100;

	if (bytes < 1000)
		return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
	for (gsize i = 0;; i++, tenth *= 1000) {
		guint64 tenths = bytes / tenth + (bytes % tenth >= tenth / 2 ? 1 : 0);
		/* 999,950 bytes are 1.0 MB, not 1000.0 kB. Never a locale's decimal comma. */
		if (tenths < 10000 || i + 1 == G_N_ELEMENTS(units))
			return g_strdup_printf("%" G_GUINT64_FORMAT ".%u %s", tenths / 10,
			    (guint)(tenths % 10), units[i]);
	}
}

char *
text_count(guint64 number)
{
	char digits[32];
	GString *out = g_string_new(NULL);
	int length = g_snprintf(digits, sizeof(digits), "%" G_GUINT64_FORMAT, number);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			g_string_append_c(out, ',');
		g_string_append_c(out, digits[i]);
	}
	return g_string_free(out, FALSE);
}
