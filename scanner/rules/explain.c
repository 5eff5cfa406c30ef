/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/explain.h"

#define SECTION_DEPTH 2 /* below the rule and flag_if */

static void
say(const struct explain_rule *words, guint depth, enum truth truth, const char *label,
    guint64 matched, const char *detail)
{
	struct verdict *verdict = words->run->verdict;

	if (verdict->explained->len < VERDICT_EXPLAINED_MAX)
		verdict_add_explained(verdict, words->rule->info.id,
		    MIN(depth, VERDICT_DEPTH_MAX - 1), truth, label,
		    (guint)MIN(matched, G_MAXUINT32), detail);
}

/* "flag, high (escalate.high)", "except.tender: Joint tender" */
static char *
outcome_of(const struct explain_rule *words)
{
	const struct flag *flag = words->flag;

	if (words->why != NULL)
		return g_strdup(words->why);
	if (flag == NULL)
		return g_strdup(words->truth == TRUTH_UNDECIDED ? "undecided" : "no flag");
	if (flag->exception[0] != '\0')
		return g_strdup_printf("%s: %s", flag->exception, flag->except_reason);
	if (flag->escalated_by[0] != '\0')
		return g_strdup_printf(
		    "flag, %s (%s)", severity_words[flag->severity], flag->escalated_by);
	return g_strdup_printf("flag, %s", severity_words[flag->severity]);
}

/* A tree under a line of its own: flag_if, or what raises the severity. */
struct branch {
	const struct explain_rule *words;
	const char *label, *detail;
};

static void
say_section(const struct explain_rule *words, guint index, guint depth)
{
	const struct rule_section *section = words->rule->sections->pdata[index];
	const struct finding *finding = &words->findings[index];
	const char *detail = finding->detail != NULL  ? finding->detail
			     : finding->stuck != NULL ? finding->stuck
						      : "";

	say(words, depth, finding->truth, section->name, finding->total, detail);
}

/* The root of the tree is told in the line of its own. */
static void
say_node(const struct condition_node *node, gpointer data)
{
	const struct branch *branch = data;
	g_autofree char *count = node->n > 1 ? g_strdup_printf("%u of %u hold%s", node->holds,
						   node->n, node->holds == 1 ? "s" : "")
					     : g_strdup("");

	if (node->depth == 0) {
		const char *asks =
		    node->n > 1 || g_strcmp0(node->words, "not") == 0 ? node->words : NULL;
		g_autofree char *detail = g_strconcat(branch->detail,
		    branch->detail[0] != '\0' && asks != NULL ? ", " : "", asks != NULL ? asks : "",
		    count[0] != '\0' ? ": " : "", count, NULL);
		say(branch->words, 1, node->truth, branch->label, 0, detail);
	}
	if (node->words == NULL)
		say_section(branch->words, node->section, MAX(node->depth + 1, SECTION_DEPTH));
	else if (node->depth > 0)
		say(branch->words, node->depth + 1, node->truth, node->words, 0, count);
}

static void
say_condition(const struct explain_rule *words, const struct condition *condition,
    const char *label, const char *detail)
{
	struct branch branch = { words, label, detail };

	condition_walk(condition, words->ask, words->data, say_node, &branch);
}

static void
say_exceptions(const struct explain_rule *words)
{
	const GPtrArray *exceptions = words->rule->exceptions;

	for (guint i = 0; i < exceptions->len; i++) {
		const struct except *except = exceptions->pdata[i];
		g_autofree char *why = except_excludes(except, words->run);
		g_autofree char *detail = g_strconcat(
		    except->reason, why != NULL ? ": " : "", why != NULL ? why : "", NULL);
		say(words, 1, why == NULL ? TRUTH_TRUE : TRUTH_FALSE, except->name, 0, detail);
	}
}

void
explain_scope(const struct explain_rule *words)
{
	g_autofree char *outcome = outcome_of(words);

	say(words, 0, words->why != NULL ? TRUTH_FALSE : words->truth, words->rule->info.id,
	    words->flag != NULL ? words->flag->hits_total : 0, outcome);
}

void
explain_rule(const struct explain_rule *words)
{
	const struct rule *rule = words->rule;
	g_autofree char *scope = scope_describe(rule->scope, words->run);

	for (guint i = 0; i < rule->sections->len; i++)
		words->ask(i, words->data);
	explain_scope(words);
	if (scope != NULL)
		say(words, 1, words->why == NULL ? TRUTH_TRUE : TRUTH_FALSE, "scope", 0, scope);
	say_condition(words, rule->flag_if, "flag_if", "");
	for (guint i = 0; i < rule->escalations->len; i++) {
		const struct escalation *escalation = rule->escalations->pdata[i];
		g_autofree char *detail =
		    g_strdup_printf("raises to %s", severity_words[escalation->severity]);
		say_condition(words, escalation->condition, escalation->name, detail);
	}
	say_exceptions(words);
}
