/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/doubts.h"

#include <string.h>

#include "rules/doubts-inside.h"

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

char *
doubts_place(const char *file, guint line)
{
	return g_strdup_printf("%u %s", line, file);
}

/* Numbers of one form are told apart by their checks: places of such patterns. */
static void
add_validated(const struct source *source, GHashTable *places)
{
	g_autoptr(problems) unheard = problems_new();
	g_autoptr(ini) ini = ini_parse(source->path, source->text, unheard);

	for (guint i = 0; ini != NULL && i < ini_sections(ini)->len; i++) {
		const struct ini_section *section = g_ptr_array_index(ini_sections(ini), i);
		if (ini_entry(section, "validator") == NULL)
			continue;
		for (guint k = 0; k < section->entries->len; k++) {
			const struct ini_entry *entry = section->entries->pdata[k];
			g_hash_table_add(places, doubts_place(source->path, entry->line));
		}
	}
}

static GHashTable *
find_validated(const struct sources *sources)
{
	GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		if (source->kind == SOURCE_RULE && g_bytes_get_size(source->text) > 0)
			add_validated(source, places);
	}
	return places;
}

static void
find_twice(const struct ruleset *ruleset, const struct sources *sources, struct problems *problems)
{
	g_autoptr(GHashTable) validated = find_validated(sources);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < ruleset->patterns->len; i++) {
		const struct pattern *pattern = ruleset->patterns->pdata[i];
		g_autofree char *place = doubts_place(pattern_file(pattern), pattern_line(pattern));
		if (g_hash_table_contains(validated, place))
			continue;
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

void
doubts_find(const struct ruleset *ruleset, const struct sources *sources, struct problems *problems)
{
	find_runaways(ruleset, problems);
	find_twice(ruleset, sources, problems);
	doubts_find_conditions(ruleset, problems);
	doubts_find_twins(sources, problems);
	doubts_find_untested(ruleset, problems);
	doubts_find_broad(ruleset, sources, problems);
}
