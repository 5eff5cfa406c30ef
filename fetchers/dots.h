/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_DOTS_H
#define FLAGPOST_FETCHERS_DOTS_H
/*
 * dots - takes the dot-stuffing off a POP3 answer of many lines (RFC 1939 section 3).
 *
 * Byte-exact: the one dot in front of a line goes, the CRLF before the closing dot stays, a
 * line begins behind CRLF only. The end is CRLF.CRLF and nothing else: no bare LF ends a message.
 */
#include <glib.h>
#include <stdbool.h>

/* Where we are in "CRLF . CRLF"; start with DOTS_LINE_START. */
enum dots { DOTS_LINE_START, DOTS_TEXT, DOTS_CR, DOTS_DOT, DOTS_DOT_CR, DOTS_DONE };

typedef void dots_sink(void *data, const guint8 *bytes, gsize size);

/* Returns the bytes used: all of them, or those up to the end (DOTS_DONE). */
gsize dots_feed(enum dots *state, const guint8 *bytes, gsize size, dots_sink *sink, void *data);

#endif
