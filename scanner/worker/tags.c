/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tags - see tags.h. A byte costs one step for each place at which a tag may be, mostly one. */
#include "worker/tags.h"

#include <string.h>

#define NAME_LONG 100 /* bytes, behind which libxml2 begins the next name of HTML */

/* Where in a tag. A word is the name of an attribute, odd what cannot be one. */
enum place {
	NAME,
	BLANKS,
	WORD,
	BEHIND_WORD,
	VALUE,
	BARE,
	DOUBLE,
	SINGLE,
	ODD,
	ODD_SIGN,
	ODD_VALUE
};
G_STATIC_ASSERT(ODD_VALUE + 1 == TAGS_PLACES);

enum kind { LETTER, MORE, BLANK, FEED, SLASH, SIGN, QUOTE, APOSTROPHE, END, OTHER, KINDS };

#define AT(place) (1U << (place))
#define ONE_MORE  (1U << 31) /* an attribute begins with this byte */

/* Where a byte leads: to several places where parsers differ, to none where the tag ends. */
static const guint moves[TAGS_PLACES][KINDS] = {
	[NAME] = { AT(NAME), AT(NAME), AT(BLANKS), AT(BLANKS) | AT(ODD), AT(BLANKS) | AT(ODD),
	    AT(ODD_SIGN), AT(ODD), AT(ODD), 0, AT(NAME) | AT(ODD) },
	[BLANKS] = { AT(WORD) | ONE_MORE, AT(ODD) | ONE_MORE, AT(BLANKS), AT(BLANKS) | AT(ODD),
	    AT(BLANKS) | AT(ODD), AT(ODD_SIGN) | ONE_MORE, AT(ODD) | ONE_MORE, AT(ODD) | ONE_MORE,
	    0, AT(ODD) | ONE_MORE },
	[WORD] = { AT(WORD), AT(WORD), AT(BEHIND_WORD), AT(BEHIND_WORD) | AT(ODD),
	    AT(BLANKS) | AT(ODD), AT(VALUE), AT(ODD), AT(ODD), 0, AT(ODD) },
	[BEHIND_WORD] = { AT(WORD) | ONE_MORE, AT(ODD) | ONE_MORE, AT(BEHIND_WORD),
	    AT(BEHIND_WORD) | AT(ODD), AT(BLANKS) | AT(ODD), AT(VALUE), AT(ODD) | ONE_MORE,
	    AT(ODD) | ONE_MORE, 0, AT(ODD) | ONE_MORE },
	[VALUE] = { AT(BARE), AT(BARE), AT(VALUE), AT(VALUE) | AT(BARE), AT(BARE), AT(BARE),
	    AT(DOUBLE), AT(SINGLE), 0, AT(BARE) },
	[BARE] = { AT(BARE), AT(BARE), AT(BLANKS), AT(BLANKS) | AT(BARE), AT(BARE), AT(BARE),
	    AT(BARE), AT(BARE), 0, AT(BARE) },
	[DOUBLE] = { AT(DOUBLE), AT(DOUBLE), AT(DOUBLE), AT(DOUBLE), AT(DOUBLE), AT(DOUBLE),
	    AT(BLANKS), AT(DOUBLE), AT(DOUBLE), AT(DOUBLE) },
	[SINGLE] = { AT(SINGLE), AT(SINGLE), AT(SINGLE), AT(SINGLE), AT(SINGLE), AT(SINGLE),
	    AT(SINGLE), AT(BLANKS), AT(SINGLE), AT(SINGLE) },
	[ODD] = { AT(ODD), AT(ODD), AT(BLANKS), AT(BLANKS) | AT(ODD), AT(BLANKS) | AT(ODD),
	    AT(ODD_SIGN), AT(ODD), AT(ODD), 0, AT(ODD) },
	[ODD_SIGN] = { AT(ODD), AT(ODD), AT(BLANKS) | AT(ODD_VALUE),
	    AT(BLANKS) | AT(ODD) | AT(ODD_VALUE), AT(BLANKS) | AT(ODD), AT(ODD_SIGN),
	    AT(ODD) | AT(DOUBLE), AT(ODD) | AT(SINGLE), 0, AT(ODD) },
	[ODD_VALUE] = { AT(BARE), AT(BARE), AT(ODD_VALUE), AT(ODD_VALUE), AT(BARE), AT(BARE),
	    AT(DOUBLE), AT(SINGLE), 0, AT(BARE) },
};

static enum kind
kind_of(const struct tags *tags, char c)
{
	switch (c) {
	case ' ':
	case '\t':
	case '\r':
	case '\n':
		return BLANK;
	case '\f':
		return FEED; /* a blank to some */
	case '/':
		return SLASH;
	case '=':
		return SIGN;
	case '"':
		return QUOTE;
	case '\'':
		return APOSTROPHE;
	case '>':
		return END;
	case '_':
	case ':':
	case '.':
		return LETTER;
	case '-':
		return MORE;
	default:
		return g_ascii_isalpha(c) || (tags->xml && (guint8)c >= 0x80) ? LETTER
		       : g_ascii_isdigit(c)                                   ? MORE
									      : OTHER;
	}
}

static void
reach(guint most[TAGS_PLACES], guint *live, enum place place, guint attributes)
{
	most[place] = (*live & AT(place)) != 0 ? MAX(most[place], attributes) : attributes;
	*live |= AT(place);
}

/* A name that is too long is cut into several. */
static void
count_name(struct tags *tags, enum kind kind)
{
	if (kind != LETTER && kind != MORE) {
		tags->name_length = 0;
	} else if (++tags->name_length >= NAME_LONG) {
		tags->name_length = 0;
		if ((tags->live & AT(WORD)) != 0)
			tags->most[WORD]++;
		if ((tags->live & AT(NAME)) != 0)
			reach(tags->most, &tags->live, WORD, tags->most[NAME] + 1);
	}
}

/* True when a tag has too many. */
static bool
step(struct tags *tags, char c)
{
	enum kind kind = kind_of(tags, c);
	guint most[TAGS_PLACES], live = 0;
	bool over = false;

	for (guint left = tags->live; left != 0; left &= left - 1) {
		enum place from = (enum place)g_bit_nth_lsf(left, -1);
		guint to = moves[from][kind];
		guint attributes = tags->most[from] + ((to & ONE_MORE) != 0 ? 1 : 0);
		for (to &= ~ONE_MORE; to != 0; to &= to - 1)
			reach(most, &live, (enum place)g_bit_nth_lsf(to, -1), attributes);
	}
	if (tags->opened && (kind == LETTER || (guint8)c >= 0x80))
		reach(most, &live, NAME, 0);
	tags->opened = c == '<';
	tags->live = live;
	for (guint left = live; left != 0; left &= left - 1) {
		guint place = (guint)g_bit_nth_lsf(left, -1);
		tags->most[place] = most[place];
	}
	count_name(tags, kind);
	for (guint left = tags->live; left != 0; left &= left - 1)
		over |= tags->most[g_bit_nth_lsf(left, -1)] > TAGS_ATTRIBUTES_MAX;
	return over;
}

gsize
tags_feed(struct tags *tags, const char *data, gsize size)
{
	for (gsize i = 0; i < size; i++) {
		if (tags->live == 0 && !tags->opened) {
			const char *next = memchr(data + i, '<', size - i);
			if (next == NULL)
				return size;
			i = (gsize)(next - data);
			tags->opened = true;
		} else if (step(tags, data[i])) {
			return i;
		}
	}
	return size;
}

void
tags_forget(struct tags *tags)
{
	tags->live = 0;
}
