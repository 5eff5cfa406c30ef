/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in nearly every mail: words of lists and rules, and patterns, which are tried on a
 * few mails of every day. A pattern that finds something in all those of one language is broad,
 * unless its section counts matches or wants words near them.
 */
#include <string.h>

#include "rules/builder.h"
#include "rules/doubts-inside.h"

#define WORD_LETTERS  3 /* shorter words of letters alone stand in too many mails */
#define BROAD_TEXT    "'%s' stands in nearly every mail"
#define BROAD_MEND    "leave it out, or make it part of a phrase"
#define PATTERN_MEND  "ask for more around it, or for several with min_hits"
#define MAILS         3  /* of each language */
#define SHOWN_MAX     20 /* characters of what a pattern finds */
#define TRIED_SECONDS 1

static const char *const everyday[][MAILS] = {
	{ "Hello Anna,\n\nthank you for your mail. This is the list that you and I went through "
	  "with "
	  "the team on 12 March.\n\nBest regards\nBert\n",
	    "Dear all,\n\nplease note that the call with you for this project moves to 10:30, and "
	    "it "
	    "takes 1 hour.\n\nKind regards, Clara\n",
	    "Hi David,\n\nthis is the report for 2 weeks. Can you and Eva read it, and compare "
	    "that "
	    "with the plan?\n\nThanks and see you\n" },
	{ "Hallo Anna,\n\nvielen Dank f\303\274r die Mail. Das ist die Liste, die der Kollege und "
	  "ich am 12. "
	  "M\303\244rz mit dem Team besprochen haben.\n\nViele Gr\303\274\303\237e\nBert\n",
	    "Guten Tag,\n\nder Termin und das Gespr\303\244ch mit der Abteilung sind um 10:30 Uhr, "
	    "die "
	    "Einladung kommt noch.\n\nMit freundlichen Gr\303\274\303\237en\nClara\n",
	    "Lieber David,\n\nanbei der Bericht und das Protokoll mit 2 Anlagen. K\303\266nnen Sie "
	    "die "
	    "Zahlen pr\303\274fen?\n\nDanke und Gru\303\237\n" },
	{ "Bonjour Anna,\n\nmerci pour votre message. Voici une liste des points et les notes de "
	  "la "
	  "r\303\251union du 12 mars.\n\nCordialement\nBert\n",
	    "Madame, Monsieur,\n\nles heures des visites changent pour une semaine : le "
	    "rendez-vous "
	    "est \303\240 10:30.\n\nCordialement\nClara\n",
	    "Bonjour David,\n\nvoici les documents pour une r\303\251ponse des services dans 2 "
	    "jours.\n\nMerci et \303\240 bient\303\264t\n" },
	{ "Hola Anna:\n\nGracias por el mensaje. Estos son los puntos y las notas que hablamos con "
	  "el equipo el 12 de marzo.\n\nUn saludo\nBert\n",
	    "Buenos d\303\255as:\n\nLas visitas que tenemos con los clientes empiezan a las "
	    "10:30.\n\nUn saludo, Clara\n",
	    "Hola David:\n\n\302\277Puedes mirar los datos con Eva? Son las 2 tablas que "
	    "faltan.\n\nGracias "
	    "y un saludo\n" },
};

/* --- words --- */

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

/* --- patterns --- */

/* True when the pattern finds something, which *found gets. */
static bool
finds(struct pattern_engine *engine, const struct pattern *pattern, const char *mail, char **found)
{
	gint64 deadline = g_get_monotonic_time() + TRIED_SECONDS * G_USEC_PER_SEC;
	const char *reason;
	struct span span;

	if (pattern_next(engine, pattern, mail, strlen(mail), 0, deadline, &span, &reason) !=
	    PATTERN_FOUND)
		return false;
	const char *from = mail + span.start;
	glong length = g_utf8_strlen(from, (gssize)(span.end - span.start));
	g_autofree char *text = g_utf8_substring(from, 0, MIN(length, SHOWN_MAX));
	g_free(*found);
	*found = g_strescape(text, NULL);
	return true;
}

/* What it finds in the last of some language's mails, if in all of them; else NULL. */
static char *
found_everywhere(struct pattern_engine *engine, const struct pattern *pattern)
{
	for (gsize i = 0; i < G_N_ELEMENTS(everyday); i++) {
		g_autofree char *found = NULL;
		guint n = 0;
		while (n < MAILS && finds(engine, pattern, everyday[i][n], &found))
			n++;
		if (n == MAILS)
			return g_steal_pointer(&found);
	}
	return NULL;
}

/* It asks for many of them, or for what stands around. */
static bool
is_guarded(const struct ini_section *section)
{
	static const char *const guards[] = { "min_hits", "min_distinct", "near", "near_list" };

	for (gsize i = 0; i < G_N_ELEMENTS(guards); i++) {
		if (ini_entry(section, guards[i]) != NULL)
			return true;
	}
	return false;
}

static void
find_broad_pattern(
    const struct ruleset *ruleset, const struct pattern *pattern, struct problems *problems)
{
	if ((pattern_components(pattern) & 1u << COMPONENT_BODY) == 0)
		return;
	g_autofree char *found = found_everywhere(ruleset->engine, pattern);
	if (found != NULL)
		problems_add(problems, PROBLEM_WARNING, pattern_file(pattern),
		    pattern_line(pattern), pattern_column(pattern), NULL, PATTERN_MEND,
		    "%s finds something in nearly every mail, such as '%s'", pattern_key(pattern),
		    found);
}

/* --- files --- */

/* char * -> struct pattern, by the places where they stand. */
static GHashTable *
patterns_by_place(const struct ruleset *ruleset)
{
	GHashTable *places = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < ruleset->patterns->len; i++) {
		const struct pattern *pattern = ruleset->patterns->pdata[i];
		g_hash_table_insert(places,
		    doubts_place(pattern_file(pattern), pattern_line(pattern)), (void *)pattern);
	}
	return places;
}

static void
find_broad_patterns(const struct ruleset *ruleset, GHashTable *places, const struct source *source,
    const struct ini_section *section, struct problems *problems)
{
	if (!g_str_has_prefix(section->name, "content") || is_guarded(section))
		return;
	for (guint i = 0; i < section->entries->len; i++) {
		const struct ini_entry *entry = section->entries->pdata[i];
		g_autofree char *place = doubts_place(source->path, entry->line);
		const struct pattern *pattern = g_hash_table_lookup(places, place);
		if (pattern != NULL)
			find_broad_pattern(ruleset, pattern, problems);
	}
}

static void
find_broad_rules(const struct ruleset *ruleset, GHashTable *places, const struct source *source,
    struct problems *problems)
{
	g_autoptr(problems) unheard = problems_new();
	g_autoptr(ini) ini = ini_parse(source->path, source->text, unheard);

	for (guint i = 0; ini != NULL && i < ini_sections(ini)->len; i++) {
		const struct ini_section *section = g_ptr_array_index(ini_sections(ini), i);
		find_broad_items(source, section, problems);
		find_broad_patterns(ruleset, places, source, section, problems);
	}
}

void
doubts_find_broad(
    const struct ruleset *ruleset, const struct sources *sources, struct problems *problems)
{
	g_autoptr(GHashTable) places = patterns_by_place(ruleset);

	for (guint i = 0; i < sources->files->len; i++) {
		const struct source *source = g_ptr_array_index(sources->files, i);
		if (source->kind == SOURCE_LIST)
			find_broad_words(ruleset, source, problems);
		else if (source->kind == SOURCE_RULE && g_bytes_get_size(source->text) > 0)
			find_broad_rules(ruleset, places, source, problems);
	}
}
