/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_CROP_H
#define FLAGPOST_WORKER_PDF_CROP_H
/*
 * pdf-crop - the text that the pages of a PDF hold and do not show, since a crop box (ISO 32000-1
 * section 14.11.2) leaves it out, or a layer (section 8.11) is off. Poppler drops it, so that such
 * a document is written anew with pages as large as can be and without layers, and read once more.
 */
#include "worker/pdf-objects.h"

/*
 * Lines that only those pages have go to hidden. Changes the objects, so it comes last. What
 * is larger than limits.object is over the limit.
 */
void pdf_crop_read(struct pdf_objects *objects, GString *hidden);

#endif
