/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_HTML_H
#define FLAGPOST_REPORTS_HTML_H
/*
 * html - writes HTML in which text from mail can only ever be text.
 *
 * html_text and html_attribute escape whatever they get, and make controls and bidi marks
 * visible; html_raw takes nothing but literals of our own source, the compiler sees to that.
 */
#include <glib.h>

/* Characters of one text; longer ones end with an ellipsis. */
#define HTML_TEXT_MAX 1000

/* The empty strings on both sides refuse everything but a literal. */
#define html_raw(out, literal)           g_string_append_len(out, "" literal "", sizeof(literal) - 1)
#define html_attribute(out, name, value) html_attribute_value(out, " " name "=\"", value)

#define html_choose(out, condition, literal, otherwise)                                            \
	do {                                                                                       \
		if (condition)                                                                     \
			html_raw(out, literal);                                                    \
		else                                                                               \
			html_raw(out, otherwise);                                                  \
	} while (0)

/* <tag>text</tag> */
#define html_element(out, tag, text)                                                               \
	do {                                                                                       \
		html_raw(out, "<" tag ">");                                                        \
		html_text(out, text);                                                              \
		html_raw(out, "</" tag ">");                                                       \
	} while (0)

void html_text(GString *out, const char *text);
void html_short(GString *out, const char *text, gsize max_chars);
void html_attribute_value(GString *out, const char *opening, const char *value);
void html_number(GString *out, guint64 number); /* 1,204 */

/* "one part", "1,204 parts"; noun and plural are literals */
void html_count(GString *out, guint64 number, const char *noun, const char *plural);

/* <time> in the zone; "never" for 0 and "unknown" for MESSAGE_NO_DATE */
void html_time(GString *out, gint64 time, GTimeZone *zone);

/* An address with its domain, which decides most, in bold. */
void html_address(GString *out, const char *address);

/* The beginning of a page up to <body>: strict policy, the style sheet, the title. */
void html_begin(GString *out, const char *title);
void html_end(GString *out);

#endif
