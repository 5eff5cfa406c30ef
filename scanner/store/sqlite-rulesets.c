/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rule sets as they are recorded: what people were told of each rule, and in the ledger what every
 * change changed, with the digest of its diff.
 */
#include <string.h>

#include "store/ledger.h"
#include "store/rule-diff.h"
#include "store/rule-sources.h"
#include "store/sqlite.h"

#define CHANGES_NAMED 50 /* rules of one kind of change; more are counted */

static bool
remember_rule(
    struct database *database, const char *ruleset, const struct store_rule *rule, GError **error)
{
	static const struct query_text text = { "remember a rule",
		"INSERT INTO rule_text (digest, rule, title, description, false_positives, "
		"next_step,"
		" severity, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING" };
	static const struct query_text member = { "remember a rule of the set",
		"INSERT INTO ruleset_rule (ruleset, rule, digest, file) VALUES (?, ?, ?, ?)"
		" ON CONFLICT DO NOTHING" };

	return query_run(database, &text,
		   VALUES(query_text_value(rule->digest), query_text_value(rule->id),
		       query_text_value(rule->title), query_text_value(rule->description),
		       query_text_value(rule->false_positives), query_text_value(rule->next_step),
		       query_int_value(rule->severity), query_bytes_value(rule->text)),
		   error) &&
	       query_run(database, &member,
		   VALUES(query_text_value(ruleset), query_text_value(rule->id),
		       query_text_value(rule->digest), query_text_value(rule->file)),
		   error);
}

/* The set that the ledger names last, "" for none; a change back to an earlier one is a change. */
static bool
last_ruleset(struct database *database, char **out, GError **error)
{
	static const struct query_text last = { "find the last rule set",
		"SELECT object FROM ledger WHERE verb = 'ruleset' ORDER BY id DESC LIMIT 1" };
	struct query query;

	if (!query_open(&query, database, &last, NO_VALUES, error))
		return false;
	*out = g_strdup(query_next(&query) ? query_text(&query, 0) : "");
	return query_close(&query, error);
}

/* Adds the rules that a query names, at most CHANGES_NAMED, behind a word. */
static bool
name_changes(struct database *database, const struct query_text *text, const char *one,
    const char *other, const char *word, GString *out, GError **error)
{
	struct query query;
	guint n = 0;

	if (!query_open(&query, database, text,
		VALUES(query_text_value(one), query_text_value(other)), error))
		return false;
	for (; query_next(&query); n++) {
		if (n < CHANGES_NAMED)
			g_string_append_printf(
			    out, "%s%s", n == 0 ? word : ", ", query_text(&query, 0));
	}
	if (n > CHANGES_NAMED)
		g_string_append_printf(out, " and %u more", n - CHANGES_NAMED);
	g_string_append(out, n > 0 ? "; " : "");
	return query_close(&query, error);
}

/* What a change changed, in words; the rules by name, then all else. */
static bool
change_words(struct database *database, const char *before, const char *now_set,
    const struct rule_changes *changes, GString *text, GError **error)
{
	static const struct query_text lacking = {
		"compare rule sets",
		"SELECT rule || ' (' || file || ')' FROM ruleset_rule WHERE ruleset = ?"
		" AND rule NOT IN (SELECT rule FROM ruleset_rule WHERE ruleset = ?) ORDER BY rule"
	};
	static const struct query_text changed = { "compare rules",
		"SELECT n.rule || ' (' || n.file || ')' FROM ruleset_rule n JOIN ruleset_rule o"
		" ON o.rule = n.rule AND o.digest <> n.digest"
		" WHERE n.ruleset = ? AND o.ruleset = ? ORDER BY n.rule" };

	if (!name_changes(database, &lacking, now_set, before, "added ", text, error) ||
	    !name_changes(database, &changed, now_set, before, "changed ", text, error) ||
	    !name_changes(database, &lacking, before, now_set, "removed ", text, error))
		return false;
	if (text->len == 0 && changes->first)
		g_string_append(text, "no rule; lists, detectors, groups or own domains; ");
	g_string_append(text, changes->names->str);
	return true;
}

static bool
append_changes(struct database *database, const char *before, const char *now_set,
    struct rule_changes *changes, gint64 now, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (!change_words(database, before, now_set, changes, text, error))
		return false;
	/* A store that was recorded in before sources were kept has the rules' texts alone. */
	if (changes->first && !rule_diff_make(database, before, now_set, changes->diff, error))
		return false;
	g_autofree char *words = rule_diff_words(changes->diff);
	g_string_append(text, words);
	return ledger_append(database, SQLITE_SERVICE, "ruleset-change", text->str, now, error) &&
	       rule_sources_note(database, changes->diff, error);
}

static bool
remember_ruleset(
    struct database *database, const struct store_ruleset *set, gint64 now, GError **error)
{
	static const struct query_text insert = { "remember the rule set",
		"INSERT INTO ruleset (digest, seen) VALUES (?, ?) ON CONFLICT DO NOTHING" };

	if (!query_run(database, &insert,
		VALUES(query_text_value(set->digest), query_int_value(now)), error))
		return false;
	for (guint i = 0; i < set->n_rules; i++) {
		if (!remember_rule(database, set->digest, &set->rules[i], error))
			return false;
	}
	return ledger_append(database, SQLITE_SERVICE, "ruleset", set->digest, now, error);
}

static bool
record(struct database *database, const struct store_ruleset *set, const char *before,
    struct rule_changes *changes, gint64 now, GError **error)
{
	bool other = strcmp(before, set->digest) != 0;

	if (other && !remember_ruleset(database, set, now, error))
		return false;
	if (before[0] != '\0' && (other || changes->differs) &&
	    !append_changes(database, before, set->digest, changes, now, error))
		return false;
	return rule_sources_keep(database, set->sources, set->n_sources, error);
}

bool
sqlite_ruleset(
    struct store_driver *driver, const struct store_ruleset *set, gint64 now, GError **error)
{
	struct database *database = driver->database;
	g_autofree char *before = NULL;
	g_autoptr(rule_changes) changes = rule_changes_new();

	if (!last_ruleset(database, &before, error) ||
	    !rule_sources_compare(database, set->sources, set->n_sources, changes, error))
		return false;
	if (strcmp(before, set->digest) == 0 && !changes->first && !changes->differs)
		return true;
	return database_begin(database, error) &&
	       sqlite_settle(database, record(database, set, before, changes, now, error), error);
}
