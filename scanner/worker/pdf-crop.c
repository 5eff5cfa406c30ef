/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-crop - see pdf-crop.h. Never changes a page without a box or layers that leave text out. */
#include "worker/pdf-crop.h"

#include <string.h>

/* As far as programs that follow the standard's annex C draw at all. */
#define WIDE "[-14400 -14400 14400 14400]"

#define TREE_LEVELS 64 /* of a page tree that are climbed for a box */

/*
 * A box of a page, its own or inherited (ISO 32000-1 section 7.7.3.4), as text; or NULL. Not by
 * qpdf_push_inherited_attributes_to_page, which follows a tree that contains itself until the stack
 * ends.
 */
static char *
box(struct pdf_objects *objects, qpdf_oh page, const char *key)
{
	for (int level = 0; level < TREE_LEVELS && qpdf_oh_is_dictionary(objects->qpdf, page);
	     level++) {
		qpdf_oh value = qpdf_oh_get_key(objects->qpdf, page, key);
		if (qpdf_oh_is_array(objects->qpdf, value))
			return g_strdup(qpdf_oh_unparse(objects->qpdf, value));
		page = qpdf_oh_get_key(objects->qpdf, page, "/Parent");
	}
	return NULL;
}

/*
 * Takes away what says which layers are shown (ISO 32000-1 section 8.11.4), where some are not:
 * then all are. False when all were.
 */
static bool
show_layers(struct pdf_objects *objects)
{
	qpdf_data qpdf = objects->qpdf;
	qpdf_oh root = qpdf_get_root(qpdf);

	if (!qpdf_oh_is_dictionary(qpdf, root))
		return false;
	qpdf_oh layers = qpdf_oh_get_key(qpdf, root, "/OCProperties");
	if (!qpdf_oh_is_dictionary(qpdf, layers))
		return false;
	qpdf_oh shown = qpdf_oh_get_key(qpdf, layers, "/D");
	if (qpdf_oh_is_dictionary(qpdf, shown)) {
		qpdf_oh off = qpdf_oh_get_key(qpdf, shown, "/OFF");
		qpdf_oh base = qpdf_oh_get_key(qpdf, shown, "/BaseState");
		bool none =
		    !qpdf_oh_is_array(qpdf, off) || qpdf_oh_get_array_n_items(qpdf, off) == 0;
		if (none && !qpdf_oh_is_name(qpdf, base))
			return false;
	}
	qpdf_oh_remove_key(qpdf, root, "/OCProperties");
	return true;
}

/* Shows all layers and widens the pages that are cropped; numbers of pages that may change. */
static GArray *
widen(struct pdf_objects *objects)
{
	GArray *pages = g_array_new(FALSE, FALSE, sizeof(int));
	int n = pdf_objects_pages(objects);
	bool all = show_layers(objects);

	for (int i = 0; i < n && !pdf_is_cut(objects->pdf); i++) {
		qpdf_oh page = qpdf_get_page_n(objects->qpdf, (size_t)i);
		g_autofree char *crop = box(objects, page, "/CropBox");
		g_autofree char *media = box(objects, page, "/MediaBox");
		bool cropped = crop != NULL && g_strcmp0(crop, media) != 0;
		if (cropped) {
			qpdf_oh wide = qpdf_oh_parse(objects->qpdf, WIDE);
			qpdf_oh_replace_key(objects->qpdf, page, "/CropBox", wide);
			qpdf_oh_replace_key(objects->qpdf, page, "/MediaBox", wide);
		}
		if (cropped || all)
			g_array_append_val(pages, i);
	}
	return pages;
}

static char *
text_of(const struct pdf *pdf, int number)
{
	PopplerPage *page = poppler_document_get_page(pdf->document, number);
	char *text = page != NULL ? poppler_page_get_text(page) : NULL;

	g_clear_object(&page);
	return text != NULL ? text : g_strdup("");
}

/* The lines of a page that it does not show. */
static void
add_hidden(struct pdf *pdf, const struct pdf *wide, int number, GString *out)
{
	g_autofree char *shown = text_of(pdf, number);
	g_autofree char *whole = text_of(wide, number);
	g_auto(GStrv) lines = g_strsplit(whole, "\n", -1);
	g_auto(GStrv) seen = g_strsplit(shown, "\n", -1);
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; seen[i] != NULL; i++)
		g_hash_table_add(known, seen[i]);
	for (guint i = 0; lines[i] != NULL; i++)
		if (!g_hash_table_contains(known, lines[i]))
			pdf_add_line(pdf, out, lines[i]);
}

void
pdf_crop_read(struct pdf_objects *objects, GString *hidden)
{
	struct pdf *pdf = objects->pdf;
	struct item item = *pdf->item;
	struct pdf wide;

	g_autoptr(GArray) pages = widen(objects);
	if (pages->len == 0)
		return;
	if (blob_kept(pdf->item->blob) > item.scan->limits->object) {
		scan_outcome(item.scan, item.part, PART_OVER_LIMIT,
		    "cropped pages or layers in a file larger than is looked at");
		return;
	}
	item.blob = pdf_objects_write(objects);
	if (item.blob == NULL) {
		pdf_set_lost(pdf, "cropped pages or layers");
		return;
	}
	if (pdf_open(&wide, &item)) {
		for (guint i = 0; i < pages->len && !pdf_is_cut(&wide); i++)
			add_hidden(pdf, &wide, g_array_index(pages, int, i), hidden);
	}
	pdf_close(&wide);
	blob_free(item.blob);
}
