/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_RULES_KIT_H
#define FLAGPOST_TESTS_RULES_KIT_H
/*
 * kit - rule sets and messages by hand. Every rule gets the head below (nine lines), so that line
 * 10 is the first of what a test writes.
 */
#include <glib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/match.h"

#define KIT_HEAD                                                                                   \
	"# head\n[rule]\nid = one\ntitle = One\nseverity = medium\ndescription = One.\n\n\n\n"

#define KIT __attribute__((unused)) static

static inline void
kit_add(struct sources *sources, enum source_kind kind, const char *name, const char *text)
{
	struct source *source = g_new0(struct source, 1);

	source->kind = kind;
	source->name = g_strdup(name);
	source->path = g_strdup(name);
	source->text = g_bytes_new(text, strlen(text));
	g_ptr_array_add(sources->files, source);
}

KIT struct sources *
kit_sources(void)
{
	static const char *const own[] = { "corp.example", "corp-mail.example", NULL };
	static const char *const sales[] = { "anna@corp.example", NULL };
	struct sources *sources = sources_new();

	kit_add(sources, SOURCE_LIST, "competitors", "# c\n\nrival.example\n*.contender.example\n");
	kit_add(sources, SOURCE_LIST, "freemail", "freemail.example\n");
	kit_add(sources, SOURCE_LIST, "banks", "northbank.co.uk\n");
	kit_add(sources, SOURCE_LIST, "disposable", "throwaway.example\n");
	kit_add(sources, SOURCE_LIST, "terms", "project falcon\nnightjar\nprice floor\n");
	kit_add(sources, SOURCE_LIST, "near", "secret\nconfidential\n");
	kit_add(sources, SOURCE_LIST, "restricted", "clara@corp.example\n");
	sources_set_own_domains(sources, own);
	sources_add_group(sources, "sales", sales);
	return sources;
}

KIT struct ruleset *
kit_try(struct sources *sources, GString *report)
{
	g_autoptr(problems) problems = problems_new();
	struct limits limits;

	limits_default(&limits);
	sources_seal(sources);
	struct ruleset *ruleset = ruleset_compile(sources, &limits, problems);
	for (guint i = 0; i < problems_total(problems); i++) {
		const struct problem *problem = problems_get(problems, i);
		g_string_append_printf(report, "%s%u:%u: %s%s%s\n",
		    problem->level == PROBLEM_WARNING ? "warning " : "", problem->line,
		    problem->column, problem->text, problem->mend != NULL ? " | " : "",
		    problem->mend != NULL ? problem->mend : "");
	}
	return ruleset;
}

/* A rule of the head and body; the report says what is wrong with it. */
KIT struct ruleset *
kit_compile(const char *body, GString *report)
{
	g_autoptr(sources) sources = kit_sources();
	g_autofree char *text = g_strconcat(KIT_HEAD, body, NULL);

	kit_add(sources, SOURCE_RULE, "10-one.ini", text);
	return kit_try(sources, report);
}

KIT struct ruleset *
kit_rule(const char *body)
{
	g_autoptr(GString) report = g_string_new(NULL);
	struct ruleset *ruleset = kit_compile(body, report);

	if (ruleset == NULL)
		g_error("the rule does not compile:\n%s\n%s", body, report->str);
	return ruleset;
}

static inline void
kit_addresses(struct message *message, enum address_role role, const char *list)
{
	g_auto(GStrv) all = g_strsplit(list, " ", -1);

	for (guint i = 0; all[i] != NULL && all[i][0] != '\0'; i++)
		g_ptr_array_add(message->addresses, address_new(role, NULL, all[i]));
}

/* Addresses are separated by blanks; body may be NULL. */
KIT struct message *
kit_message(const char *from, const char *to, const char *body)
{
	struct message *message = message_new();

	kit_addresses(message, ADDRESS_FROM, from);
	kit_addresses(message, ADDRESS_TO, to);
	if (body != NULL)
		message_add_text(
		    message, COMPONENT_BODY, NULL, TEXT_NO_PART, g_strdup(body), strlen(body));
	return message;
}

KIT struct part *
kit_part(struct message *message, const char *path, const char *name, const char *type)
{
	struct part *part = message_add_part(message, path);

	g_free(part->name);
	part->name = g_strdup(name);
	g_free(part->true_type);
	part->true_type = g_strdup(type);
	part->attachment = true;
	return part;
}

static inline struct verdict *
kit_match_with(const struct ruleset *ruleset, struct message *message,
    const struct match_context *context, const struct match_options *options)
{
	g_autoptr(match_context) plain = match_context_new();
	struct verdict *verdict = verdict_from_message(message);

	match_message(ruleset, message, context != NULL ? context : plain, options, verdict);
	message_free(message);
	return verdict;
}

/* Takes message. context may be NULL. */
KIT struct verdict *
kit_match(const struct ruleset *ruleset, struct message *message,
    const struct match_context *context, bool explain)
{
	struct match_options options = { .explain = explain };

	return kit_match_with(ruleset, message, context, &options);
}

/* Takes message. Explained; rule NULL: all rules. */
KIT struct verdict *
kit_explain(const struct ruleset *ruleset, struct message *message, const char *rule)
{
	struct match_options options = { .explain = true, .only_rule = rule };

	return kit_match_with(ruleset, message, NULL, &options);
}

/* Takes message. True when the rule flags it. */
KIT bool
kit_flags(const char *body, struct message *message)
{
	g_autoptr(ruleset) ruleset = kit_rule(body);
	g_autoptr(verdict) verdict = kit_match(ruleset, message, NULL, false);

	return verdict_flag_count(verdict) > 0;
}

#endif
