/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_NOTES_H
#define FLAGPOST_WORKER_PDF_NOTES_H
/*
 * pdf-notes - what a PDF says besides its pages: properties and bookmarks of the document;
 * annotations, form fields and links of a page. It goes to pdf->about and pdf->urls.
 */
#include "worker/pdf.h"

/* Title, author, subject, keywords, producing programs, XMP (ISO 16684-1), bookmarks. */
void pdf_notes_document(struct pdf *pdf);
void pdf_notes_page(struct pdf *pdf, PopplerPage *page);

#endif
