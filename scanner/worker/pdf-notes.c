/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-notes - see pdf-notes.h. Never follows a link and never runs a script. */
#include "worker/pdf-notes.h"

#include <string.h>

#include "worker/pdf-xml.h"

/* Takes text. */
static void
add_about(struct pdf *pdf, char *text)
{
	pdf_add_line(pdf, pdf->about, text);
	g_free(text);
}

static void
add_action(struct pdf *pdf, const PopplerAction *action)
{
	if (action == NULL)
		return;
	switch (action->type) {
	case POPPLER_ACTION_URI:
		pdf_add_line(pdf, pdf->urls, action->uri.uri);
		break;
	case POPPLER_ACTION_GOTO_REMOTE:
		pdf_add_line(pdf, pdf->urls, action->goto_remote.file_name);
		break;
	case POPPLER_ACTION_LAUNCH:
		pdf->active = true;
		pdf_add_line(pdf, pdf->urls, action->launch.file_name);
		pdf_add_line(pdf, pdf->about, action->launch.params);
		break;
	case POPPLER_ACTION_JAVASCRIPT:
		pdf->active = true;
		pdf_add_line(pdf, pdf->about, action->javascript.script);
		break;
	case POPPLER_ACTION_UNKNOWN:
	case POPPLER_ACTION_NONE:
	case POPPLER_ACTION_GOTO_DEST:
	case POPPLER_ACTION_NAMED:
	case POPPLER_ACTION_MOVIE:
	case POPPLER_ACTION_RENDITION:
	case POPPLER_ACTION_OCG_STATE:
	case POPPLER_ACTION_RESET_FORM:
		break;
	}
}

/* Bookmarks of one level and, below each, of the next. Takes iter; NULL is none. */
static void
add_bookmarks(struct pdf *pdf, PopplerIndexIter *iter, guint depth)
{
	bool more = iter != NULL;

	if (more && depth >= pdf->item->scan->limits->depth) {
		scan_outcome(
		    pdf->item->scan, pdf->item->part, PART_OVER_LIMIT, "bookmarks nested too deep");
		more = false;
	}
	while (more && pdf_may_go_on(pdf)) {
		PopplerAction *action = poppler_index_iter_get_action(iter);
		if (action != NULL) {
			pdf_add_line(pdf, pdf->about, action->any.title);
			add_action(pdf, action);
			poppler_action_free(action);
		}
		add_bookmarks(pdf, poppler_index_iter_get_child(iter), depth + 1);
		more = poppler_index_iter_next(iter);
	}
	if (iter != NULL)
		poppler_index_iter_free(iter);
}

void
pdf_notes_document(struct pdf *pdf)
{
	PopplerDocument *document = pdf->document;

	add_about(pdf, poppler_document_get_title(document));
	add_about(pdf, poppler_document_get_author(document));
	add_about(pdf, poppler_document_get_subject(document));
	add_about(pdf, poppler_document_get_keywords(document));
	add_about(pdf, poppler_document_get_creator(document));
	add_about(pdf, poppler_document_get_producer(document));
	g_autofree char *xmp = poppler_document_get_metadata(document);
	if (xmp != NULL)
		pdf_xml_add(pdf, PDF_XML_XMP, xmp, strlen(xmp));
	add_bookmarks(pdf, poppler_index_iter_new(document), 0);
}

static void
add_annotation(struct pdf *pdf, PopplerAnnot *annotation)
{
	add_about(pdf, poppler_annot_get_contents(annotation));
	if (POPPLER_IS_ANNOT_MARKUP(annotation)) {
		add_about(pdf, poppler_annot_markup_get_label(POPPLER_ANNOT_MARKUP(annotation)));
		add_about(pdf, poppler_annot_markup_get_subject(POPPLER_ANNOT_MARKUP(annotation)));
	}
	if (POPPLER_IS_ANNOT_SCREEN(annotation))
		add_action(pdf, poppler_annot_screen_get_action(POPPLER_ANNOT_SCREEN(annotation)));
}

static void
add_field(struct pdf *pdf, PopplerFormField *field)
{
	switch (poppler_form_field_get_field_type(field)) {
	case POPPLER_FORM_FIELD_TEXT:
		add_about(pdf, poppler_form_field_text_get_text(field));
		break;
	case POPPLER_FORM_FIELD_CHOICE:
		add_about(pdf, poppler_form_field_choice_get_text(field));
		for (int i = 0; i < poppler_form_field_choice_get_n_items(field); i++) {
			if (!pdf_may_go_on(pdf))
				return;
			if (poppler_form_field_choice_is_item_selected(field, i))
				add_about(pdf, poppler_form_field_choice_get_item(field, i));
		}
		break;
	case POPPLER_FORM_FIELD_UNKNOWN:
	case POPPLER_FORM_FIELD_BUTTON:
	case POPPLER_FORM_FIELD_SIGNATURE:
		break;
	}
	add_action(pdf, poppler_form_field_get_action(field));
}

void
pdf_notes_page(struct pdf *pdf, PopplerPage *page)
{
	GList *links = poppler_page_get_link_mapping(page);
	GList *annotations = poppler_page_get_annot_mapping(page);
	GList *fields = poppler_page_get_form_field_mapping(page);

	for (GList *one = links; one != NULL && pdf_may_go_on(pdf); one = one->next)
		add_action(pdf, ((PopplerLinkMapping *)one->data)->action);
	for (GList *one = annotations; one != NULL && pdf_may_go_on(pdf); one = one->next)
		add_annotation(pdf, ((PopplerAnnotMapping *)one->data)->annot);
	for (GList *one = fields; one != NULL && pdf_may_go_on(pdf); one = one->next)
		add_field(pdf, ((PopplerFormFieldMapping *)one->data)->field);
	poppler_page_free_link_mapping(links);
	poppler_page_free_annot_mapping(annotations);
	poppler_page_free_form_field_mapping(fields);
}
