/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rar5 - see rar5.h. Never follows a size out of the blob, and stops after BLOCKS_MAX blocks. */
#include "worker/rar5.h"

#include <string.h>

#define BLOCKS_MAX 20000
#define HEADER_MAX 4096 /* bytes of one header that are looked at */

enum { TYPE_FILE = 2, TYPE_SERVICE = 3, TYPE_ENCRYPTION = 4 };
enum { FLAG_EXTRA = 1, FLAG_DATA = 2 };
enum { RECORD_ENCRYPTION = 1 };

/* A stretch of a header that is read from its front. */
struct reader {
	const guint8 *at, *end;
};

/* Seven bits a byte, the lowest first. False at the end of the stretch. */
static bool
read_number(struct reader *reader, guint64 *out)
{
	*out = 0;
	for (guint shift = 0; reader->at < reader->end && shift < 63; shift += 7) {
		guint8 byte = *reader->at++;
		*out |= (guint64)(byte & 0x7F) << shift;
		if ((byte & 0x80) == 0)
			return true;
	}
	return false;
}

/* The extra area is the last part of a header: records of size, type, data. */
static bool
has_encryption_record(struct reader extra)
{
	guint64 size, type;

	while (read_number(&extra, &size) && size <= (guint64)(extra.end - extra.at)) {
		struct reader record = { extra.at, extra.at + size };
		if (read_number(&record, &type) && type == RECORD_ENCRYPTION)
			return true;
		extra.at += size;
	}
	return false;
}

/* One block; false when it is the last that can be read. */
static bool
read_block(const struct blob *blob, guint64 *offset, GByteArray *members, bool *encrypted)
{
	guint8 locked = 0;
	guint8 bytes[HEADER_MAX];
	gsize n = blob_read(blob, *offset, bytes, sizeof bytes);
	struct reader reader = { bytes + 4, bytes + n }; /* behind the checksum */
	guint64 size, type, flags, extra = 0, data = 0;

	if (n < 7 || !read_number(&reader, &size) || size > HEADER_MAX)
		return false;
	guint64 header = (guint64)(reader.at - bytes) + size;
	if (header > n)
		return false;
	reader.end = bytes + header;
	if (!read_number(&reader, &type) || !read_number(&reader, &flags) ||
	    ((flags & FLAG_EXTRA) != 0 && !read_number(&reader, &extra)) ||
	    ((flags & FLAG_DATA) != 0 && !read_number(&reader, &data)))
		return false;
	if (type == TYPE_ENCRYPTION) {
		*encrypted = true;
		return false; /* all that follows is ciphertext */
	}
	if ((type == TYPE_FILE || type == TYPE_SERVICE) &&
	    extra <= (guint64)(reader.end - reader.at))
		locked = has_encryption_record((struct reader){ reader.end - extra, reader.end });
	*encrypted = *encrypted || locked != 0;
	if (type == TYPE_FILE)
		g_byte_array_append(members, &locked, 1);
	if (data > blob_kept(blob))
		return false;
	*offset += header + data;
	return true;
}

GByteArray *
rar5_locks(const struct blob *blob, bool *encrypted)
{
	static const char signature[] = "Rar!\x1A\x07\x01";
	guint8 start[8];
	guint64 offset = sizeof start;

	*encrypted = false;
	if (blob_read(blob, 0, start, sizeof start) != sizeof start ||
	    memcmp(start, signature, sizeof signature) != 0)
		return NULL;
	GByteArray *members = g_byte_array_new();
	for (guint i = 0; i < BLOCKS_MAX; i++)
		if (!read_block(blob, &offset, members, encrypted))
			break;
	return members;
}
