/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_FILES_H
#define FLAGPOST_WORKER_PDF_FILES_H
/*
 * pdf-files - the files within a PDF (ISO 32000-1 section 7.11.4): each becomes a part of its
 * own below the PDF, unpacked and read like any other. They are those that the document lists, and
 * those of its pages and their annotations.
 */
#include "worker/pdf-objects.h"

/* A file is read once, however often it is named; what lies outside goes to pdf->urls. */
void pdf_files_read(struct pdf_objects *objects);

#endif
