/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-stream - see pdf-stream.h. Never holds bytes of its own. */
#include "worker/pdf-stream.h"

#include <malloc.h>
#include <unistd.h>

#include "worker/blob.h"

/* Bytes of memory for each of limits.text that the text of a page may take. */
#define HEAP_A_TEXT 4
/* Asking the heap for its size walks its free lists: every so many reads, and when it grew. */
#define HEAP_READS 16

struct _PdfStream {
	GMemoryInputStream parent; /* poppler copies what is of no kind that it knows */
	struct scan *scan;
	struct blob *blob;
	goffset at;
	gsize heap;      /* in use when the page began */
	const void *end; /* of the heap when its size was last asked for */
	guint reads;     /* since then */
	bool full;
};

static void pdf_stream_seekable(GSeekableIface *iface);

G_DECLARE_FINAL_TYPE(PdfStream, pdf_stream, PDF, STREAM, GMemoryInputStream)
G_DEFINE_TYPE_WITH_CODE(PdfStream, pdf_stream, G_TYPE_MEMORY_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE(G_TYPE_SEEKABLE, pdf_stream_seekable))

static gsize
heap_used(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

/* Small allocations move the end of the heap; large ones lie elsewhere and are found a bit later.
 */
static bool
has_outgrown(PdfStream *self)
{
	const void *end = sbrk(0);

	if (end == self->end && ++self->reads < HEAP_READS)
		return false;
	self->end = end;
	self->reads = 0;
	return heap_used() > self->heap + HEAP_A_TEXT * self->scan->limits->text;
}

static gssize
read_some(GInputStream *stream, void *data, gsize size, GCancellable *cancel, GError **error)
{
	PdfStream *self = PDF_STREAM(stream);

	(void)cancel;
	(void)error;
	if (has_outgrown(self))
		self->full = true;
	if (self->full || scan_late(self->scan))
		return 0;
	gsize got = blob_read(self->blob, (guint64)self->at, data, size);
	self->at += (goffset)got;
	return (gssize)got;
}

static goffset
tell(GSeekable *seekable)
{
	return PDF_STREAM(seekable)->at;
}

static gboolean
can_seek(GSeekable *seekable)
{
	(void)seekable;
	return TRUE;
}

static gboolean
seek(GSeekable *seekable, goffset offset, GSeekType type, GCancellable *cancel, GError **error)
{
	PdfStream *self = PDF_STREAM(seekable);
	goffset end = (goffset)blob_kept(self->blob);
	goffset from = type == G_SEEK_CUR ? self->at : type == G_SEEK_END ? end : 0;

	(void)cancel;
	/* Offsets are the document's: any number. */
	if (offset < -from || offset > end - from) {
		g_set_error(
		    error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "PDF: a place outside of it");
		return FALSE;
	}
	self->at = from + offset;
	return TRUE;
}

static gboolean
can_truncate(GSeekable *seekable)
{
	(void)seekable;
	return FALSE;
}

static void
pdf_stream_seekable(GSeekableIface *iface)
{
	iface->tell = tell;
	iface->can_seek = can_seek;
	iface->seek = seek;
	iface->can_truncate = can_truncate;
}

static void
pdf_stream_class_init(PdfStreamClass *class)
{
	G_INPUT_STREAM_CLASS(class)->read_fn = read_some;
}

static void
pdf_stream_init(PdfStream *self)
{
	(void)self;
}

GInputStream *
pdf_stream_new(struct scan *scan, struct blob *blob)
{
	PdfStream *self = g_object_new(pdf_stream_get_type(), NULL);

	self->scan = scan;
	self->blob = blob;
	pdf_stream_begin_page(G_INPUT_STREAM(self));
	return G_INPUT_STREAM(self);
}

void
pdf_stream_begin_page(GInputStream *stream)
{
	PDF_STREAM(stream)->heap = heap_used();
}

bool
pdf_stream_is_full(GInputStream *stream)
{
	return PDF_STREAM(stream)->full;
}
