/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ole1 - see ole1.h. Never believes a length. */
#include "worker/ole1.h"

#include <string.h>

struct reader {
	const guint8 *at, *end;
	bool fine;
};

static guint32
get_number(struct reader *reader, gsize width)
{
	guint32 value = 0;

	if (!reader->fine || (gsize)(reader->end - reader->at) < width) {
		reader->fine = false;
		return 0;
	}
	for (gsize i = 0; i < width; i++)
		value |= (guint32)reader->at[i] << (8 * i);
	reader->at += width;
	return value;
}

static struct ole1_piece
get_bytes(struct reader *reader, gsize size)
{
	struct ole1_piece piece = { reader->at, size };

	if (!reader->fine || (gsize)(reader->end - reader->at) < size) {
		reader->fine = false;
		piece.size = 0;
	}
	reader->at += piece.size;
	return piece;
}

/* Section 2.1.4: a length that counts the NUL, then the string. */
static struct ole1_piece
get_counted(struct reader *reader)
{
	gsize size = get_number(reader, 4);
	struct ole1_piece piece = get_bytes(reader, size);

	if (piece.size > 0 && piece.data[piece.size - 1] == '\0')
		piece.size--;
	return piece;
}

static struct ole1_piece
get_string(struct reader *reader)
{
	gsize left = (gsize)(reader->end - reader->at);
	const guint8 *nul = reader->fine && left > 0 ? memchr(reader->at, '\0', left) : NULL;

	if (nul == NULL) {
		reader->fine = false;
		return (struct ole1_piece){ reader->at, 0 };
	}
	struct ole1_piece piece = { reader->at, (gsize)(nul - reader->at) };
	reader->at = nul + 1;
	return piece;
}

/* As much as is there of what is stated. */
static struct ole1_piece
get_rest(struct reader *reader, bool *cut)
{
	gsize size = get_number(reader, 4);
	gsize left = (gsize)(reader->end - reader->at);

	*cut = size > left;
	return get_bytes(reader, MIN(size, left));
}

bool
ole1_parse(const guint8 *bytes, gsize size, struct ole1 *out)
{
	struct reader reader = { bytes, bytes + size, true };

	memset(out, 0, sizeof *out);
	get_number(&reader, 4); /* the version, which nobody looks at */
	guint32 kind = get_number(&reader, 4);
	if (kind != 1 && kind != 2)
		return false;
	out->linked = kind == 1;
	out->class_name = get_counted(&reader);
	out->topic = get_counted(&reader);
	get_counted(&reader); /* the item */
	if (out->linked) {
		get_counted(&reader); /* the network's name */
		get_number(&reader, 4);
		get_number(&reader, 4);
		/* The presentation behind it is a picture of the link. */
		return reader.fine;
	}
	out->native = get_rest(&reader, &out->cut);
	return reader.fine;
}

/* 2, label, path, 0, 3, the temporary path with its length, and the content with its own. */
bool
ole1_parse_package(const guint8 *bytes, gsize size, struct ole1_package *out)
{
	struct reader reader = { bytes, bytes + size, true };

	memset(out, 0, sizeof *out);
	if (get_number(&reader, 2) != 2)
		return false;
	out->label = get_string(&reader);
	out->path = get_string(&reader);
	get_number(&reader, 2);
	if (get_number(&reader, 2) != 3)
		return false;
	out->temporary = get_counted(&reader);
	out->content = get_rest(&reader, &out->cut);
	return reader.fine;
}
