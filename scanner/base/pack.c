/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pack - see pack.h. Numbers stand as this machine has them; a text is its length, its bytes and a
 * NUL, so that it can be used where it lies.
 */
#include "base/pack.h"

#include <string.h>

#include "base/text.h"

void
pack_bool(GByteArray *out, bool value)
{
	guint8 byte = value;

	g_byte_array_append(out, &byte, 1);
}

void
pack_u32(GByteArray *out, guint32 value)
{
	g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

void
pack_u64(GByteArray *out, guint64 value)
{
	g_byte_array_append(out, (const guint8 *)&value, sizeof value);
}

void
pack_text(GByteArray *out, const char *text, gsize size)
{
	guint start = out->len;
	guint32 length = (guint32)size;

	g_return_if_fail(size <= G_MAXUINT32 - sizeof length - 1);
	g_byte_array_set_size(out, (guint)(start + sizeof length + size + 1));
	memcpy(out->data + start, &length, sizeof length);
	memcpy(out->data + start + sizeof length, text, size);
	out->data[out->len - 1] = '\0';
}

void
pack_string(GByteArray *out, const char *text)
{
	pack_text(out, text, strlen(text));
}

struct packed
packed_bytes(const void *bytes, gsize size)
{
	const guint8 *at = bytes;

	return (struct packed){ .at = at, .end = at + size };
}

/* The next size bytes; NULL when there are not as many. */
static const guint8 *
take(struct packed *in, gsize size)
{
	const guint8 *at = in->at;

	if (in->bad || size > (gsize)(in->end - at)) {
		in->bad = true;
		return NULL;
	}
	in->at = at + size;
	return at;
}

bool
packed_bool(struct packed *in)
{
	const guint8 *byte = take(in, 1);

	if (byte != NULL && *byte > 1)
		in->bad = true;
	return !in->bad && *byte == 1;
}

guint32
packed_u32(struct packed *in)
{
	guint32 value = 0;
	const guint8 *bytes = take(in, sizeof value);

	if (bytes != NULL)
		memcpy(&value, bytes, sizeof value);
	return value;
}

guint64
packed_u64(struct packed *in)
{
	guint64 value = 0;
	const guint8 *bytes = take(in, sizeof value);

	if (bytes != NULL)
		memcpy(&value, bytes, sizeof value);
	return value;
}

guint32
packed_count(struct packed *in, guint32 max)
{
	guint32 count = packed_u32(in);

	if (count > max || count > (gsize)(in->end - in->at))
		in->bad = true;
	return in->bad ? 0 : count;
}

const char *
packed_text(struct packed *in, gsize *size)
{
	gsize length = packed_u32(in);
	const guint8 *bytes = take(in, length + 1);

	/* What is UTF-8 to text_is_utf8 holds no NUL, so the text ends where it says. */
	if (bytes != NULL && (bytes[length] != '\0' || !text_is_utf8((const char *)bytes, length)))
		in->bad = true;
	if (size != NULL)
		*size = in->bad ? 0 : length;
	return in->bad ? "" : (const char *)bytes;
}

bool
packed_is_done(const struct packed *in)
{
	return !in->bad && in->at == in->end;
}
