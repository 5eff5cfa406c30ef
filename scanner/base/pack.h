/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_BASE_PACK_H
#define FLAGPOST_BASE_PACK_H
/*
 * pack - numbers and texts one behind the other, for what crosses between our own processes so
 * often that a GVariant's boxes would cost more than what is in them. Nothing in the bytes says
 * what follows: who reads asks for what was written. The same values always give the same bytes.
 *
 * The reader distrusts everything. The first thing that is out of place makes it bad for good:
 * whatever is asked from then on is 0 or "", and packed_is_done says false in the end, so that it
 * is enough to ask that. Loops over a count that was read end at what is bad.
 */
#include <glib.h>
#include <stdbool.h>

void pack_bool(GByteArray *out, bool value);
void pack_u32(GByteArray *out, guint32 value);
void pack_u64(GByteArray *out, guint64 value);
/* size bytes of UTF-8 without a NUL. */
void pack_text(GByteArray *out, const char *text, gsize size);
void pack_string(GByteArray *out, const char *text);

struct packed {
	const guint8 *at, *end; /* borrowed */
	bool bad;
};

struct packed packed_bytes(const void *bytes, gsize size);
bool packed_bool(struct packed *in);
guint32 packed_u32(struct packed *in);
guint64 packed_u64(struct packed *in);
/* A number of rows that each take at least a byte; bad when there are more than max. */
guint32 packed_count(struct packed *in, guint32 max);
/* Valid UTF-8, in the bytes themselves; *size (may be NULL): its length. */
const char *packed_text(struct packed *in, gsize *size);
/* All was read, and nothing was bad. */
bool packed_is_done(const struct packed *in);

#endif
