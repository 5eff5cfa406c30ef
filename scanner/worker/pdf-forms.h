/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_FORMS_H
#define FLAGPOST_WORKER_PDF_FORMS_H
/*
 * pdf-forms - the XFA form of a PDF (ISO 32000-1 section 12.7.8), whose pages are drawn from XML.
 */
#include "worker/pdf-objects.h"

/* Adds to pdf->about, and sets pdf->active. */
void pdf_forms_read(struct pdf_objects *objects);

#endif
