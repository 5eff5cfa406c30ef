/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_SCRUB_H
#define FLAGPOST_FETCHERS_SCRUB_H
/*
 * scrub - takes our secrets out of what a server said, before anybody is shown it.
 *
 * Servers quote what they were sent ("BAD unknown command AUTHENTICATE PLAIN AGFu..."), and their
 * words end in logs and reports.
 */
#include <glib.h>
#include <stdbool.h>

#define SCRUB_WORD_MIN 4 /* bytes; shorter ones stand in any text */

struct scrub;

struct scrub *scrub_new(void);
void scrub_free(struct scrub *scrub); /* overwrites what it knows; NULL is fine */

/* Text that must not be seen; size -1: up to its NUL. */
void scrub_add(struct scrub *scrub, const char *secret, gssize size);
/* Each word of a command line that carries a secret, but for those of the list (NULL: none). */
void scrub_add_words(
    struct scrub *scrub, const char *line, gsize size, const char *const *harmless);

/* Puts asterisks over every secret in text, in place. Returns text. */
char *scrub_clean(const struct scrub *scrub, char *text);

#endif
