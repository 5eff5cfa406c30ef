/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_FILETYPE_H
#define FLAGPOST_RULES_FILETYPE_H
/*
 * filetype - short words for file types in rules, and the MIME types that they stand for.
 */
#include <glib.h>
#include <stdbool.h>

/* The globs behind a word, NULL-terminated, or NULL for an unknown word. */
const char *const *filetype_globs(const char *word);

/* True for a known word, and for a MIME type with or without globs ("image/", "*"). */
bool filetype_is_known(const char *value);

/* True when type, in lower case, is one of the values: words or MIME globs. */
bool filetype_matches(const char *const *values, const char *type);

/* The word for a MIME type, or the type itself: for people. */
const char *filetype_word(const char *type);

/* All words, NULL-terminated; the array is the caller's. */
const char **filetype_words(void);

#endif
