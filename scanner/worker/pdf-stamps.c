/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-stamps - see pdf-stamps.h. Never draws an appearance twice. */
#include "worker/pdf-stamps.h"

#include <math.h>
#include <string.h>

#include "worker/pdf-stream.h"
#include "worker/pdf-xml.h"

/* Units of a page: of one appearance (the standard's annex C), between two, and of all. */
#define SIDE_MAX   14400.0
#define GAP        40.0
#define HEIGHT_MAX 400000.0

#define WIDE "[-14400 -14400 14400 14400]"

/* One document while its appearances are sought. */
struct stamps {
	struct pdf_objects *objects;
	struct pdf *pdf;
	qpdf_data qpdf;
	GHashTable *seen; /* numbers of the streams so far */
	GArray *pages;    /* numbers of the pages that have some */
	guint64 n;
	/* Of the page at hand: */
	GString *drawing; /* operators, one line an appearance */
	qpdf_oh forms;    /* appearances by name */
	double height;    /* of those so far, one above the other */
};

/* What four numbers of an array are; false when they are not. */
static bool
numbers(struct stamps *stamps, qpdf_oh array, int n, double *out)
{
	if (!qpdf_oh_is_array(stamps->qpdf, array) ||
	    qpdf_oh_get_array_n_items(stamps->qpdf, array) != n)
		return false;
	for (int i = 0; i < n; i++) {
		qpdf_oh one = qpdf_oh_get_array_item(stamps->qpdf, array, i);
		if (!qpdf_oh_is_number(stamps->qpdf, one))
			return false;
		out[i] = CLAMP(qpdf_oh_get_numeric_value(stamps->qpdf, one), -1e6, 1e6);
	}
	return true;
}

/* Section 8.10.1: where a form lies that is drawn as it is: left, bottom, right, top. */
static void
outline(struct stamps *stamps, qpdf_oh dictionary, double *out)
{
	double box[4] = { -SIDE_MAX, -SIDE_MAX, SIDE_MAX, SIDE_MAX };
	double by[6] = { 1, 0, 0, 1, 0, 0 };
	qpdf_data qpdf = stamps->qpdf;

	if (!numbers(stamps, qpdf_oh_get_key(qpdf, dictionary, "/BBox"), 4, box))
		qpdf_oh_replace_key(qpdf, dictionary, "/BBox", qpdf_oh_parse(qpdf, WIDE));
	if (!numbers(stamps, qpdf_oh_get_key(qpdf, dictionary, "/Matrix"), 6, by))
		qpdf_oh_remove_key(qpdf, dictionary, "/Matrix");
	for (int corner = 0; corner < 4; corner++) {
		double x = box[corner & 1 ? 2 : 0], y = box[corner & 2 ? 3 : 1];
		double at[2] = { by[0] * x + by[2] * y + by[4], by[1] * x + by[3] * y + by[5] };
		for (int axis = 0; axis < 2; axis++) {
			out[axis] = corner == 0 ? at[axis] : fmin(out[axis], at[axis]);
			out[axis + 2] = corner == 0 ? at[axis] : fmax(out[axis + 2], at[axis]);
		}
	}
}

/* Numbers of PDF: no exponent, and a point whatever the locale. */
static void
append_number(GString *out, double number)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(text, sizeof text, "%.4f", number));
	g_string_append_c(out, ' ');
}

/* Above those that the page has, as large as it is or as large as may be. */
static void
place(struct stamps *stamps, const double *box)
{
	double width = box[2] - box[0], height = box[3] - box[1];
	double scale = fmin(1, SIDE_MAX / fmax(fmax(width, height), 1));
	const double by[6] = { scale, 0, 0, scale, -box[0] * scale,
		stamps->height - box[1] * scale };

	g_string_append(stamps->drawing, "q ");
	for (gsize i = 0; i < G_N_ELEMENTS(by); i++)
		append_number(stamps->drawing, by[i]);
	g_string_append_printf(stamps->drawing, "cm /S%" G_GUINT64_FORMAT " Do Q\n", stamps->n);
	stamps->height += height * scale + GAP;
}

static bool
is_over(struct stamps *stamps)
{
	struct pdf *pdf = stamps->pdf;

	if (stamps->n < pdf->item->scan->limits->members && stamps->height < HEIGHT_MAX)
		return pdf_is_cut(pdf);
	scan_outcome(pdf->item->scan, pdf->item->part, PART_OVER_LIMIT,
	    "more annotations that are drawn than are looked at");
	return true;
}

static void
add_form(struct stamps *stamps, qpdf_oh stream)
{
	qpdf_data qpdf = stamps->qpdf;
	double box[4] = { 0 };

	if (!qpdf_oh_is_stream(qpdf, stream) || is_over(stamps) ||
	    !g_hash_table_add(stamps->seen, GINT_TO_POINTER(qpdf_oh_get_object_id(qpdf, stream))))
		return;
	qpdf_oh dictionary = qpdf_oh_get_dict(qpdf, stream);
	/* As an appearance it need not say what it is. */
	qpdf_oh_replace_key(qpdf, dictionary, "/Subtype", qpdf_oh_new_name(qpdf, "/Form"));
	outline(stamps, dictionary, box);
	stamps->n++;
	g_autofree char *name = g_strdup_printf("/S%" G_GUINT64_FORMAT, stamps->n);
	qpdf_oh_replace_key(qpdf, stamps->forms, name, stream);
	place(stamps, box);
}

/* Section 12.5.5: as it lies there, as the mouse is over it, as it is pressed; each by state. */
static void
add_appearances(struct stamps *stamps, qpdf_oh annotation)
{
	static const char *const kinds[] = { "/N", "/R", "/D" };
	qpdf_data qpdf = stamps->qpdf;
	qpdf_oh all = qpdf_oh_get_key_if_dict(qpdf, annotation, "/AP");

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		qpdf_oh kind = qpdf_oh_get_key_if_dict(qpdf, all, kinds[i]);
		add_form(stamps, kind);
		if (!qpdf_oh_is_dictionary(qpdf, kind))
			continue;
		qpdf_oh_begin_dict_key_iter(qpdf, kind);
		while (qpdf_oh_dict_more_keys(qpdf) && !is_over(stamps))
			add_form(stamps, qpdf_oh_get_key(qpdf, kind, qpdf_oh_dict_next_key(qpdf)));
	}
}

/* Formatted text (section 12.7.3.4), as a string or a stream of XHTML. */
static void
add_rich(struct stamps *stamps, qpdf_oh rich)
{
	struct pdf *pdf = stamps->pdf;

	if (qpdf_oh_is_stream(stamps->qpdf, rich)) {
		GByteArray *bytes = g_byte_array_new();
		if (pdf_objects_bytes(stamps->objects, rich, bytes) != INFLATE_DONE)
			pdf_set_lost(pdf, "formatted text that cannot be unpacked");
		pdf_xml_add(pdf, PDF_XML_RICH, (const char *)bytes->data, bytes->len);
		g_byte_array_unref(bytes);
		return;
	}
	g_autofree char *text = pdf_objects_string(stamps->objects, rich);
	if (text != NULL && *text != '\0')
		pdf_xml_add(pdf, PDF_XML_RICH, text, strlen(text));
}

/* Captions of buttons, hints for fields, words over what is blackened. */
static void
add_words(struct stamps *stamps, qpdf_oh annotation)
{
	static const char *const captions[] = { "/CA", "/RC", "/AC" };
	static const char *const hints[] = { "/TU", "/OverlayText" };
	qpdf_data qpdf = stamps->qpdf;
	qpdf_oh look = qpdf_oh_get_key_if_dict(qpdf, annotation, "/MK");

	add_rich(stamps, qpdf_oh_get_key_if_dict(qpdf, annotation, "/RC"));
	add_rich(stamps, qpdf_oh_get_key_if_dict(qpdf, annotation, "/RV"));
	for (gsize i = 0; i < G_N_ELEMENTS(captions); i++) {
		g_autofree char *text = pdf_objects_string(
		    stamps->objects, qpdf_oh_get_key_if_dict(qpdf, look, captions[i]));
		pdf_add_line(stamps->pdf, stamps->pdf->about, text);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(hints); i++) {
		g_autofree char *text = pdf_objects_string(
		    stamps->objects, qpdf_oh_get_key_if_dict(qpdf, annotation, hints[i]));
		pdf_add_line(stamps->pdf, stamps->pdf->about, text);
	}
}

/* Fonts that an appearance without its own may name: the form's, and over them the page's. */
static qpdf_oh
fonts_for(struct stamps *stamps, qpdf_oh page)
{
	qpdf_data qpdf = stamps->qpdf;
	qpdf_oh form = qpdf_oh_get_key_if_dict(qpdf, qpdf_get_root(qpdf), "/AcroForm");
	qpdf_oh from[] = { qpdf_oh_get_key_if_dict(qpdf, form, "/DR"),
		qpdf_oh_get_key_if_dict(qpdf, page, "/Resources") };
	qpdf_oh out = qpdf_oh_new_dictionary(qpdf);

	for (gsize i = 0; i < G_N_ELEMENTS(from); i++) {
		qpdf_oh fonts = qpdf_oh_get_key_if_dict(qpdf, from[i], "/Font");
		if (!qpdf_oh_is_dictionary(qpdf, fonts))
			continue;
		qpdf_oh_begin_dict_key_iter(qpdf, fonts);
		while (qpdf_oh_dict_more_keys(qpdf)) {
			const char *name = qpdf_oh_dict_next_key(qpdf);
			qpdf_oh_replace_key(qpdf, out, name, qpdf_oh_get_key(qpdf, fonts, name));
		}
	}
	return out;
}

/* Has a page show its appearances and nothing else. */
static void
draw(struct stamps *stamps, qpdf_oh page)
{
	static const char *const gone[] = { "/Annots", "/CropBox", "/UserUnit", "/Group" };
	qpdf_data qpdf = stamps->qpdf;
	qpdf_oh contents = qpdf_oh_new_stream(qpdf);
	qpdf_oh resources = qpdf_oh_new_dictionary(qpdf);
	g_autofree char *box =
	    g_strdup_printf("[0 0 %d %d]", (int)SIDE_MAX, (int)ceil(stamps->height));

	qpdf_oh_replace_stream_data(qpdf, contents, (const guint8 *)stamps->drawing->str,
	    stamps->drawing->len, qpdf_oh_new_null(qpdf), qpdf_oh_new_null(qpdf));
	qpdf_oh_replace_key(qpdf, resources, "/Font", fonts_for(stamps, page));
	qpdf_oh_replace_key(qpdf, resources, "/XObject", stamps->forms);
	for (gsize i = 0; i < G_N_ELEMENTS(gone); i++)
		qpdf_oh_remove_key(qpdf, page, gone[i]);
	qpdf_oh_replace_key(qpdf, page, "/Contents", contents);
	qpdf_oh_replace_key(qpdf, page, "/Resources", resources);
	qpdf_oh_replace_key(qpdf, page, "/MediaBox", qpdf_oh_parse(qpdf, box));
	qpdf_oh_replace_key(qpdf, page, "/CropBox", qpdf_oh_parse(qpdf, box));
	qpdf_oh_replace_key(qpdf, page, "/Rotate", qpdf_oh_new_integer(qpdf, 0));
}

static void
look_at_page(struct stamps *stamps, int number)
{
	qpdf_data qpdf = stamps->qpdf;
	qpdf_oh page = qpdf_get_page_n(qpdf, (size_t)number);
	qpdf_oh list = qpdf_oh_get_key_if_dict(qpdf, page, "/Annots");
	int n = qpdf_oh_is_array(qpdf, list) ? qpdf_oh_get_array_n_items(qpdf, list) : 0;

	if (n == 0)
		return;
	stamps->forms = qpdf_oh_new_dictionary(qpdf);
	stamps->height = 0;
	g_string_truncate(stamps->drawing, 0);
	for (int i = 0; i < n && !pdf_is_cut(stamps->pdf); i++) {
		qpdf_oh annotation = qpdf_oh_get_array_item(qpdf, list, i);
		add_words(stamps, annotation);
		add_appearances(stamps, annotation);
	}
	if (stamps->drawing->len == 0)
		return;
	draw(stamps, page);
	g_array_append_val(stamps->pages, number);
}

/* The lines that nothing else of the document has said. */
static void
add_lines(struct pdf *pdf, GHashTable *known, const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++)
		if (g_hash_table_add(known, g_strdup(lines[i])))
			pdf_add_line(pdf, pdf->about, lines[i]);
}

static void
read_drawn(struct stamps *stamps, struct pdf *drawn)
{
	struct pdf *pdf = stamps->pdf;
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(GStrv) said = g_strsplit(pdf->about->str, "\n", -1);

	for (guint i = 0; said[i] != NULL; i++)
		g_hash_table_add(known, g_strdup(said[i]));
	for (guint i = 0; i < stamps->pages->len && !pdf_is_cut(drawn); i++) {
		pdf_stream_begin_page(drawn->stream);
		PopplerPage *page = poppler_document_get_page(
		    drawn->document, g_array_index(stamps->pages, int, i));
		g_autofree char *text = page != NULL ? poppler_page_get_text(page) : NULL;
		if (text != NULL)
			add_lines(pdf, known, text);
		else
			pdf_set_lost(pdf, "annotations that cannot be drawn");
		g_clear_object(&page);
	}
	pdf_is_cut(drawn);
	if (drawn->lost != NULL)
		pdf_set_lost(pdf, drawn->lost);
}

static void
read_anew(struct stamps *stamps)
{
	struct item item = *stamps->pdf->item;
	struct pdf drawn;

	if (blob_kept(item.blob) > item.scan->limits->object) {
		scan_outcome(item.scan, item.part, PART_OVER_LIMIT,
		    "annotations that are drawn in a file larger than is looked at");
		return;
	}
	item.blob = pdf_objects_write(stamps->objects);
	if (item.blob == NULL) {
		pdf_set_lost(stamps->pdf, "annotations that are drawn");
		return;
	}
	if (pdf_open(&drawn, &item))
		read_drawn(stamps, &drawn);
	pdf_close(&drawn);
	blob_free(item.blob);
}

void
pdf_stamps_read(struct pdf_objects *objects)
{
	struct stamps stamps = { .objects = objects,
		.pdf = objects->pdf,
		.qpdf = objects->qpdf,
		.seen = g_hash_table_new(NULL, NULL),
		.pages = g_array_new(FALSE, FALSE, sizeof(int)),
		.drawing = g_string_new(NULL) };
	int n = pdf_objects_pages(objects);

	for (int i = 0; i < n && !pdf_is_cut(objects->pdf); i++)
		look_at_page(&stamps, i);
	if (stamps.pages->len > 0 && !pdf_is_cut(objects->pdf))
		read_anew(&stamps);
	g_string_free(stamps.drawing, TRUE);
	g_array_free(stamps.pages, TRUE);
	g_hash_table_destroy(stamps.seen);
}
