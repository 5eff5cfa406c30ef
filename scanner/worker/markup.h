/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_MARKUP_H
#define FLAGPOST_WORKER_MARKUP_H
/*
 * markup - XML into the handlers of libxml2, with bounds on what costs it the square of its count:
 * attributes of a tag, namespaces in force, elements within one another. A DTD that gives elements
 * attributes is over the limit: they cost as much at each of them.
 *
 * Bytes are UTF-8, UTF-16, or a charset in which '<', quotes and blanks are always themselves, so
 * that tags are counted where the parser sees them. Others are not read. Nothing is loaded.
 */
#include <libxml/parser.h>
#include <stdbool.h>

#include "base/auto.h"

#define MARKUP_NAMESPACES_MAX 256  /* in force at one element; Word writes 40 */
#define MARKUP_DEPTH_MAX      1000 /* elements within one another; readers elsewhere end at 256 */

enum markup_result {
	MARKUP_FINE,
	MARKUP_BROKEN,    /* or of a charset that is not read */
	MARKUP_OVER_LIMIT /* one of those counts, TAGS_ATTRIBUTES_MAX, or such a DTD */
};

struct markup;

/*
 * data goes to the handler, which is copied. recover: what is not well-formed is read as far as it
 * goes. Never NULL.
 */
struct markup *markup_new(const xmlSAXHandler *handler, void *data, bool recover);
void markup_free(struct markup *markup);
AUTO_DEFINE(markup, markup_free)

/* In pieces, each behind the last; no more is read once something else than MARKUP_FINE came. */
enum markup_result markup_feed(struct markup *markup, const char *data, gsize size);
/*
 * True when all that the parser, of XML or HTML, has not taken yet stands in a comment, a section
 * of CDATA or a processing instruction whose end has not come: there is no tag.
 */
bool markup_holds_back(const xmlParserCtxt *parser);
/* Behind the last piece. */
enum markup_result markup_end(struct markup *markup);

#endif
