/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_XMP_H
#define FLAGPOST_WORKER_PDF_XMP_H
/*
 * pdf-xmp - what people wrote in an XMP packet (ISO 16684-1): title, creator, description, keywords
 * and the like, without the dates and identifiers of machines.
 */
#include "worker/pdf.h"

/* Adds to pdf->about what is not there yet; XML that cannot be read is told by pdf_set_lost. */
void pdf_xmp_add(struct pdf *pdf, const char *xml);

#endif
