/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-xml - see pdf-xml.h. Never loads an entity of the packet's own. */
#include "worker/pdf-xml.h"

#include <string.h>

#include "worker/markup.h"

#define FEED (64 * 1024)

/* A packet on its way into lines. */
struct packet {
	struct pdf *pdf;
	enum pdf_xml kind;
	GString *words; /* of the element at hand */
	guint inside;   /* elements open since one that people fill in */
	guint machine;  /* elements open since one that is there for machines */
};

static bool
is_for_people(const char *name)
{
	static const char *const names[] = { "title", "creator", "contributor", "subject",
		"description", "rights", "Keywords", "Headline", "Instructions", "Label", NULL };

	return g_strv_contains(names, name);
}

/* Of an XFA form (XFA 3.3): what says how it works, not what it says. */
static bool
is_for_machines(const char *name)
{
	static const char *const names[] = { "config", "localeSet", "connectionSet", "stylesheet",
		"xmpmeta", NULL };

	return g_strv_contains(names, name);
}

static bool
is_wanted(const struct packet *packet, const char *name)
{
	return packet->kind != PDF_XML_XMP || is_for_people(name);
}

/* In formatted text most elements are letters of another look within a word. */
static bool
parts_words(const struct packet *packet, const char *name)
{
	static const char *const names[] = { "body", "p", "br", "div", "li", "ol", "ul", NULL };

	return packet->kind != PDF_XML_RICH || g_strv_contains(names, name);
}

static void
add_line(struct packet *packet, const char *text)
{
	struct pdf *pdf = packet->pdf;

	/* Most of it stands in the document's properties as well. */
	if (*text != '\0' && (packet->kind == PDF_XML_XFA || strstr(pdf->about->str, text) == NULL))
		pdf_add_line(pdf, pdf->about, text);
}

static void
end_line(struct packet *packet)
{
	add_line(packet, g_strstrip(packet->words->str));
	g_string_truncate(packet->words, 0);
}

static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
	struct packet *packet = data;

	(void)prefix;
	(void)uri;
	(void)n_namespaces;
	(void)namespaces;
	(void)n_defaulted;
	if (parts_words(packet, (const char *)name))
		end_line(packet);
	if (packet->inside > 0 || is_wanted(packet, (const char *)name))
		packet->inside++;
	if (packet->kind == PDF_XML_XFA &&
	    (packet->machine > 0 || is_for_machines((const char *)name)))
		packet->machine++;
	if (packet->kind == PDF_XML_XFA && strcmp((const char *)name, "script") == 0)
		packet->pdf->active = true;
	for (int i = 0; i < n_attributes; i++) {
		const xmlChar **one = attributes + (gsize)i * 5;
		if (!is_for_people((const char *)one[0]))
			continue;
		g_autofree char *value = g_strndup((const char *)one[3], (gsize)(one[4] - one[3]));
		add_line(packet, value);
	}
}

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct packet *packet = data;

	(void)name;
	(void)prefix;
	(void)uri;
	if (packet->inside == 0)
		return;
	packet->inside--;
	if (parts_words(packet, (const char *)name))
		end_line(packet);
	if (packet->machine > 0)
		packet->machine--;
}

static void
on_text(void *data, const xmlChar *text, int size)
{
	struct packet *packet = data;

	if (packet->inside > 0 && packet->machine == 0 &&
	    packet->words->len < packet->pdf->item->scan->limits->text)
		g_string_append_len(packet->words, (const char *)text, size);
}

static xmlEntityPtr
on_entity(void *data, const xmlChar *name)
{
	(void)data;
	return xmlGetPredefinedEntity(name);
}

void
pdf_xml_add(struct pdf *pdf, enum pdf_xml kind, const char *xml, gsize size)
{
	xmlSAXHandler handler = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.cdataBlock = on_text,
		.getEntity = on_entity };
	struct packet packet = { .pdf = pdf, .kind = kind, .words = g_string_new(NULL) };
	g_autoptr(markup) markup = markup_new(&handler, &packet, false);
	enum markup_result fine = MARKUP_FINE;
	static const char *const lost[] = { "properties (XMP) that are no XML",
		"a form (XFA) that is no XML", "formatted text that is no XML" };

	for (gsize at = 0; at < size && fine == MARKUP_FINE && !scan_late(pdf->item->scan);
	     at += FEED)
		fine = markup_feed(markup, xml + at, MIN(size - at, FEED));
	if (fine == MARKUP_FINE && !scan_late(pdf->item->scan))
		fine = markup_end(markup);
	if (fine == MARKUP_OVER_LIMIT)
		scan_outcome(pdf->item->scan, pdf->item->part, PART_OVER_LIMIT,
		    "XML of more attributes, namespaces or depth than is looked at");
	if (fine != MARKUP_FINE)
		pdf_set_lost(pdf, lost[kind]);
	end_line(&packet);
	g_string_free(packet.words, TRUE);
}
