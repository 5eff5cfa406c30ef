/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_VOCABULARY_H
#define FLAGPOST_STORE_VOCABULARY_H
/*
 * vocabulary - words in which parts are looked for, of messages that were settled (store/settle.h).
 *
 * New words come as store/new-words has them; settling moves them here. word_page has all of
 * them once, sorted, packed into pages; word_gram has for each three neighbours the pages that have
 * a word with them. So a part of a word costs as many pages as may have it, and a word a few bytes.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

/* False ends the walk. kinds: enum word_kind. */
typedef bool vocabulary_visit(const char *word, guint kinds, void *user);

/* Over words that begin so, in their order. */
bool vocabulary_begin(struct database *database, const char *beginning, vocabulary_visit *visit,
    void *user, GError **error);
/* Over words that have the part somewhere; of three characters at least, or nothing is found. */
bool vocabulary_within(struct database *database, const char *part, vocabulary_visit *visit,
    void *user, GError **error);
/* *kinds: 0 when it is not there. */
bool vocabulary_find(struct database *database, const char *word, guint *kinds, GError **error);

/* --- vocabulary-write.c; within a write transaction --- */

/* Some of these, the next ones. *more: there may be others. */
struct new_words;
bool vocabulary_learn(
    struct database *database, struct new_words *words, bool *more, GError **error);
/* words: of strings; what is not there is passed over. No neighbours of them alone stay. */
bool vocabulary_remove(struct database *database, GHashTable *words, GError **error);

#endif
