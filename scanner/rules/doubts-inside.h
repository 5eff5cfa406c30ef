/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DOUBTS_INSIDE_H
#define FLAGPOST_RULES_DOUBTS_INSIDE_H
/*
 * doubts_inside - the parts of doubts. For the files of that module only.
 */
#include "rules/doubts.h"
#include "rules/ruleset-inside.h"

/* A line of a file as a key of tables; the caller's. */
char *doubts_place(const char *file, guint line);
/* Conditions that never or always hold, sections without effect, escalations that raise nothing. */
void doubts_find_conditions(const struct ruleset *ruleset, struct problems *problems);
/* Rules that ask for the same; without a test, or with tests of one kind. */
void doubts_find_twins(const struct sources *sources, struct problems *problems);
void doubts_find_untested(const struct ruleset *ruleset, struct problems *problems);
/* Words, and patterns of rules, that stand in nearly every mail. */
void doubts_find_broad(
    const struct ruleset *ruleset, const struct sources *sources, struct problems *problems);

#endif
