/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_REPORTS_NAMES_H
#define FLAGPOST_REPORTS_NAMES_H
/*
 * names - the words that people are called by, and whether a text may name one of them.
 *
 *	names_new -> names_add for each name and address -> names_stand_in -> names_free
 *
 * It errs on the safe side: words are compared folded, without marks and invisible characters, and
 * also where they stand within longer words; what mixes alphabets, and words of more than
 * NAMES_WORD characters, may name anybody.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define NAMES_WORD 64     /* characters */
#define NAMES_MAX  200000 /* words; beyond, every text may name somebody */

struct names;

struct names *names_new(void);
void names_free(struct names *names);
AUTO_DEFINE(names, names_free)

/*
 * A display name, or the local part of an address. Words that are offices and not people ("info",
 * "sales") are left out, and so are words without a letter and of one letter.
 */
void names_add(struct names *names, const char *text);

/* True where text may name somebody. */
bool names_stand_in(const struct names *names, const char *text);

#endif
