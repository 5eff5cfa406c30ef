/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_TERMS_ONCE_H
#define FLAGPOST_MAIL_TERMS_ONCE_H
/*
 * terms_once - words of several texts, less what one of them repeats of another.
 *
 * Programs write what they send twice, as plain text and as HTML, with a link spelt out in one of
 * them. Of a stretch that an earlier text has word by word only its ends are taken, so that each
 * word and each phrase of up to TERMS_ONCE_PHRASE words that stands in one of the texts stands in
 * what comes out. Longer phrases may be missing where a stretch ends: a search asks for no longer
 * ones.
 */
#include <glib.h>

#include "base/auto.h"

#define TERMS_ONCE_PHRASE 40

struct terms_once;

struct terms_once *terms_once_new(void);
void terms_once_free(struct terms_once *once);
AUTO_DEFINE(terms_once, terms_once_free)

/* The words of one more text, as terms_append gives them. Bytes by which the outcome grew. */
gsize terms_once_add(struct terms_once *once, const char *words);

/* All of them, TERMS_BREAK between what does not belong together. Owned by once. */
const char *terms_once_text(const struct terms_once *once);

#endif
