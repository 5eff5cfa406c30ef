/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_PREFILTER_INSIDE_H
#define FLAGPOST_RULES_PREFILTER_INSIDE_H
/*
 * prefilter_inside - the bytes that prefilter-build.c makes and prefilter.c reads.
 */
#include "rules/factor.h"
#include "rules/prefilter.h"

#define PREFILTER_FORMAT "flagpost prefilter 6"

/* The key, a byte a pattern, databases. */
#define PREFILTER_IMAGE_TYPE "(saya" PREFILTER_ROW_TYPE ")"
/*
 * Group, components (bits), the kind of places in their texts, bytes before and behind each, the
 * longest match of all expressions and of those that may hold a blank (0: none may; G_MAXUINT: it
 * has no end), the database. FACTOR_PLACES stands for the whole text.
 */
#define PREFILTER_ROW_TYPE "(uuuuuuuay)"

/*
 * Long texts are passed over for patterns that are looked for there, and again for those that are
 * looked for in raw bytes, and short texts for all others: once as a whole, once in places.
 */
#define PREFILTER_GROUPS    3
#define PREFILTER_DATABASES (PREFILTER_GROUPS * (FACTOR_PLACES + 1))

/* Of a pattern's byte: how it is looked for, and behind PREFILTER_ODD_SHIFT what is odd. */
enum standing {
	STANDING_KNOWN,
	STANDING_UNREAD,
	STANDING_COMMON,
	STANDING_REFUSED,
	STANDING_UNUSED
};
#define PREFILTER_STANDING_BITS 7u
#define PREFILTER_ODD_SHIFT     3

/* Why a pattern is asked on every text, by its standing; NULL for one that is known. */
const char *prefilter_standing_word(guint standing);

#endif
