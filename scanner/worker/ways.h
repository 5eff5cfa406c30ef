/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_WAYS_H
#define FLAGPOST_WORKER_WAYS_H
/*
 * ways - every way in which the bytes of a leaf may be decoded: by what its headers say, by what
 * they may be taken to say, and by what the bytes look like.
 */
#include <glib.h>
#include <stdbool.h>

#include "worker/decode.h"

enum way {
	WAY_PLAIN,
	WAY_BASE64,
	WAY_QUOTED,
	WAY_UU,
	/* base64 that is not by the book, as other decoders have it: */
	WAY_DENSE, /* padding within the data is skipped like junk */
	WAY_URL,   /* '-' and '_' are digits */
	WAY_LINES, /* only lines that hold nothing but base64 */
	N_WAYS
};

/* The decoder that walk would use. */
enum decode_kind ways_kind(enum way way);

/*
 * One bit (1 << way) for each way that Content-Transfer-Encoding values (char *) may mean; the
 * first way in *first. odd: they are not one well-formed encoding. begin, end: the bytes,
 * which decide where an encoding is unknown.
 */
guint ways_declared(
    const GPtrArray *encodings, const char *begin, const char *end, enum way *first, bool *odd);

/* True when bytes that nobody says to be encoded are base64 from the first letter to the last. */
bool ways_looks_base64(const char *begin, const char *end);

/* The bytes decoded; NULL when that takes more than max. irregular: see seen.h. */
GByteArray *ways_decode(
    enum way way, const char *begin, const char *end, gsize max, bool *irregular);

#endif
