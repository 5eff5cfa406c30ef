/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DETECTOR_H
#define FLAGPOST_RULES_DETECTOR_H
/*
 * detector - what a [content] section looks for: patterns or words, a validator, words nearby.
 *
 * A file with [detector] or [detector.NAME] defines some by name for all rules; every content
 * section has one of its own, which may start from a named one.
 *
 * A match of a named detector is worth a confidence: high with one of its near words around it,
 * else what the detector says that it is worth `alone`. A match of a `weak.N` pattern is medium
 * with a near word and low without. A section takes matches from the confidence it asks for up,
 * medium unless it says otherwise.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/builder.h"
#include "rules/ruleset.h"
#include "rules/run.h"
#include "rules/validator.h"

struct data_use;

struct detector {
	char *id, *title;
	char *file;                        /* where a named one stands, or NULL */
	GPtrArray *patterns;               /* of struct pattern, or NULL */
	GPtrArray *weak;                   /* the same: forms that say less, or NULL */
	GPtrArray *words;                  /* of struct list_ref, or NULL */
	const struct validator *validator; /* or NULL */
	GPtrArray *near;                   /* of struct list_ref, or NULL */
	guint64 near_characters;
	enum confidence alone;  /* of a match without a near word */
	enum confidence wanted; /* what a match must be worth to count */
	GPtrArray *not_values;  /* of struct list_ref: values that never count, or NULL */
	GPtrArray *not_named;   /* the same, of the named detector that this one comes from */
	struct data_use *data;  /* it looks for what stands in a data set, or NULL */
	GPtrArray *members;     /* of struct detector: these look, not this one itself; or NULL */
	/* Once it is used: numbers of all its patterns (guint), and where they are looked for. */
	GArray *numbers;
	guint components;
};

/* A match of one text. */
struct match_span {
	struct span span;
	char *value; /* folded: equal values are one distinct match */
	guint set;   /* which of the patterns, the weak ones behind them, or word lists found it */
	guint entry; /* which entry of the list; of a data set both are data_use's */
	const struct detector *detector;
	enum confidence confidence;
};

#define DETECTOR_SPANS_MAX 10000 /* matches looked at in one text */

struct detector *detector_new(void); /* finds nothing */
/* Of a section [detector] or [detector.NAME]. */
struct detector *detector_load(const struct builder *builder, const struct ini_section *section);
void detector_free(struct detector *detector);

/* One that looks for the same as a named one and has near words, demands and values of its own. */
struct detector *detector_from(const struct detector *named);
/* For people; owned by the caller, strings too. */
struct detector_info *detector_describe_all(const struct detector *detector);

/* Reads near, near_list and near_characters of a section into a detector. */
void detector_load_near(
    struct detector *detector, const struct builder *builder, const struct ini_section *section);
/* Reads not and not_list, which add to what the detector leaves out. */
void detector_load_not(
    struct detector *detector, const struct builder *builder, const struct ini_section *section);

/* Once loaded: it is asked about texts of these components (bits). Numbers its patterns. */
void detector_add_use(struct detector *detector, const struct builder *builder, guint components);

/* False when it finds nothing in any text of the run, as the prefilter knows. */
bool detector_may_find(const struct detector *detector, struct run *run);
/* Adds the numbers (guint) of all its patterns; false when it finds something without them. */
bool detector_patterns(const struct detector *detector, GArray *numbers);

/*
 * All matches in a text of the run that pass validator and neighbourhood: of struct match_span
 * in order of offset, without overlap: of two matches in one place the one of higher confidence
 * stays, else the earlier and longer one. *stuck is set to a static reason when the search gave up
 * before the end of the text.
 */
GArray *detector_find(
    const struct detector *detector, struct run *run, guint text, const char **stuck);

/* Its matches are documents: which, and how much of them, says more than how they begin. */
bool detector_finds_documents(const struct detector *detector);
/* Its matches are rows of a table: what stands around them is to be masked as well. */
bool detector_finds_rows(const struct detector *detector);
/* "pattern.1", "detector iban, pattern.1, high confidence", "list internal-terms, line 4" */
char *detector_describe(
    const struct detector *detector, const struct run *run, const struct match_span *match);

#endif
