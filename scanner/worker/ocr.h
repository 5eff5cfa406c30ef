/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_OCR_H
#define FLAGPOST_WORKER_OCR_H
/*
 * ocr - text in pictures, through tesseract and leptonica.
 *
 * Built with the option FLAGPOST_OCR only; without it ocr_is_built says false, ocr_new refuses,
 * and nothing is linked. One a worker, used when the administrator says `ocr = yes`: ocr_new
 * loads all that the sandbox forbids to load later. A picture is bounded by limits.pixels, which
 * are counted before anything is decoded, and by limits.seconds_per_picture. No picture that was
 * not looked at as a whole is clean: its part is over-limit, timeout, broken or unknown-type.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "worker/extract.h"

struct ocr;

/* A picture in memory, rows from the top, stride bytes from one to the next. */
struct ocr_pixels {
	const guint8 *data;
	guint width, height;
	guint bytes; /* a pixel: 1 grey, 3 R G B, 4 as cairo's RGB24 and ARGB32 on paper */
	gsize stride;
	guint dots_per_inch; /* 0: not known */
};

enum ocr_result {
	OCR_DONE,    /* *text may be "" */
	OCR_LIMIT,   /* more pixels than limits.pixels, or no memory for them */
	OCR_TIMEOUT, /* the time for one picture, or for the message, was over */
	OCR_BROKEN,  /* the picture cannot be decoded */
};

bool ocr_is_built(void);

/* languages as tesseract joins them: "eng+deu". FAULT_CONFIG when one cannot be loaded. */
struct ocr *ocr_new(const char *languages, GError **error);
void ocr_free(struct ocr *ocr);
AUTO_DEFINE(ocr, ocr_free)

/*
 * For readers that render: the text of one picture, for which item->scan->ocr must not be NULL.
 * *text is set on OCR_DONE, is valid UTF-8 and the caller's. No outcome is set: see ocr_outcome.
 */
enum ocr_result ocr_pixels(struct item *item, const struct ocr_pixels *pixels, GString **text);
/* The outcome of the part that goes with a result other than OCR_DONE, with its detail. */
void ocr_outcome(struct item *item, enum ocr_result result);

/*
 * A picture file (PNG, JPEG, TIFF, GIF, BMP, WebP) in memory; page counts from 0 and is for TIFF.
 * Otherwise as ocr_pixels.
 */
enum ocr_result ocr_file(
    struct item *item, const char *bytes, gsize size, guint page, GString **text);

#endif
