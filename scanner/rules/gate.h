/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_GATE_H
#define FLAGPOST_RULES_GATE_H
/*
 * gate - which rules a message need not be asked about: those that flag nothing unless one of
 * their patterns matches, when the prefilter knows that none does. The numbers of all such
 * patterns lie side by side, so that of a rule that is passed over nothing else is touched.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/run.h"

struct gates;

/* rules: of struct rule, whose patterns have their numbers. Keeps nothing of them. */
struct gates *gates_new(const GPtrArray *rules);
void gates_free(struct gates *gates);

/* False when the rule of this index asks for nothing but patterns, and none matches anywhere. */
bool gates_open(const struct gates *gates, guint rule, struct run *run);

#endif
