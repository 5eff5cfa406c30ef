/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_LEXICON_H
#define FLAGPOST_STORE_LEXICON_H
/*
 * lexicon - words that are in the database for certain, so that most words of a text cost no
 * look-up there.
 *
 * It may forget any word at any time, and does so where others of the same hash come: then the
 * database is asked once more. It never takes one word for another. Words of more than LEXICON_WORD
 * bytes are never remembered. 16 MiB at most, whatever the mail says, and one cache line or two a
 * word.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define LEXICON_WORD 30

struct lexicon;

struct lexicon *lexicon_new(void);
void lexicon_free(struct lexicon *lexicon);
AUTO_DEFINE(lexicon, lexicon_free)

/* The next word of a text of words between blanks, at *at; false: there is none. */
struct lexicon_word {
	const char *text; /* not ended by a zero */
	gsize size;       /* bytes, > 0 */
	gsize characters; /* of UTF-8 */
	guint32 hash;
};
/* Who takes LEXICON_AHEAD words before looking for the first waits less for each. */
#define LEXICON_AHEAD 16
bool lexicon_next(const struct lexicon *lexicon, const char **at, struct lexicon_word *out);

/* Bits that lexicon_learn gave it, none of which is 0; 0: not known. */
guint8 lexicon_find(const struct lexicon *lexicon, const struct lexicon_word *word);
/* Bits are added to those it has. */
void lexicon_learn(struct lexicon *lexicon, const struct lexicon_word *word, guint8 bits);
void lexicon_forget(struct lexicon *lexicon);

#endif
