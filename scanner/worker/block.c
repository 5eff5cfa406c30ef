/* SPDX-License-Identifier: GPL-3.0-or-later */
/* block - see block.h. Never keeps more of a value than BLOCK_VALUE_MAX. */
#include "worker/block.h"

#include <string.h>

#define NAME_MAX_BYTES 200 /* before the colon, blanks and breaks included */
#define LEAD_LINES     16

static const char *
line_end(const char *at, const char *end)
{
	const char *found = memchr(at, '\n', (gsize)(end - at));

	return found != NULL ? found + 1 : end;
}

static bool
is_blank(const char *at, const char *end)
{
	while (at < end && strchr(" \t\r\n", *at) != NULL && *at != '\0')
		at++;
	return at == end;
}

static bool
is_empty(const char *at, const char *end)
{
	return at < end && (*at == '\n' || (*at == '\r' && (at + 1 == end || at[1] == '\n')));
}

/* The letters of a name, lower case, without whatever else stands in it. */
static void
plain_name(const char *at, const char *colon, char *out, gsize size)
{
	gsize n = 0;

	for (; at < colon && n + 1 < size; at++)
		if (g_ascii_isalnum(*at) || *at == '-')
			out[n++] = g_ascii_tolower(*at);
		else if (*at == '_')
			out[n++] = '-';
	out[n] = '\0';
}

/* The colon of a field that begins at `at`, or NULL. odd: more than letters stand before it. */
static const char *
find_colon(const char *at, const char *end, bool *odd)
{
	const char *limit = MIN(end, at + NAME_MAX_BYTES);
	const char *colon = memchr(at, ':', (gsize)(limit - at));

	*odd = false;
	for (const char *p = at; colon != NULL && p < colon; p++)
		if ((guint8)*p <= ' ' || (guint8)*p >= 0x7F)
			*odd = true;
	return colon != at ? colon : NULL;
}

/* A field in the sense of RFC 5322, or one of ours in disguise. */
static GPtrArray *
list_for(struct block *block, const char *name)
{
	if (g_str_equal(name, "content-type"))
		return block->types;
	if (g_str_equal(name, "content-transfer-encoding"))
		return block->encodings;
	if (g_str_equal(name, "content-disposition"))
		return block->dispositions;
	return NULL;
}

static void
add_value(struct block *block, GPtrArray *list, const char *from, const char *to)
{
	if (list->len >= BLOCK_FIELDS_MAX || to - from > BLOCK_VALUE_MAX)
		block->oddities |= BLOCK_CUT;
	if (list->len >= BLOCK_FIELDS_MAX)
		return;
	to = MIN(to, from + BLOCK_VALUE_MAX);
	GString *value = g_string_sized_new((gsize)(to - from) + 1);
	for (; from < to; from++)
		if (*from != '\0')
			g_string_append_c(value, *from);
	g_ptr_array_add(list, g_string_free(value, FALSE));
}

static void
note_cr(struct block *block, const char *from, const char *to)
{
	for (const char *cr = from; (cr = memchr(cr, '\r', (gsize)(to - cr))) != NULL; cr++)
		if (cr + 1 < to && cr[1] != '\n' && cr[1] != '\r')
			block->oddities |= BLOCK_BARE_CR;
}

static void
note_stop(struct block *block, guint oddity, const char *at, const char *resumed)
{
	block->oddities |= oddity;
	if (block->stop == NULL) {
		block->stop = at;
		block->resumed = resumed;
	}
}

/* One field with its continuations, from line to next. False when it is none. */
static bool
add_field(struct block *block, const char *line, const char *next)
{
	char name[64];
	bool odd;
	const char *colon = find_colon(line, next, &odd);

	if (colon == NULL)
		return false;
	plain_name(line, colon, name, sizeof name);
	GPtrArray *list = list_for(block, name);
	if (odd && list == NULL) {
		/* "Subject : x" is a field to us, "just words: more" is none. */
		const char *gap = line;
		while (gap < colon && (guint8)*gap > ' ')
			gap++;
		if (gap == line || !is_blank(gap, colon))
			return false;
	}
	if (odd && list != NULL)
		block->oddities |= BLOCK_ODD_NAME;
	if (list != NULL && memchr(line, '\0', (gsize)(next - line)) != NULL)
		block->oddities |= BLOCK_NUL;
	if (list != NULL)
		add_value(block, list, colon + 1, next);
	block->fields++;
	return true;
}

/* The bytes end where they end: no NUL stands behind them. */
static bool
begins_with(const char *at, const char *end, const char *word)
{
	gsize n = strlen(word);

	return (gsize)(end - at) >= n && g_ascii_strncasecmp(at, word, n) == 0;
}

/* Over what is no field at the start of a message, when a field comes soon. */
static const char *
skip_lead(struct block *block, const char *at, const char *end)
{
	const char *start = at;
	bool odd;

	if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
		start = at += 3;
	for (guint i = 0; i < LEAD_LINES && at < end; i++) {
		const char *next = line_end(at, end);
		const char *colon = find_colon(at, next, &odd);
		bool command = begins_with(at, end, "From ") || begins_with(at, end, ">From ") ||
			       begins_with(at, end, "MAIL FROM:") ||
			       begins_with(at, end, "RCPT TO:");
		if (colon != NULL && !odd && !command)
			return at;
		if (!is_blank(at, next) && !command)
			block->oddities |= BLOCK_JUNK_LINE;
		at = next;
	}
	block->oddities &= ~(guint)BLOCK_JUNK_LINE;
	return start;
}

void
block_read(struct block *block, const char *begin, const char *end, bool lead, const char *until)
{
	const char *at = begin;

	memset(block, 0, sizeof *block);
	block->types = g_ptr_array_new_with_free_func(g_free);
	block->encodings = g_ptr_array_new_with_free_func(g_free);
	block->dispositions = g_ptr_array_new_with_free_func(g_free);
	if (lead)
		at = skip_lead(block, at, end);
	block->begin = block->body = at;
	while (at < end && at != until) {
		const char *next = line_end(at, end);
		if (is_empty(at, end)) {
			at = next;
			break;
		}
		if (is_blank(at, next)) {
			note_stop(block, BLOCK_BLANK_LINE, at, next);
			at = next;
			continue;
		}
		while (next < end && next != until && (*next == ' ' || *next == '\t')) {
			const char *more = line_end(next, end);
			if (is_blank(next, more))
				note_stop(block, BLOCK_BLANK_LINE, next, more);
			next = more;
		}
		note_cr(block, at, next);
		if (!add_field(block, at, next) && !(at == block->begin && *at == ' '))
			note_stop(block, BLOCK_JUNK_LINE, at, at);
		at = next;
	}
	block->body = at;
	if (!lead && at == end && block->fields > 0 && end[-1] != '\n')
		block->oddities |= BLOCK_NO_END;
	if (block->fields == 0 && block->stop != NULL) {
		/* No field at all: there is no block, whatever comes further down. */
		block->body = block->resumed;
		block->stop = NULL;
		block->oddities = 0;
	}
}

void
block_clear(struct block *block)
{
	g_ptr_array_unref(block->types);
	g_ptr_array_unref(block->encodings);
	g_ptr_array_unref(block->dispositions);
}
