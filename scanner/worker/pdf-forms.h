/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_FORMS_H
#define FLAGPOST_WORKER_PDF_FORMS_H
/*
 * pdf-forms - what is read of a PDF's catalog beside its pages and files: the XFA form (ISO 32000-1
 * section 12.7.8), whose pages are drawn from XML, and actions that run on opening.
 */
#include "worker/pdf-objects.h"

/* Adds to pdf->about, and sets pdf->active. */
void pdf_forms_read(struct pdf_objects *objects);

#endif
