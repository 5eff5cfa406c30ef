/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entity - see entity.h. Never nests deeper than limits.depth. */
#include "worker/entity.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "worker/parse.h"
#include "worker/readings.h"
#include "worker/seen.h"
#include "worker/walk.h"

/* What lies elsewhere than in the message has places of its own. */
struct around {
	const void *bytes;
	int fd;
	struct seen *seen;
};

static struct around
step_in(struct scan *scan, const void *bytes, int fd)
{
	struct around around = { scan->bytes, scan->fd, scan->seen };

	scan->bytes = bytes;
	scan->fd = fd;
	scan->seen = seen_new();
	return around;
}

static void
step_out(struct scan *scan, const struct around *around)
{
	seen_add_all(around->seen, scan->seen);
	seen_free(scan->seen);
	scan->bytes = around->bytes;
	scan->fd = around->fd;
	scan->seen = around->seen;
}

/* What else the same bytes may be to another program. */
static void
read_otherwise(
    struct item *item, enum entity_kind kind, GMimeStream *stream, gint64 from, gint64 to)
{
	struct scan *scan = item->scan;
	struct readings_place place = { item->part, item->level, kind == ENTITY_MIME };

	if (scan->bytes != NULL) {
		readings_walk_below(scan, scan->bytes, (gsize)from, (gsize)to, &place);
		return;
	}
	void *mapped =
	    mmap(NULL, (gsize)to, PROT_READ, MAP_PRIVATE, GMIME_STREAM_FS(stream)->fd, 0);
	if (mapped == MAP_FAILED) {
		scan_partial(scan);
		return;
	}
	readings_walk_below(scan, mapped, (gsize)from, (gsize)to, &place);
	munmap(mapped, (gsize)to);
}

/* The stream's bytes [from, to), of which head (with a NUL behind it) are the first. */
static bool
read_stream(struct item *item, enum entity_kind kind, GMimeStream *stream, gint64 from, gint64 to,
    const char *head, gsize head_size)
{
	struct scan *scan = item->scan;
	struct header_block block;

	headers_split(head, head_size, scan->limits, &block);
	/* A block that does not end within the window cannot be cut: it is no message's. */
	bool open_end = block.over_limit && (gint64)block.body >= to - from;
	if (block.fields->len == 0 || open_end) {
		headers_clear(&block);
		return false;
	}
	if (block.malformed)
		extract_part(item)->facts |= FACT_PART_MALFORMED;
	if (block.over_limit)
		scan_partial(scan);
	GMimeStream *window = parse_window(stream, from, to, &block);
	headers_clear(&block);
	GMimeMessage *message = parse_message(scan, window);
	bool found = message != NULL;
	bool memory = GMIME_IS_STREAM_MEM(stream);
	if (found) {
		struct around around =
		    step_in(scan, memory ? GMIME_STREAM_MEM(stream)->buffer->data : NULL,
			memory ? -1 : GMIME_STREAM_FS(stream)->fd);
		walk_below(scan, message, item->part, item->level, kind == ENTITY_MIME);
		read_otherwise(item, kind, stream, from, to);
		step_out(scan, &around);
	}
	g_clear_object(&message);
	g_object_unref(window);
	return found;
}

static bool
too_deep(struct item *item)
{
	if (item->level < item->scan->limits->depth)
		return false;
	extract_part(item)->facts |= FACT_ARCHIVE_TOO_DEEP;
	scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "nested too deep");
	return true;
}

bool
entity_read(struct item *item, enum entity_kind kind, const guint8 *bytes, gsize size)
{
	gsize head_size = MIN(size, (gsize)PARSE_HEADER_WINDOW(item->scan->limits));
	g_autofree char *head = g_try_malloc(head_size + 1);

	if (head == NULL || size > G_MAXUINT)
		return false;
	if (too_deep(item))
		return true;
	if (size > 0)
		memcpy(head, bytes, head_size);
	head[head_size] = '\0';
	/* The caller's bytes, lent to the stream and taken back: it only reads. */
	GByteArray *lent = g_byte_array_new_take((guint8 *)bytes, size);
	GMimeStream *stream = g_mime_stream_mem_new_with_byte_array(lent);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
	bool found = read_stream(item, kind, stream, 0, (gint64)size, head, head_size);
	g_object_unref(stream);
	(void)g_byte_array_free(lent, FALSE);
	return found;
}

bool
entity_read_blob(struct item *item, enum entity_kind kind, guint64 from, guint64 to)
{
	const guint8 *bytes = blob_data(item->blob);

	to = MIN(to, blob_kept(item->blob));
	from = MIN(from, to);
	if (bytes != NULL)
		return entity_read(item, kind, bytes + from, (gsize)(to - from));
	if (too_deep(item))
		return true;
	gsize size = (gsize)MIN(to - from, PARSE_HEADER_WINDOW(item->scan->limits));
	g_autofree char *head = g_try_malloc(size + 1);
	int copy = dup(blob_fd(item->blob));
	if (head == NULL || copy < 0 || blob_read(item->blob, from, head, size) != size) {
		io_close(&copy);
		scan_outcome(item->scan, item->part, PART_OVER_LIMIT, "no memory for its bytes");
		return true;
	}
	head[size] = '\0';
	GMimeStream *stream = g_mime_stream_fs_new_with_bounds(copy, (gint64)0, (gint64)to);
	bool found = read_stream(item, kind, stream, (gint64)from, (gint64)to, head, size);
	g_object_unref(stream);
	return found;
}
