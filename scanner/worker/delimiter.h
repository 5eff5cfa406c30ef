/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DELIMITER_H
#define FLAGPOST_WORKER_DELIMITER_H
/*
 * delimiter - where the parts of a multipart begin and end (RFC 2046 section 5.1.1): every
 * boundary that a Content-Type may be taken to declare, and every line that may be taken for one.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/charset.h"

#define DELIMITER_BOUNDARY_MAX 2048 /* bytes; RFC 2046 allows 70 */

enum mark_kind {
	MARK_OPEN,  /* "--b" */
	MARK_CLOSE, /* "--b--" */
	MARK_LOOSE, /* "--b" and more, which RFC 2046 calls a boundary and most programs do not */
};

struct mark {
	const char *begin, *next; /* the line, and the one after it */
	enum mark_kind kind;
};

struct marks {
	GArray *list;     /* of struct mark, in order */
	guint opens;      /* those of MARK_OPEN and MARK_CLOSE */
	guint loose;      /* those of MARK_LOOSE that are no other declared boundary */
	bool bare_cr;     /* one stands behind a carriage return alone */
	bool after_close; /* an opening one behind a closing one */
	bool cut;         /* there are more than max, or than can be told from other boundaries */
	gsize searched;   /* bytes, for that */
};

/* Every mark of a boundary in [begin, end), at most max. */
void marks_find(
    struct marks *marks, const char *boundary, const char *begin, const char *end, gsize max);
void marks_clear(struct marks *marks);

/*
 * The boundaries (char *) that raw Content-Type values may declare and that [begin, end) has: the
 * value as parsed first, then what other programs make of quotes, comments, blanks, RFC 2231
 * and repetition. too_long is set where one is over DELIMITER_BOUNDARY_MAX.
 */
GPtrArray *delimiter_declared(struct charset *charset, const GPtrArray *types, const char *begin,
    const char *end, bool *too_long);

/* True for a Content-Type with one boundary, in a form that every program reads alike. */
bool delimiter_is_plain(const char *raw);

/* A boundary by its looks: a line that opens with "--" before one that opens with "Content-". */
char *delimiter_guess(const char *begin, const char *end);

#endif
