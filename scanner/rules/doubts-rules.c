/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rules as a whole: two that say the same, and tests that are missing.
 */
#include <string.h>

#include "rules/doubts-inside.h"

/* What decides about flags, whatever it is called and in whatever order it was written. */
static bool
decides(const struct ini_section *section)
{
	static const char *const others[] = { "rule", "test", "except", "action", NULL };
	g_autofree char *word = g_strndup(section->name, strcspn(section->name, "."));

	return word_index(others, word) < 0;
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "content.x\nwords=falcon", sorted; NULL for a file that is no rule. */
static char *
substance_of(const struct source *source, guint *line)
{
	g_autoptr(problems) unheard = problems_new();
	g_autoptr(ini) ini = ini_parse(source->path, source->text, unheard);
	const struct ini_section *head = ini != NULL ? ini_section(ini, "rule") : NULL;
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);

	if (head == NULL)
		return NULL;
	*line = head->line;
	const GPtrArray *sections = ini_sections(ini);
	for (guint i = 0; i < sections->len; i++) {
		const struct ini_section *section = sections->pdata[i];
		for (guint k = 0; decides(section) && k < section->entries->len; k++) {
			const struct ini_entry *entry = section->entries->pdata[k];
			g_ptr_array_add(lines,
			    g_strdup_printf("%s\n%s=%s", section->name, entry->key, entry->value));
		}
	}
	g_ptr_array_sort(lines, by_text);
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (GStrv)lines->pdata);
}

void
doubts_find_twins(const struct sources *sources, struct problems *problems)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = sources->files->pdata[i];
		guint line = 0;
		if (source->kind != SOURCE_RULE || g_bytes_get_size(source->text) == 0)
			continue;
		char *substance = substance_of(source, &line);
		const struct source *other =
		    substance != NULL ? g_hash_table_lookup(seen, substance) : NULL;
		if (other != NULL)
			problems_add(problems, PROBLEM_WARNING, source->path, line, 1, NULL,
			    "leave one out: an empty file of its name switches it off",
			    "the rule asks for the same as %s", other->path);
		if (substance == NULL || other != NULL)
			g_free(substance);
		else
			g_hash_table_insert(seen, substance, (gpointer)source);
	}
}

/* A rule without a test that flags may never flag; without one that passes it may flag all. */
static void
find_lack(const struct rule *rule, struct problems *problems)
{
	guint flags = 0;

	for (guint i = 0; i < rule->tests->len; i++)
		flags += ((const struct rule_test *)rule->tests->pdata[i])->expect_flag;
	if (rule->tests->len == 0)
		problems_add(problems, PROBLEM_WARNING, rule->info.path, rule->line, 1, NULL,
		    "add [test.1]", "rule '%s' has no test", rule->info.id);
	else if (flags == 0)
		problems_add(problems, PROBLEM_WARNING, rule->info.path, rule->line, 1, NULL,
		    "add a test with expect = flag", "no test of rule '%s' shows that it flags",
		    rule->info.id);
	else if (flags == rule->tests->len)
		problems_add(problems, PROBLEM_WARNING, rule->info.path, rule->line, 1, NULL,
		    "add a test with expect = pass", "no test of rule '%s' shows what it lets pass",
		    rule->info.id);
}

void
doubts_find_untested(const struct ruleset *ruleset, struct problems *problems)
{
	for (guint i = 0; i < ruleset->rules->len; i++)
		find_lack(ruleset->rules->pdata[i], problems);
}
