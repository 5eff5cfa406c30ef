/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PARSE_H
#define FLAGPOST_WORKER_PARSE_H
/*
 * parse - GMime over one message or MIME entity: its structure, and what GMime stumbled over as
 * facts of the message at hand.
 */
#include <gmime/gmime.h>

#include "worker/headers.h"
#include "worker/scan.h"

#define PARSE_HEADER_WINDOW(limits) ((limits)->header + 64 * 1024) /* bytes for headers_split */

/*
 * What GMime is to read of the bytes [from, to) of whole: without what stands before the first
 * field, and without the fields that are over a limit. block is what headers_split says of their
 * start.
 */
GMimeStream *parse_window(
    GMimeStream *whole, gint64 from, gint64 to, const struct header_block *block);

/*
 * Headers of a message in memory, set aside while GMime reads it. GMime takes every subject and
 * address apart, which costs as much as all else it does and is not asked for: what builds the
 * content (Content-*, MIME-Version) is enough.
 */
struct parse_aside {
	gsize from; /* where the kept fields begin; the body stays where it is */
	gsize size;
	char *bytes; /* what stood there; NULL: nothing was set aside */
};

/*
 * Moves the fields that GMime needs to the end of the block at bytes. Where a line of it is not
 * quite by the book, nothing moves: GMime is to stumble over it. From block->start to the end of
 * the block the bytes are of no use until parse_put_back.
 */
void parse_set_aside(struct parse_aside *aside, char *bytes, const struct header_block *block);
void parse_put_back(struct parse_aside *aside, char *bytes);

/*
 * NULL when GMime finds no message, and when more lines look like boundaries than a message of
 * many times the parts that are allowed has (FACT_TOO_MANY_PARTS): GMime would make an object for
 * each before anyone could stop it.
 */
GMimeMessage *parse_message(struct scan *scan, GMimeStream *stream);

#endif
