/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Must never believe a size: neither by allocating it nor by skipping the limit of an answer.
 */
#include "fetchers/reader.h"

#include <string.h>

#include "base/fault.h"

enum state { STATE_LINE, STATE_INLINE, STATE_STREAM };

struct reader {
	const struct reader_sink *sink;
	void *data;
	enum state state;
	bool synchronised;
	GString *text;
	guint64 left; /* bytes of the literal still to come */
};

struct reader *
reader_new(const struct reader_sink *sink, void *data)
{
	struct reader *reader = g_new0(struct reader, 1);

	reader->sink = sink;
	reader->data = data;
	reader->text = g_string_sized_new(512);
	return reader;
}

void
reader_free(struct reader *reader)
{
	if (reader == NULL)
		return;
	g_string_free(reader->text, TRUE);
	g_free(reader);
}

void
reader_synchronised(struct reader *reader)
{
	reader->synchronised = true;
}

bool
reader_is_inside(const struct reader *reader)
{
	return reader->text->len > 0 || reader->state != STATE_LINE;
}

/*
 * Only data answers have literals. The text of OK, NO, BAD, BYE and tagged lines is for people
 * and may end in anything, "{5}" too.
 */
static bool
may_have_literals(const struct reader *reader)
{
	static const char *const plain[] = { "* OK", "* NO", "* BAD", "* BYE", "* PREAUTH",
		"* CAPABILITY", "* SEARCH" };
	const char *text = reader->text->str;

	if (!reader->synchronised || !g_str_has_prefix(text, "* "))
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
		gsize length = strlen(plain[i]);
		if (g_ascii_strncasecmp(text, plain[i], length) == 0 &&
		    (text[length] == ' ' || text[length] == '\0'))
			return false;
	}
	return true;
}

/* The text ends in "{digits}": cuts it off. False after an error; *found tells. */
static bool
take_literal(struct reader *reader, bool *found, guint64 *size, GError **error)
{
	GString *text = reader->text;
	const char *open;

	*found = false;
	if (text->len < 3 || text->str[text->len - 1] != '}' || !may_have_literals(reader))
		return true;
	open = memrchr(text->str, '{', text->len);
	if (open == NULL || open == text->str || strchr(" (~", open[-1]) == NULL)
		return true;
	g_autofree char *digits = g_strndup(open + 1, (gsize)(text->str + text->len - 2 - open));
	/* LITERAL+ belongs to clients (RFC 7888); a server that sends it is still understood. */
	if (g_str_has_suffix(digits, "+"))
		digits[strlen(digits) - 1] = '\0';
	if (!g_ascii_string_to_unsigned(digits, 10, 0, G_MAXINT64, size, NULL)) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "literal: its size is no number up to 2^63 (RFC 3501 section 4.3)");
		return false;
	}
	g_string_truncate(text, (gsize)(open - text->str));
	*found = true;
	return true;
}

static void
add_mark(struct reader *reader, char kind, guint64 size)
{
	char mark[READER_MARK_BYTES] = { '\0', kind };

	memcpy(mark + 2, &size, sizeof(size));
	g_string_append_len(reader->text, mark, sizeof(mark));
}

static bool
begin_literal(struct reader *reader, guint64 size, GError **error)
{
	bool wanted = false;

	if (!reader->sink->literal_begin(reader->data, reader->text, size, &wanted, error))
		return false;
	if (!wanted && size > READER_INLINE_MAX) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "literal: %" G_GUINT64_FORMAT " bytes that were not asked for", size);
		return false;
	}
	add_mark(reader, wanted ? READER_STREAMED : READER_INLINE, size);
	reader->left = size;
	reader->state = wanted ? STATE_STREAM : STATE_INLINE;
	if (size > 0)
		return true;
	reader->state = STATE_LINE;
	return !wanted || reader->sink->literal_end(reader->data, error);
}

static bool
end_line(struct reader *reader, GError **error)
{
	GString *text = reader->text;
	guint64 size;
	bool found;

	if (text->len > 0 && text->str[text->len - 1] == '\r')
		g_string_truncate(text, text->len - 1);
	if (!take_literal(reader, &found, &size, error))
		return false;
	if (found)
		return begin_literal(reader, size, error);
	if (!reader->sink->answer(reader->data, text, error))
		return false;
	g_string_truncate(text, 0);
	return true;
}

static bool
is_short_enough(struct reader *reader, GError **error)
{
	if (reader->text->len <= READER_ANSWER_MAX)
		return true;
	if (!reader->sink->overlong(reader->data, reader->text, error))
		return false;
	if (reader->text->len <= READER_ANSWER_MAX / 2)
		return true;
	g_set_error(error, FAULT, FAULT_DATA, "answer: a line of over %d bytes", READER_ANSWER_MAX);
	return false;
}

/* Takes bytes up to and with the next line end. Returns how many, or -1. */
static gssize
feed_line(struct reader *reader, const guint8 *bytes, gsize size, GError **error)
{
	const guint8 *end = memchr(bytes, '\n', size);
	gsize n = end != NULL ? (gsize)(end - bytes) : size;

	/* In pieces, so that a long answer is used up at the same places however it is cut. */
	n = MIN(n, READER_ANSWER_MAX + 1 - reader->text->len);
	if (memchr(bytes, '\0', n) != NULL) {
		g_set_error(error, FAULT, FAULT_DATA, "answer: a NUL (RFC 3501 section 9)");
		return -1;
	}
	g_string_append_len(reader->text, (const char *)bytes, (gssize)n);
	if (!is_short_enough(reader, error))
		return -1;
	if (end == NULL || bytes + n < end)
		return (gssize)n;
	return end_line(reader, error) ? (gssize)n + 1 : -1;
}

static gssize
feed_literal(struct reader *reader, const guint8 *bytes, gsize size, GError **error)
{
	gsize n = (gsize)MIN((guint64)size, reader->left);
	bool streamed = reader->state == STATE_STREAM;

	reader->left -= n;
	if (reader->left == 0)
		reader->state = STATE_LINE;
	if (!streamed) {
		g_string_append_len(reader->text, (const char *)bytes, (gssize)n);
		return is_short_enough(reader, error) ? (gssize)n : -1;
	}
	if (!reader->sink->literal(reader->data, bytes, n, error))
		return -1;
	if (reader->left == 0 && !reader->sink->literal_end(reader->data, error))
		return -1;
	return (gssize)n;
}

bool
reader_feed(struct reader *reader, const guint8 *bytes, gsize size, GError **error)
{
	while (size > 0) {
		gssize n = reader->state == STATE_LINE ? feed_line(reader, bytes, size, error)
						       : feed_literal(reader, bytes, size, error);
		if (n < 0)
			return false;
		bytes += n;
		size -= (gsize)n;
	}
	return true;
}
