/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_EDM_BUILD_H
#define FLAGPOST_RULES_EDM_BUILD_H
/*
 * edm_build - from a table with a head (CSV) to a data set of keyed hashes (data.h, edm.h).
 *
 * Nothing of the table is written anywhere. Left out, and told of each column: empty cells, values
 * that are too short or too long to be looked for, and values that stand in many rows: they say
 * little of any, and cost most.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "rules/edm.h"

#define EDM_CELLS_MAX    20000000 /* that are looked for; each costs 16 bytes while it is built */
#define EDM_COMMON       1.0      /* percent of the rows */
#define EDM_COMMON_LEAST 100      /* rows; in fewer, no value is common unless it is said */
#define EDM_COMMON_MOST  2000     /* rows; in more, each is, whatever is said */

struct edm_options {
	const char *path;           /* of the table, for errors */
	const char *const *columns; /* names of its head; NULL: all */
	double common;              /* percent; below 0: EDM_COMMON */
	char separator;             /* 0: found out */
	void (*progress)(guint64 bytes, guint64 rows, void *user); /* or NULL */
	void *user;
};

struct edm_column {
	char *name;
	guint position;      /* in the table */
	guint64 kept, empty; /* cells */
	guint64 unfit;       /* too short or too long */
	guint64 common;      /* cells whose values are common */
	guint common_values; /* how many values that are */
};

struct edm_report {
	GPtrArray *columns; /* of struct edm_column */
	guint64 rows;
	guint limit; /* a value in more rows than this is common */
};

/* The bytes of the set; NULL after FAULT_DATA with the line, or FAULT_IO. */
GBytes *edm_build(FILE *in, const struct edm_options *options, const guint8 *key,
    struct edm_report *report, GError **error);
void edm_report_clear(struct edm_report *report);

#endif
