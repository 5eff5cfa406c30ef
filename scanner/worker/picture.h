/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PICTURE_H
#define FLAGPOST_WORKER_PICTURE_H
/*
 * picture - how large a picture says it is, by its header alone: nothing is decoded or allocated.
 *
 * PNG (ISO/IEC 15948), JPEG (ITU-T T.81), GIF89a, BMP, TIFF 6.0, WebP (RFC 9649).
 */
#include <glib.h>
#include <stdbool.h>

#define PICTURE_FRAMES_MAX 10000 /* counted in one file */

struct picture {
	guint32 width, height; /* of the largest frame */
	guint64 pixels;        /* of all frames that a decoder takes at once */
	guint frames;          /* of a GIF, pages of a TIFF, as far as bytes were given; else 1 */
};

enum picture_result {
	PICTURE_MEASURED,
	PICTURE_UNKNOWN, /* not one of these types, or the place of its size was not given */
	PICTURE_BROKEN,  /* no size, or one of nothing */
};

/* type is the true type; size bytes are the whole file or its beginning. */
enum picture_result picture_measure(
    const char *type, const guint8 *bytes, gsize size, struct picture *out);

#endif
