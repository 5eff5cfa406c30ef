/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_INFLATE_H
#define FLAGPOST_WORKER_INFLATE_H
/*
 * inflate - one compressed stream that lies in memory, unpacked into memory within the limits of a
 * message. For containers of their own; archives go through unpack.
 */
#include <glib.h>

#include "worker/scan.h"

enum inflate_format {
	INFLATE_ZLIB, /* RFC 1950 */
	INFLATE_RAW,  /* RFC 1951 */
	INFLATE_BZIP2,
};

enum inflate_result {
	INFLATE_DONE,
	INFLATE_OVER,   /* limits.object, limits.unpacked or limits.ratio */
	INFLATE_BROKEN, /* it is cut short, or no such stream */
	INFLATE_LATE,   /* the time is over */
};

/* Appends to out what there is, up to where it stops. */
enum inflate_result inflate_bytes(struct scan *scan, enum inflate_format format,
    const guint8 *bytes, gsize size, GByteArray *out);

#endif
