/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [test.N] of a rule: the message or text, and the world in which the rule is to judge it.
 */
#include <string.h>

#include "base/clock.h"
#include "rules/rule.h"

#define JULIAN_1970 719163

static const char *const keys[] = { "expect", "message", "part", "text", "own_domains", "list.*",
	"group.*", "edm.*", "fingerprint.*", "draft", "dead_drop", "facts", "first_seen", "folder",
	"account", "today", NULL };
static const char *const expect_words[] = { "flag", "pass", NULL };

static void
free_lines(gpointer data)
{
	g_strfreev(data);
}

/*
 * Adds the `list.NAME = a, b` keys to a table, which is made with the first. The name of a data set
 * keeps its prefix.
 */
static GHashTable *
load_table(const struct builder *builder, const struct ini_section *section, GHashTable *table,
    const char *prefix, gsize skipped)
{

	for (guint i = 0; i < section->entries->len; i++) {
		const struct ini_entry *entry = section->entries->pdata[i];
		GStrv items = NULL;
		if (!g_str_has_prefix(entry->key, prefix) ||
		    !ini_list(section, entry->key, &items, builder->problems))
			continue;
		if (table == NULL)
			table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_lines);
		g_hash_table_insert(table, g_strdup(entry->key + skipped), items);
	}
	return table;
}

static void
replace_text(char **field, const struct ini_section *section, const char *key)
{
	const char *value = ini_get(section, key);

	if (value != NULL) {
		g_free(*field);
		*field = g_strdup(value);
	}
}

/* What no worker finds out is stated; what stands in the message's bytes is not. */
static void
load_facts(
    struct match_context *context, const struct builder *builder, const struct ini_section *section)
{
	guint facts = 0;

	if (builder_bits(builder, section, "facts", message_fact_words, &facts) &&
	    (facts & ~(guint)MATCH_PARENT_FACTS) != 0) {
		g_autofree const char **words = fact_words(message_fact_words, MATCH_PARENT_FACTS);
		g_autofree char *all = g_strjoinv(", ", (GStrv)words);
		g_autofree char *mend = g_strconcat("write some of ", all, NULL);
		ini_problem(section, ini_entry(section, "facts"), 0, builder->problems, mend,
		    "a test states what the message's bytes do not show");
	}
	context->facts |= facts;
	ini_list(section, "first_seen", &context->first_seen, builder->problems);
	for (guint i = 0; context->first_seen != NULL && context->first_seen[i] != NULL; i++) {
		char *folded = address_fold(context->first_seen[i]);
		g_free(context->first_seen[i]);
		context->first_seen[i] = folded;
	}
}

static struct match_context *
load_context(const struct builder *builder, const struct ini_section *section)
{
	static const char *const own[] = { "corp.example", "corp-mail.example", NULL };
	struct match_context *context = match_context_new();
	guint32 today;

	if (!ini_list(section, "own_domains", &context->own_domains, builder->problems))
		context->own_domains = g_strdupv((GStrv)own);
	context->lists = load_table(builder, section, NULL, "list.", strlen("list."));
	context->lists = load_table(builder, section, context->lists, WORLD_EDM, 0);
	context->lists = load_table(builder, section, context->lists, WORLD_PRINTS, 0);
	context->groups = load_table(builder, section, NULL, "group.", strlen("group."));
	bool dead_drop = false;
	ini_bool(section, "draft", &context->draft, builder->problems);
	if (ini_bool(section, "dead_drop", &dead_drop, builder->problems) && dead_drop)
		context->facts |= FACT_DEAD_DROP;
	load_facts(context, builder, section);
	replace_text(&context->folder, section, "folder");
	replace_text(&context->account, section, "account");
	if (ini_date(section, "today", &today, builder->problems))
		context->now = ((gint64)today - JULIAN_1970) * 86400 * G_USEC_PER_SEC;
	return context;
}

static bool
has_content(const struct rule *rule, const char *name)
{
	for (guint i = 0; i < rule->sections->len; i++) {
		const struct rule_section *section = rule->sections->pdata[i];
		if (section->kind == &section_content && strcmp(section->name, name) == 0)
			return true;
	}
	return false;
}

/* NULL-terminated; the array is the caller's. */
static const char **
content_names(const struct rule *rule)
{
	const char **names = g_new0(const char *, rule->sections->len + 1);
	guint n = 0;

	for (guint i = 0; i < rule->sections->len; i++) {
		const struct rule_section *section = rule->sections->pdata[i];
		if (section->kind == &section_content)
			names[n++] = section->name;
	}
	return names;
}

/* Either a message, or a section and a text for it. */
static bool
check_subject(
    const struct builder *builder, const struct ini_section *section, const struct rule *rule)
{
	const char *part = ini_get(section, "part");
	bool has_message = ini_get(section, "message") != NULL;
	bool has_text = ini_get(section, "text") != NULL;

	if (has_message == has_text || has_message == (part != NULL)) {
		ini_problem(section, NULL, 0, builder->problems,
		    "write message = FILE, or part = content.x and text = ...",
		    "[%s] needs a message, or a part and a text", section->name);
		return false;
	}
	if (part == NULL || has_content(rule, part))
		return true;
	g_autofree const char **names = content_names(rule);
	const char *near = problem_did_you_mean(part, names);
	g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near)
					     : g_strdup("name a content section of this file");
	ini_problem(section, ini_entry(section, "part"), 0, builder->problems, mend,
	    "there is no section [%s] that reads text", part);
	return false;
}

struct rule_test *
rule_test_load(
    const struct builder *builder, const struct ini_section *section, const struct rule *rule)
{
	guint expect = 0;

	ini_check_keys(section, keys, builder->problems);
	if (ini_entry(section, "expect") == NULL) {
		ini_problem(section, NULL, 0, builder->problems, "write expect = flag or pass",
		    "[%s] needs expect", section->name);
		return NULL;
	}
	if (!ini_choice(section, "expect", expect_words, &expect, builder->problems) ||
	    !check_subject(builder, section, rule))
		return NULL;
	struct rule_test *test = g_new0(struct rule_test, 1);
	const char *message = ini_get(section, "message");
	g_autofree char *folder = g_path_get_dirname(rule->info.path);
	if (message != NULL)
		test->message = g_path_is_absolute(message)
				    ? g_strdup(message)
				    : g_build_filename(folder, message, NULL);
	test->rule = &rule->info;
	test->name = g_strdup(section->name);
	test->expect_flag = expect == 0;
	test->part = g_strdup(ini_get(section, "part"));
	test->text = g_strdup(ini_get(section, "text"));
	test->context = load_context(builder, section);
	test->line = section->line;
	return test;
}

void
rule_test_free(struct rule_test *test)
{
	if (test == NULL)
		return;
	g_free((char *)test->name);
	g_free((char *)test->message);
	g_free((char *)test->part);
	g_free((char *)test->text);
	match_context_free((struct match_context *)test->context);
	g_free(test);
}
