/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf - see pdf.h. Never opens a file by name, and never holds a large PDF in memory. */
#include "worker/pdf.h"

#include <string.h>

#include "base/text.h"
#include "worker/cmaps.h"
#include "worker/pdf-stream.h"

#define COMPLAINT_CHARS 160

/* Of the program's life; GLib keeps it, since nothing here may. */
#define WARM "flagpost-pdf-warm"

/*
 * With it poppler looks for its tables by name; what they hold it reads by cmaps when a PDF asks
 * for it, since reading those of the four collections of Asia is more work than a worker's start.
 */
static const char sample[] = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
			     "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
			     "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
			     "trailer<</Root 1 0 R/Size 4>>\n%%EOF\n";

static void
on_warming(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)data;
}

void
pdf_set_up(void)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(sample, strlen(sample));
	guint handler;

	if (g_dataset_get_data(sample, WARM) != NULL)
		return;
	cmaps_load();
	handler = g_log_set_handler("Poppler", G_LOG_LEVEL_MASK, on_warming, NULL);
	PopplerDocument *document = poppler_document_new_from_bytes(bytes, NULL, NULL);
	if (document != NULL) {
		PopplerPage *page = poppler_document_get_page(document, 0);
		if (page != NULL)
			g_free(poppler_page_get_text(page));
		g_clear_object(&page);
		/* Poppler's tables live as long as any document does. */
		g_dataset_set_data_full(sample, WARM, document, g_object_unref);
	}
	g_log_remove_handler("Poppler", handler);
}

/* What poppler says when it leaves text out, as against what it repairs. */
static bool
means_loss(const char *message)
{
	static const char *const words[] = { "No font in", "Unknown CMap", "CMap file for",
		"Unknown character collection", "end of file in flate", "in flate stream",
		"Loop in Pages", "Invalid page", "loop in NameTree" };

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++)
		if (strstr(message, words[i]) != NULL)
			return true;
	return false;
}

static void
on_message(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	static const char *const harmless[] = { "Syntax warning", "Unimplemented feature" };
	struct pdf *pdf = data;
	const char *what = strstr(message, ": ");

	(void)domain;
	(void)level;
	for (gsize i = 0; i < G_N_ELEMENTS(harmless); i++)
		if (g_str_has_prefix(message, harmless[i]))
			return;
	pdf->complaints++;
	what = what != NULL ? what + 2 : message;
	g_free(pdf->complaint);
	pdf->complaint = text_printable(what, COMPLAINT_CHARS);
	if (means_loss(what))
		pdf_set_lost(pdf, what);
}

void
pdf_set_lost(struct pdf *pdf, const char *text)
{
	if (pdf->lost == NULL)
		pdf->lost = text_printable(text, COMPLAINT_CHARS);
}

bool
pdf_is_cut(struct pdf *pdf)
{
	struct scan *scan = pdf->item->scan;

	if (scan_late(scan))
		scan_outcome(scan, pdf->item->part, PART_TIMEOUT, "the time was over");
	else if (pdf_stream_is_full(pdf->stream))
		scan_outcome(scan, pdf->item->part, PART_OVER_LIMIT,
		    "a page with more text than is looked at");
	else
		return false;
	return true;
}

bool
pdf_open(struct pdf *pdf, struct item *item)
{
	struct scan *scan = item->scan;
	g_autoptr(GError) error = NULL;

	memset(pdf, 0, sizeof *pdf);
	pdf->item = item;
	pdf->about = g_string_new(NULL);
	pdf->urls = g_string_new(NULL);
	pdf->handler = g_log_set_handler("Poppler", G_LOG_LEVEL_MASK, on_message, pdf);
	pdf->stream = pdf_stream_new(scan, item->blob);
	pdf->document = poppler_document_new_from_stream(
	    pdf->stream, (goffset)blob_kept(item->blob), NULL, NULL, &error);
	pdf->repaired = g_strdup(pdf->complaint);
	if (pdf->document != NULL)
		return true;
	if (g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED)) {
		extract_set_encrypted(item, "PDF: password needed");
		return false;
	}
	if (pdf_is_cut(pdf))
		return false;
	extract_part(item)->facts |= FACT_PART_MALFORMED;
	scan_outcome(scan, item->part, PART_BROKEN, "not readable as a PDF: %s",
	    pdf->complaint != NULL ? pdf->complaint
	    : error != NULL        ? error->message
				   : "no reason given");
	return false;
}

void
pdf_close(struct pdf *pdf)
{
	g_clear_object(&pdf->document);
	g_clear_object(&pdf->stream);
	g_log_remove_handler("Poppler", pdf->handler);
	if (pdf->about != NULL)
		g_string_free(pdf->about, TRUE);
	if (pdf->urls != NULL)
		g_string_free(pdf->urls, TRUE);
	g_free(pdf->complaint);
	g_free(pdf->repaired);
	g_free(pdf->lost);
}

bool
pdf_may_go_on(struct pdf *pdf)
{
	struct scan *scan = pdf->item->scan;

	if (pdf_is_cut(pdf))
		return false;
	if (pdf->things++ < scan->limits->members)
		return true;
	scan_outcome(scan, pdf->item->part, PART_OVER_LIMIT,
	    "more bookmarks, notes, fields and links than are looked at");
	return false;
}

void
pdf_add_line(struct pdf *pdf, GString *out, const char *text)
{
	/* What is over the limit by one line is seen, and said, when the text is added. */
	if (text == NULL || *text == '\0' || out->len > pdf->item->scan->limits->text)
		return;
	gsize size = strlen(text);
	if (g_utf8_validate_len(text, size, NULL)) {
		g_string_append_len(out, text, (gssize)size);
	} else {
		g_autofree char *valid = g_utf8_make_valid(text, (gssize)size);
		g_string_append(out, valid);
	}
	if (out->str[out->len - 1] != '\n')
		g_string_append_c(out, '\n');
}
