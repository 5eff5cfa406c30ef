/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_TAGS_H
#define FLAGPOST_WORKER_TAGS_H
/*
 * tags - how many attributes the tags of HTML or XML have, before libxml2 sees them: it holds each
 * against all before it, in one call that no clock ends.
 *
 * Believes nothing about where it is: comments, scripts, sections and the quotes of other tags may
 * be made to look open when they are not. Each '<' before a name may begin a tag; those that are
 * possible at once are followed together, and where parsers differ about a quote or a slash, both
 * ways. So never fewer are counted than the parser will find. What looks like a tag of very many
 * attributes may be words of a comment or a script: whoever knows better says so (tags_forget).
 */
#include <glib.h>
#include <stdbool.h>

#define TAGS_ATTRIBUTES_MAX 5000 /* of one tag; a twentieth of a second */
#define TAGS_PLACES         11

struct tags {
	guint most[TAGS_PLACES]; /* attributes of the tags that may be open, by where they are */
	guint live;              /* places that a tag may be at, as bits */
	guint name_length;       /* bytes of a name, up to here */
	bool opened;             /* '<' was the last byte */
	bool xml;                /* names may have bytes beyond ASCII */
};

/*
 * From zeros on, but for xml. Returns how many bytes it took: fewer than size when a tag has more
 * than TAGS_ATTRIBUTES_MAX attributes there.
 */
gsize tags_feed(struct tags *tags, const char *data, gsize size);
/* At this byte no tag is open. */
void tags_forget(struct tags *tags);

#endif
