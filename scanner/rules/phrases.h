/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_PHRASES_H
#define FLAGPOST_RULES_PHRASES_H
/*
 * phrases - a set of words and phrases, found in a text whose words are numbered.
 *
 * The cost of a search does not depend on how many there are.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/token.h"

struct phrases;

struct phrases *phrases_new(void);
void phrases_free(struct phrases *phrases);

/* entry is what phrases_next reports: a number of the caller's. False when it has no word. */
bool phrases_add(
    struct phrases *phrases, struct vocabulary *vocabulary, const char *text, guint entry);

/*
 * The next phrase whose first word is at tokens[*at] or later, the longest there. Sets *at to
 * that token and *count to the number of tokens it takes. False when there is none.
 */
bool phrases_next(
    const struct phrases *phrases, const GArray *tokens, guint *at, guint *count, guint *entry);

#endif
