/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_OCR_H
#define FLAGPOST_WORKER_PDF_OCR_H
/*
 * pdf-ocr - the text of a page that is a picture: drawn by poppler into memory, within
 * limits.pixels, and read by worker/ocr. Fonts that a PDF does not carry are not drawn.
 */
#include "worker/pdf.h"

/*
 * The text as ocr_pixels gives it, "" for an empty page; NULL when there is none to be had, with
 * the outcome of the part set. A page that has pictures and shows none is broken. For documents
 * whose item->scan->ocr is not NULL.
 */
GString *pdf_ocr_page(struct pdf *pdf, PopplerPage *page, bool pictures);

#endif
