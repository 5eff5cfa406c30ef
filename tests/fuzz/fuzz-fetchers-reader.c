/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The IMAP response reader. The first byte is the size of the pieces that the rest is fed in:
 * whatever it is, the same must come out as when it is fed at once.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>

#include "fetchers/reader.h"
#include "fetchers/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
on_begin(void *data, const GString *text, guint64 size, bool *wanted, GError **error)
{
	(void)data;
	(void)error;
	*wanted = size > 8 || text->len % 2 == 0;
	return true;
}

static bool
on_literal(void *data, const guint8 *bytes, gsize size, GError **error)
{
	(void)error;
	g_string_append_len(data, (const char *)bytes, (gssize)size);
	return true;
}

static bool
on_end(void *data, GError **error)
{
	(void)error;
	g_string_append_c(data, '}');
	return true;
}

static bool
on_answer(void *data, const GString *text, GError **error)
{
	struct token token;

	(void)error;
	g_string_append_len(data, text->str, (gssize)text->len);
	token_start(&token, text->str, text->len);
	while (token_next(&token)) {
		if (token.kind == TOKEN_OPEN && !token_skip(&token))
			break;
	}
	token_clear(&token);
	return true;
}

static bool
on_overlong(void *data, GString *text, GError **error)
{
	(void)error;
	g_string_append_c(data, '|');
	if (g_str_has_prefix(text->str, "* SEARCH "))
		g_string_truncate(text, 9);
	return true;
}

static const struct reader_sink sink = { on_begin, on_literal, on_end, on_answer, on_overlong };

static GString *
read_in_pieces(const uint8_t *data, size_t size, size_t piece)
{
	GString *seen = g_string_new(NULL);
	struct reader *reader = reader_new(&sink, seen);
	bool fine = true;

	reader_synchronised(reader);
	for (size_t at = 0; at < size && fine; at += piece)
		fine = reader_feed(reader, data + at, MIN(piece, size - at), NULL);
	g_string_append_c(seen, fine ? '+' : '-');
	reader_free(reader);
	return seen;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	GString *pieces = read_in_pieces(data + 1, size - 1, (size_t)data[0] + 1);
	GString *whole = read_in_pieces(data + 1, size - 1, size);
	if (!g_string_equal(pieces, whole))
		g_error("the answers depend on how the bytes arrive");
	g_string_free(pieces, TRUE);
	g_string_free(whole, TRUE);
	return 0;
}
