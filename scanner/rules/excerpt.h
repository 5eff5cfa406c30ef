/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_EXCERPT_H
#define FLAGPOST_RULES_EXCERPT_H
/*
 * excerpt - a match with a little text around it, on one line, for people.
 */
#include <glib.h>

#include "mail/verdict.h"
#include "rules/pattern.h"

/* Sets excerpt, excerpt_start and excerpt_length of hit. text is valid UTF-8. */
void excerpt_of_match(struct hit *hit, const char *text, gsize size, struct span span);

/* Sets the excerpt to words that need no mask: an address, a size. */
void excerpt_of_words(struct hit *hit, const char *words);

#endif
