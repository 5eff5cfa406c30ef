/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_STREAM_H
#define FLAGPOST_WORKER_PDF_STREAM_H
/*
 * pdf-stream - the bytes of a PDF as poppler reads them: where they lie, and to their end only
 * while there is time. Poppler itself cannot be stopped within a page; a page whose bytes end does.
 */
#include <gio/gio.h>
#include <stdbool.h>

#include "worker/scan.h"

struct blob;

/*
 * A seekable stream over what blob keeps; both are borrowed for its life. Once scan_late it is
 * empty: whoever reads through it asks scan_late before believing that it was read as a whole.
 */
GInputStream *pdf_stream_new(struct scan *scan, struct blob *blob);

/*
 * A page that makes the process grow by more than four times limits.text holds more text than is
 * looked at: the stream is empty from there on, for good, and full.
 */
void pdf_stream_begin_page(GInputStream *stream);
bool pdf_stream_is_full(GInputStream *stream);

#endif
