/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pdf-objects - see pdf-objects.h. Never asks qpdf for bytes without a bound on how many. */
#include "worker/pdf-objects.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RECOVER_MAX (16 * 1024 * 1024) /* bytes of a file that is searched for lost objects */
#define FILTERS_MAX 8

/* ISO 32000-1 section 7.4: how much a byte can become. */
static const struct {
	const char *name, *brief;
	guint64 factor;
} filters[] = { { "/FlateDecode", "/Fl", 1032 }, { "/LZWDecode", "/LZW", 2800 },
	{ "/RunLengthDecode", "/RL", 64 }, { "/ASCIIHexDecode", "/AHx", 1 },
	{ "/ASCII85Decode", "/A85", 4 }, { "/Crypt", "/Crypt", 1 } };

static bool
map(struct pdf_objects *objects, const guint8 **bytes)
{
	const struct blob *blob = objects->pdf->item->blob;

	*bytes = blob_data(blob);
	if (*bytes != NULL)
		return true;
	objects->map_size = (gsize)blob_kept(blob);
	objects->map = mmap(NULL, objects->map_size, PROT_READ, MAP_SHARED, blob_fd(blob), 0);
	if (objects->map == MAP_FAILED)
		objects->map = NULL;
	*bytes = objects->map;
	return *bytes != NULL;
}

bool
pdf_objects_open(struct pdf_objects *objects, struct pdf *pdf)
{
	gsize size = (gsize)blob_kept(pdf->item->blob);
	const guint8 *bytes;

	*objects = (struct pdf_objects){ .pdf = pdf, .pages = -1 };
	if (!map(objects, &bytes)) {
		pdf_set_lost(pdf, "no memory for its objects");
		return false;
	}
	objects->qpdf = qpdf_init();
	qpdf_silence_errors(objects->qpdf);
	qpdf_set_suppress_warnings(objects->qpdf, QPDF_TRUE);
	/* The search cannot be stopped, and keeps all that it finds. */
	qpdf_set_attempt_recovery(objects->qpdf, size <= RECOVER_MAX ? QPDF_TRUE : QPDF_FALSE);
	QPDF_ERROR_CODE done =
	    qpdf_read_memory(objects->qpdf, "PDF", (const char *)bytes, size, NULL);
	return (done & QPDF_ERRORS) == 0;
}

void
pdf_objects_close(struct pdf_objects *objects)
{
	if (objects->qpdf != NULL && qpdf_has_error(objects->qpdf)) {
		qpdf_error error = qpdf_get_error(objects->qpdf);
		const char *why = qpdf_get_error_message_detail(objects->qpdf, error);
		g_autofree char *text = g_strconcat("objects: ", why != NULL ? why : "", NULL);
		pdf_set_lost(objects->pdf, text);
	}
	if (objects->qpdf != NULL)
		qpdf_cleanup(&objects->qpdf);
	if (objects->map != NULL)
		munmap(objects->map, objects->map_size);
}

/*
 * True when the tree of pages (section 7.7.3) has at most max leaves, each counted as often as it
 * is named, and no more nodes above them. One that holds itself is gone into once; qpdf stops
 * there.
 */
static bool
is_tree_within(struct pdf_objects *objects, guint64 max)
{
	qpdf_data qpdf = objects->qpdf;
	qpdf_oh top = qpdf_oh_get_key_if_dict(qpdf, qpdf_get_root(qpdf), "/Pages");
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
	g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(qpdf_oh));
	guint64 leaves = 0;

	g_array_append_val(nodes, top);
	for (guint at = 0; at < nodes->len; at++) {
		qpdf_oh node = g_array_index(nodes, qpdf_oh, at);
		qpdf_oh kids = qpdf_oh_get_key_if_dict(qpdf, node, "/Kids");
		int n = qpdf_oh_is_array(qpdf, kids) ? qpdf_oh_get_array_n_items(qpdf, kids) : 0;
		int number = qpdf_oh_get_object_id(qpdf, node);
		if (number != 0 && n > 0 && !g_hash_table_add(seen, GINT_TO_POINTER(number)))
			continue;
		leaves += n == 0;
		if (leaves > max || nodes->len + (guint64)n > 2 * max + 1)
			return false;
		for (int i = 0; i < n; i++) {
			qpdf_oh kid = qpdf_oh_get_array_item(qpdf, kids, i);
			g_array_append_val(nodes, kid);
		}
	}
	return true;
}

int
pdf_objects_pages(struct pdf_objects *objects)
{
	struct item *item = objects->pdf->item;

	if (objects->pages >= 0)
		return objects->pages;
	if (!is_tree_within(objects, item->scan->limits->members)) {
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT,
		    "more pages than are looked at for what stands beside them");
		objects->pages = 0;
		return 0;
	}
	objects->pages = MAX(qpdf_get_num_pages(objects->qpdf), 0);
	return objects->pages;
}

/* Times factor what a filter can make of a byte; false when it is none that is undone. */
static bool
multiply(const char *name, guint64 *factor)
{
	for (gsize i = 0; i < G_N_ELEMENTS(filters); i++) {
		if (strcmp(name, filters[i].name) != 0 && strcmp(name, filters[i].brief) != 0)
			continue;
		*factor = MIN(*factor * filters[i].factor, G_MAXUINT32);
		return true;
	}
	return false;
}

/* What a byte of the stream can become, 0: nobody undoes it. plain: one Flate and no more. */
static guint64
factor_of(struct pdf_objects *objects, qpdf_oh dictionary, bool *plain)
{
	qpdf_data qpdf = objects->qpdf;
	qpdf_oh filter = qpdf_oh_get_key(qpdf, dictionary, "/Filter");
	bool list = qpdf_oh_is_array(qpdf, filter);
	int n = list ? qpdf_oh_get_array_n_items(qpdf, filter)
		     : (qpdf_oh_is_null(qpdf, filter) ? 0 : 1);
	guint64 factor = 1;

	*plain = false;
	if (n > FILTERS_MAX)
		return 0;
	for (int i = 0; i < n; i++) {
		qpdf_oh one = list ? qpdf_oh_get_array_item(qpdf, filter, i) : filter;
		const char *name = qpdf_oh_is_name(qpdf, one) ? qpdf_oh_get_name(qpdf, one) : "";
		if (!multiply(name, &factor))
			return 0;
		*plain = n == 1 && g_str_has_prefix(name, "/Fl") &&
			 qpdf_oh_is_null(qpdf, qpdf_oh_get_key(qpdf, dictionary, "/DecodeParms")) &&
			 qpdf_oh_is_null(qpdf, qpdf_oh_get_key(qpdf, dictionary, "/DP"));
	}
	return factor;
}

/* As it stands in the file, or with its filters undone; freed by free. */
static enum inflate_result
fetch(struct pdf_objects *objects, qpdf_oh stream, bool undo, guint8 **bytes, gsize *size)
{
	QPDF_BOOL undone = QPDF_FALSE;
	QPDF_ERROR_CODE done = qpdf_oh_get_stream_data(
	    objects->qpdf, stream, undo ? qpdf_dl_specialized : qpdf_dl_none, &undone, bytes, size);

	if ((done & QPDF_ERRORS) == 0 && *bytes != NULL)
		return undo && !undone ? INFLATE_BROKEN : INFLATE_DONE;
	*size = 0;
	return INFLATE_BROKEN;
}

enum inflate_result
pdf_objects_bytes(struct pdf_objects *objects, qpdf_oh stream, GByteArray *out)
{
	struct scan *scan = objects->pdf->item->scan;
	qpdf_oh dictionary = qpdf_oh_get_dict(objects->qpdf, stream);
	unsigned long long claimed = 0;
	guint8 *bytes = NULL;
	gsize size = 0;
	bool plain, none;

	if (scan_late(scan))
		return INFLATE_LATE;
	qpdf_oh_get_value_as_ulonglong(
	    objects->qpdf, qpdf_oh_get_key(objects->qpdf, dictionary, "/Length"), &claimed);
	guint64 factor = factor_of(objects, dictionary, &plain);
	if (factor == 0)
		return INFLATE_BROKEN;
	none =
	    qpdf_oh_is_null(objects->qpdf, qpdf_oh_get_key(objects->qpdf, dictionary, "/Filter"));
	bool simple = plain || none;
	guint64 max = scan->limits->object;
	if (claimed > max || (!simple && claimed * factor > max))
		return INFLATE_OVER;
	enum inflate_result result = fetch(objects, stream, false, &bytes, &size);
	if (result == INFLATE_DONE && !simple) {
		free(bytes);
		bytes = NULL;
		result = size * factor > max ? INFLATE_OVER
					     : fetch(objects, stream, true, &bytes, &size);
	}
	if (plain && result == INFLATE_DONE)
		result = inflate_bytes(scan, INFLATE_ZLIB, bytes, size, out);
	else if (bytes != NULL)
		g_byte_array_append(out, bytes, (guint)size);
	free(bytes);
	return result;
}

char *
pdf_objects_string(struct pdf_objects *objects, qpdf_oh string)
{
	const char *text = NULL;
	size_t size = 0;

	if (!qpdf_oh_get_value_as_utf8(objects->qpdf, string, &text, &size) || text == NULL)
		return NULL;
	return g_utf8_make_valid(text, (gssize)strnlen(text, size));
}

char *
pdf_objects_text(struct pdf_objects *objects, qpdf_oh dictionary, const char *const *keys)
{
	for (; *keys != NULL; keys++) {
		qpdf_oh value = qpdf_oh_get_key_if_dict(objects->qpdf, dictionary, *keys);
		char *text = pdf_objects_string(objects, value);
		if (text != NULL && *text != '\0')
			return text;
		g_free(text);
	}
	return g_strdup("");
}

static guint64
want_all(void *data, const guint8 *head, gsize head_size)
{
	(void)data;
	(void)head;
	(void)head_size;
	return G_MAXUINT64;
}

struct blob *
pdf_objects_write(struct pdf_objects *objects)
{
	struct blob *blob;
	char sha256[65];

	if ((qpdf_init_write_memory(objects->qpdf) & QPDF_ERRORS) != 0)
		return NULL;
	qpdf_set_preserve_encryption(objects->qpdf, QPDF_FALSE);
	qpdf_set_stream_data_mode(objects->qpdf, qpdf_s_preserve);
	if ((qpdf_write(objects->qpdf) & QPDF_ERRORS) != 0)
		return NULL;
	blob = blob_new(want_all, NULL);
	bool kept =
	    blob_write(blob, qpdf_get_buffer(objects->qpdf), qpdf_get_buffer_length(objects->qpdf));
	blob_end(blob, sha256);
	if (!kept)
		g_clear_pointer(&blob, blob_free);
	return blob;
}
