/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/tags.h"

enum { IN_TEXT, AT_NAME, IN_BLANKS, IN_WORD, IN_QUOTES };

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

bool
tags_feed(struct tags *tags, const char *data, gsize size)
{
	for (gsize i = 0; i < size && tags->attributes <= TAGS_ATTRIBUTES_MAX; i++) {
		char c = data[i];
		if (tags->place == IN_TEXT) {
			tags->place = c == '<' ? AT_NAME : IN_TEXT;
		} else if (tags->place == AT_NAME) {
			tags->attributes = 0;
			tags->last = c;
			tags->place = g_ascii_isalpha(c) ? IN_WORD : c == '<' ? AT_NAME : IN_TEXT;
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
