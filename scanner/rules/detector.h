/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DETECTOR_H
#define FLAGPOST_RULES_DETECTOR_H
/*
 * detector - what a [content] section looks for: patterns or words, a validator, words nearby.
 *
 * A file with [detector] defines one by name for all rules; every content section has one of
 * its own, which may start from a named one.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/builder.h"
#include "rules/run.h"
#include "rules/validator.h"

struct detector {
	char *id, *title;
	GPtrArray *patterns;               /* of struct pattern, or NULL */
	GPtrArray *words;                  /* of struct list_ref, or NULL */
	const struct validator *validator; /* or NULL */
	GPtrArray *near;                   /* of struct list_ref, or NULL */
	guint64 near_characters;
};

/* A match of one text. */
struct match_span {
	struct span span;
	char *value; /* folded: equal values are one distinct match */
	guint set;   /* which of the patterns or of the word lists found it */
	guint entry; /* which entry of the list */
};

#define DETECTOR_SPANS_MAX 10000 /* matches looked at in one text */

struct detector *detector_new(void); /* finds nothing */
struct detector *detector_load(const struct builder *builder, const struct ini_section *section);
void detector_free(struct detector *detector);

/* Reads near, near_list and near_characters of a section into a detector. */
void detector_load_near(
    struct detector *detector, const struct builder *builder, const struct ini_section *section);

/*
 * All matches in a text of the run that pass validator and neighbourhood: of struct match_span
 * in order of offset, without overlap. *stuck is set to a static reason when the search gave up
 * before the end of the text.
 */
GArray *detector_find(
    const struct detector *detector, struct run *run, guint text, const char **stuck);

/* "pattern.1", "list internal-terms, line 4" */
char *detector_describe(
    const struct detector *detector, const struct run *run, const struct match_span *match);

#endif
