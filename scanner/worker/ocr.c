/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ocr - see ocr.h. Never decodes a picture before its pixels are counted. */
#include "worker/ocr.h"

#include "base/fault.h"

bool
ocr_is_built(void)
{
	return FLAGPOST_OCR;
}

void
ocr_outcome(struct item *item, enum ocr_result result)
{
	switch (result) {
	case OCR_DONE:
		return;
	case OCR_LIMIT:
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "a picture of more pixels than are looked at");
		return;
	case OCR_TIMEOUT:
		scan_outcome(
		    item->scan, item->part, PART_TIMEOUT, "the time for a picture was over");
		return;
	case OCR_BROKEN:
		scan_outcome(
		    item->scan, item->part, PART_BROKEN, "a picture that cannot be decoded");
		extract_part(item)->facts |= FACT_PART_MALFORMED;
		return;
	}
}

#if FLAGPOST_OCR

#include <allheaders.h>
#include <stdio.h>
#include <string.h>
#include <tesseract/capi.h>

#define SIDE_MIN      8   /* pixels: nothing smaller holds a letter */
#define DOTS_DEFAULT  300 /* dots an inch, where the picture says nothing that can be */
#define DOTS_MIN      70
#define DOTS_MAX      2400
#define ENLARGE_BELOW 2000000 /* pixels: pictures of a screen are read better at twice the size */

struct ocr {
	TessBaseAPI *api;
	FILE *silence;
};

static ssize_t
swallow(void *cookie, const char *data, size_t size)
{
	(void)cookie;
	(void)data;
	return (ssize_t)size;
}

/*
 * Both libraries, and those below them, write what they think of a picture to stderr. That is
 * text that mail had a part in, and it does not reach the log.
 */
static FILE *
hush(const struct ocr *ocr)
{
	FILE *loud = stderr;

	stderr = ocr->silence;
	return loud;
}

struct ocr *
ocr_new(const char *languages, GError **error)
{
	struct ocr *ocr = g_new0(struct ocr, 1);

	setMsgSeverity(L_SEVERITY_NONE);
	ocr->silence = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = swallow });
	ocr->api = TessBaseAPICreate();
	if (ocr->silence != NULL && ocr->api != NULL) {
		FILE *loud = hush(ocr);
		int done = TessBaseAPIInit2(ocr->api, FLAGPOST_TESSDATA, languages, OEM_LSTM_ONLY);
		stderr = loud;
		if (done == 0) {
			TessBaseAPISetPageSegMode(ocr->api, PSM_AUTO);
			return ocr;
		}
	}
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "ocr: tesseract does not start with %s from " FLAGPOST_TESSDATA, languages);
	ocr_free(ocr);
	return NULL;
}

void
ocr_free(struct ocr *ocr)
{
	if (ocr == NULL)
		return;
	if (ocr->api != NULL)
		TessBaseAPIDelete(ocr->api);
	if (ocr->silence != NULL)
		fclose(ocr->silence);
	g_free(ocr);
}

/* Milliseconds that a picture may take now. */
static int
time_left(const struct scan *scan)
{
	gint64 left = (gint64)scan->limits->seconds_per_picture * 1000;
	gint64 now = scan->clock != NULL ? scan->clock() : g_get_monotonic_time();

	if (scan->deadline != 0)
		left = MIN(left, (scan->deadline - now) / 1000);
	if (scan->part_deadline != 0)
		left = MIN(left, (scan->part_deadline - now) / 1000);
	return (int)CLAMP(left, 0, G_MAXINT);
}

static bool
is_over_limit(const struct item *item, guint64 width, guint64 height)
{
	return width > G_MAXINT32 || height > G_MAXINT32 ||
	       width * height > item->scan->limits->pixels;
}

static int
dots_per_inch(const PIX *pix)
{
	int dots = pixGetYRes(pix);

	return dots >= DOTS_MIN && dots <= DOTS_MAX ? dots : DOTS_DEFAULT;
}

static enum ocr_result
recognise(const struct ocr *ocr, PIX *pix, int milliseconds, GString **text)
{
	ETEXT_DESC *monitor = TessMonitorCreate();

	TessMonitorSetDeadlineMSecs(monitor, milliseconds);
	TessBaseAPISetImage2(ocr->api, pix);
	TessBaseAPISetSourceResolution(ocr->api, dots_per_inch(pix));
	gint64 begin = g_get_monotonic_time();
	int done = TessBaseAPIRecognize(ocr->api, monitor);
	bool late = g_get_monotonic_time() - begin > (gint64)milliseconds * 1000;
	/* Asked for after a failure, the text would be sought again, without a monitor. */
	char *found = done == 0 ? TessBaseAPIGetUTF8Text(ocr->api) : NULL;
	TessMonitorDelete(monitor);
	/* What one mail taught must not be known to the next. */
	TessBaseAPIClear(ocr->api);
	TessBaseAPIClearAdaptiveClassifier(ocr->api);
	if (found == NULL)
		return late ? OCR_TIMEOUT : OCR_BROKEN;
	g_autofree char *valid = g_utf8_make_valid(found, -1);
	*text = g_string_new(strspn(valid, " \t\n\f") == strlen(valid) ? "" : valid);
	TessDeleteText(found);
	return OCR_DONE;
}

/* Takes the picture. */
static enum ocr_result
read_pix(struct item *item, PIX *pix, GString **text)
{
	int milliseconds = time_left(item->scan);
	int width = pixGetWidth(pix), height = pixGetHeight(pix);
	enum ocr_result result;

	if (milliseconds == 0) {
		result = OCR_TIMEOUT;
	} else if (width < SIDE_MIN || height < SIDE_MIN) {
		*text = g_string_new(NULL);
		result = OCR_DONE;
	} else {
		PIX *larger = (gint64)width * height < ENLARGE_BELOW ? pixScale(pix, 2, 2) : NULL;
		result =
		    recognise(item->scan->ocr, larger != NULL ? larger : pix, milliseconds, text);
		pixDestroy(&larger);
	}
	pixDestroy(&pix);
	return result;
}

/* A row of ours as leptonica has it: in words, the first pixel highest. */
static void
copy_row(const struct ocr_pixels *pixels, const guint8 *from, l_uint32 *row)
{
	for (guint x = 0; x < pixels->width; x++) {
		const guint8 *at = from + (gsize)x * pixels->bytes;
		guint32 cairo;
		switch (pixels->bytes) {
		case 1:
			SET_DATA_BYTE(row, x, at[0]);
			break;
		case 3:
			composeRGBPixel(at[0], at[1], at[2], row + x);
			break;
		default:
			memcpy(&cairo, at, sizeof cairo);
			composeRGBPixel((int)(cairo >> 16 & 0xFF), (int)(cairo >> 8 & 0xFF),
			    (int)(cairo & 0xFF), row + x);
			break;
		}
	}
}

enum ocr_result
ocr_pixels(struct item *item, const struct ocr_pixels *pixels, GString **text)
{
	*text = NULL;
	g_assert(pixels->bytes == 1 || pixels->bytes == 3 || pixels->bytes == 4);
	if (pixels->width == 0 || pixels->height == 0)
		return OCR_BROKEN;
	if (is_over_limit(item, pixels->width, pixels->height))
		return OCR_LIMIT;
	PIX *pix = pixCreate((int)pixels->width, (int)pixels->height, pixels->bytes == 1 ? 8 : 32);
	if (pix == NULL)
		return OCR_LIMIT;
	l_uint32 *row = pixGetData(pix);
	for (guint y = 0; y < pixels->height; y++, row += pixGetWpl(pix))
		copy_row(pixels, pixels->data + y * pixels->stride, row);
	pixSetResolution(pix, (int)pixels->dots_per_inch, (int)pixels->dots_per_inch);
	FILE *loud = hush(item->scan->ocr);
	enum ocr_result result = read_pix(item, pix, text);
	stderr = loud;
	return result;
}

static bool
is_tiff(int format)
{
	return format == IFF_TIFF || format == IFF_TIFF_PACKBITS || format == IFF_TIFF_RLE ||
	       format == IFF_TIFF_G3 || format == IFF_TIFF_G4 || format == IFF_TIFF_LZW ||
	       format == IFF_TIFF_ZIP || format == IFF_TIFF_JPEG;
}

/* The picture decoded, where its header allows that. */
static enum ocr_result
decode(const struct item *item, const char *bytes, gsize size, guint page, PIX **pix)
{
	const l_uint8 *data = (const l_uint8 *)bytes;
	l_int32 format, width, height, bits, samples, mapped, dots = 0;

	if (findFileFormatBuffer(data, &format) != 0)
		return OCR_BROKEN;
	bool tiff = is_tiff(format);
	if (!tiff && format != IFF_PNG && format != IFF_JFIF_JPEG && format != IFF_GIF &&
	    format != IFF_BMP && format != IFF_WEBP)
		return OCR_BROKEN;
	if (tiff ? readHeaderMemTiff(data, size, (int)page, &width, &height, &bits, &samples, &dots,
		       &mapped, &format) != 0
		 : pixReadHeaderMem(
		       data, size, &format, &width, &height, &bits, &samples, &mapped) != 0)
		return OCR_BROKEN;
	if (width <= 0 || height <= 0)
		return OCR_BROKEN;
	if (is_over_limit(item, (guint64)width, (guint64)height))
		return OCR_LIMIT;
	*pix = tiff ? pixReadMemTiff(data, size, (int)page) : pixReadMem(data, size);
	return *pix != NULL ? OCR_DONE : OCR_BROKEN;
}

enum ocr_result
ocr_file(struct item *item, const char *bytes, gsize size, guint page, GString **text)
{
	PIX *pix = NULL;
	enum ocr_result result = OCR_BROKEN;

	*text = NULL;
	if (size < 16)
		return OCR_BROKEN; /* leptonica reads as much of a signature */
	FILE *loud = hush(item->scan->ocr);
	result = decode(item, bytes, size, page, &pix);
	/* The header was one thing, the decoder's word is another. */
	if (pix != NULL &&
	    is_over_limit(item, (guint64)pixGetWidth(pix), (guint64)pixGetHeight(pix))) {
		pixDestroy(&pix);
		result = OCR_LIMIT;
	}
	if (pix != NULL)
		result = read_pix(item, pix, text);
	stderr = loud;
	return result;
}

#else

struct ocr *
ocr_new(const char *languages, GError **error)
{
	(void)languages;
	g_set_error(error, FAULT, FAULT_CONFIG,
	    "ocr: this program was built without it (-DFLAGPOST_OCR=ON)");
	return NULL;
}

void
ocr_free(struct ocr *ocr)
{
	(void)ocr;
}

enum ocr_result
ocr_pixels(struct item *item, const struct ocr_pixels *pixels, GString **text)
{
	(void)item;
	(void)pixels;
	*text = NULL;
	return OCR_BROKEN;
}

enum ocr_result
ocr_file(struct item *item, const char *bytes, gsize size, guint page, GString **text)
{
	(void)item;
	(void)bytes;
	(void)size;
	(void)page;
	*text = NULL;
	return OCR_BROKEN;
}

#endif
