/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/excerpt.h"

#include <string.h>

#include "base/text.h"

#define AROUND_CHARS 40
#define AROUND_BYTES 130 /* escapes of controls are long: both sides and the match must fit */
#define MATCH_BYTES  300

G_STATIC_ASSERT(2 * AROUND_BYTES + MATCH_BYTES + 3 * 3 <= VERDICT_EXCERPT_MAX);

static char *
one_line(const char *text, gsize size)
{
	g_autofree char *copy = g_strndup(text, size);

	g_strdelimit(copy, "\r\n\t\v\f", ' ');
	return text_printable(copy, 0);
}

/* Where the text before a match begins: some characters back. */
static gsize
step_back(const char *text, gsize from)
{
	for (guint n = 0; n < AROUND_CHARS && from > 0; n++) {
		do
			from--;
		while (from > 0 && ((guchar)text[from] & 0xc0) == 0x80);
	}
	return from;
}

static gsize
step_on(const char *text, gsize size, gsize from)
{
	for (guint n = 0; n < AROUND_CHARS && from < size; n++) {
		do
			from++;
		while (from < size && ((guchar)text[from] & 0xc0) == 0x80);
	}
	return from;
}

/* The last bytes of text, from a character on. */
static const char *
tail(const char *text, gsize max)
{
	gsize size = strlen(text);

	if (size <= max)
		return text;
	text += size - max;
	while (((guchar)*text & 0xc0) == 0x80)
		text++;
	return text;
}

void
excerpt_of_match(struct hit *hit, const char *text, gsize size, struct span span)
{
	gsize start = step_back(text, span.start), end = step_on(text, size, span.end);
	gsize shown = span.start + text_cut(text + span.start, span.end - span.start, MATCH_BYTES);
	g_autofree char *before = one_line(text + start, span.start - start);
	g_autofree char *match = one_line(text + span.start, shown - span.start);
	g_autofree char *after = one_line(text + span.end, end - span.end);
	GString *out = g_string_new(start > 0 ? "…" : "");

	g_string_append(out, tail(before, AROUND_BYTES));
	hit->excerpt_start = out->len;
	gsize length = text_cut(match, strlen(match), MATCH_BYTES);
	g_string_append_len(out, match, (gssize)length);
	if (shown < span.end || match[length] != '\0')
		g_string_append(out, "…");
	hit->excerpt_length = out->len - hit->excerpt_start;
	length = text_cut(after, strlen(after), AROUND_BYTES);
	g_string_append_len(out, after, (gssize)length);
	if (end < size || after[length] != '\0')
		g_string_append(out, "…");
	g_free(hit->excerpt);
	hit->excerpt = g_string_free(out, FALSE);
}

void
excerpt_of_words(struct hit *hit, const char *words)
{
	g_autofree char *printable = text_printable(words, 0);

	g_free(hit->excerpt);
	hit->excerpt =
	    g_strndup(printable, text_cut(printable, strlen(printable), VERDICT_EXCERPT_MAX));
	hit->excerpt_start = 0;
	hit->excerpt_length = 0;
}
