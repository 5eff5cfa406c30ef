/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_TERMS_H
#define FLAGPOST_MAIL_TERMS_H
/*
 * terms - text as the search index holds it: words, folded, with a space between them.
 *
 * A word is letters and digits; case, width, accents and invisible characters make no
 * difference. Writing without spaces (Chinese, Japanese, Korean, Thai, ...) becomes each two
 * neighbouring characters and the last one alone, so that any stretch of it is found as a
 * phrase; one line break within it is none. A word of more than TERMS_WORD_MAX bytes is several.
 *
 * A change of what this gives needs a migration that makes the index anew.
 */
#include <glib.h>
#include <stdbool.h>

#define TERMS_WORD_MAX 64 /* bytes of one word */
/* A word that nobody can look for; it stands between two texts, so that no phrase crosses it. */
#define TERMS_BREAK " \xc2\xb6 "

/*
 * Appends the words of text (valid UTF-8, size bytes) as far as out stays within max bytes.
 * False when it was cut.
 */
bool terms_append(GString *out, const char *text, gsize size, gsize max);

/*
 * The words to look for, NULL-terminated: the same, but that what is written without spaces may go
 * on behind its end. *open: the last word is only the beginning of one. At most max words.
 */
GStrv terms_query(const char *text, guint max, bool *open);

/* Text folded as words are, with all between them left in place. */
char *terms_fold(const char *text);

#endif
