/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_FOLDED_H
#define FLAGPOST_RULES_FOLDED_H
/*
 * folded - a text word by word, folded, with the place of each: what data sets are compared by.
 *
 * Words are those of token.h. Values are compared without what stands between their words, so
 * that "DE89 3704 0044" is "DE8937040044"; folded_value makes that form.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/token.h"

struct folded_word {
	gsize start, end; /* bytes of the text */
	guint64 from, to; /* characters of the text */
	guint8 length;    /* bytes of text; 0: too long to be a word of anything */
	char text[TOKEN_BYTES_MAX + 1];
};

struct folded {
	const char *text, *end, *at;
	guint64 characters; /* before at */
};

/* text must be valid UTF-8 and outlive the reading. */
void folded_begin(struct folded *folded, const char *text, gsize size);
bool folded_next(struct folded *folded, struct folded_word *out);

/* All words of a value put together; "" when it has none, or one that is too long. */
char *folded_value(const char *text, guint *words);

#endif
