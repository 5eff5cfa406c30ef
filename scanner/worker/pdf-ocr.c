/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-ocr - see pdf-ocr.h. Never draws more pixels than limits.pixels. */
#include "worker/pdf-ocr.h"

#include "worker/ocr.h"

#if FLAGPOST_OCR

#include <cairo.h>
#include <math.h>
#include <string.h>

#define POINTS_PER_INCH 72
#define DOTS_BEST       250 /* an inch: enough for small print */
#define DOTS_LEAST      70  /* below it no letter is known */

/* Dots an inch that the pixels allow; 0: not enough of them. */
static double
choose_dots(const struct pdf *pdf, double width, double height)
{
	double inches = width / POINTS_PER_INCH * (height / POINTS_PER_INCH);
	double dots = sqrt((double)pdf->item->scan->limits->pixels / inches);

	/* Rounding up both sides makes a little more of it. */
	dots = MIN(dots * 0.99, DOTS_BEST);
	return dots >= DOTS_LEAST ? dots : 0;
}

/* All of one colour: nothing to be read. */
static bool
is_empty(const struct ocr_pixels *pixels)
{
	for (guint y = 0; y < pixels->height; y++) {
		const guint8 *row = pixels->data + y * pixels->stride;
		if (memcmp(row, pixels->data, (gsize)pixels->width * pixels->bytes) != 0 ||
		    memcmp(row, row + pixels->bytes, (gsize)(pixels->width - 1) * pixels->bytes) !=
			0)
			return false;
	}
	return true;
}

/* Paper (0: black to 1: white) with the page upon it, or NULL without memory. */
static cairo_surface_t *
draw(PopplerPage *page, double width, double height, double dots, double paper)
{
	double scale = dots / POINTS_PER_INCH;
	cairo_surface_t *surface = cairo_image_surface_create(
	    CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
	cairo_t *cairo = cairo_create(surface);

	cairo_set_source_rgb(cairo, paper, paper, paper);
	cairo_paint(cairo);
	cairo_scale(cairo, scale, scale);
	poppler_page_render(page, cairo);
	bool fine = cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
	cairo_destroy(cairo);
	cairo_surface_flush(surface);
	if (fine && cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS &&
	    cairo_image_surface_get_data(surface) != NULL)
		return surface;
	cairo_surface_destroy(surface);
	return NULL;
}

/* How a surface is looked at. */
static struct ocr_pixels
pixels_of(cairo_surface_t *surface, double dots)
{
	return (struct ocr_pixels){ .data = cairo_image_surface_get_data(surface),
		.width = (guint)cairo_image_surface_get_width(surface),
		.height = (guint)cairo_image_surface_get_height(surface),
		.bytes = 4,
		.stride = (gsize)cairo_image_surface_get_stride(surface),
		.dots_per_inch = (guint)dots };
}

/*
 * A page that stayed white is a white picture, or one that poppler left out without a word since it
 * is too large: grey paper tells which.
 */
static bool
is_left_out(PopplerPage *page, double width, double height, double dots)
{
	cairo_surface_t *surface = draw(page, width, height, dots, 0.5);

	if (surface == NULL)
		return true;
	struct ocr_pixels pixels = pixels_of(surface, dots);
	bool empty = is_empty(&pixels);
	cairo_surface_destroy(surface);
	return empty;
}

static enum ocr_result
read_surface(struct pdf *pdf, cairo_surface_t *surface, double dots, GString **text)
{
	struct ocr_pixels pixels = pixels_of(surface, dots);

	if (is_empty(&pixels)) {
		*text = g_string_new(NULL);
		return OCR_DONE;
	}
	return ocr_pixels(pdf->item, &pixels, text);
}

GString *
pdf_ocr_page(struct pdf *pdf, PopplerPage *page, bool pictures)
{
	double width = 0, height = 0;
	GString *text = NULL;
	enum ocr_result result = OCR_LIMIT;

	poppler_page_get_size(page, &width, &height);
	double dots = width > 0 && height > 0 ? choose_dots(pdf, width, height) : 0;
	if (dots > 0) {
		cairo_surface_t *surface = draw(page, width, height, dots, 1);
		/* Drawn of a document whose bytes ended early, it is not the page. */
		if (surface != NULL && pdf_is_cut(pdf))
			result = OCR_DONE;
		else if (surface != NULL)
			result = read_surface(pdf, surface, dots, &text);
		if (surface != NULL)
			cairo_surface_destroy(surface);
		if (pictures && result == OCR_DONE && text != NULL && text->len == 0 &&
		    is_left_out(page, width, height, dots))
			result = OCR_BROKEN;
	}
	ocr_outcome(pdf->item, result);
	return text;
}

#else

GString *
pdf_ocr_page(struct pdf *pdf, PopplerPage *page, bool pictures)
{
	(void)page;
	(void)pictures;
	ocr_outcome(pdf->item, OCR_BROKEN);
	return NULL;
}

#endif
