/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-pdf - PDF (ISO 32000-1): the text of the pages, what stands beside it, and files within.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/pdf-actions.h"
#include "worker/pdf-crop.h"
#include "worker/pdf-files.h"
#include "worker/pdf-forms.h"
#include "worker/pdf-notes.h"
#include "worker/pdf-ocr.h"
#include "worker/pdf-stamps.h"
#include "worker/pdf-stream.h"
#include "worker/pdf.h"

#define END_WINDOW 2048 /* the end of a PDF is marked within; mail adds lines behind it */

/* What the pages came to. */
struct pages {
	GString *text;
	guint n;
	guint pictures; /* pages with pictures and no text */
	guint seen;     /* pages without text that were read as pictures */
};

static bool
pdf_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	(void)head;
	(void)size;
	return g_str_equal(type, "application/pdf");
}

static bool
is_blank(const char *text)
{
	for (; *text != '\0'; text++)
		if (!g_ascii_isspace(*text))
			return false;
	return true;
}

static bool
has_pictures(PopplerPage *page)
{
	GList *pictures = poppler_page_get_image_mapping(page);
	bool any = pictures != NULL;

	poppler_page_free_image_mapping(pictures);
	return any;
}

static void
add_page_text(struct pdf *pdf, struct pages *pages, const char *text)
{
	if (pages->text->len > 0)
		g_string_append_c(pages->text, '\n');
	pdf_add_line(pdf, pages->text, text);
}

/* A page without text may be a picture, or letters that are drawn as lines. */
static void
look_at_page(struct pdf *pdf, struct pages *pages, PopplerPage *page)
{
	bool picture = has_pictures(page);
	GString *text = pdf_is_cut(pdf) ? NULL : pdf_ocr_page(pdf, page, picture);

	pages->pictures += picture;
	if (text == NULL)
		return;
	pages->seen++;
	if (text->len > 0)
		add_page_text(pdf, pages, text->str);
	g_string_free(text, TRUE);
}

static void
read_page(struct pdf *pdf, struct pages *pages, PopplerPage *page)
{
	g_autofree char *text = poppler_page_get_text(page);

	if (text != NULL && !is_blank(text))
		add_page_text(pdf, pages, text);
	else if (pdf->item->scan->ocr != NULL)
		look_at_page(pdf, pages, page);
	else
		pages->pictures += has_pictures(page);
	pdf_notes_page(pdf, page);
}

static void
read_pages(struct pdf *pdf, struct pages *pages)
{
	struct scan *scan = pdf->item->scan;
	gsize room = scan_text_room(scan);
	int n = poppler_document_get_n_pages(pdf->document);

	if (n <= 0)
		pdf_set_lost(pdf, "no pages");
	for (int i = 0; i < n; i++) {
		if (pdf_is_cut(pdf))
			return;
		pdf_stream_begin_page(pdf->stream);
		if (pages->text->len > room || (guint64)i >= scan->limits->members) {
			scan_outcome(scan, pdf->item->part, PART_OVER_LIMIT,
			    "%s: %d of %d pages read",
			    pages->text->len > room ? "more text than is looked at"
						    : "more pages than are looked at",
			    i, n);
			return;
		}
		PopplerPage *page = poppler_document_get_page(pdf->document, i);
		if (page == NULL) {
			pdf_set_lost(pdf, "pages that are not there");
			continue;
		}
		pages->n++;
		read_page(pdf, pages, page);
		g_object_unref(page);
	}
}

/*
 * ISO 32000-1 section 12.6: actions that run a script or start a program. Poppler knows most
 * scripts; what runs when the document opens is known by its name, where that is not compressed.
 */
static bool
is_active(const struct pdf *pdf)
{
	static const char *const names[] = { "/S/JavaScript", "/S /JavaScript", "/S/Launch",
		"/S /Launch" };
	const struct blob *blob = pdf->item->blob;

	if (pdf->active || poppler_document_has_javascript(pdf->document))
		return true;
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (blob_contains(blob, 0, G_MAXUINT64, names[i], strlen(names[i])))
			return true;
	return false;
}

/* ISO 32000-1 section 7.5.5: what has no end lost what stood there, whatever could be repaired. */
static bool
breaks_off(const struct pdf *pdf)
{
	const struct blob *blob = pdf->item->blob;
	guint64 kept = blob_kept(blob);
	guint64 from = kept > END_WINDOW ? kept - END_WINDOW : 0;

	return !blob_contains(blob, from, END_WINDOW, "%%EOF", 5);
}

/* Text behind the end, which no program shows: what a mailing list added, or what is to hide. */
static void
read_behind(struct pdf *pdf, GString *hidden)
{
	const struct blob *blob = pdf->item->blob;
	guint64 kept = blob_kept(blob);
	char bytes[END_WINDOW];
	gsize n = blob_read(blob, kept > END_WINDOW ? kept - END_WINDOW : 0, bytes, END_WINDOW);
	const char *at = bytes, *stop = bytes + n;
	struct charset_result result;

	for (const char *end; (end = memmem(at, (gsize)(stop - at), "%%EOF", 5)) != NULL;)
		at = end + 5;
	while (at < stop && g_ascii_isspace(*at))
		at++;
	while (stop > at && g_ascii_isspace(stop[-1]))
		stop--;
	if (at == bytes || at == stop)
		return;
	g_autofree char *text = charset_decode(
	    pdf->item->scan->charset, NULL, at, (gsize)(stop - at), G_MAXINT, &result);
	pdf_add_line(pdf, hidden, text);
	scan_detail(pdf->item->scan, pdf->item->part, "%d bytes behind its end", (int)(stop - at));
}

static void
set_outcome(struct pdf *pdf, const struct pages *pages, bool any_text)
{
	struct scan *scan = pdf->item->scan;
	guint index = pdf->item->part;
	struct part *part = extract_part(pdf->item);

	if (is_active(pdf))
		part->facts |= FACT_MACRO;
	/* First, since what was cut complains of much. */
	pdf_is_cut(pdf);
	if (pdf->repaired != NULL || pdf->lost != NULL || breaks_off(pdf))
		part->facts |= FACT_PART_MALFORMED;
	if (pdf->lost != NULL)
		scan_outcome(scan, index, PART_BROKEN, "not read as a whole: %s", pdf->lost);
	if (breaks_off(pdf))
		scan_outcome(scan, index, PART_BROKEN, "breaks off%s%s",
		    pdf->repaired != NULL ? ": " : "", pdf->repaired != NULL ? pdf->repaired : "");
	if (part->outcome != PART_READ)
		return;
	if (!any_text && pages->pictures > 0) {
		scan->images++;
		scan_outcome(scan, index, PART_NO_TEXT, "pages that are pictures");
	} else if (!any_text) {
		scan_outcome(scan, index, PART_NO_TEXT, "pages without text");
	} else if (pdf->repaired != NULL) {
		scan_detail(scan, index, "repaired: %s", pdf->repaired);
	} else if (pages->pictures > 0) {
		scan_detail(scan, index, "pages that are pictures: %u of %u%s", pages->pictures,
		    pages->n, pages->seen > 0 ? ", read as such" : "");
	}
}

static void
read_objects(struct pdf *pdf, GString *hidden)
{
	struct pdf_objects objects;

	if (pdf_is_cut(pdf))
		return;
	if (pdf_objects_open(&objects, pdf)) {
		pdf_forms_read(&objects);
		pdf_actions_read(&objects);
		pdf_files_read(&objects);
		pdf_crop_read(&objects, hidden);
		pdf_stamps_read(&objects);
	}
	pdf_objects_close(&objects);
}

static void
pdf_read(struct item *item)
{
	struct pdf pdf;

	if (pdf_open(&pdf, item)) {
		struct pages pages = { .text = g_string_new(NULL) };
		read_pages(&pdf, &pages);
		bool any_text = pages.text->len > 0;
		pdf_notes_document(&pdf);
		GString *hidden = g_string_new(NULL);
		read_objects(&pdf, hidden);
		read_behind(&pdf, hidden);
		extract_add_text(item, extract_component(item), pages.text, false);
		extract_add_text(item, extract_component(item), hidden, true);
		extract_add_text(item, extract_component(item), g_steal_pointer(&pdf.about), false);
		extract_add_text(item, COMPONENT_URLS, g_steal_pointer(&pdf.urls), false);
		set_outcome(&pdf, &pages, any_text);
	}
	pdf_close(&pdf);
}

const struct extractor extract_pdf = {
	.name = "pdf",
	.takes = pdf_takes,
	.wanted = G_MAXUINT64,
	.read = pdf_read,
	.set_up = pdf_set_up,
};
