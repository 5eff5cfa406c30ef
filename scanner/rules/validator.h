/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_VALIDATOR_H
#define FLAGPOST_RULES_VALIDATOR_H
/*
 * validator - check digits, so that any sixteen digits are not yet a card number.
 */
#include <glib.h>
#include <stdbool.h>

struct validator {
	const char *word; /* "luhn" */
	const char *help;
	bool (*check)(const char *digits); /* upper case ASCII letters and digits only */
};

extern const struct validator validators[]; /* ends with a NULL word */

const struct validator *validator_find(const char *word); /* or NULL */

/*
 * Letters and digits of a match, digits of all scripts as ASCII, in upper case; blanks, hyphens
 * and dots left out. NULL when it holds anything else. Equal numbers give equal text.
 */
char *validator_digits(const char *text, gsize size);

#endif
