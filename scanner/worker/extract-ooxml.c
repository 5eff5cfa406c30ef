/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-ooxml - the text of docx, xlsx, pptx (ECMA-376) and OpenDocument files: body, notes,
 * comments, headers, cells, properties. Members that are no XML of theirs are read as parts.
 */
#include "worker/extract.h"

#include <libxml/parser.h>
#include <string.h>

#include "worker/unpack.h"

#define FEED (64 * 1024)

/* One XML member on its way into text. */
struct sheet {
	GString *out;
	gsize max;
	bool index; /* in a cell whose value is a number of a shared string */
	bool value; /* in that value */
};

static bool
ooxml_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	(void)head;
	(void)size;
	return g_str_has_prefix(type, "application/vnd.openxmlformats-officedocument") ||
	       g_str_has_prefix(type, "application/vnd.oasis.opendocument");
}

static void
on_start(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
	struct sheet *sheet = data;
	const char *local = (const char *)name;

	(void)prefix;
	(void)uri;
	(void)n_namespaces;
	(void)namespaces;
	(void)n_defaulted;
	if (g_str_equal(local, "c")) {
		sheet->index = false;
		for (int i = 0; i < n_attributes; i++) {
			const xmlChar **one = attributes + (gsize)i * 5;
			if (xmlStrEqual(one[0], BAD_CAST "t") && one[4] - one[3] == 1 &&
			    *one[3] == 's')
				sheet->index = true;
		}
	} else if (g_str_equal(local, "v")) {
		sheet->value = true;
	} else if (g_str_equal(local, "tab") || g_str_equal(local, "s")) {
		g_string_append_c(sheet->out, ' ');
	} else if (g_str_equal(local, "br") || g_str_equal(local, "line-break")) {
		g_string_append_c(sheet->out, '\n');
	}
}

static void
on_end(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	static const char *const blocks[] = { "p", "h", "si", "row", "tr", "table-row", "comment",
		"text", "title", "creator", "subject", "description", "keywords", "keyword",
		"lastModifiedBy", "category", NULL };
	struct sheet *sheet = data;
	GString *out = sheet->out;

	(void)prefix;
	(void)uri;
	if (xmlStrEqual(name, BAD_CAST "v"))
		sheet->value = false;
	if (out->len == 0 || out->str[out->len - 1] == '\n')
		return;
	if (g_strv_contains(blocks, (const char *)name))
		g_string_append_c(out, '\n');
	else if (xmlStrEqual(name, BAD_CAST "c") || xmlStrEqual(name, BAD_CAST "table-cell"))
		g_string_append_c(out, ' ');
}

static void
on_text(void *data, const xmlChar *text, int size)
{
	struct sheet *sheet = data;

	if ((sheet->value && sheet->index) || sheet->out->len > sheet->max)
		return;
	g_string_append_len(sheet->out, (const char *)text, size);
}

/* The caller of libxml2 has no entities but the five: a document with its own is not believed. */
static xmlEntityPtr
on_entity(void *data, const xmlChar *name)
{
	(void)data;
	return xmlGetPredefinedEntity(name);
}

static bool
is_text_member(const char *name)
{
	static const char *const globs[] = { "word/*.xml", "xl/sharedStrings.xml",
		"xl/worksheets/*.xml", "xl/comments*.xml", "xl/threadedComments/*.xml",
		"xl/drawings/*.xml", "ppt/slides/*.xml", "ppt/notesSlides/*.xml",
		"ppt/comments/*.xml", "docProps/*.xml", "content.xml", "styles.xml", "meta.xml" };
	static const char *const dull[] = { "word/styles.xml", "word/settings.xml",
		"word/fontTable.xml", "word/webSettings.xml", "word/theme/*", "word/numbering.xml",
		"word/stylesWithEffects.xml" };

	for (gsize i = 0; i < G_N_ELEMENTS(dull); i++)
		if (g_pattern_match_simple(dull[i], name))
			return false;
	for (gsize i = 0; i < G_N_ELEMENTS(globs); i++)
		if (g_pattern_match_simple(globs[i], name))
			return true;
	return false;
}

/* Files that a user put in, as against the machinery of the format. */
static bool
is_embedded(const char *name)
{
	static const char *const globs[] = { "*/embeddings/*", "Object */*",
		"ObjectReplacements/*" };

	for (gsize i = 0; i < G_N_ELEMENTS(globs); i++)
		if (g_pattern_match_simple(globs[i], name))
			return true;
	return false;
}

/* False when the document is not to be read on. */
static bool
read_xml(struct item *item, struct unpack *unpack, GString *out)
{
	xmlSAXHandler handler = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.getEntity = on_entity };
	struct scan *scan = item->scan;
	struct sheet sheet = { .out = out, .max = (gsize)scan->limits->text };
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&handler, &sheet, NULL, 0, NULL);
	enum unpack_result result = UNPACK_BROKEN;
	const guint8 *data;
	gsize size;
	bool fine = parser != NULL;

	if (fine)
		xmlCtxtUseOptions(
		    parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	while (fine && (result = unpack_data(unpack, &data, &size)) == UNPACK_MEMBER) {
		if (!scan_unpack(scan, size) || out->len > sheet.max) {
			scan_outcome(
			    scan, item->part, PART_OVER_LIMIT, "more text than is looked at");
			break;
		}
		if (scan_late(scan)) {
			scan_outcome(scan, item->part, PART_TIMEOUT, "the time was over");
			break;
		}
		for (gsize at = 0; at < size && fine; at += FEED)
			fine = xmlParseChunk(parser, (const char *)data + at,
				   (int)MIN(size - at, FEED), 0) == 0;
	}
	if (fine && result == UNPACK_END)
		fine = xmlParseChunk(parser, NULL, 0, 1) == 0;
	if (!fine || result == UNPACK_BROKEN)
		scan_outcome(scan, item->part, PART_BROKEN, "XML that cannot be read");
	xmlFreeParserCtxt(parser);
	return result != UNPACK_MEMBER;
}

/* ODF 1.2 part 3 section 3.4.1: the manifest says which members are encrypted. */
static void
read_manifest(struct item *item, struct unpack *unpack)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const guint8 *data;
	gsize size;

	while (text->len < 1024 * 1024 && unpack_data(unpack, &data, &size) == UNPACK_MEMBER)
		g_string_append_len(text, (const char *)data, (gssize)size);
	if (strstr(text->str, "encryption-data") != NULL)
		extract_set_encrypted(item, "OpenDocument: password needed");
}

/* False when the document is not to be read on. */
static bool
read_member(struct item *item, struct unpack *unpack, GString *out)
{
	const char *name = unpack_name(unpack);

	if (unpack_is_encrypted(unpack)) {
		extract_set_encrypted(item, "members that need a password");
		return true;
	}
	if (g_str_has_suffix(name, "vbaProject.bin") || g_str_has_prefix(name, "Basic/"))
		extract_part(item)->facts |= FACT_MACRO;
	if (g_str_equal(name, "META-INF/manifest.xml"))
		read_manifest(item, unpack);
	else if (is_text_member(name))
		return read_xml(item, unpack, out);
	else if (is_embedded(name) && unpack_is_file(unpack))
		return unpack_member(unpack, item, name);
	return true;
}

static void
ooxml_read(struct item *item)
{
	struct scan *scan = item->scan;
	g_autoptr(unpack) unpack = NULL;
	GString *out;

	if (item->level >= scan->limits->depth) {
		extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	unpack = unpack_open(item, UNPACK_ARCHIVE);
	if (unpack == NULL) {
		scan_outcome(scan, item->part, PART_BROKEN, "not readable as a document");
		return;
	}
	out = g_string_new(NULL);
	for (guint64 n = 0;; n++) {
		enum unpack_result result = unpack_next(unpack);
		if (result == UNPACK_BROKEN || result == UNPACK_LOCKED)
			scan_outcome(scan, item->part, PART_BROKEN, "%s", unpack_error(unpack));
		if (result != UNPACK_MEMBER)
			break;
		if (n >= scan->limits->members) {
			scan_outcome(
			    scan, item->part, PART_OVER_LIMIT, "more members than are looked at");
			break;
		}
		if (!read_member(item, unpack, out))
			break;
	}
	extract_add_text(item, extract_component(item), out, false);
}

const struct extractor extract_ooxml = {
	.name = "ooxml",
	.takes = ooxml_takes,
	.wanted = G_MAXUINT64,
	.read = ooxml_read,
};
