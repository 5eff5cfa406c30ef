/* SPDX-License-Identifier: GPL-3.0-or-later */
/* inflate - see inflate.h. Never unpacks a block more than the limits allow. */
#include "worker/inflate.h"

#include <archive.h>
#include <archive_entry.h>
#include <gio/gio.h>

#define BLOCK      (64 * 1024)
#define RATIO_FREE (10 * 1024 * 1024) /* bytes unpacked before the ratio counts */

/* INFLATE_DONE: go on. */
static enum inflate_result
take(struct scan *scan, gsize packed, const void *block, gsize size, GByteArray *out)
{
	if (scan_late(scan))
		return INFLATE_LATE;
	if (out->len + size > scan->limits->object || !scan_unpack(scan, size))
		return INFLATE_OVER;
	g_byte_array_append(out, block, (guint)size);
	return out->len > RATIO_FREE && out->len / MAX(packed, 1) > scan->limits->ratio
		   ? INFLATE_OVER
		   : INFLATE_DONE;
}

static enum inflate_result
deflated(struct scan *scan, GZlibCompressorFormat format, const guint8 *bytes, gsize size,
    GByteArray *out)
{
	g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(format);
	g_autofree guint8 *block = g_malloc(BLOCK);
	enum inflate_result result = INFLATE_DONE;

	for (gsize at = 0; result == INFLATE_DONE;) {
		gsize n_read = 0, n_written = 0;
		GConverterResult done = g_converter_convert(G_CONVERTER(zlib), bytes + at,
		    size - at, block, BLOCK, G_CONVERTER_INPUT_AT_END, &n_read, &n_written, NULL);
		if (done == G_CONVERTER_ERROR)
			return INFLATE_BROKEN;
		at += n_read;
		result = take(scan, size, block, n_written, out);
		if (done == G_CONVERTER_FINISHED)
			break;
	}
	return result;
}

static enum inflate_result
bzip2(struct scan *scan, const guint8 *bytes, gsize size, GByteArray *out)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	enum inflate_result result = INFLATE_BROKEN;
	const void *block;
	la_int64_t offset;
	size_t n;

	if (archive == NULL)
		return INFLATE_OVER;
	archive_read_support_filter_bzip2(archive);
	archive_read_support_format_raw(archive);
	/* Without the filter the bytes would be their own content. */
	if (archive_read_open_memory(archive, bytes, size) == ARCHIVE_OK &&
	    archive_read_next_header(archive, &entry) == ARCHIVE_OK &&
	    archive_filter_code(archive, 0) == ARCHIVE_FILTER_BZIP2) {
		int done = ARCHIVE_OK;
		result = INFLATE_DONE;
		while (result == INFLATE_DONE &&
		       (done = archive_read_data_block(archive, &block, &n, &offset)) == ARCHIVE_OK)
			result = take(scan, size, block, n, out);
		if (result == INFLATE_DONE && done != ARCHIVE_EOF)
			result = INFLATE_BROKEN;
	}
	archive_read_free(archive);
	return result;
}

enum inflate_result
inflate_bytes(
    struct scan *scan, enum inflate_format format, const guint8 *bytes, gsize size, GByteArray *out)
{
	switch (format) {
	case INFLATE_ZLIB:
		return deflated(scan, G_ZLIB_COMPRESSOR_FORMAT_ZLIB, bytes, size, out);
	case INFLATE_RAW:
		return deflated(scan, G_ZLIB_COMPRESSOR_FORMAT_RAW, bytes, size, out);
	case INFLATE_BZIP2:
		return bzip2(scan, bytes, size, out);
	}
	return INFLATE_BROKEN;
}
