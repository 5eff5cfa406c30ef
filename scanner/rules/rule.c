/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/rule.h"

#include <string.h>

#include "base/clock.h"

#define ID_MAX 64

static const char *const rule_keys[] = { "id", "title", "severity", "description",
	"false_positives", "next_step", "status", "references", "owner", "modified", "legal_basis",
	NULL };
static const char *const status_words[] = { "stable", "test", NULL };
static const char *const condition_keys[] = { "flag_if", NULL };
static const char *const escalate_keys[] = { "if", "severity", NULL };
static const char *const action_keys[] = { "keep_copy", "forward", "notify", NULL };

/* Every first word of a section name; those that come once carry no name behind it. */
static const char *const section_words[] = { "rule", "scope", "parties", "attachment", "content",
	"message", "condition", "escalate", "except", "action", "test", NULL };
static const char *const single_words[] = { "rule", "scope", "condition", "action", NULL };

static void
section_free(gpointer data)
{
	struct rule_section *section = data;

	if (section->self != NULL)
		section->kind->free(section->self);
	g_free(section->name);
	g_free(section);
}

static void
escalation_free(gpointer data)
{
	struct escalation *escalation = data;

	condition_free(escalation->condition);
	g_free(escalation->name);
	g_free(escalation);
}

static void
free_except(gpointer data)
{
	except_free(data);
}

static void
free_test(gpointer data)
{
	rule_test_free(data);
}

static struct rule *
rule_new(void)
{
	struct rule *rule = g_new0(struct rule, 1);

	rule->sections = g_ptr_array_new_with_free_func(section_free);
	rule->escalations = g_ptr_array_new_with_free_func(escalation_free);
	rule->exceptions = g_ptr_array_new_with_free_func(free_except);
	rule->tests = g_ptr_array_new_with_free_func(free_test);
	return rule;
}

void
rule_free(struct rule *rule)
{
	if (rule == NULL)
		return;
	const char *const strings[] = { rule->info.id, rule->info.file, rule->info.path,
		rule->info.digest, rule->info.pack, rule->info.title, rule->info.description,
		rule->info.false_positives, rule->info.next_step, rule->info.forward };
	for (gsize i = 0; i < G_N_ELEMENTS(strings); i++)
		g_free((char *)strings[i]);
	scope_free(rule->scope);
	condition_free(rule->flag_if);
	g_ptr_array_unref(rule->sections);
	g_ptr_array_unref(rule->escalations);
	g_ptr_array_unref(rule->exceptions);
	g_ptr_array_unref(rule->tests);
	g_free(rule);
}

static bool
is_id(const char *id)
{
	return g_ascii_islower(id[0]) && strlen(id) <= ID_MAX &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(id);
}

static bool
load_severity(const struct builder *builder, const struct ini_section *section, guint *out)
{
	if (ini_entry(section, "severity") == NULL)
		ini_problem(section, NULL, 0, builder->problems,
		    "write severity = low, medium or high", "[%s] needs severity", section->name);
	return ini_choice(section, "severity", severity_words, out, builder->problems);
}

static void
load_info(struct rule *rule, const struct builder *builder, const struct ini_section *section)
{
	struct rule_info *info = &rule->info;
	guint severity = SEVERITY_LOW, status;
	guint32 day;

	ini_check_keys(section, rule_keys, builder->problems);
	info->id = builder_text(builder, section, "id", true);
	info->title = builder_text(builder, section, "title", true);
	info->description = builder_text(builder, section, "description", true);
	info->false_positives = builder_text(builder, section, "false_positives", false);
	info->next_step = builder_text(builder, section, "next_step", false);
	load_severity(builder, section, &severity);
	info->severity = severity;
	ini_choice(section, "status", status_words, &status, builder->problems);
	ini_date(section, "modified", &day, builder->problems);
	if (info->id[0] != '\0' && !is_id(info->id))
		ini_problem(section, ini_entry(section, "id"), 0, builder->problems,
		    "write lower-case letters, digits and hyphens", "not a rule id");
}

/* True when the first word of the name is known, and a name follows only where it may. */
static bool
check_name(const struct builder *builder, const struct ini_section *section)
{
	gsize length = strcspn(section->name, ".");
	g_autofree char *word = g_strndup(section->name, length);
	bool is_named = section->name[length] != '\0';

	if (word_index(section_words, word) < 0) {
		const char *near = problem_did_you_mean(word, section_words);
		g_autofree char *all = g_strjoinv(", ", (GStrv)section_words);
		g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean [%s%s]?", near,
							   section->name + length)
						     : g_strdup_printf("write one of %s", all);
		ini_problem(section, NULL, 0, builder->problems, mend, "a rule has no section [%s]",
		    section->name);
		return false;
	}
	if (is_named && word_index(single_words, word) >= 0) {
		ini_problem(section, NULL, 0, builder->problems, NULL,
		    "[%s] comes once and carries no name", word);
		return false;
	}
	return true;
}

static void
load_sections(struct rule *rule, const struct builder *builder, const struct ini *ini)
{
	const GPtrArray *all = ini_sections(ini);

	for (guint i = 0; i < all->len; i++) {
		const struct ini_section *section = all->pdata[i];
		if (!check_name(builder, section))
			continue;
		const struct section_kind *kind = section_kind_of(section->name);
		if (kind == NULL)
			continue;
		struct rule_section *one = g_new0(struct rule_section, 1);
		one->name = g_strdup(section->name);
		one->kind = kind;
		one->self = kind->load(builder, section);
		g_ptr_array_add(rule->sections, one);
	}
	const struct ini_section *head = ini_section(ini, "rule");
	if (rule->sections->len == 0)
		ini_problem(head, NULL, 0, builder->problems,
		    "add a section such as [parties.x] or [content.x]",
		    "the rule asks for nothing");
	if (rule->sections->len > RULE_SECTIONS_MAX)
		ini_problem(head, NULL, 0, builder->problems, NULL,
		    "a rule has at most %d sections", RULE_SECTIONS_MAX);
}

static void
load_escalation(struct rule *rule, const struct builder *builder, const struct ini_section *section,
    const char *const *names)
{
	const struct ini_entry *entry = ini_entry(section, "if");
	guint severity = SEVERITY_HIGH;

	ini_check_keys(section, escalate_keys, builder->problems);
	if (entry == NULL) {
		ini_problem(section, NULL, 0, builder->problems, "write if = attachment.x",
		    "[%s] needs if", section->name);
		return;
	}
	if (!load_severity(builder, section, &severity))
		return;
	struct condition *condition = condition_parse(section, entry, names, builder->problems);
	if (condition == NULL)
		return;
	struct escalation *escalation = g_new0(struct escalation, 1);
	escalation->name = g_strdup(section->name);
	escalation->condition = condition;
	escalation->severity = severity;
	escalation->line = section->line;
	g_ptr_array_add(rule->escalations, escalation);
}

static void
load_flag_if(struct rule *rule, const struct builder *builder, const struct ini *ini,
    const char *const *names)
{
	const struct ini_section *section = ini_section(ini, "condition");

	rule->line = rule->flag_if_line = ini_section(ini, "rule")->line;
	if (section == NULL) {
		rule->flag_if = condition_all(rule->sections->len);
		return;
	}
	ini_check_keys(section, condition_keys, builder->problems);
	const struct ini_entry *entry = ini_entry(section, "flag_if");
	if (entry == NULL)
		ini_problem(section, NULL, 0, builder->problems, "write flag_if = ...",
		    "[condition] needs flag_if");
	else
		rule->flag_if = condition_parse(section, entry, names, builder->problems);
	if (entry != NULL)
		rule->flag_if_line = entry->line;
}

/* A section that nothing names is a mistake that no test may show. */
static void
warn_unused(const struct rule *rule, const struct builder *builder, const struct ini *ini)
{
	g_autofree bool *used = g_new0(bool, rule->sections->len + 1);

	if (rule->flag_if == NULL)
		return;
	condition_mark(rule->flag_if, used);
	for (guint i = 0; i < rule->escalations->len; i++) {
		const struct escalation *escalation = rule->escalations->pdata[i];
		condition_mark(escalation->condition, used);
	}
	for (guint i = 0; i < rule->sections->len; i++) {
		const struct rule_section *section = rule->sections->pdata[i];
		if (!used[i])
			ini_warning(ini_section(ini, section->name), NULL, builder->problems, NULL,
			    "[%s] is not used by flag_if", section->name);
	}
}

static void
load_conditions(struct rule *rule, const struct builder *builder, const struct ini *ini)
{
	const GPtrArray *all = ini_sections(ini);
	g_autofree const char **names = g_new0(const char *, rule->sections->len + 1);

	for (guint i = 0; i < rule->sections->len; i++)
		names[i] = ((const struct rule_section *)rule->sections->pdata[i])->name;
	load_flag_if(rule, builder, ini, names);
	for (guint i = 0; i < all->len; i++) {
		const struct ini_section *section = all->pdata[i];
		if (g_str_has_prefix(section->name, "escalate"))
			load_escalation(rule, builder, section, names);
	}
	warn_unused(rule, builder, ini);
}

static void
load_action(struct rule *rule, const struct builder *builder, const struct ini_section *section)
{
	bool notify = false;

	rule->info.keep_copy = true;
	if (section == NULL) {
		rule->info.forward = g_strdup("");
		return;
	}
	ini_check_keys(section, action_keys, builder->problems);
	ini_bool(section, "keep_copy", &rule->info.keep_copy, builder->problems);
	if (ini_entry(section, "notify") != NULL &&
	    ini_bool(section, "notify", &notify, builder->problems))
		rule->info.notify = notify ? RULE_NOTIFY_YES : RULE_NOTIFY_NO;
	rule->info.forward = builder_text(builder, section, "forward", false);
}

/* "cards" of "packs/cards/10-x.ini". */
static char *
pack_of(const char *file)
{
	if (!g_str_has_prefix(file, SOURCES_PACKS))
		return g_strdup("");
	const char *name = file + strlen(SOURCES_PACKS);
	return g_strndup(name, strcspn(name, "/"));
}

struct rule *
rule_load(const struct builder *builder, const struct source *source, const struct ini *ini)
{
	struct rule *rule = rule_new();
	const GPtrArray *all = ini_sections(ini);

	rule->info.file = g_strdup(source->name);
	rule->info.pack = pack_of(source->name);
	rule->info.path = g_strdup(source->path);
	rule->info.digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, source->text);
	load_info(rule, builder, ini_section(ini, "rule"));
	rule->scope = scope_load(builder, ini_section(ini, "scope"));
	load_action(rule, builder, ini_section(ini, "action"));
	load_sections(rule, builder, ini);
	load_conditions(rule, builder, ini);
	for (guint i = 0; i < all->len; i++) {
		const struct ini_section *section = all->pdata[i];
		if (g_str_has_prefix(section->name, "except"))
			g_ptr_array_add(
			    rule->exceptions, except_load(builder, section, clock_now()));
		if (!g_str_has_prefix(section->name, "test"))
			continue;
		struct rule_test *test = rule_test_load(builder, section, rule);
		if (test != NULL)
			g_ptr_array_add(rule->tests, test);
	}
	rule->info.tests = rule->tests->len;
	return rule;
}
