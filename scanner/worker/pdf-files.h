/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_FILES_H
#define FLAGPOST_WORKER_PDF_FILES_H
/*
 * pdf-files - the files within a PDF (ISO 32000-1 section 7.11.4): each becomes a part of its
 * own below the PDF, unpacked piece by piece and read like any other.
 */
#include "worker/pdf.h"

/* Those that the document lists. */
void pdf_files_document(struct pdf *pdf);
/* One more, of an annotation. */
void pdf_files_add(struct pdf *pdf, PopplerAttachment *file);

#endif
