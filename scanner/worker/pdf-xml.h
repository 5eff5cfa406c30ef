/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_PDF_XML_H
#define FLAGPOST_WORKER_PDF_XML_H
/*
 * pdf-xml - the XML that a PDF carries: what people wrote in an XMP packet (ISO 16684-1), and an
 * XFA form (ISO 32000-1 section 12.7.8) with its scripts, formatted text of notes and fields. Goes
 * to pdf->about; XML that cannot be read is told by pdf_set_lost.
 */
#include "worker/pdf.h"

enum pdf_xml {
	PDF_XML_XMP,  /* title, creator, description and the like, where they are not there yet */
	PDF_XML_XFA,  /* all but what is there for machines; a script makes the document active */
	PDF_XML_RICH, /* all of it */
};

void pdf_xml_add(struct pdf *pdf, enum pdf_xml kind, const char *xml, gsize size);

#endif
