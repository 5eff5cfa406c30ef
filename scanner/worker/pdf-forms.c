/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-forms - see pdf-forms.h. Never runs a script. */
#include "worker/pdf-forms.h"

#include <string.h>

#include "worker/pdf-xml.h"

/* Appends a piece of the form; false when it is not to be had. */
static bool
add_piece(struct pdf_objects *objects, qpdf_oh piece, GByteArray *xml)
{
	if (!qpdf_oh_is_stream(objects->qpdf, piece))
		return false;
	return pdf_objects_bytes(objects, piece, xml) == INFLATE_DONE;
}

/* One stream, or an array of names and streams that are one document together. */
static void
read_xfa(struct pdf_objects *objects, qpdf_oh form)
{
	qpdf_data qpdf = objects->qpdf;
	GByteArray *xml = g_byte_array_new();
	bool fine = true;

	if (qpdf_oh_is_array(qpdf, form)) {
		int n = qpdf_oh_get_array_n_items(qpdf, form);
		for (int i = 1; i < n && fine && pdf_may_go_on(objects->pdf); i += 2)
			fine = add_piece(objects, qpdf_oh_get_array_item(qpdf, form, i), xml);
	} else {
		fine = add_piece(objects, form, xml);
	}
	if (!fine)
		pdf_set_lost(objects->pdf, "a form (XFA) that cannot be unpacked");
	if (xml->len > 0)
		pdf_xml_add(objects->pdf, PDF_XML_XFA, (const char *)xml->data, xml->len);
	g_byte_array_unref(xml);
}

void
pdf_forms_read(struct pdf_objects *objects)
{
	qpdf_data qpdf = objects->qpdf;
	qpdf_oh root = qpdf_get_root(qpdf);
	qpdf_oh fields = qpdf_oh_get_key_if_dict(qpdf, root, "/AcroForm");
	qpdf_oh form = qpdf_oh_get_key_if_dict(qpdf, fields, "/XFA");

	if (!qpdf_oh_is_null(qpdf, form))
		read_xfa(objects, form);
}
