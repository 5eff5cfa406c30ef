/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_TWIN_H
#define FLAGPOST_RULES_TWIN_H
/*
 * twin - where a match in a twin of a text stands in the text itself, and whether it counts.
 *
 * A twin without line ends (mail/message.h: seams) is a guess, so it is believed in one case only:
 * the match reaches over a place where a line ended. Where letters were joined over it, the match
 * must hold the whole word that came of that; "class" over "number" is no "ssn".
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/message.h"
#include "rules/pattern.h"

#define TWIN_WORD_MAX 200 /* bytes; what is longer is no word that was parted */

/* The text at the root of a twin, and its index. */
const struct text *twin_root(const struct message *message, guint index, guint *root);

/*
 * The known words (rules/token.h) of a twin without line ends, by those of the text that it was
 * made of: where a blank stands for each of them, it has the same ones in other places. NULL where
 * words may have been joined: then it is to be read itself.
 */
GArray *twin_tokens(const struct text *twin, const GArray *below);

/*
 * Moves a match in the twin with that index to its root. False when it does not count or lies
 * outside. *hidden: a reader of the mail does not see it as the pattern did.
 */
bool twin_place(const struct message *message, guint index, struct span *span, bool *hidden);

#endif
