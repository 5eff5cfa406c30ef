/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-image - pictures: how large they say they are, and, where the administrator asks for it,
 * the text in them. Without that they are `no-text`.
 */
#include <string.h>

#include "worker/extract.h"
#include "worker/ocr.h"
#include "worker/picture.h"

static bool
is_picture(const char *type)
{
	/* A drawing in XML is text. */
	return g_str_has_prefix(type, "image/") && !g_str_has_prefix(type, "image/svg");
}

static bool
image_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)head;
	(void)size;
	return is_picture(type) && item->scan->ocr == NULL;
}

static bool
ocr_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)head;
	(void)size;
	return is_picture(type) && item->scan->ocr != NULL;
}

static void
image_read(struct item *item)
{
	struct part *part = extract_part(item);
	guint8 head[BLOB_HEAD_MAX / 2];
	gsize n = blob_read(item->blob, 0, head, sizeof head);
	struct picture picture;
	enum picture_result result = picture_measure(part->true_type, head, n, &picture);

	item->scan->images++;
	if (result == PICTURE_BROKEN)
		part->facts |= FACT_PART_MALFORMED;
	if (result == PICTURE_MEASURED && picture.pixels > item->scan->limits->pixels)
		scan_outcome(item->scan, item->part, PART_NO_TEXT,
		    "a picture of %u x %u pixels, it says", picture.width, picture.height);
	else
		scan_outcome(item->scan, item->part, PART_NO_TEXT, NULL);
}

/* Every page that there is, as long as there is time; one that is too large costs no other. */
static enum ocr_result
read_pages(struct item *item, const char *bytes, gsize size, guint pages, GString *all)
{
	enum ocr_result worst = OCR_DONE;

	for (guint page = 0; page < pages; page++) {
		GString *text = NULL;
		if (scan_late(item->scan))
			return OCR_TIMEOUT;
		enum ocr_result result = ocr_file(item, bytes, size, page, &text);
		if (result == OCR_LIMIT || result == OCR_BROKEN)
			worst = result;
		else if (result != OCR_DONE)
			return result;
		if (result != OCR_DONE)
			continue;
		g_string_append_len(all, text->str, (gssize)text->len);
		g_string_free(text, TRUE);
		if (all->len > item->scan->limits->text)
			break; /* as an outcome it is said when the text is added */
	}
	return worst;
}

static void
read_measured(struct item *item, const char *bytes, gsize size, const struct picture *picture)
{
	bool tiff = g_str_equal(extract_part(item)->true_type, "image/tiff");
	GString *text = g_string_new(NULL);
	enum ocr_result result =
	    !tiff && picture->pixels > item->scan->limits->pixels
		? OCR_LIMIT
		: read_pages(item, bytes, size, tiff ? picture->frames : 1, text);

	ocr_outcome(item, result);
	if (result == OCR_DONE && !tiff && picture->frames > 1)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "of %u pictures in one the first was read", picture->frames);
	if (text->len == 0)
		scan_outcome(item->scan, item->part, PART_NO_TEXT, NULL);
	extract_add_text(item, extract_component(item), text, false);
}

static void
ocr_read(struct item *item)
{
	struct part *part = extract_part(item);
	struct picture picture;
	gsize size;
	g_autofree char *bytes = extract_bytes(item, &size);

	item->scan->images++;
	if (bytes == NULL)
		return;
	switch (picture_measure(part->true_type, (const guint8 *)bytes, size, &picture)) {
	case PICTURE_MEASURED:
		read_measured(item, bytes, size, &picture);
		break;
	case PICTURE_UNKNOWN:
		scan_outcome(item->scan, item->part, PART_UNKNOWN_TYPE,
		    "there is no reader for pictures in %s", part->true_type);
		break;
	case PICTURE_BROKEN:
		ocr_outcome(item, OCR_BROKEN);
		break;
	}
}

const struct extractor extract_image = {
	.name = "image",
	.takes = image_takes,
	.wanted = BLOB_HEAD_MAX,
	.read = image_read,
};

const struct extractor extract_image_text = {
	.name = "image-text",
	.takes = ocr_takes,
	.wanted = G_MAXUINT64,
	.read = ocr_read,
};
