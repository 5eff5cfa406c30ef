/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/tags.h"

enum { IN_TEXT, AT_NAME, IN_BLANKS, IN_WORD, IN_QUOTES, AT_SIGN, IN_COMMENT, IN_DATA, IN_ORDER };

#define TWO(a, b)      ((guint32)(a) << 8 | (b))
#define THREE(a, b, c) ((guint32)(a) << 16 | (b) << 8 | (c))

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '/';
}

/* Within a tag and not in quotes. */
static void
take(struct tags *tags, char c)
{
	if (c == '>') {
		tags->place = IN_TEXT;
	} else if (is_blank(c)) {
		tags->place = IN_BLANKS;
		return; /* the last character stays: `a = "b"` */
	} else if ((c == '"' || c == '\'') && tags->last == '=') {
		tags->place = IN_QUOTES;
		tags->quote = c;
	} else if (tags->place == IN_BLANKS) {
		tags->place = IN_WORD;
		tags->attributes++;
	}
	tags->last = c;
}

static bool
is_name_start(char c)
{
	return g_ascii_isalpha(c) || c == '_' || c == ':' || (guint8)c >= 0x80;
}

/* Behind '<'. */
static void
take_name(struct tags *tags, char c)
{
	tags->attributes = 0;
	tags->last = c;
	tags->tail = 0;
	if (c == '!')
		tags->place = AT_SIGN;
	else if (c == '?' && tags->xml)
		tags->place = IN_ORDER;
	else
		tags->place = is_name_start(c) ? IN_WORD : c == '<' ? AT_NAME : IN_TEXT;
}

/* In what is no tag, and holds anything: comments, CDATA and processing instructions. */
static void
take_other(struct tags *tags, char c)
{
	tags->tail = (tags->tail << 8 | (guint8)c) & 0xFFFFFF;
	if (tags->place == AT_SIGN && c != '-' && c != '[')
		tags->place = IN_TEXT;
	else if (tags->place == AT_SIGN && c == '[')
		tags->place = tags->xml ? IN_DATA : IN_TEXT;
	else if (tags->place == AT_SIGN && tags->tail == TWO('-', '-'))
		tags->place = IN_COMMENT;
	else if ((tags->place == IN_COMMENT && tags->tail == THREE('-', '-', '>')) ||
		 (tags->place == IN_DATA && tags->tail == THREE(']', ']', '>')) ||
		 (tags->place == IN_ORDER && (tags->tail & 0xFFFF) == TWO('?', '>')))
		tags->place = IN_TEXT;
	else
		return;
	tags->tail = 0;
}

bool
tags_feed(struct tags *tags, const char *data, gsize size)
{
	for (gsize i = 0; i < size && tags->attributes <= TAGS_ATTRIBUTES_MAX; i++) {
		char c = data[i];
		if (tags->place == IN_TEXT) {
			tags->place = c == '<' ? AT_NAME : IN_TEXT;
		} else if (tags->place == AT_NAME) {
			take_name(tags, c);
		} else if (tags->place >= AT_SIGN) {
			take_other(tags, c);
		} else if (tags->place != IN_QUOTES) {
			take(tags, c);
		} else if (c == tags->quote) {
			/* Another attribute may follow without a blank. */
			tags->place = IN_BLANKS;
			tags->last = c;
		}
	}
	return tags->attributes <= TAGS_ATTRIBUTES_MAX;
}
