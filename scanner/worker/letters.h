/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_LETTERS_H
#define FLAGPOST_WORKER_LETTERS_H
/*
 * letters - what one character is to a reader's eye: nothing, a blank, a dash, another form of
 * plain letters, or the look-alike of a Latin letter. The facts behind normalise.
 *
 * Sources: Default_Ignorable_Code_Point and compatibility forms of Unicode 15 (UAX 44, UAX 15).
 * What ordinary typography is made of (ellipsis, superscript digits, fractions, numero, trade mark)
 * has no other form here.
 */
#include <glib.h>
#include <stdbool.h>

enum letter_kind {
	LETTER_PLAIN,
	LETTER_IGNORED, /* nobody sees it: zero-width, soft hyphen, bidi control, variation */
	LETTER_BLANK,
	LETTER_BREAK, /* a line's or a paragraph's end */
	LETTER_DASH,
	LETTER_LONG_DASH, /* punctuation between words, which joins none */
	LETTER_FORM,      /* full-width, ligature, mathematical, ... : see letters_form */
};

/* Of a character from U+0080 on; those below are plain. */
enum letter_kind letters_kind(gunichar c);

/* True for marks that the character before them takes in (UAX 15): accents, voice marks, jamo. */
bool letters_combines(gunichar c);

/* The plain letter for those forms that NFKC leaves alone; else 0. */
char letters_enclosed(gunichar c);

/* The Latin letter that a Cyrillic or Greek one looks like, or 0. */
char letters_look_alike(gunichar c);

/* True for letters of scripts that nobody mixes with Latin but to deceive: ICU knows their faces.
 */
bool letters_masks(gunichar c);

/* ICU's confusable data (UTS 39), opened for one text; NULL when it cannot be. */
struct USpoofChecker *letters_open(void);
void letters_close(struct USpoofChecker *faces);
/* The Latin letter that one of those looks like, or 0. */
char letters_face(const struct USpoofChecker *faces, gunichar c);

#endif
