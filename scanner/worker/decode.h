/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_DECODE_H
#define FLAGPOST_WORKER_DECODE_H
/*
 * decode - base64 (RFC 2045 section 6.8, RFC 2047 "B"), quoted-printable (section 6.7, "Q") and
 * uuencode (POSIX, uuencode), as a stream: any cut of the input gives the same output.
 *
 * Lax, because mail programs are and hostile mail knows it: junk in base64 is skipped, padding ends
 * a group and not the data, a last group without padding counts, blanks before a soft line
 * break fall away, a broken "=XY" stands for itself. What was not by the book is counted.
 */
#include <glib.h>
#include <stdbool.h>

enum decode_kind { DECODE_NONE, DECODE_BASE64, DECODE_QUOTED, DECODE_WORD_Q, DECODE_UU };

#define DECODE_UU_LINE 128 /* bytes of a line that are looked at; 62 are the most by the book */

struct decode {
	enum decode_kind kind;
	guint32 bits; /* base64: the group so far */
	guint n_bits;
	guint8 held[3]; /* quoted-printable: "=X" or "=<blank>" whose end is not seen */
	guint n_held;
	guint64 blanks;              /* quoted-printable: blanks at what may be a line's end */
	guint8 line[DECODE_UU_LINE]; /* uuencode: the line so far */
	guint n_line;
	bool begun;     /* uuencode: "begin" was seen, "end" was not */
	bool padded;    /* base64: a group ended in padding */
	bool restarted; /* base64: data after padding */
	guint64 junk;   /* bytes that have no place in the encoding */
};

/* Worst case of output for size bytes of input, blanks held back before apart. */
#define DECODE_ROOM(size) ((size) + 8)

void decode_begin(struct decode *decode, enum decode_kind kind);
/* Appends what data gives to out. */
void decode_add(struct decode *decode, const void *data, gsize size, GByteArray *out);
void decode_end(struct decode *decode, GByteArray *out);

/* "base64", "quoted-printable", "7bit", ... without case or blanks; false when the word is unknown.
 */
bool decode_by_name(const char *name, enum decode_kind *kind);

#endif
