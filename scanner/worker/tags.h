/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_TAGS_H
#define FLAGPOST_WORKER_TAGS_H
/*
 * tags - how many attributes the tags of HTML or XML have, before libxml2 sees them: it holds each
 * against all before it, in one call that no clock ends.
 *
 * Counts by looks, in pieces as they come: what stands in quotes behind '=' is one attribute, and
 * what stands in a comment none.
 */
#include <glib.h>
#include <stdbool.h>

#define TAGS_ATTRIBUTES_MAX 5000 /* of one tag; a twentieth of a second */

struct tags {
	guint attributes; /* of the tag that is open */
	guint8 place;     /* where in it */
	char quote;       /* that is open */
	char last;        /* character of the tag that was no blank */
	guint32 tail;     /* the last characters of a comment */
	bool xml;         /* it has sections of CDATA and processing instructions; HTML has not */
};

/* From zeros on, but for xml. False when a tag has more than TAGS_ATTRIBUTES_MAX. */
bool tags_feed(struct tags *tags, const char *data, gsize size);

#endif
