/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VOCABULARY_PAGE_H
#define FLAGPOST_STORE_VOCABULARY_PAGE_H
/*
 * vocabulary_page - the bytes of store/vocabulary.h: words of one page, each without what it has in
 * common with the one before, and lists of pages (Rice's code).
 */
#include "store/vocabulary.h"

#define VOCABULARY_WORD_MAX 256  /* bytes */
#define VOCABULARY_FULL     1280 /* bytes of a page: three of them on one of SQLite's */

/* Words come rising. last: the one before, which the word takes the place of; "" at first. */
void vocabulary_put(GByteArray *out, GString *last, const char *word, guint kinds);
/* False when the bytes are no page. *over: the visit ended the walk. */
bool vocabulary_walk(
    const guint8 *data, gsize size, vocabulary_visit *visit, void *user, bool *over);

/* Appends the neighbours of a word: three characters as one number. */
void vocabulary_grams(GArray *grams, const char *word);
/* Rising, each once. */
void vocabulary_sort(GArray *numbers);

/* pages: gint64, rising, above 0. */
GBytes *vocabulary_put_list(const GArray *pages);
bool vocabulary_get_list(const guint8 *data, gsize size, GArray *pages);

bool vocabulary_is_damaged(GError **error);

#endif
