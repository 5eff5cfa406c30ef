/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parse - see parse.h. Never hands GMime what could fill the memory with objects. */
#include "worker/parse.h"

#include <string.h>

#define WINDOW            (256 * 1024)
#define BOUNDARIES_A_PART 20 /* lines that begin with two hyphens, for each part allowed */

/* What GMime stumbled over. The kinds that mean two readings, and those that are mere faults. */
static void
on_warning(gint64 offset, GMimeParserWarning kind, const gchar *item, gpointer data)
{
	guint *facts = data;

	(void)offset;
	switch (kind) {
	case GMIME_CRIT_CONFLICTING_HEADER:
		/* Mailing lists double Reply-To; that is no other reading of the structure. */
		if (item == NULL || g_ascii_strncasecmp(item, "Content-", 8) == 0 ||
		    g_ascii_strcasecmp(item, "From") == 0)
			*facts |= FACT_AMBIGUOUS_MIME;
		break;
	case GMIME_CRIT_CONFLICTING_PARAMETER:
	case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
		*facts |= FACT_AMBIGUOUS_MIME;
		break;
	case GMIME_CRIT_NESTING_OVERFLOW:
		*facts |= FACT_TOO_MANY_PARTS;
		break;
	case GMIME_CRIT_INVALID_HEADER_NAME:
	case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
	case GMIME_WARN_MALFORMED_MULTIPART:
	case GMIME_WARN_TRUNCATED_MESSAGE:
	case GMIME_WARN_MALFORMED_MESSAGE:
	case GMIME_WARN_INVALID_CONTENT_TYPE:
		*facts |= FACT_MALFORMED;
		break;
	default:
		break;
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
	g_mime_parser_options_set_warning_callback(options, on_warning, &scan->message->facts);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	g_mime_parser_set_persist_stream(parser, TRUE);
	GMimeMessage *message = g_mime_parser_construct_message(parser, options);
	g_object_unref(parser);
	g_mime_parser_options_free(options);
	if (scan->message->facts & FACT_TOO_MANY_PARTS)
		scan_partial(scan);
	return message;
}
