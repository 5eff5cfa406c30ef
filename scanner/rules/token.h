/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_TOKEN_H
#define FLAGPOST_RULES_TOKEN_H
/*
 * token - a text cut into folded words, once for all word lists of a rule set.
 *
 * A word is a run of letters, digits and marks; everything else separates. Characters of
 * scripts that are written without blanks (Han, Kana, Thai ...) are words of their own. Folding
 * is NFKC and Unicode case folding. Only words that some list knows are kept, so that a long
 * text costs little memory.
 */
#include <glib.h>
#include <stdbool.h>

#define TOKEN_BYTES_MAX 200 /* longer runs are no words of any list */

struct token {
	guint32 id;     /* in the vocabulary; never 0 */
	guint32 index;  /* running number in the text, the unknown ones counted */
	guint32 offset; /* bytes, into the text */
	guint32 length; /* bytes */
};

/* Words and their numbers. One with a base adds to it and leaves it as it is. */
struct vocabulary;
struct vocabulary *vocabulary_new(const struct vocabulary *base); /* base may be NULL */
void vocabulary_free(struct vocabulary *vocabulary);

/* The words of an entry, numbered; new ones are added. Of guint32; empty when it has no word. */
GArray *vocabulary_add(struct vocabulary *vocabulary, const char *entry);

/* The known words of a text: of struct token, in order. text must be valid UTF-8. */
GArray *vocabulary_read(const struct vocabulary *vocabulary, const char *text, gsize size);

/* The next word at or after p; *ascii says that lower case folds it. NULL: none. */
const char *token_next_word(const char *p, const char *end, gsize *length, bool *ascii);
/* Writes the folded word into TOKEN_BYTES_MAX + 1 bytes; false when it does not fit. */
bool token_fold_word(const char *word, gsize length, bool ascii, char *out);

/* NFKC and case folding of valid UTF-8; owned by the caller. */
char *token_fold(const char *text, gsize size);

#endif
