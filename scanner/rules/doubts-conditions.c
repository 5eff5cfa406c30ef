/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Conditions that no message can fulfil, that every one fulfils, or in which a section makes no
 * difference: found by trying all truths of the sections that they name.
 */
#include "rules/doubts-inside.h"

#define SECTIONS_TRIED 14 /* of one condition: 2 to the power of it, times a look each */

/* One assignment of truths to the sections of a rule. */
struct assignment {
	const guint *bit_of; /* by section: its bit in truths; what is not named has none */
	guint truths;
};

static enum truth
ask(guint section, gpointer data)
{
	const struct assignment *assignment = data;

	return (assignment->truths >> assignment->bit_of[section] & 1) != 0 ? TRUTH_TRUE
									    : TRUTH_FALSE;
}

/* The sections that a rule's conditions name, numbered. */
struct naming {
	guint *bit_of, *section_of;
	guint n;
};

static void
naming_init(struct naming *naming, const struct rule *rule, const struct condition *second)
{
	guint sections = rule->sections->len;
	g_autofree bool *used = g_new0(bool, sections + 1);

	condition_mark(rule->flag_if, used);
	if (second != NULL)
		condition_mark(second, used);
	naming->bit_of = g_new0(guint, sections + 1);
	naming->section_of = g_new0(guint, sections + 1);
	naming->n = 0;
	for (guint i = 0; i < sections; i++) {
		if (!used[i])
			continue;
		naming->section_of[naming->n] = i;
		naming->bit_of[i] = naming->n++;
	}
}

static void
naming_clear(struct naming *naming)
{
	g_free(naming->bit_of);
	g_free(naming->section_of);
}

static bool
holds(const struct condition *condition, const struct naming *naming, guint truths)
{
	struct assignment assignment = { naming->bit_of, truths };

	return condition_check(condition, ask, &assignment) == TRUTH_TRUE;
}

static void
doubt(const struct rule *rule, guint line, struct problems *problems, const char *mend,
    const char *format, const char *name)
{
	g_autofree char *text = g_strconcat(name, " ", format, NULL);

	problems_add(problems, PROBLEM_WARNING, rule->info.path, line, 1, NULL, mend, "%s", text);
}

/* Turning one section around never turns the condition around. */
static bool
makes_no_difference(const struct condition *condition, const struct naming *naming, guint bit)
{
	for (guint truths = 0; truths >> naming->n == 0; truths++) {
		if ((truths >> bit & 1) == 0 && holds(condition, naming, truths) !=
						    holds(condition, naming, truths | 1u << bit))
			return false;
	}
	return true;
}

static void
find_flag_if(const struct rule *rule, struct problems *problems)
{
	struct naming naming;
	guint some = 0, all = 0;

	naming_init(&naming, rule, NULL);
	for (guint truths = 0; naming.n <= SECTIONS_TRIED && truths >> naming.n == 0; truths++) {
		all++;
		some += holds(rule->flag_if, &naming, truths);
	}
	if (all > 0 && some == 0)
		doubt(rule, rule->flag_if_line, problems,
		    "no message is ever flagged: mend the condition", "can never hold", "flag_if");
	else if (all > 0 && some == all)
		doubt(rule, rule->flag_if_line, problems,
		    "every message is flagged: mend the condition", "always holds", "flag_if");
	for (guint i = 0; some > 0 && some < all && i < naming.n; i++) {
		const struct rule_section *section = rule->sections->pdata[naming.section_of[i]];
		if (makes_no_difference(rule->flag_if, &naming, i))
			doubt(rule, rule->flag_if_line, problems, "leave it out of flag_if",
			    "makes no difference to flag_if", section->name);
	}
	naming_clear(&naming);
}

static void
find_escalation(
    const struct rule *rule, const struct escalation *escalation, struct problems *problems)
{
	struct naming naming;
	bool can = false;

	if (escalation->severity <= rule->info.severity) {
		doubt(rule, escalation->line, problems,
		    "write a severity above that of [rule], or leave the section out",
		    "raises to no more than the rule has", escalation->name);
		return;
	}
	naming_init(&naming, rule, escalation->condition);
	for (guint truths = 0; !can && naming.n <= SECTIONS_TRIED && truths >> naming.n == 0;
	     truths++)
		can = holds(rule->flag_if, &naming, truths) &&
		      holds(escalation->condition, &naming, truths);
	if (!can && naming.n <= SECTIONS_TRIED)
		doubt(rule, escalation->line, problems,
		    "mend its condition, or leave the section out",
		    "can never hold where flag_if does", escalation->name);
	naming_clear(&naming);
}

void
doubts_find_conditions(const struct ruleset *ruleset, struct problems *problems)
{
	for (guint i = 0; i < ruleset->rules->len; i++) {
		const struct rule *rule = ruleset->rules->pdata[i];
		find_flag_if(rule, problems);
		for (guint k = 0; k < rule->escalations->len; k++)
			find_escalation(rule, rule->escalations->pdata[k], problems);
	}
}
