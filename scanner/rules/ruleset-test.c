/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tests that stand in rule files, as a list, and those among them that need no message.
 */
#include <string.h>

#include "base/fault.h"
#include "rules/ruleset-inside.h"

guint
ruleset_test_count(const struct ruleset *ruleset)
{
	return ruleset->tests->len;
}

const struct rule_test *
ruleset_test(const struct ruleset *ruleset, guint index)
{
	return g_ptr_array_index(ruleset->tests, index);
}

static const struct rule_section *
section_of(const struct ruleset *ruleset, const struct rule_test *test)
{
	const struct rule *rule = g_hash_table_lookup(ruleset->by_id, test->rule->id);

	for (guint i = 0; rule != NULL && test->part != NULL && i < rule->sections->len; i++) {
		const struct rule_section *section = rule->sections->pdata[i];
		if (strcmp(section->name, test->part) == 0)
			return section;
	}
	return NULL;
}

static enum truth
check_text(const struct ruleset *ruleset, const struct rule_test *test,
    const struct rule_section *section, const char **stuck)
{
	const struct match_context *context = test->context;
	g_autoptr(world) world = world_over(ruleset->world,
	    (const char *const *)context->own_domains, context->lists, context->groups);
	g_autoptr(message) message = message_new();
	g_autoptr(verdict) verdict = verdict_new();
	const struct section_place place = { test->rule->id, section->name };
	struct finding finding;
	struct run run;

	message_add_text(
	    message, COMPONENT_BODY, NULL, TEXT_NO_PART, g_strdup(test->text), strlen(test->text));
	run_init(&run, world, ruleset->engine, &ruleset->limits, message, context, verdict);
	run.is_sample = true;
	finding_begin(&finding);
	section->kind->check(section->self, &run, &place, &finding);
	enum truth truth = finding.truth;
	*stuck = finding.stuck;
	finding_clear(&finding);
	run_clear(&run);
	return truth;
}

bool
ruleset_test_text(
    const struct ruleset *ruleset, const struct rule_test *test, bool *matched, GError **error)
{
	const struct rule_section *section = section_of(ruleset, test);
	const char *stuck = NULL;

	if (section == NULL || test->text == NULL) {
		g_set_error(error, FAULT, FAULT_BUG, "%s [%s]: not a text test", test->rule->id,
		    test->name);
		return false;
	}
	enum truth truth = check_text(ruleset, test, section, &stuck);
	if (truth == TRUTH_UNDECIDED) {
		g_set_error(error, FAULT, FAULT_DATA, "%s [%s]: gave up: %s", test->rule->id,
		    test->name, stuck);
		return false;
	}
	*matched = truth == TRUTH_TRUE;
	return true;
}
