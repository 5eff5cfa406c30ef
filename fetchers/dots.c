/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fetchers/dots.h"

#include <string.h>

/* What comes after text that ends here and holds no CRLF-dot. */
static enum dots
state_after(enum dots before, const guint8 *bytes, gsize size)
{
	if (size == 0)
		return before;
	if (bytes[size - 1] == '\r')
		return DOTS_CR;
	if (bytes[size - 1] == '\n' && (size > 1 ? bytes[size - 2] == '\r' : before == DOTS_CR))
		return DOTS_LINE_START;
	return DOTS_TEXT;
}

/* Passes on a run of text up to a dot at the start of a line. Returns its length. */
static gsize
pass_text(enum dots *state, const guint8 *bytes, gsize size, dots_sink *sink, void *data)
{
	gsize n = size;

	/* The two places that a search for CRLF-dot does not see: a CRLF cut in two. */
	if (*state == DOTS_CR && size > 1 && bytes[0] == '\n' && bytes[1] == '.')
		n = 1;
	else {
		const guint8 *found = memmem(bytes, size, "\r\n.", 3);
		if (found != NULL)
			n = (gsize)(found - bytes) + 2;
	}
	sink(data, bytes, n);
	*state = state_after(*state, bytes, n);
	return n;
}

gsize
dots_feed(enum dots *state, const guint8 *bytes, gsize size, dots_sink *sink, void *data)
{
	gsize used = 0;

	while (used < size && *state != DOTS_DONE) {
		guint8 c = bytes[used];
		if (*state == DOTS_LINE_START && c == '.') {
			*state = DOTS_DOT;
			used++;
		} else if (*state == DOTS_DOT && c == '\r') {
			*state = DOTS_DOT_CR;
			used++;
		} else if (*state == DOTS_DOT_CR && c == '\n') {
			*state = DOTS_DONE;
			used++;
		} else {
			/* ".CR" that no LF followed was text behind a stuffed dot. */
			if (*state == DOTS_DOT_CR) {
				sink(data, (const guint8 *)"\r", 1);
				*state = DOTS_CR;
			} else if (*state == DOTS_DOT) {
				*state = DOTS_TEXT;
			}
			used += pass_text(state, bytes + used, size - used, sink, data);
		}
	}
	return used;
}
