/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_EXPLAIN_H
#define FLAGPOST_RULES_EXPLAIN_H
/*
 * explain - what a rule said of a message, as lines of a tree: the rule, its scope, flag_if with
 * all that it asks for, true or false and why, what raises the severity, what excepts.
 */
#include "rules/rule.h"

struct explain_rule {
	struct run *run; /* its verdict gets the lines */
	const struct rule *rule;
	const struct finding *findings; /* one a section, filled by ask */
	condition_ask ask;
	gpointer data; /* of ask */
	enum truth truth;
	const struct flag *flag; /* NULL: none */
	const char *why;         /* it is not in scope; NULL: it is */
};

void explain_rule(const struct explain_rule *words);
/* The rule's line alone. */
void explain_scope(const struct explain_rule *words);

#endif
