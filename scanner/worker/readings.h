/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_READINGS_H
#define FLAGPOST_WORKER_READINGS_H
/*
 * readings - whatever else a message may be to another mail program: our own lax reader walks
 * its bytes beside GMime, and what GMime did not deliver becomes parts of their own.
 *
 * One walk takes each entity as the laxest programs do. Where headers or lines allow more than
 * one reading (two Content-Types, boundaries, transfer encodings, charsets; a header block that may
 * end earlier; boundary lines with more behind; parts behind the end; an encoded multipart;
 * carriage returns alone, NUL), each is walked as well, up to limits.readings of them in a message;
 * what is left over makes the message partial. Bytes that were delivered the same way are not
 * delivered again, so an ordinary message gains nothing but the look at its headers and
 * boundary lines. Parts of reading n have the path "1.2~n"; GMime's is the first. New ones, and
 * every form that programs are known to read differently, set FACT_AMBIGUOUS_MIME and a warning.
 */
#include <glib.h>

#include "worker/scan.h"

/* Where bytes were found that are a message, or a MIME entity alone. */
struct readings_place {
	guint part;
	guint level;
	bool entity;
};

/*
 * The same for [from, to) of bytes, found in a part and walked by walk_below; scan->seen knows the
 * leaves by where they lie in bytes. The readings are counted with those of the message around.
 */
void readings_walk_below(
    struct scan *scan, const char *bytes, gsize from, gsize to, const struct readings_place *place);

/* bytes are the whole message; they stay the caller's. After the walk of GMime's tree. */
void readings_walk(struct scan *scan, const char *bytes, gsize size);

#endif
