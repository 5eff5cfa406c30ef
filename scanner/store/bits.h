/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BITS_H
#define FLAGPOST_STORE_BITS_H
/*
 * bits - numbers written with as few bits as they need, the lowest bit first.
 *
 * What is read may be damaged: a reader never looks behind its bytes, and says so in `bad`, which
 * stays. Numbers that come of a bad reader mean nothing.
 */
#include <glib.h>
#include <stdbool.h>

struct bit_writer {
	GByteArray *out; /* borrowed */
	guint64 word;
	guint used;
};

struct bit_reader {
	const guint8 *data;
	gsize size, at; /* bits */
	bool bad;
};

void bits_begin(struct bit_writer *writer, GByteArray *out);
/* The lowest n bits of value, n <= 32. */
void bits_put(struct bit_writer *writer, guint64 value, guint n);
/* Rice's code: value >> k in unary, then k bits; k <= 31. Shortest for numbers of about 2^k. */
void bits_put_rice(struct bit_writer *writer, guint64 value, guint k);
/* Elias' gamma code: short for small numbers; value >= 1. */
void bits_put_gamma(struct bit_writer *writer, guint64 value);
/* One of the numbers below limit, each as likely as any other; 1 <= limit < 2^31. */
void bits_put_below(struct bit_writer *writer, guint64 value, guint64 limit);
/* To the end of the byte. */
void bits_end(struct bit_writer *writer);

struct bit_reader bits_reader(const guint8 *data, gsize bytes);
guint64 bits_get(struct bit_reader *reader, guint n);
guint64 bits_get_rice(struct bit_reader *reader, guint k);
guint64 bits_get_gamma(struct bit_reader *reader);
guint64 bits_get_below(struct bit_reader *reader, guint64 limit);
/* The next n at once, several times as fast; what is larger than 32 bits is G_MAXUINT32. */
void bits_get_rices(struct bit_reader *reader, guint k, guint32 *out, gsize n);
void bits_get_gammas(struct bit_reader *reader, guint32 *out, gsize n);
/* To the next whole byte. */
void bits_align(struct bit_reader *reader);

/* The k for numbers that are mean on average. */
guint bits_rice_for(guint64 sum, guint64 count);

/* Seven bits a byte, for what stands between bits. */
void bits_put_varint(GByteArray *out, guint64 value);
/* Behind it, or NULL where it does not end before end. */
const guint8 *bits_get_varint(const guint8 *at, const guint8 *end, guint64 *value);

#endif
