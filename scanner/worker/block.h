/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_BLOCK_H
#define FLAGPOST_WORKER_BLOCK_H
/*
 * block - the header block of one MIME entity as the laxest mail program may read it: which
 * Content-* fields there are, however their names are spaced or folded, and where the block
 * may end. For second readings alone; the headers that people see are read by headers.
 */
#include <glib.h>
#include <stdbool.h>

#define BLOCK_FIELDS_MAX 16          /* fields of one name that are looked at; more is BLOCK_CUT */
#define BLOCK_VALUE_MAX  (16 * 1024) /* bytes of one value */

/* What programs are known to read differently. */
enum block_oddity {
	BLOCK_ODD_NAME =
	    1 << 0,             /* a field that only some take for the Content-* field that it is */
	BLOCK_BARE_CR = 1 << 1, /* a carriage return alone */
	BLOCK_NUL = 1 << 2,
	BLOCK_BLANK_LINE = 1 << 3, /* an empty line that has blanks in it */
	BLOCK_JUNK_LINE = 1 << 4,  /* a line that is no field */
	BLOCK_CUT = 1 << 5,        /* more than is looked at */
	BLOCK_NO_END = 1 << 6,     /* of a part: a boundary comes before an empty line */
};

struct block {
	GPtrArray *types; /* of char *: raw values without NUL, in order */
	GPtrArray *encodings;
	GPtrArray *dispositions;
	const char *begin;   /* of the first field */
	const char *body;    /* behind the line that ends the block */
	const char *stop;    /* where the block ends to a stricter eye, or NULL */
	const char *resumed; /* the body to that eye */
	guint fields;        /* all of them */
	guint oddities;
};

/*
 * Reads [begin, end). lead: what may stand before the first field of a whole message (a byte order
 * mark, blank lines, "From ", commands of SMTP) is passed over. until: NULL, or the stop of an
 * earlier call, at which the block then ends.
 */
void block_read(
    struct block *block, const char *begin, const char *end, bool lead, const char *until);
void block_clear(struct block *block);

#endif
