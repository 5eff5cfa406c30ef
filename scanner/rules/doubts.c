/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/doubts.h"

#include <string.h>

#include "rules/builder.h"
#include "rules/doubts-inside.h"

#define WORD_LETTERS 3 /* shorter words of letters alone stand in too many mails */
#define BROAD_TEXT   "'%s' stands in nearly every mail"
#define BROAD_MEND   "leave it out, or make it part of a phrase"

static void
doubt_pattern(
    const struct pattern *pattern, struct problems *problems, const char *mend, const char *text)
{
	problems_add(problems, PROBLEM_WARNING, pattern_file(pattern), pattern_line(pattern),
	    pattern_column(pattern), NULL, mend, "%s %s", pattern_key(pattern), text);
}

static void
find_runaways(const struct ruleset *ruleset, struct problems *problems)
{
	for (guint i = 0; i < ruleset->patterns->len; i++) {
		const struct pattern *pattern = ruleset->patterns->pdata[i];
		if (pattern_runs_away(pattern))
			doubt_pattern(pattern, problems,
			    "let no repeat stand in a repeat: a+ for (a+)+, or (?>a+)",
			    "takes a long time on texts that nearly match: it will give up on "
			    "some");
	}
}

static void
find_twice(const struct ruleset *ruleset, struct problems *problems)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < ruleset->patterns->len; i++) {
		const struct pattern *pattern = ruleset->patterns->pdata[i];
		char *key = g_strdup_printf("%d %u %s", pattern_ignores_case(pattern),
		    pattern_components(pattern), pattern_text(pattern));
		const struct pattern *other = g_hash_table_lookup(seen, key);
		if (other == NULL) {
			g_hash_table_insert(seen, key, (void *)pattern);
			continue;
		}
		g_free(key);
		g_autofree char *text = g_strdup_printf(
		    "is the same as that of %s:%u", pattern_file(other), pattern_line(other));
		doubt_pattern(pattern, problems,
		    "leave one out, or make it a detector that both rules name", text);
	}
}

/* Of letters of alphabets alone: a word of two signs is long where a sign is a word. */
static bool
is_short(const char *word)
{
	guint letters = 0;

	for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p), letters++) {
		gunichar c = g_utf8_get_char(p);
		if (c >= 0x530 || !g_unichar_isalpha(c))
			return false;
	}
	return letters > 0 && letters < WORD_LETTERS;
}

static bool
is_everywhere(const char *folded)
{
	static const char *const words[] = { "the", "and", "for", "you", "with", "this", "that",
		"der", "die", "das", "und", "mit", "les", "des", "une", "pour", "los", "las", "que",
		"con", "per", "het", "een", "van", NULL };

	return g_strv_contains(words, folded);
}

static bool
is_broad(const struct list_entry *entry)
{
	return is_short(entry->folded) || is_everywhere(entry->folded);
}

static void
find_broad_words(
    const struct ruleset *ruleset, const struct source *source, struct problems *problems)
{
	const struct list *list = world_list(ruleset->world, source->name);

	if (list != NULL && list_phrases(list) != NULL && list_entries(list)->len == 0)
		problems_add(problems, PROBLEM_WARNING, source->path, 1, 1, NULL,
		    "add lines, or leave the file out", "the list is empty: nothing is on it");
	if (list == NULL || list_phrases(list) == NULL)
		return; /* of domains, addresses: nobody searches text for it */
	const GPtrArray *entries = list_entries(list);
	for (guint i = 0; i < entries->len; i++) {
		const struct list_entry *entry = g_ptr_array_index(entries, i);
		if (is_broad(entry))
			problems_add(problems, PROBLEM_WARNING, source->path, entry->line, 1, NULL,
			    BROAD_MEND, BROAD_TEXT, entry->text);
	}
}

/* Words that stand in the rule itself. */
static void
find_broad_items(
    const struct source *source, const struct ini_section *section, struct problems *problems)
{
	g_autoptr(problems) unheard = problems_new();
	g_auto(GStrv) items = NULL;

	if (!ini_list(section, "words", &items, unheard))
		return;
	g_autoptr(list) list = list_from_lines("", (const char *const *)items);
	const struct ini_entry *entry = ini_entry(section, "words");
	for (guint i = 0; i < list_entries(list)->len; i++) {
		const struct list_entry *item = g_ptr_array_index(list_entries(list), i);
		if (is_broad(item))
			problems_add(problems, PROBLEM_WARNING, source->path, entry->line,
			    entry->column + (guint)builder_item_offset(entry->value, i), NULL,
			    BROAD_MEND, BROAD_TEXT, item->text);
	}
}

static void
find_broad_rules(const struct source *source, struct problems *problems)
{
	g_autoptr(problems) unheard = problems_new();
	g_autoptr(ini) ini = ini_parse(source->path, source->text, unheard);

	for (guint i = 0; ini != NULL && i < ini_sections(ini)->len; i++)
		find_broad_items(source, g_ptr_array_index(ini_sections(ini), i), problems);
}

void
doubts_find(const struct ruleset *ruleset, const struct sources *sources, struct problems *problems)
{
	find_runaways(ruleset, problems);
	find_twice(ruleset, problems);
	doubts_find_conditions(ruleset, problems);
	doubts_find_twins(sources, problems);
	doubts_find_untested(ruleset, problems);
	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		if (source->kind == SOURCE_LIST)
			find_broad_words(ruleset, source, problems);
		else if (source->kind == SOURCE_RULE && g_bytes_get_size(source->text) > 0)
			find_broad_rules(source, problems);
	}
}
