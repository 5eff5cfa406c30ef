/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lines - see lines.h. */
#include "worker/lines.h"

#include <string.h>

void
lines_begin(struct lines *lines, const struct blob *blob, guint64 offset)
{
	memset(lines, 0, sizeof *lines);
	lines->blob = blob;
	lines->data = blob_data(blob);
	if (lines->data != NULL) {
		lines->size = (gsize)blob_kept(blob);
		lines->pos = (gsize)MIN(offset, lines->size);
	} else {
		lines->offset = offset;
		lines->data = lines->window = g_malloc(LINES_PIECE);
	}
}

void
lines_end(struct lines *lines)
{
	g_clear_pointer(&lines->window, g_free);
}

/* More of a blob that is not in memory: what is left moves to the front. */
static void
refill(struct lines *lines)
{
	gsize left = lines->size - lines->pos;

	memmove(lines->window, lines->window + lines->pos, left);
	lines->offset += lines->pos;
	lines->pos = 0;
	lines->size = left + blob_read(lines->blob, lines->offset + left, lines->window + left,
				 LINES_PIECE - left);
}

bool
lines_next(struct lines *lines, struct line *line)
{
	const guint8 *from = lines->data + lines->pos;
	gsize room = MIN(lines->size - lines->pos, LINES_PIECE);
	const guint8 *end = room > 0 ? memchr(from, '\n', room) : NULL;

	if (end == NULL && lines->window != NULL && room < LINES_PIECE) {
		refill(lines);
		from = lines->data;
		room = lines->size;
		end = room > 0 ? memchr(from, '\n', room) : NULL;
	}
	if (room == 0)
		return false;
	line->data = from;
	line->full = end != NULL ? (gsize)(end - from) + 1 : room;
	line->size = end != NULL ? line->full - 1 : room;
	if (line->size > 0 && from[line->size - 1] == '\r')
		line->size--;
	line->offset = lines->offset + lines->pos;
	line->begins = !lines->middle;
	lines->middle = end == NULL;
	lines->pos += line->full;
	return true;
}

void
lines_back(struct lines *lines, const struct line *line)
{
	lines->pos -= line->full;
	lines->middle = !line->begins;
}

bool
lines_starts(const struct line *line, const char *prefix)
{
	gsize size = strlen(prefix);

	return line->begins && line->size >= size && memcmp(line->data, prefix, size) == 0;
}
