/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * For each rule: scope, then the condition, which asks only for the sections it needs; then, for
 * a flag, all others too, as evidence.
 */
#include "rules/match.h"

#include <string.h>

#include "rules/explain.h"
#include "rules/ruleset-inside.h"

#define WHOLE_RULE   "rule" /* in the place of a section */
#define FINDINGS_FEW 8      /* sections, as many as nearly every rule has */

/* One rule on one message. */
struct trial {
	const struct rule *rule;
	struct run *run;
	struct finding *findings; /* one a section */
};

static bool
is_own(const struct address *address, const char *const *own_domains)
{
	g_autofree char *domain = domain_fold(address->domain);

	return domain_is_among(domain, own_domains);
}

/* From, else Sender; one that has a domain. */
static const struct address *
sender_of(const GPtrArray *addresses)
{
	static const enum address_role roles[] = { ADDRESS_FROM, ADDRESS_SENDER };

	for (gsize k = 0; k < G_N_ELEMENTS(roles); k++) {
		for (guint i = 0; i < addresses->len; i++) {
			const struct address *address = addresses->pdata[i];
			if (address->role == roles[k] && address->domain[0] != '\0')
				return address;
		}
	}
	return NULL;
}

enum direction
match_direction(
    const GPtrArray *addresses, const char *const *own_domains, const struct match_context *context)
{
	const struct address *sender = sender_of(addresses);
	guint own = 0, outside = 0;

	if (context->draft)
		return DIRECTION_DRAFT;
	if (sender == NULL || own_domains == NULL || own_domains[0] == NULL)
		return DIRECTION_UNKNOWN;
	if (!is_own(sender, own_domains))
		return DIRECTION_INBOUND;
	for (guint i = 0; i < addresses->len && outside == 0; i++) {
		if (!address_is_recipient(addresses->pdata[i]))
			continue;
		if (is_own(addresses->pdata[i], own_domains))
			own++;
		else
			outside++;
	}
	return own > 0 && outside == 0 ? DIRECTION_INTERNAL : DIRECTION_OUTBOUND;
}

static enum truth
ask(guint index, gpointer data)
{
	struct trial *trial = data;
	const struct rule_section *section = trial->rule->sections->pdata[index];
	struct finding *finding = &trial->findings[index];
	struct section_place place = { trial->rule->info.id, section->name };

	if (!finding->is_asked) {
		run_at(trial->run, place.rule);
		finding_begin(finding);
		section->kind->check(section->self, trial->run, &place, finding);
	}
	return finding->truth;
}

static void
ask_all(struct trial *trial)
{
	for (guint i = 0; i < trial->rule->sections->len; i++)
		ask(i, trial);
}

/* Moves the evidence of all sections that hold into the flag, a fair share of each. */
static void
take_hits(const struct trial *trial, struct flag *flag)
{
	guint n = trial->rule->sections->len, holding = 0;
	guint max = (guint)MIN(trial->run->limits->hits, VERDICT_HITS_MAX);

	for (guint i = 0; i < n; i++)
		holding += trial->findings[i].truth == TRUTH_TRUE;
	guint share = MAX(1, max / MAX(1, holding));
	for (guint i = 0; i < n; i++) {
		struct finding *finding = &trial->findings[i];
		if (finding->truth != TRUTH_TRUE)
			continue;
		flag->hits_total += finding->total;
		guint count = MIN(MIN(finding_hit_count(finding), share), max - flag->hits->len);
		for (guint k = 0; k < count; k++) {
			g_ptr_array_add(flag->hits, finding->hits->pdata[k]);
			finding->hits->pdata[k] = NULL;
		}
	}
}

static void
replace(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

static void
raise_severity(struct trial *trial, struct flag *flag)
{
	const GPtrArray *escalations = trial->rule->escalations;

	for (guint i = 0; i < escalations->len; i++) {
		const struct escalation *escalation = escalations->pdata[i];
		if (escalation->severity <= flag->severity ||
		    condition_check(escalation->condition, ask, trial) != TRUTH_TRUE)
			continue;
		flag->severity = escalation->severity;
		replace(&flag->escalated_by, escalation->name);
	}
}

/* Text that a reader of the mail does not see is one step worse. */
static void
raise_for_hidden(const struct trial *trial, struct flag *flag)
{
	bool is_hidden = false;

	for (guint i = 0; i < trial->rule->sections->len; i++) {
		const struct finding *finding = &trial->findings[i];
		is_hidden = is_hidden || (finding->truth == TRUTH_TRUE && finding->is_hidden);
	}
	if (!is_hidden || flag->severity == SEVERITY_HIGH)
		return;
	flag->severity++;
	if (flag->escalated_by[0] == '\0')
		replace(&flag->escalated_by, "hidden text");
}

static void
find_exception(const struct trial *trial, struct flag *flag)
{
	const GPtrArray *exceptions = trial->rule->exceptions;

	for (guint i = 0; i < exceptions->len; i++) {
		const struct except *except = exceptions->pdata[i];
		if (!except_holds(except, trial->run))
			continue;
		replace(&flag->exception, except->name);
		replace(&flag->except_reason, except->reason);
		return;
	}
}

static struct flag *
make_flag(struct trial *trial)
{
	const struct rule_info *info = &trial->rule->info;
	struct flag *flag = flag_new(info->id);

	ask_all(trial);
	replace(&flag->title, info->title);
	replace(&flag->rule_digest, info->digest);
	flag->severity = info->severity;
	raise_severity(trial, flag);
	take_hits(trial, flag);
	raise_for_hidden(trial, flag);
	find_exception(trial, flag);
	return flag;
}

static void
try_rule(struct run *run, const struct rule *rule, const struct match_options *options)
{
	struct finding few[FINDINGS_FEW];
	guint n = rule->sections->len;
	struct trial trial = { rule, run, n <= FINDINGS_FEW ? few : g_new(struct finding, n) };
	g_autofree char *why = scope_excludes(rule->scope, run);
	struct flag *flag = NULL;

	memset(trial.findings, 0, n * sizeof(struct finding));
	struct explain_rule words = { run, rule, trial.findings, ask, &trial, TRUTH_FALSE, NULL,
		why };

	if (why == NULL) {
		words.truth = condition_check(rule->flag_if, ask, &trial);
		if (words.truth == TRUTH_TRUE)
			words.flag = flag = make_flag(&trial);
	}
	/* Of a rule that does not concern the message the rest is told when it alone is asked for.
	 */
	if (options->explain && why != NULL && options->only_rule == NULL)
		explain_scope(&words);
	else if (options->explain)
		explain_rule(&words);
	if (flag != NULL)
		g_ptr_array_add(run->verdict->flags, flag);
	for (guint i = 0; i < n; i++)
		finding_clear(&trial.findings[i]);
	if (trial.findings != few)
		g_free(trial.findings);
}

static gint
by_severity(gconstpointer a, gconstpointer b)
{
	const struct flag *left = *(const struct flag *const *)a;
	const struct flag *right = *(const struct flag *const *)b;

	if (left->severity != right->severity)
		return left->severity > right->severity ? -1 : 1;
	return strcmp(left->rule, right->rule);
}

static const char *
left_out(const struct match_watch *watch, const struct rule *rule)
{
	return watch != NULL ? watch->left_out(rule->info.id, watch->data) : NULL;
}

void
match_message(const struct ruleset *ruleset, const struct message *message,
    const struct match_context *context, const struct match_options *options,
    struct verdict *verdict)
{
	static const struct match_options plain = { 0 };
	g_autoptr(world) world = world_over(ruleset->world,
	    (const char *const *)context->own_domains, context->lists, context->groups);
	struct run run;

	options = options != NULL ? options : &plain;
	verdict->facts |= context->facts;
	verdict->direction = match_direction(verdict->addresses, world_own_domains(world), context);
	run_init(&run, world, ruleset->engine, &ruleset->limits, message, context, verdict);
	run_set_prefilter(&run, ruleset->prefilter, ruleset->patterns->len, ruleset->searched);
	run.explaining = options->explain;
	run.watch = options->watch;
	for (guint i = 0; i < ruleset->rules->len; i++) {
		const struct rule *rule = ruleset->rules->pdata[i];
		if (options->only_rule != NULL && strcmp(options->only_rule, rule->info.id) != 0)
			continue;
		const char *why = left_out(options->watch, rule);
		if (why != NULL)
			run_undecided(&run, rule->info.id, WHOLE_RULE, "", why);
		else if (options->explain || gates_open(ruleset->gates, i, &run))
			try_rule(&run, rule, options);
	}
	run_at(&run, NULL);
	run_clear(&run);
	g_ptr_array_sort(verdict->flags, by_severity);
}
