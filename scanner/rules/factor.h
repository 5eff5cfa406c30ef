/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_FACTOR_H
#define FLAGPOST_RULES_FACTOR_H
/*
 * factor - what every match of a pattern must contain, as an expression over bytes.
 *
 * A pattern is PCRE2 over UTF-8; its factor is a short expression of byte sets, groups and
 * repeats that matches somewhere in every text in which the pattern does, and in as few others
 * as can be: "\bproje[ck]t[ _-]?falcon\b" has the factor "[tT][ _-]?[fF][aA][lL]...". So a
 * multi-pattern engine needs to know nothing of Unicode, look-around or captures, compiles it in
 * no time, and can only ask PCRE2 once too often, never once too little.
 *
 * Everything that is not understood for certain leaves the pattern without a factor.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

/*
 * What a factor leaves out of account, because it is rare: a text in which such characters
 * stand is to be taken as one in which the factor stands.
 */
#define FACTOR_ODD_CASES  1u /* characters that equal others of another length: U+017F is an s */
#define FACTOR_ODD_DIGITS 2u /* digits beyond ASCII */

/*
 * Numbers, codes and keys have no word in them that a multi-pattern engine could look for: each
 * of them costs it a machine of its own over every byte. But they stand in places that a plain
 * loop finds, of one of these kinds; so their factors are only looked for there.
 */
enum factor_place {
	FACTOR_DIGITS,   /* digits, other characters between two of them at most FACTOR_GAP */
	FACTOR_CAPITALS, /* capitals and digits, one behind the other */
	FACTOR_RUN,      /* letters, digits, +, / and <, one behind the other; all of ASCII */
	FACTOR_CODE,     /* a letter and two digits, one behind the other; all of ASCII */
	FACTOR_PLACES
};
#define FACTOR_DIGITS_LEAST   6
#define FACTOR_GAP            3 /* characters */
#define FACTOR_CAPITALS_LEAST 6
#define FACTOR_RUN_LEAST      15
#define FACTOR_PLACED_MAX     100 /* bytes of what is looked for in places */

struct factor {
	/* Escapes \xHH, sets, (?:...|...), repeats, ^ for where the text begins; nothing else. NULL
	 * when it stands in places. */
	char *expression;
	guint odd;   /* FACTOR_ODD_ bits */
	double bits; /* how rare it is in prose: minus the logarithm of its share of places */
	/*
	 * Otherwise: one of these that are not NULL stands in a place of its kind, or at most so
	 * many bytes before and behind it.
	 */
	struct factor_placed {
		char *expression;
		guint before, after;
	} placed[FACTOR_PLACES];
};

/*
 * The other cases of characters beyond ASCII, as PCRE2 knows them, and those of them that are too
 * odd to be part of a factor.
 */
struct factor_cases;
struct factor_cases *factor_cases_new(void);
void factor_cases_free(struct factor_cases *cases);
AUTO_DEFINE(factor_cases, factor_cases_free)
/* What FACTOR_ODD_CASES stands for, as an expression: complete when all factors are made. */
char *factor_cases_odd(const struct factor_cases *cases);
/* What FACTOR_ODD_DIGITS stands for. */
char *factor_odd_digits(void);

/* NULL: there is none, or none that is rare enough to be of use; *why is static then. */
struct factor *factor_of(
    struct factor_cases *cases, const char *pattern, bool ignore_case, const char **why);
/* Whether some text that an expression of a factor matches has this byte. */
bool factor_may_hold(const char *expression, guint byte);
void factor_free(struct factor *factor);
AUTO_DEFINE(factor, factor_free)

#endif
