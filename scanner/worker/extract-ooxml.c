/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * extract-ooxml - documents of docx, xlsx, pptx (ECMA-376), OpenDocument and their flat forms:
 * their XML through office, whatever else they hold as parts of their own.
 */
#include "worker/extract.h"

#include <string.h>

#include "worker/office.h"
#include "worker/unpack.h"

#define CHUNK     (64 * 1024)
#define MANIFEST  (1024 * 1024)
#define FLAT_LOOK 4096 /* bytes in which a flat document names its kind */

static bool
is_flat(const guint8 *head, gsize size)
{
	static const char *const kinds[] = { "mso-application",
		"urn:oasis:names:tc:opendocument:xmlns:office", "/office/2006/xmlPackage",
		"office/word/2003/wordml", "urn:schemas-microsoft-com:office:spreadsheet" };
	gsize skip = size >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	if (size <= skip + 5 || memcmp(head + skip, "<?xml", 5) != 0)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
		if (memmem(head, MIN(size, FLAT_LOOK), kinds[i], strlen(kinds[i])) != NULL)
			return true;
	return false;
}

static bool
ooxml_takes(const struct item *item, const char *type, const guint8 *head, gsize size)
{
	(void)item;
	return g_str_has_prefix(type, "application/vnd.openxmlformats-officedocument") ||
	       g_str_has_prefix(type, "application/vnd.oasis.opendocument") || is_flat(head, size);
}

static bool
is_xml(const char *name)
{
	return g_str_has_suffix(name, ".xml") || g_str_has_suffix(name, ".rels") ||
	       g_str_has_suffix(name, ".vml");
}

/* Machinery that holds nothing a person wrote. */
static bool
is_dull(const char *name)
{
	static const char *const globs[] = { "mimetype", "*/printerSettings*.bin", "layout-cache",
		"*.odttf", "*.fntdata", "Configurations2/*", "manifest.rdf" };

	for (gsize i = 0; i < G_N_ELEMENTS(globs); i++)
		if (g_pattern_match_simple(globs[i], name))
			return true;
	return false;
}

/* Says what a member came to; false when the document is not to be read on. */
static bool
judge(struct item *item, enum office_result result)
{
	if (result == OFFICE_BROKEN)
		scan_outcome(item->scan, item->part, PART_BROKEN, "XML that cannot be read");
	if (result == OFFICE_TANGLED)
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "XML of more attributes, namespaces or depth than is looked at");
	if (result == OFFICE_OVER_LIMIT)
		scan_outcome(
		    item->scan, item->part, PART_OVER_LIMIT, "more text than is looked at");
	return result != OFFICE_OVER_LIMIT;
}

/* Time and bytes; false when one of them is used up. */
static bool
may_go_on(struct item *item, gsize size)
{
	struct scan *scan = item->scan;

	if (!scan_unpack(scan, size)) {
		scan_outcome(
		    scan, item->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
		return false;
	}
	if (scan_late(scan)) {
		scan_outcome(scan, item->part, PART_TIMEOUT, "the time was over");
		return false;
	}
	return true;
}

/* False when the document is not to be read on. */
static bool
read_xml(struct item *item, struct unpack *unpack, struct office *office)
{
	enum unpack_result result;
	enum office_result fine = OFFICE_FINE;
	const guint8 *data;
	gsize size;
	bool more = true;

	office_begin(office, unpack_name(unpack));
	while (more && fine == OFFICE_FINE &&
	       (result = unpack_data(unpack, &data, &size)) == UNPACK_MEMBER) {
		more = may_go_on(item, size);
		fine = office_feed(office, (const char *)data, size);
	}
	if (!more) {
		office_end(office);
		return false;
	}
	if (fine == OFFICE_FINE && result == UNPACK_BROKEN)
		fine = OFFICE_BROKEN;
	enum office_result last = office_end(office);
	return judge(item, fine != OFFICE_FINE ? fine : last);
}

/* A member in memory, as far as limits.object goes. False when the document is not to be read on.
 */
static bool
read_xlsb(struct item *item, struct unpack *unpack, struct office *office)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	enum unpack_result result;
	const guint8 *data;
	gsize size;

	while ((result = unpack_data(unpack, &data, &size)) == UNPACK_MEMBER) {
		if (!may_go_on(item, size))
			return false;
		if (bytes->len + size > item->scan->limits->object) {
			scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
			    "a sheet larger than is looked at");
			break;
		}
		g_byte_array_append(bytes, data, (guint)size);
	}
	if (result == UNPACK_BROKEN)
		scan_outcome(item->scan, item->part, PART_BROKEN, "%s", unpack_error(unpack));
	enum office_result fine = office_xlsb(office, bytes->data, bytes->len);
	if (fine == OFFICE_BROKEN && result == UNPACK_END)
		scan_outcome(item->scan, item->part, PART_BROKEN, "records that cannot be read");
	return fine == OFFICE_BROKEN || judge(item, fine);
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

/* Whether there is a password stands behind what it locks. */
static bool
read_lock(struct item *item, struct unpack *unpack, struct office *office)
{
	(void)office;
	if (g_str_equal(unpack_name(unpack), "META-INF/manifest.xml"))
		read_manifest(item, unpack);
	return true;
}

/* The members that tell how to read others, and whether there is a password. */
static bool
read_first(struct item *item, struct unpack *unpack, struct office *office)
{
	const char *name = unpack_name(unpack);

	if (unpack_is_encrypted(unpack))
		extract_set_encrypted(item, "members that need a password");
	else if (office_is_first(name))
		return read_xml(item, unpack, office);
	return true;
}

static bool
read_member(struct item *item, struct unpack *unpack, struct office *office)
{
	const char *name = unpack_name(unpack);

	if (unpack_is_encrypted(unpack) || !unpack_is_file(unpack))
		return true;
	if (g_str_has_suffix(name, "vbaProject.bin") || g_str_has_prefix(name, "Basic/") ||
	    g_str_has_prefix(name, "Scripts/"))
		extract_part(item)->facts |= FACT_MACRO;
	if (office_is_first(name) || g_str_equal(name, "META-INF/manifest.xml") || is_dull(name))
		return true;
	if (is_xml(name))
		return read_xml(item, unpack, office);
	if (office_is_xlsb(name))
		return read_xlsb(item, unpack, office);
	return unpack_member(unpack, item, name);
}

/* One pass over the members; false when there is to be no other. */
static bool
pass(struct item *item, struct office *office,
    bool (*one)(struct item *, struct unpack *, struct office *))
{
	struct scan *scan = item->scan;
	g_autoptr(unpack) unpack = unpack_open(item, UNPACK_ARCHIVE);

	if (unpack == NULL) {
		scan_outcome(scan, item->part, PART_BROKEN, "not readable as a document");
		return false;
	}
	for (guint64 n = 0;; n++) {
		enum unpack_result result = unpack_next(unpack);
		if (result == UNPACK_BROKEN || result == UNPACK_LOCKED)
			scan_outcome(scan, item->part, PART_BROKEN, "%s", unpack_error(unpack));
		if (result != UNPACK_MEMBER)
			return true;
		if (n >= scan->limits->members) {
			scan_outcome(
			    scan, item->part, PART_OVER_LIMIT, "more members than are looked at");
			return true;
		}
		if (!one(item, unpack, office))
			return false;
	}
}

/* A file that a flat document holds as base64. False when there is no room for another part. */
static bool
read_binary(struct item *item, const GString *base64, guint number)
{
	struct scan *scan = item->scan;
	g_autofree char *path = g_strdup_printf("%s/binary-%u", extract_part(item)->path, number);
	guint index = scan_add_part(scan, path, item->level + 1);
	gsize size;

	if (index == TEXT_NO_PART) {
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "more members than are looked at");
		return false;
	}
	scan_part(scan, index)->attachment = true;
	struct item *member = extract_begin(scan, index, item->level + 1, false, NULL);
	g_autofree guchar *bytes = g_base64_decode(base64->str, &size);
	bool more = extract_add(member, bytes, size);
	extract_end(member);
	return more;
}

static void
read_flat(struct item *item, struct office *office)
{
	g_autofree char *chunk = g_malloc(CHUNK);
	enum office_result fine = OFFICE_FINE;
	const GString *base64;
	gsize size;

	office_begin(office, "");
	for (guint64 at = 0; fine == OFFICE_FINE; at += size) {
		size = (gsize)blob_read(item->blob, at, chunk, CHUNK);
		if (size == 0 || scan_late(item->scan))
			break;
		fine = office_feed(office, chunk, size);
	}
	if (scan_late(item->scan))
		scan_outcome(item->scan, item->part, PART_TIMEOUT, "the time was over");
	enum office_result last = office_end(office);
	judge(item, fine != OFFICE_FINE ? fine : last);
	for (guint i = 0; (base64 = office_binary(office, i)) != NULL; i++)
		if (base64->len > 0 && !read_binary(item, base64, i + 1))
			break;
}

static void
read_packed(struct item *item, struct office *office)
{
	const struct part *part = extract_part(item);
	bool odf = strstr(part->true_type, "opendocument") != NULL;

	if (odf && (!pass(item, office, read_lock) || part->outcome == PART_ENCRYPTED))
		return;
	if (!pass(item, office, read_first) || part->outcome == PART_ENCRYPTED)
		return;
	office_link(office);
	pass(item, office, read_member);
}

static void
ooxml_read(struct item *item)
{
	struct scan *scan = item->scan;
	enum component component = extract_component(item);
	guint8 head[FLAT_LOOK];

	if (item->level >= scan->limits->depth) {
		extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
		scan_outcome(scan, item->part, PART_OVER_LIMIT, "nested too deep");
		return;
	}
	g_autoptr(office) office = office_new((gsize)scan->limits->text);
	gsize size = (gsize)blob_read(item->blob, 0, head, sizeof head);
	if (is_flat(head, size)) {
		read_flat(item, office);
	} else {
		read_packed(item, office);
	}
	for (guint i = 0; i < OFFICE_STREAMS; i++)
		extract_add_text(item, component, office_take(office, i), i == OFFICE_HIDDEN);
	extract_add_text(item, COMPONENT_URLS, office_take_urls(office), false);
}

const struct extractor extract_ooxml = {
	.name = "ooxml",
	.takes = ooxml_takes,
	.wanted = G_MAXUINT64,
	.read = ooxml_read,
};
