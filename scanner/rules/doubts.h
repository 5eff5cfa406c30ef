/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_DOUBTS_H
#define FLAGPOST_RULES_DOUBTS_H
/*
 * doubts - what is right in a rule set and still not meant, for `check`: patterns that may run
 * away, the same pattern or rule twice, words that stand in every mail, conditions that no message
 * or every one fulfils, tests that are missing. Warnings, each with its place and the mend.
 */
#include "rules/ruleset.h"

void doubts_find(
    const struct ruleset *ruleset, const struct sources *sources, struct problems *problems);

#endif
