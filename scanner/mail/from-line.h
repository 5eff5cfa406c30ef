/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_FROM_LINE_H
#define FLAGPOST_MAIL_FROM_LINE_H
/*
 * from-line - what tells the separators of an mbox file (RFC 4155) from lines of people.
 */
#include <glib.h>
#include <stdbool.h>

#define FROM_LINE_MAX 1000 /* bytes of a separator; a longer line is none */

/* "From ... Sun Nov 22 09:02:05 2026", with or without a zone; a line end may follow. */
bool from_line_is_dated(const char *line);

/*
 * True for what may follow a separator: "Name:" of RFC 5322 section 3.6.8, or a ">From " that a
 * relay left in the header.
 */
bool from_line_is_header(const char *line, gsize size);

/* How many bytes of a line are a quote mark: mboxrd adds one '>' to each ">From " line. */
gsize from_line_quote(const char *line, gsize size);

#endif
