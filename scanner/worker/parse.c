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
