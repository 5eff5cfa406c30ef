/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_BINHEX_H
#define FLAGPOST_WORKER_BINHEX_H
/*
 * binhex - a file of the old Macintosh as text: BinHex 4.0 (RFC 1741 appendix A).
 */
#include "worker/extract.h"
#include "worker/lines.h"

#define BINHEX_FIRST_LINE "(This file must be converted with BinHex"

/*
 * The file behind that line, up to the ':' that ends it: both forks become parts below item. False
 * when no more files are wanted.
 */
bool binhex_read(struct item *item, struct lines *lines);

#endif
