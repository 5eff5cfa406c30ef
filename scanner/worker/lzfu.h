/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_LZFU_H
#define FLAGPOST_WORKER_LZFU_H
/*
 * lzfu - compressed RTF as TNEF and .msg files carry it (MS-OXRTFCP), into RTF. Pure: bytes in,
 * bytes out.
 */
#include <glib.h>
#include <stdbool.h>

#define LZFU_HEADER 16 /* bytes of the header; less than that is no compressed RTF */

struct lzfu_result {
	gsize size;  /* of the RTF, in bytes */
	bool cut;    /* there is more than max */
	bool broken; /* no such header, a wrong checksum, or an end that never came */
};

/*
 * At most max bytes of RTF, NUL-terminated, the caller's; NULL when the header is none (broken) or
 * there is no memory (cut). What a broken stream gives up to the break is handed out all the
 * same. What stands behind the stream's stated length is not looked at.
 */
char *lzfu_uncompress(const guint8 *data, gsize size, gsize max, struct lzfu_result *result);

#endif
