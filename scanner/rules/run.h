/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_RUN_H
#define FLAGPOST_RULES_RUN_H
/*
 * run - one message on its way through all rules: what is looked up or worked out once.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"
#include "mail/message.h"
#include "mail/verdict.h"
#include "rules/match.h"
#include "rules/pattern.h"
#include "rules/prefilter.h"
#include "rules/world.h"

struct run {
	const struct world *world;
	struct pattern_engine *engine;
	const struct limits *limits;
	const struct message *message; /* texts and headers */
	const struct match_context *context;
	struct verdict *verdict; /* addresses and parts; takes what could not be decided */
	bool explaining;         /* sections say in words why they do not hold */
	bool is_sample;          /* the text of a rule's own test: `where` does not matter */
	const struct match_watch *watch; /* NULL: nobody looks */
	const char *rule;                /* that the watch was told; NULL: none */
	gint64 deadline_us;              /* of g_get_monotonic_time */
	GArray **tokens;                 /* one a text, NULL until asked for */
	guint8 *validity;                /* one a text: 0 not looked at, 1 valid UTF-8, 2 not */
	bool *in_attachment;             /* one a part: an attachment, or inside one */
	struct prefilter *prefilter;     /* NULL: not used */
	guint n_patterns;                /* of the rule set */
	guint components;                /* bits: texts in which any of them is searched */
	guint32 **fired;                 /* one a text: bits of patterns, NULL until asked for */
	guint32 *fired_anywhere;         /* all of them together, NULL until asked for */
	char **folded;                   /* one an address: folded */
	char **domains; /* one an address: folded, in ASCII form where it has one */
};

void run_init(struct run *run, const struct world *world, struct pattern_engine *engine,
    const struct limits *limits, const struct message *message, const struct match_context *context,
    struct verdict *verdict);
void run_clear(struct run *run);
/* Behind run_init. The prefilter was made for so many patterns, searched in texts of components. */
void run_set_prefilter(
    struct run *run, struct prefilter *prefilter, guint n_patterns, guint components);

/* False when a pattern matches nowhere in a valid text. */
bool run_may_match(struct run *run, guint text, const struct pattern *pattern);
/*
 * False when of the patterns with these numbers (guint) none does. They are looked for in texts of
 * these components, others are not known.
 */
bool run_may_match_some(struct run *run, guint text, guint components, const GArray *numbers);
/* The same of n numbers and all texts of the message. Without a prefilter: any may match. */
bool run_may_match_any(struct run *run, const guint *numbers, guint n);

/* Tells the watch, if there is one, which rule is asked from now on; NULL: none. */
void run_at(struct run *run, const char *rule);

bool run_is_late(const struct run *run);
/* Numbered words of a text, which must be valid. */
const GArray *run_tokens(struct run *run, guint text);
bool run_is_valid(struct run *run, guint text);
/* The path of the part that a text belongs to, or "". */
const char *run_part_path(const struct run *run, guint part);

/* Records that a rule gave up; the message is partial at least. */
void run_undecided(
    struct run *run, const char *rule, const char *section, const char *part, const char *reason);

#endif
