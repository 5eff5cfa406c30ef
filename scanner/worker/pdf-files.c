/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-files - see pdf-files.h. Never writes a file anywhere: its name is data. */
#include "worker/pdf-files.h"

#define TREE_DEPTH 16                 /* of a name tree; real ones have two or three levels */
#define RATIO_FREE (10 * 1024 * 1024) /* bytes unpacked before the ratio counts */

/* One document while its files are sought. */
struct search {
	struct pdf *pdf;
	struct pdf_objects *objects;
	qpdf_data qpdf;
	GHashTable *seen; /* numbers of the streams and of the tree's nodes so far */
};

/* True the first time that an object is met; one without a number is always new. */
static bool
is_new(struct search *search, qpdf_oh object)
{
	int number = qpdf_oh_get_object_id(search->qpdf, object);

	return number == 0 || g_hash_table_add(search->seen, GINT_TO_POINTER(number));
}

static void
set_outcome(struct search *search, struct item *member, enum inflate_result result, gsize size)
{
	struct scan *scan = member->scan;
	const struct item *around = search->pdf->item;

	switch (result) {
	case INFLATE_DONE:
		return;
	case INFLATE_OVER:
		if (scan->unpacked > scan->limits->unpacked ||
		    (size > RATIO_FREE &&
			size / MAX(blob_size(around->blob), 1) > scan->limits->ratio))
			extract_part(around)->facts |= FACT_ARCHIVE_BOMB;
		scan_outcome(
		    scan, member->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
		break;
	case INFLATE_BROKEN:
		scan_outcome(scan, member->part, PART_BROKEN, "not unpacked as a whole");
		return;
	case INFLATE_LATE:
		scan_outcome(scan, member->part, PART_TIMEOUT, "the time was over");
		break;
	}
	scan_outcome(
	    scan, around->part, extract_part(member)->outcome, "not all files within were read");
}

static void
add_file(struct search *search, const char *name, qpdf_oh stream)
{
	struct item *around = search->pdf->item;
	struct item *member = extract_begin_member(around, name, "");

	if (member == NULL)
		return;
	GByteArray *bytes = g_byte_array_new();
	enum inflate_result result = pdf_objects_bytes(search->objects, stream, bytes);
	if (!extract_add(member, bytes->data, bytes->len))
		scan_outcome(around->scan, around->part, extract_part(member)->outcome,
		    "not all files within were read");
	set_outcome(search, member, result, bytes->len);
	g_byte_array_unref(bytes);
	extract_end(member);
}

/* A file specification, section 7.11: a name, and the bytes where they are within. */
static void
add_specification(struct search *search, qpdf_oh specification, const char *key)
{
	static const char *const names[] = { "/UF", "/F", "/Unix", "/Mac", "/DOS", NULL };
	static const char *const about[] = { "/Desc", NULL };
	qpdf_data qpdf = search->qpdf;
	g_autofree char *outside = pdf_objects_string(search->objects, specification);
	bool any = false;

	if (outside != NULL) {
		pdf_add_line(search->pdf, search->pdf->urls, outside);
		return;
	}
	qpdf_oh files = qpdf_oh_get_key_if_dict(qpdf, specification, "/EF");
	g_autofree char *name = pdf_objects_text(search->objects, specification, names);
	g_autofree char *description = pdf_objects_text(search->objects, specification, about);
	pdf_add_line(search->pdf, search->pdf->about, description);
	for (gsize i = 0; names[i] != NULL; i++) {
		qpdf_oh stream = qpdf_oh_get_key_if_dict(qpdf, files, names[i]);
		if (!qpdf_oh_is_stream(qpdf, stream))
			continue;
		any = true;
		if (is_new(search, stream))
			add_file(search, *name != '\0' ? name : key, stream);
	}
	if (any)
		return;
	if (qpdf_oh_is_dictionary(qpdf, specification) && qpdf_oh_is_null(qpdf, files))
		pdf_add_line(search->pdf, search->pdf->urls, name);
	else if (!qpdf_oh_is_null(qpdf, specification))
		pdf_set_lost(search->pdf, "a file within that is not there");
}

/* A node of a name tree, section 7.9.6. */
static void
add_tree(struct search *search, qpdf_oh node, guint depth)
{
	qpdf_data qpdf = search->qpdf;
	qpdf_oh names = qpdf_oh_get_key_if_dict(qpdf, node, "/Names");
	qpdf_oh kids = qpdf_oh_get_key_if_dict(qpdf, node, "/Kids");
	int n_names = qpdf_oh_is_array(qpdf, names) ? qpdf_oh_get_array_n_items(qpdf, names) : 0;
	int n_kids = qpdf_oh_is_array(qpdf, kids) ? qpdf_oh_get_array_n_items(qpdf, kids) : 0;

	if (depth > TREE_DEPTH || !is_new(search, node)) {
		pdf_set_lost(search->pdf, "a list of files that holds itself");
		return;
	}
	for (int i = 0; i + 1 < n_names && pdf_may_go_on(search->pdf); i += 2) {
		g_autofree char *name =
		    pdf_objects_string(search->objects, qpdf_oh_get_array_item(qpdf, names, i));
		add_specification(
		    search, qpdf_oh_get_array_item(qpdf, names, i + 1), name != NULL ? name : "");
	}
	for (int i = 0; i < n_kids && pdf_may_go_on(search->pdf); i++)
		add_tree(search, qpdf_oh_get_array_item(qpdf, kids, i), depth + 1);
}

/* Associated files (ISO 32000-2 section 14.13) of the document or a page. */
static void
add_associated(struct search *search, qpdf_oh object)
{
	qpdf_data qpdf = search->qpdf;
	qpdf_oh list = qpdf_oh_get_key_if_dict(qpdf, object, "/AF");
	int n = qpdf_oh_is_array(qpdf, list) ? qpdf_oh_get_array_n_items(qpdf, list) : 0;

	for (int i = 0; i < n && pdf_may_go_on(search->pdf); i++)
		add_specification(search, qpdf_oh_get_array_item(qpdf, list, i), "");
}

/* Files and films that an annotation carries, sections 12.5.6.15 and 13.7. */
static void
add_annotation(struct search *search, qpdf_oh annotation)
{
	qpdf_data qpdf = search->qpdf;
	qpdf_oh media = qpdf_oh_get_key_if_dict(qpdf, annotation, "/RichMediaContent");
	qpdf_oh assets = qpdf_oh_get_key_if_dict(qpdf, media, "/Assets");

	add_specification(search, qpdf_oh_get_key_if_dict(qpdf, annotation, "/FS"), "");
	add_associated(search, annotation);
	if (qpdf_oh_is_dictionary(qpdf, assets))
		add_tree(search, assets, 0);
}

static void
add_page(struct search *search, qpdf_oh page)
{
	qpdf_data qpdf = search->qpdf;
	qpdf_oh list = qpdf_oh_get_key_if_dict(qpdf, page, "/Annots");
	int n = qpdf_oh_is_array(qpdf, list) ? qpdf_oh_get_array_n_items(qpdf, list) : 0;

	add_associated(search, page);
	for (int i = 0; i < n && pdf_may_go_on(search->pdf); i++)
		add_annotation(search, qpdf_oh_get_array_item(qpdf, list, i));
}

void
pdf_files_read(struct pdf_objects *objects)
{
	struct search search = { .pdf = objects->pdf,
		.objects = objects,
		.qpdf = objects->qpdf,
		.seen = g_hash_table_new(NULL, NULL) };
	qpdf_oh root = qpdf_get_root(objects->qpdf);
	qpdf_oh names = qpdf_oh_get_key_if_dict(objects->qpdf, root, "/Names");
	qpdf_oh tree = qpdf_oh_get_key_if_dict(objects->qpdf, names, "/EmbeddedFiles");

	if (qpdf_oh_is_dictionary(objects->qpdf, tree))
		add_tree(&search, tree, 0);
	add_associated(&search, root);
	int pages = pdf_objects_pages(objects);
	for (int i = 0; i < pages && !pdf_is_cut(objects->pdf); i++)
		add_page(&search, qpdf_get_page_n(objects->qpdf, (size_t)i));
	g_hash_table_destroy(search.seen);
}
