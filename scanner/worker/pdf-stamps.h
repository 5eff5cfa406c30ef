/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_STAMPS_H
#define FLAGPOST_WORKER_PDF_STAMPS_H
/*
 * pdf-stamps - what annotations and fields of a PDF (ISO 32000-1 section 12.5) show: their
 * appearance is a drawing, which need not say what their values say and may be all that there is,
 * as of a stamp. Poppler tells the text of pages without it, so that the document is written anew
 * with pages of nothing but these drawings, and read once more. Beside them stand words that no
 * drawing has to have: formatted text, captions, hints.
 */
#include "worker/pdf-objects.h"

/*
 * Lines that are not in pdf->about yet go there. Changes the objects, so it comes last. More than
 * limits.members appearances, and a file with some that is larger than limits.object, are over the
 * limit.
 */
void pdf_stamps_read(struct pdf_objects *objects);

#endif
