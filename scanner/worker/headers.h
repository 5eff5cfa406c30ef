/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_HEADERS_H
#define FLAGPOST_WORKER_HEADERS_H
/*
 * headers - a header block into its fields (RFC 5322 section 2.2) and a raw value into text
 * (RFC 2047). GMime 3.2.13 loses every B word after a padded one of the same charset, so no
 * value that people read comes from its decoders.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"
#include "worker/charset.h"

/* A NUL byte of a header, which would otherwise be the end of a C string: SYMBOL FOR NULL. */
#define HEADERS_NUL "\xE2\x90\x80"

struct raw_header {
	char *name;  /* as written, valid UTF-8 */
	char *value; /* after the colon, with its line breaks; NUL bytes as HEADERS_NUL */
};

struct header_block {
	GPtrArray *fields; /* of struct raw_header */
	gsize start;       /* of the first field: behind a mark, blank lines, an mbox line */
	gsize cut;         /* end of the last field that the limits allow */
	gsize body;        /* behind the blank line; the end of data when there is none */
	bool malformed;    /* something in it is not by RFC 5322 */
	bool over_limit;   /* there is more behind cut */
};

/* Takes the first bytes of a message apart. Without a single field, fields is empty. */
void headers_split(
    const char *data, gsize size, const struct limits *limits, struct header_block *out);
void headers_clear(struct header_block *block);
/* The nth raw value under a name, or NULL. */
const char *headers_raw(const struct header_block *block, const char *name, guint nth);

/*
 * A raw value as text: unfolded, encoded words decoded (strict ones, and those with blanks or
 * wrong lengths that mail programs accept too), raw 8-bit bytes as UTF-8 if valid, else as
 * windows-1252. Adjacent words of one charset are joined before the conversion. The
 * caller's; valid UTF-8 without line breaks.
 */
char *headers_decode(struct charset *charset, const char *raw);

/* Encoded words alone: the length of the one at text ("=?x?Q?y?="), or 0. */
gsize headers_word_length(const char *text);

#endif
