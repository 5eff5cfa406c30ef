/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_NEW_WORDS_H
#define FLAGPOST_STORE_NEW_WORDS_H
/*
 * new_words - words in which parts are looked for, of messages that were not settled yet
 * (store/settle.h): as they came. Settling moves them to store/vocabulary.
 *
 * Each row of word_new is a packet: of each word a byte of enum word_kind, which is no character of
 * any, and the word. Nothing orders them, and a word may be in several with other kinds, all of
 * which it has: so a word costs its bytes when it comes, and its parts a walk over all of them.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"
#include "store/vocabulary.h"

/* Behind what the packet has. kinds: at least one of enum word_kind. */
void new_words_add(GString *packet, const char *word, gsize size, guint kinds);

/*
 * Words that have the part somewhere, each as often as it came; "": all. FAULT_DATA: one of the
 * packets that were looked into is none.
 */
bool new_words_within(struct database *database, const char *part, vocabulary_visit *visit,
    void *user, GError **error);

/* --- within a write transaction --- */

bool new_words_put(struct database *database, const GString *packet, GError **error);
/* words: of strings; what is not there is passed over. */
bool new_words_remove(struct database *database, GHashTable *words, GError **error);
bool new_words_empty(struct database *database, GError **error);

/* --- all of them, each once, rising --- */

struct new_words;

/* NULL after an error. */
struct new_words *new_words_read(struct database *database, GError **error);
void new_words_free(struct new_words *words);
AUTO_DEFINE(new_words, new_words_free)
/* NULL: that was all. Of words until they are freed. */
const char *new_words_next(struct new_words *words, guint *kinds);

#endif
