/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_OBJECTS_H
#define FLAGPOST_WORKER_PDF_OBJECTS_H
/*
 * pdf-objects - the objects of a PDF (ISO 32000-1 section 7.3) through libqpdf, for what poppler
 * does not tell or does not survive being asked: files within, XFA forms, actions on opening.
 *
 * open -> objects by qpdf_oh_* on qpdf -> close. A handle lives until close. qpdf reports what is
 * damaged by a value of another type: callers ask for types, and pdf_objects_close says the rest.
 */
#include <glib.h>
#include <qpdf/qpdf-c.h>
#include <stdbool.h>

#include "worker/inflate.h"
#include "worker/pdf.h"

struct pdf_objects {
	struct pdf *pdf; /* borrowed */
	qpdf_data qpdf;
	void *map; /* of the bytes, where they are in no memory; else NULL */
	gsize map_size;
	int pages; /* pdf_objects_pages said so; -1: not asked yet */
};

/* False, with the loss noted in pdf, when there are no objects to be had. close is due either way.
 */
bool pdf_objects_open(struct pdf_objects *objects, struct pdf *pdf);
void pdf_objects_close(struct pdf_objects *objects);

/*
 * How many pages there are for qpdf_get_page_n; 0, with the outcome set, when they are more than
 * limits.members, since qpdf copies a page for each time that it is named.
 */
int pdf_objects_pages(struct pdf_objects *objects);

/*
 * Appends the unpacked bytes of a stream to out. INFLATE_OVER also when so many bytes are packed,
 * or could come of it, that memory is not tried; INFLATE_BROKEN for filters that nobody undoes.
 */
enum inflate_result pdf_objects_bytes(struct pdf_objects *objects, qpdf_oh stream, GByteArray *out);

/* A string as valid UTF-8, or NULL when it is none. */
char *pdf_objects_string(struct pdf_objects *objects, qpdf_oh string);
/* The first of keys (NULL-ended) with text in a dictionary, valid UTF-8, or "". */
char *pdf_objects_text(struct pdf_objects *objects, qpdf_oh dictionary, const char *const *keys);

/* The document as its objects are now, unencrypted; NULL when it cannot be written. */
struct blob *pdf_objects_write(struct pdf_objects *objects);

#endif
