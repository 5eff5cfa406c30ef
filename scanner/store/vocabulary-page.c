/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never trusts what it reads: numbers that lead outside of the bytes are told.
 */
#include "store/vocabulary-page.h"

#include <string.h>

#include "base/fault.h"
#include "store/bits.h"
#include "store/index.h"

#define CHARACTER_BITS 21 /* of Unicode */
#define PAGE_BITS      31 /* of a page's number */

bool
vocabulary_is_damaged(GError **error)
{
	g_set_error(error, FAULT, FAULT_DATA, "the words of the index are damaged");
	return false;
}

/* --- words --- */

/* Most words are of texts alone: what else they are of costs one byte more. */
void
vocabulary_put(GByteArray *out, GString *last, const char *word, guint kinds)
{
	gsize same = 0, size = strlen(word);
	bool plain = kinds == WORD_TEXT;
	guint8 kind = (guint8)kinds;

	while (same < last->len && last->str[same] == word[same])
		same++;
	bits_put_varint(out, same);
	bits_put_varint(out, (size - same) << 1 | (plain ? 0 : 1));
	g_byte_array_append(out, (const guint8 *)word + same, (guint)(size - same));
	if (!plain)
		g_byte_array_append(out, &kind, 1);
	g_string_assign(last, word);
}

bool
vocabulary_walk(const guint8 *data, gsize size, vocabulary_visit *visit, void *user, bool *over)
{
	const guint8 *at = data, *end = data + size;
	char word[VOCABULARY_WORD_MAX] = "";
	gsize length = 0;
	guint64 same, more;

	while (!*over && at < end) {
		at = bits_get_varint(at, end, &same);
		at = at != NULL ? bits_get_varint(at, end, &more) : NULL;
		if (at == NULL || same > length || more >> 1 >= VOCABULARY_WORD_MAX - same ||
		    (more >> 1) + (more & 1) > (gsize)(end - at))
			return false;
		memcpy(word + same, at, more >> 1);
		length = same + (more >> 1);
		word[length] = '\0';
		at += more >> 1;
		*over = !visit(word, (more & 1) != 0 ? *at : WORD_TEXT, user);
		at += more & 1;
	}
	return true;
}

/* --- neighbours --- */

void
vocabulary_grams(GArray *grams, const char *word)
{
	const guint64 mask = (G_GUINT64_CONSTANT(1) << 3 * CHARACTER_BITS) - 1;
	guint64 gram = 0;
	guint n = 0;

	for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p)) {
		gram = (gram << CHARACTER_BITS | g_utf8_get_char(p)) & mask;
		if (++n >= 3)
			g_array_append_val(grams, gram);
	}
}

static gint
compare(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a, other = *(const gint64 *)b;

	return one < other ? -1 : one > other;
}

void
vocabulary_sort(GArray *numbers)
{
	guint n = 0;

	g_array_sort(numbers, compare);
	for (guint i = 0; i < numbers->len; i++) {
		gint64 number = g_array_index(numbers, gint64, i);
		if (n == 0 || g_array_index(numbers, gint64, n - 1) != number)
			g_array_index(numbers, gint64, n++) = number;
	}
	g_array_set_size(numbers, n);
}

/* --- lists of pages: how many, the last one, the gaps --- */

GBytes *
vocabulary_put_list(const GArray *pages)
{
	GByteArray *out = g_byte_array_new();
	gint64 last = pages->len > 0 ? g_array_index(pages, gint64, pages->len - 1) : 0, next = 1;
	guint k = bits_rice_for((guint64)last, pages->len);
	struct bit_writer writer;

	bits_put_varint(out, pages->len);
	bits_put_varint(out, (guint64)last);
	bits_begin(&writer, out);
	for (guint i = 0; i < pages->len; i++) {
		gint64 page = g_array_index(pages, gint64, i);
		bits_put_rice(&writer, (guint64)(page - next), k);
		next = page + 1;
	}
	bits_end(&writer);
	return g_byte_array_free_to_bytes(out);
}

bool
vocabulary_get_list(const guint8 *data, gsize size, GArray *pages)
{
	const guint8 *end = data + size, *at;
	guint64 n, last;
	gint64 next = 1;

	at = bits_get_varint(data, end, &n);
	at = at != NULL ? bits_get_varint(at, end, &last) : NULL;
	if (at == NULL || last >> PAGE_BITS != 0 || n > last)
		return false;
	struct bit_reader reader = bits_reader(at, (gsize)(end - at));
	guint k = bits_rice_for(last, n);
	for (guint64 i = 0; i < n; i++) {
		gint64 page = next + (gint64)bits_get_rice(&reader, k);
		if (reader.bad || page > (gint64)last)
			return false;
		g_array_append_val(pages, page);
		next = page + 1;
	}
	return true;
}
