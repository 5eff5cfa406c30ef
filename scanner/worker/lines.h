/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_LINES_H
#define FLAGPOST_WORKER_LINES_H
/*
 * lines - the bytes kept of a blob, line by line, wherever they lie. Lines longer than
 * LINES_PIECE come in pieces.
 */
#include "worker/blob.h"

#define LINES_PIECE (64 * 1024)

struct lines {
	const struct blob *blob;
	const guint8 *data; /* what is at hand: all of it, or window */
	gsize size, pos;
	guint64 offset; /* of data in the blob */
	guint8 *window; /* NULL when the blob lies in memory */
	bool middle;    /* the last piece did not end its line */
};

struct line {
	const guint8 *data; /* valid until the next call; no NUL behind it */
	gsize size;         /* without its line break, if it has one */
	gsize full;         /* with it */
	guint64 offset;     /* in the blob */
	bool begins;        /* the first piece of a line */
};

void lines_begin(struct lines *lines, const struct blob *blob, guint64 offset);
bool lines_next(struct lines *lines, struct line *line);
/* Gives the last line once more. Only once after each lines_next. */
void lines_back(struct lines *lines, const struct line *line);
void lines_end(struct lines *lines);

/* True when the line starts with prefix. */
bool lines_starts(const struct line *line, const char *prefix);

#endif
