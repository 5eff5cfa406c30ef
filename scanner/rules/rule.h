/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_RULE_H
#define FLAGPOST_RULES_RULE_H
/*
 * rule - one rule file, compiled. Seen by ruleset and match only.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/condition.h"
#include "rules/except.h"
#include "rules/match.h"
#include "rules/ruleset.h"
#include "rules/scope.h"
#include "rules/section.h"

#define RULE_SECTIONS_MAX 200

struct rule_section {
	char *name; /* "content.codename" */
	const struct section_kind *kind;
	void *self;
};

struct escalation {
	char *name; /* "escalate.high" */
	struct condition *condition;
	enum severity severity;
	guint line;
};

struct rule {
	struct rule_info info; /* its strings belong to the rule */
	struct scope *scope;
	GPtrArray *sections; /* of struct rule_section, in file order */
	struct condition *flag_if;
	guint line, flag_if_line; /* of [rule]; of flag_if, or of [rule] where there is none */
	GPtrArray *escalations;   /* of struct escalation */
	GPtrArray *exceptions;    /* of struct except */
	GPtrArray *tests;         /* of struct rule_test */
};

/* Problems make the result unfit for anything but rule_free. */
struct rule *rule_load(
    const struct builder *builder, const struct source *source, const struct ini *ini);
void rule_free(struct rule *rule);

/* [test.N]: in rule-test.c. NULL after problems. */
struct rule_test *rule_test_load(
    const struct builder *builder, const struct ini_section *section, const struct rule *rule);
void rule_test_free(struct rule_test *test);

#endif
