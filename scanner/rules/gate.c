/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A section that is asked may leave more behind than its truth: what it could not look at. So a
 * gate closes only where each section that the condition names would find nothing at once.
 */
#include "rules/gate.h"

#include "rules/rule.h"

/* numbers[from, to); a rule without a gate is always open. */
struct gate {
	bool always;
	guint from, to;
};

struct gates {
	GArray *list;    /* of struct gate, one a rule */
	GArray *numbers; /* of guint, of all rules */
};

static enum truth
nothing_holds(G_GNUC_UNUSED guint section, G_GNUC_UNUSED gpointer data)
{
	return TRUTH_FALSE;
}

/* False for a rule that may flag a message in which no pattern matches. */
static bool
add_numbers(const struct rule *rule, GArray *numbers)
{
	g_autofree bool *used = g_new0(bool, rule->sections->len + 1);

	if (condition_check(rule->flag_if, nothing_holds, NULL) != TRUTH_FALSE)
		return false;
	condition_mark(rule->flag_if, used);
	for (guint i = 0; i < rule->sections->len; i++) {
		const struct rule_section *section = rule->sections->pdata[i];
		if (used[i] && (section->kind->patterns == NULL ||
				   !section->kind->patterns(section->self, numbers)))
			return false;
	}
	return true;
}

struct gates *
gates_new(const GPtrArray *rules)
{
	struct gates *gates = g_new0(struct gates, 1);

	gates->list = g_array_new(FALSE, FALSE, sizeof(struct gate));
	gates->numbers = g_array_new(FALSE, FALSE, sizeof(guint));
	for (guint i = 0; i < rules->len; i++) {
		struct gate gate = { .from = gates->numbers->len };
		gate.always = !add_numbers(rules->pdata[i], gates->numbers);
		if (gate.always)
			g_array_set_size(gates->numbers, gate.from);
		gate.to = gates->numbers->len;
		g_array_append_val(gates->list, gate);
	}
	return gates;
}

void
gates_free(struct gates *gates)
{
	if (gates == NULL)
		return;
	g_array_unref(gates->list);
	g_array_unref(gates->numbers);
	g_free(gates);
}

bool
gates_open(const struct gates *gates, guint rule, struct run *run)
{
	const struct gate *gate = &g_array_index(gates->list, struct gate, rule);

	if (gate->always)
		return true;
	return run_may_match_any(
	    run, &g_array_index(gates->numbers, guint, gate->from), gate->to - gate->from);
}
