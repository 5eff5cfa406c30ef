/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse - see parse.h. Never hands GMime what could fill the memory with objects. */
#include "worker/parse.h"

#include <string.h>

#define WINDOW            (256 * 1024)
#define BOUNDARIES_A_PART 20 /* lines that begin with two hyphens, for each part allowed */

/* What GMime stumbled over: kinds that mean two readings, and mere faults, in our words. */
static const struct {
	GMimeParserWarning kind;
	guint fact;
	const char *words;
} stumbles[] = {
	{ GMIME_WARN_MALFORMED_MULTIPART, FACT_MALFORMED, "a multipart that is not whole" },
	{ GMIME_WARN_TRUNCATED_MESSAGE, FACT_MALFORMED, "a message that is cut off" },
	{ GMIME_WARN_MALFORMED_MESSAGE, FACT_MALFORMED, "a message that is not by the book" },
	{ GMIME_WARN_INVALID_CONTENT_TYPE, FACT_MALFORMED, "a Content-Type that is none" },
	{ GMIME_CRIT_INVALID_HEADER_NAME, FACT_MALFORMED, "a header line that is no field" },
	{ GMIME_CRIT_CONFLICTING_HEADER, FACT_AMBIGUOUS_MIME, "headers that contradict others" },
	{ GMIME_CRIT_CONFLICTING_PARAMETER, FACT_AMBIGUOUS_MIME, "a parameter that stands twice" },
	{ GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY, FACT_AMBIGUOUS_MIME,
	    "a multipart without a boundary" },
	{ GMIME_CRIT_NESTING_OVERFLOW, FACT_TOO_MANY_PARTS, "nested too deep" },
	{ GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT, FACT_MALFORMED,
	    "a part without headers and content" },
};

static void
on_warning(gint64 offset, GMimeParserWarning kind, const gchar *item, gpointer data)
{
	struct message *message = data;

	(void)offset;
	/* Mailing lists double Reply-To; that is no other reading of the structure. */
	if (kind == GMIME_CRIT_CONFLICTING_HEADER && item != NULL &&
	    g_ascii_strncasecmp(item, "Content-", 8) != 0 && g_ascii_strcasecmp(item, "From") != 0)
		return;
	/* Of names, leaf knows which two mean two files. */
	if (kind == GMIME_CRIT_CONFLICTING_PARAMETER && item != NULL &&
	    (g_ascii_strcasecmp(item, "name") == 0 || g_ascii_strcasecmp(item, "filename") == 0))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(stumbles); i++) {
		if (stumbles[i].kind == kind) {
			message->facts |= stumbles[i].fact;
			message_add_warning(message, stumbles[i].words);
		}
	}
}

GMimeStream *
parse_window(GMimeStream *whole, gint64 from, gint64 to, const struct header_block *block)
{
	if (!block->over_limit)
		return g_mime_stream_substream(whole, from + (gint64)block->start, to);
	GMimeStream *head =
	    g_mime_stream_substream(whole, from + (gint64)block->start, from + (gint64)block->cut);
	GMimeStream *rest = g_mime_stream_substream(whole, from + (gint64)block->body - 1, to);
	GMimeStream *both = g_mime_stream_cat_new();
	g_mime_stream_cat_add_source(GMIME_STREAM_CAT(both), head);
	g_mime_stream_cat_add_source(GMIME_STREAM_CAT(both), rest);
	g_object_unref(head);
	g_object_unref(rest);
	return both;
}

/* A field whose line ends as lines do and whose name nobody reads in two ways. */
static bool
is_regular(const char *line, gsize size)
{
	gsize n = 0;

	while (n < size && (g_ascii_isalnum(line[n]) || line[n] == '-' || line[n] == '_'))
		n++;
	if (n == 0 || n == size || line[n] != ':' || memchr(line, '\0', size) != NULL)
		return false;
	for (const char *at = line, *end = line + size; at < end;) {
		const char *stop = memchr(at, '\n', (gsize)(end - at));
		if (stop == NULL)
			return false;
		const char *text_end = stop > at && stop[-1] == '\r' ? stop - 1 : stop;
		gsize text = (gsize)(text_end - at);
		bool blank = at + strspn(at, " \t") >= text_end;
		if (memchr(at, '\r', text) != NULL || blank)
			return false;
		at = stop + 1;
	}
	return true;
}

static bool
is_wanted(const char *line, gsize size)
{
	return (size > 8 && g_ascii_strncasecmp(line, "Content-", 8) == 0) ||
	       (size > 13 && g_ascii_strncasecmp(line, "MIME-Version:", 13) == 0);
}

/* The fields of the block that GMime needs, or NULL when one is not regular. *end: behind all. */
static GString *
wanted_fields(const char *bytes, const struct header_block *block, gsize *end)
{
	g_autoptr(GString) wanted = g_string_new(NULL);
	gsize at = block->start, senders = 0, size = 0;

	while (at < block->body && strchr("\r\n", bytes[at]) == NULL) {
		size = 0;
		do {
			const char *stop = memchr(bytes + at + size, '\n', block->body - at - size);
			if (stop == NULL)
				return NULL;
			size = (gsize)(stop - bytes) + 1 - at;
		} while (at + size < block->body && strchr(" \t", bytes[at + size]) != NULL);
		if (!is_regular(bytes + at, size))
			return NULL;
		if (is_wanted(bytes + at, size))
			g_string_append_len(wanted, bytes + at, (gssize)size);
		senders += size > 5 && g_ascii_strncasecmp(bytes + at, "From:", 5) == 0;
		at += size;
	}
	/* One who says to be two people is for GMime to complain of; without a field, no message.
	 */
	if (senders > 1 || size == 0 || at >= block->body || block->body - at > 2 ||
	    bytes[at] == '\0')
		return NULL;
	if (wanted->len == 0)
		g_string_append_len(wanted, bytes + at - size, (gssize)size);
	*end = at;
	return g_steal_pointer(&wanted);
}

void
parse_set_aside(struct parse_aside *aside, char *bytes, const struct header_block *block)
{
	gsize end = 0;

	*aside = (struct parse_aside){ .from = block->start };
	if (block->over_limit || block->malformed)
		return;
	g_autoptr(GString) wanted = wanted_fields(bytes, block, &end);
	if (wanted == NULL)
		return;
	aside->size = wanted->len;
	aside->from = end - wanted->len;
	aside->bytes = g_memdup2(bytes + aside->from, aside->size);
	memcpy(bytes + aside->from, wanted->str, aside->size);
}

void
parse_put_back(struct parse_aside *aside, char *bytes)
{
	if (aside->bytes != NULL)
		memcpy(bytes + aside->from, aside->bytes, aside->size);
	g_clear_pointer(&aside->bytes, g_free);
}

static bool
has_too_many_lines(GMimeStream *stream, const struct limits *limits)
{
	guint64 left = limits->parts * BOUNDARIES_A_PART;
	g_autofree char *window = NULL;
	gsize kept = 0;

	if ((guint64)MAX(g_mime_stream_length(stream), 0) / 4 < left)
		return false; /* "--b\n" is the least that one takes */
	window = g_malloc(WINDOW);
	g_mime_stream_reset(stream);
	for (gssize n; (n = g_mime_stream_read(stream, window + kept, WINDOW - kept)) > 0;) {
		gsize size = kept + (gsize)n;
		const char *found = window;
		while ((found = memmem(found, size - (gsize)(found - window), "\n--", 3)) != NULL) {
			if (left-- == 0)
				return true;
			found += 3;
		}
		kept = MIN(size, 2); /* a mark may lie across two windows */
		memmove(window, window + size - kept, kept);
	}
	return false;
}

GMimeMessage *
parse_message(struct scan *scan, GMimeStream *stream)
{
	if (has_too_many_lines(stream, scan->limits)) {
		scan->message->facts |= FACT_TOO_MANY_PARTS;
		return NULL;
	}
	g_mime_stream_reset(stream);
	GMimeParserOptions *options = g_mime_parser_options_new();
	g_mime_parser_options_set_warning_callback(options, on_warning, scan->message);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, options);
	g_object_unref(parser);
	g_mime_parser_options_free(options);
	if (scan->message->facts & FACT_TOO_MANY_PARTS)
		scan_partial(scan);
	return message;
}
