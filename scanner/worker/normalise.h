/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_NORMALISE_H
#define FLAGPOST_WORKER_NORMALISE_H
/*
 * normalise - a text as it meets the eye, for a second look by the rules, with the place in the
 * text of every byte.
 *
 * What is undone: characters that nobody sees, other forms of letters (NFKC), accents written
 * apart, look-alike letters in words that mix scripts or are nothing else in a Latin text, letters
 * spaced out (five and more), words hyphenated over a line's end or parted by tags or soft line
 * breaks that were left in, and the many dashes and blanks. Case stays: rules fold it.
 */
#include <glib.h>
#include <stdbool.h>

enum normalise_result {
	NORMALISE_SAME, /* no difference that a rule would see: there is no twin */
	NORMALISE_TWIN,
	NORMALISE_NO_MEMORY,
};

struct normalised {
	char *data;       /* valid UTF-8, NUL-terminated; the caller's */
	gsize size;       /* never more than that of the text */
	guint32 *offsets; /* one a byte, never falling: where the character begins in the text */
};

/*
 * text is valid UTF-8 and NUL-terminated. Time is linear in size; a text of ASCII without
 * suspicious shapes costs one pass and no memory. Only NORMALISE_TWIN fills in out.
 */
enum normalise_result normalise_text(const char *text, gsize size, struct normalised *out);

#endif
