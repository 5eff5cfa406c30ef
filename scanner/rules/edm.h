/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_EDM_H
#define FLAGPOST_RULES_EDM_H
/*
 * edm - exact data match: values of one row of a table, near one another in a text. The table is
 * a data set (data.h) of keyed hashes; how it is made of CSV stands in edm-build.h.
 *
 * Values are compared folded, without what stands between their words. A value of the text begins
 * and ends with a word, and has at most EDM_WORDS_MAX of them. Of values that overlap the longer
 * one counts, so that one word is never two columns of a row.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/data.h"
#include "rules/pattern.h"

#define EDM_VALUE_MIN   3  /* bytes of a folded value; shorter ones stand in every text */
#define EDM_VALUE_MAX   64 /* bytes */
#define EDM_WORDS_MAX   12
#define EDM_PREFIX      6     /* bytes by which a text is asked whether it begins a value */
#define EDM_MATCHES_MAX 10000 /* rows found in one text */

struct edm_query {
	guint64 columns; /* bits of columns that count */
	guint min_columns;
	guint64 near_characters; /* from the first character of the first to the last of the last */
};

/* A row, and its values from the first to the last. */
struct edm_match {
	struct span span;
	guint32 row;     /* from 0 */
	guint32 columns; /* bits */
};

/*
 * All rows that a text shows: of struct edm_match, by place. *stuck is set to a static reason when
 * the search gave up before the end. text must be valid UTF-8; deadline_us of
 * g_get_monotonic_time.
 */
GArray *edm_find(const struct data *data, const struct edm_query *query, const char *text,
    gsize size, gint64 deadline_us, const char **stuck);

/* Adds a value of a row to a set that is made. False: too short, too long, or without a word. */
bool edm_add(struct data_maker *maker, guint row, guint column, const char *value);

/* A set of one row, for a rule's own test. */
struct data *edm_of_row(const char *name, const char *const *values);

#endif
