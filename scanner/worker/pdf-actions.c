/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-actions - see pdf-actions.h. Never runs a script. */
#include "worker/pdf-actions.h"

#include <string.h>

#define ACTIONS_MAX 16 /* that follow one another */
#define LEVELS_MAX  16 /* of a name tree, and of fields above a field */

/* One document while its actions are sought. */
struct actions {
	struct pdf_objects *objects;
	struct pdf *pdf;
	qpdf_data qpdf;
	GHashTable *seen; /* numbers of the actions, fields and nodes so far */
};

/* True the first time that an object is met; one without a number is always new. */
static bool
is_new(struct actions *actions, qpdf_oh object)
{
	int number = qpdf_oh_get_object_id(actions->qpdf, object);

	return number == 0 || g_hash_table_add(actions->seen, GINT_TO_POINTER(number));
}

/* Section 12.6.4.16: a string, or a stream of what a string would hold. */
static void
add_script(struct actions *actions, qpdf_oh script)
{
	struct pdf *pdf = actions->pdf;
	g_autofree char *text = pdf_objects_string(actions->objects, script);

	if (text == NULL && qpdf_oh_is_stream(actions->qpdf, script)) {
		struct charset_result result;
		GByteArray *bytes = g_byte_array_new();
		if (pdf_objects_bytes(actions->objects, script, bytes) != INFLATE_DONE)
			pdf_set_lost(pdf, "a script that cannot be unpacked");
		text = charset_decode(pdf->item->scan->charset, NULL,
		    bytes->len > 0 ? (const char *)bytes->data : "", bytes->len,
		    (gsize)pdf->item->scan->limits->text, &result);
		if (result.cut)
			scan_outcome(pdf->item->scan, pdf->item->part, PART_OVER_LIMIT,
			    "a script of more text than is looked at");
		g_byte_array_unref(bytes);
	}
	pdf_add_line(pdf, pdf->about, text);
}

/* An action, and those that come after it. */
static void
add_action(struct actions *actions, qpdf_oh action)
{
	static const char *const names[] = { "/UF", "/F", NULL };
	qpdf_data qpdf = actions->qpdf;
	struct pdf *pdf = actions->pdf;

	for (int i = 0; i < ACTIONS_MAX && qpdf_oh_is_dictionary(qpdf, action); i++) {
		if (!is_new(actions, action) || pdf_is_cut(pdf))
			return;
		qpdf_oh kind = qpdf_oh_get_key(qpdf, action, "/S");
		if (qpdf_oh_is_name_and_equals(qpdf, kind, "/Launch") ||
		    qpdf_oh_is_name_and_equals(qpdf, kind, "/JavaScript"))
			pdf->active = true;
		add_script(actions, qpdf_oh_get_key(qpdf, action, "/JS"));
		qpdf_oh file = qpdf_oh_get_key(qpdf, action, "/F");
		g_autofree char *target = pdf_objects_text(
		    actions->objects, qpdf_oh_is_dictionary(qpdf, file) ? file : action, names);
		pdf_add_line(pdf, pdf->urls, target);
		action = qpdf_oh_get_key(qpdf, action, "/Next");
	}
	if (qpdf_oh_is_dictionary(qpdf, action))
		pdf_set_lost(pdf, "actions that do not end");
}

/* Those of an object: what it does, and what it does on each event. */
static void
add_actions_of(struct actions *actions, qpdf_oh object)
{
	qpdf_data qpdf = actions->qpdf;
	qpdf_oh events = qpdf_oh_get_key_if_dict(qpdf, object, "/AA");

	add_action(actions, qpdf_oh_get_key_if_dict(qpdf, object, "/A"));
	add_action(actions, qpdf_oh_get_key_if_dict(qpdf, object, "/PA"));
	if (!qpdf_oh_is_dictionary(qpdf, events))
		return;
	qpdf_oh_begin_dict_key_iter(qpdf, events);
	while (qpdf_oh_dict_more_keys(qpdf) && !pdf_is_cut(actions->pdf))
		add_action(actions, qpdf_oh_get_key(qpdf, events, qpdf_oh_dict_next_key(qpdf)));
}

/* Scripts of the document, by name, section 7.9.6. */
static void
add_tree(struct actions *actions, qpdf_oh node, guint depth)
{
	qpdf_data qpdf = actions->qpdf;
	qpdf_oh names = qpdf_oh_get_key_if_dict(qpdf, node, "/Names");
	qpdf_oh kids = qpdf_oh_get_key_if_dict(qpdf, node, "/Kids");
	int n_names = qpdf_oh_is_array(qpdf, names) ? qpdf_oh_get_array_n_items(qpdf, names) : 0;
	int n_kids = qpdf_oh_is_array(qpdf, kids) ? qpdf_oh_get_array_n_items(qpdf, kids) : 0;

	if (depth > LEVELS_MAX || !is_new(actions, node)) {
		pdf_set_lost(actions->pdf, "a list of scripts that holds itself");
		return;
	}
	for (int i = 1; i < n_names && pdf_may_go_on(actions->pdf); i += 2)
		add_action(actions, qpdf_oh_get_array_item(qpdf, names, i));
	for (int i = 0; i < n_kids && pdf_may_go_on(actions->pdf); i++)
		add_tree(actions, qpdf_oh_get_array_item(qpdf, kids, i), depth + 1);
}

/* Its annotations and fields, and the fields above those. */
static void
add_page(struct actions *actions, qpdf_oh page)
{
	qpdf_data qpdf = actions->qpdf;
	qpdf_oh list = qpdf_oh_get_key_if_dict(qpdf, page, "/Annots");
	int n = qpdf_oh_is_array(qpdf, list) ? qpdf_oh_get_array_n_items(qpdf, list) : 0;

	add_actions_of(actions, page);
	for (int i = 0; i < n && !pdf_is_cut(actions->pdf); i++) {
		qpdf_oh one = qpdf_oh_get_array_item(qpdf, list, i);
		for (guint level = 0;
		     level < LEVELS_MAX && qpdf_oh_is_dictionary(qpdf, one) && is_new(actions, one);
		     level++) {
			add_actions_of(actions, one);
			one = qpdf_oh_get_key(qpdf, one, "/Parent");
		}
	}
}

void
pdf_actions_read(struct pdf_objects *objects)
{
	struct actions actions = { .objects = objects,
		.pdf = objects->pdf,
		.qpdf = objects->qpdf,
		.seen = g_hash_table_new(NULL, NULL) };
	qpdf_oh root = qpdf_get_root(objects->qpdf);
	qpdf_oh names = qpdf_oh_get_key_if_dict(objects->qpdf, root, "/Names");
	qpdf_oh tree = qpdf_oh_get_key_if_dict(objects->qpdf, names, "/JavaScript");
	int pages = pdf_objects_pages(objects);

	add_action(&actions, qpdf_oh_get_key_if_dict(objects->qpdf, root, "/OpenAction"));
	add_actions_of(&actions, root);
	if (qpdf_oh_is_dictionary(objects->qpdf, tree))
		add_tree(&actions, tree, 0);
	for (int i = 0; i < pages && !pdf_is_cut(objects->pdf); i++)
		add_page(&actions, qpdf_get_page_n(objects->qpdf, (size_t)i));
	g_hash_table_destroy(actions.seen);
}
