/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_ACTIONS_H
#define FLAGPOST_WORKER_PDF_ACTIONS_H
/*
 * pdf-actions - what a PDF does (ISO 32000-1 section 12.6) as it is opened, printed or left, as its
 * pages are turned and its fields are used: the source of its scripts, and the names of programs
 * and files. Nothing of it is run.
 */
#include "worker/pdf-objects.h"

/* Scripts go to pdf->about, targets to pdf->urls; sets pdf->active. */
void pdf_actions_read(struct pdf_objects *objects);

#endif
