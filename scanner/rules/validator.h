/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_VALIDATOR_H
#define FLAGPOST_RULES_VALIDATOR_H
/*
 * validator - check digits and what else tells a real number from any other of its form.
 *
 * Every algorithm is a pure function over a short text; where many are alike, one function reads
 * a row of a table. validator.c has the one table of names; the families stand in validator-*.c.
 */
#include <glib.h>
#include <stdbool.h>

#define VALIDATOR_VALUE_MAX 16384 /* bytes of a match; longer ones are refused */

struct validator {
	const char *word; /* "luhn": `validator = luhn` */
	const char *help; /* what it is for, and where the algorithm is published */
	/*
	 * value is upper-case ASCII letters and digits only, never empty; with is_verbatim it is
	 * the match as it stands in the text. row is the validator's own.
	 */
	bool (*check)(const void *row, const char *value);
	const void *row;
	bool is_verbatim;
};

extern const struct validator validators[]; /* ends with a NULL word */

const struct validator *validator_find(const char *word); /* or NULL */
const char **validator_words(void); /* all, NULL-terminated; the array is the caller's */

/*
 * The value of a match, or NULL when the validator refuses it; owned by the caller. Equal numbers
 * give equal values, however they were grouped. Without a validator: the text, folded.
 */
char *validator_value(const struct validator *validator, const char *text, gsize size);

/*
 * Letters and digits of a text, digits of all scripts as ASCII, in upper case; blanks, line ends,
 * hyphens, dots, slashes and plus signs left out. NULL when it holds anything else.
 */
char *validator_digits(const char *text, gsize size);

#endif
