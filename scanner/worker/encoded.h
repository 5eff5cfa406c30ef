/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_ENCODED_H
#define FLAGPOST_WORKER_ENCODED_H
/*
 * encoded - files within text, as they were mailed before MIME and still are: uuencode and its
 * base64 form (POSIX.1-2017, uuencode), yEnc (yenc.org, draft 1.3) and BinHex 4.0 (RFC 1741).
 */
#include "worker/extract.h"

/*
 * Each file found in the kept bytes of item becomes a part below it ("1/name"), which is read by
 * its type; a file whose end is missing is broken, one with a wrong checksum or with foreign
 * lines within is malformed, and what is there is read. The text itself is left to the caller.
 */
void encoded_read(struct item *item);

#endif
