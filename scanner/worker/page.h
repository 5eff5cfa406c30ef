/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PAGE_H
#define FLAGPOST_WORKER_PAGE_H
/*
 * page - an HTML document as streams of text: what is seen, what is hidden, what its attributes
 * tell, its comments, and where its links lead.
 *
 * Words that inline tags split are whole, blocks end in a line break. Nothing is built and
 * nothing is loaded, so that depth costs nothing.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

enum page_stream {
	PAGE_SEEN,
	PAGE_HIDDEN,   /* by style, size, colour or place; what few programs show */
	PAGE_TOLD,     /* title, alt and other texts of attributes, descriptions */
	PAGE_COMMENTS, /* conditional ones too; data-*; and what broken markup swallows */
	PAGE_STREAMS
};

struct page {
	GString *texts[PAGE_STREAMS];
	GString *urls;
	GPtrArray *data; /* of char *: data: URIs */
	bool broken;     /* the parser gave up: what stands behind is in no stream */
	bool late;       /* `stop` said so */
};

/* text is valid UTF-8. stop is asked now and then; true ends the reading. */
struct page *page_read(
    const char *text, gsize size, bool (*stop)(void *stop_data), void *stop_data);
void page_free(struct page *page);
AUTO_DEFINE(page, page_free)

#endif
