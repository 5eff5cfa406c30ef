/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-files - see pdf-files.h. Never writes a file anywhere: its name is data. */
#include "worker/pdf-files.h"

#include "base/fault.h"

#define RATIO_FREE (10 * 1024 * 1024) /* bytes unpacked before the ratio counts */

/* One file on its way into a part. */
struct sink {
	struct item *around;
	struct item *member;
	guint64 size;
	bool refused;
};

static bool
is_bomb(const struct sink *sink)
{
	struct scan *scan = sink->around->scan;
	bool ratio = sink->size > RATIO_FREE &&
		     sink->size / MAX(blob_size(sink->around->blob), 1) > scan->limits->ratio;

	if (!ratio && scan->unpacked <= scan->limits->unpacked)
		return false;
	extract_part(sink->around)->facts |= FACT_ARCHIVE_BOMB;
	scan_outcome(
	    scan, sink->member->part, PART_OVER_LIMIT, "unpacks to more than is looked at");
	return true;
}

static gboolean
on_bytes(const char *data, gsize size, gpointer user, GError **error)
{
	struct sink *sink = user;

	sink->size += size;
	sink->refused = !extract_add(sink->member, (const guint8 *)data, size) || is_bomb(sink);
	if (sink->refused)
		g_set_error(error, FAULT, FAULT_DATA, "PDF: no more of this file is wanted");
	return !sink->refused;
}

void
pdf_files_add(struct pdf *pdf, PopplerAttachment *file)
{
	struct scan *scan = pdf->item->scan;
	const char *name = poppler_attachment_get_name(file);
	g_autofree char *valid = g_utf8_make_valid(name != NULL ? name : "", -1);
	struct sink sink = { .around = pdf->item };
	guint complaints = pdf->complaints;

	sink.member = extract_begin_member(pdf->item, valid, "");
	if (sink.member == NULL)
		return;
	pdf_add_line(pdf, pdf->about, poppler_attachment_get_description(file));
	bool whole = poppler_attachment_save_to_callback(file, on_bytes, &sink, NULL);
	if (sink.refused)
		scan_outcome(scan, pdf->item->part, extract_part(sink.member)->outcome,
		    "not all files within were read");
	else if (!whole || pdf->complaints > complaints)
		scan_outcome(scan, sink.member->part, PART_BROKEN, "not unpacked as a whole: %s",
		    pdf->complaint != NULL ? pdf->complaint : "no reason given");
	extract_end(sink.member);
}

void
pdf_files_document(struct pdf *pdf)
{
	GList *files = poppler_document_get_attachments(pdf->document);

	for (GList *one = files; one != NULL && pdf_may_go_on(pdf); one = one->next)
		pdf_files_add(pdf, one->data);
	g_list_free_full(files, g_object_unref);
}
