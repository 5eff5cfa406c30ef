/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_RULESET_INSIDE_H
#define FLAGPOST_RULES_RULESET_INSIDE_H
/*
 * ruleset_inside - what ruleset makes and match reads. For the files of this folder only.
 */
#include "rules/gate.h"
#include "rules/prefilter.h"
#include "rules/rule.h"

struct ruleset {
	char *digest;
	struct limits limits;
	struct world *world;
	struct pattern_engine *engine;
	GPtrArray *patterns; /* of struct pattern in order of their numbers, borrowed */
	guint searched;      /* bits of enum component: texts in which patterns are searched */
	struct prefilter *prefilter; /* NULL: every pattern is asked on every text */
	GPtrArray *rules;            /* of struct rule, in file name order */
	struct gates *gates;         /* of the rules; NULL until all are loaded */
	GHashTable *by_id;           /* char * -> struct rule */
	GPtrArray *tests;            /* of struct rule_test, borrowed from the rules */
	GPtrArray *detectors;        /* of struct detector_info, in file order */
	guint history;               /* enum ruleset_history bits */
	guint components;            /* bits of enum component: texts that some rule looks at */
};

#endif
