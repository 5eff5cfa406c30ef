/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_INDEX_WORDS_H
#define FLAGPOST_STORE_INDEX_WORDS_H
/*
 * index_words - words of a batch, of which those that the database does not know are put into it at
 * the end, so that parts of them are found. Part of store/index, seen by it alone.
 *
 *	index_words_begin -> index_words_learn ... -> index_words_end -> (the commit) -> ...
 *
 * What is known stays in memory from batch to batch (store/lexicon.h).
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"

struct index_words;

struct index_words *index_words_new(struct database *database);
void index_words_free(struct index_words *words);
AUTO_DEFINE(index_words, index_words_free)

/* Forgets what a purge beside may have taken out, and looks into the database anew. */
bool index_words_begin(struct index_words *words, GError **error);
/* text: words between blanks; borrowed until index_words_end. kinds: bits of enum word_kind, what
 * the text is. */
bool index_words_learn(struct index_words *words, const char *text, guint kinds, GError **error);
bool index_words_end(struct index_words *words, GError **error);
/* After a rollback. */
void index_words_forget(struct index_words *words);

#endif
