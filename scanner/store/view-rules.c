/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/view-rules.h"

#include <string.h>

#include "store/view-inner.h"

static void
flag_free_row(gpointer data)
{
	struct view_verdict_of *flag = data;

	g_free(flag->rule);
	g_free(flag);
}

static void
kept_free(gpointer data)
{
	struct view_kept *kept = data;

	g_free(kept->sha256);
	g_free(kept->account);
	g_free(kept->folder);
	g_ptr_array_unref(kept->flags);
	g_free(kept);
}

static bool
load_flags(struct view *view, struct view_kept *kept, GError **error)
{
	static const struct query_text find = { "read what rules said",
		"SELECT rule, severity, exception <> '', state FROM flag WHERE message = ?"
		" ORDER BY rule" };
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(kept->id)), error))
		return false;
	while (query_next(&query)) {
		struct view_verdict_of *flag = g_new0(struct view_verdict_of, 1);
		flag->rule = query_dup(&query, 0);
		flag->severity = query_enum(&query, 1, SEVERITY_HIGH + 1);
		flag->excepted = query_int(&query, 2) != 0;
		flag->state = query_enum(&query, 3, REVIEW_RESOLVED + 1);
		g_ptr_array_add(kept->flags, flag);
	}
	return query_close(&query, error);
}

/* Where rules with a scope look: as when it came. */
static bool
load_place(struct view *view, struct view_kept *kept, GError **error)
{
	static const struct query_text find = { "read where a message lay",
		"SELECT a.name, f.name, p.draft FROM placement p JOIN folder f ON f.id = p.folder"
		" JOIN account a ON a.id = f.account WHERE p.message = ?"
		" ORDER BY p.seen, a.name, f.name LIMIT 1" };
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(kept->id)), error))
		return false;
	bool found = query_next(&query);
	kept->account = found ? query_dup(&query, 0) : g_strdup("");
	kept->folder = found ? query_dup(&query, 1) : g_strdup("");
	kept->draft = found && query_int(&query, 2) != 0;
	return query_close(&query, error);
}

GPtrArray *
view_kept(struct view *view, gint64 since, gint64 after, guint limit, GError **error)
{
	static const struct query_text find = { "read kept messages",
		"SELECT id, sha256, seen, volume IS NOT NULL, facts FROM message"
		" WHERE id > ? AND seen >= ? ORDER BY id LIMIT ?" };
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(kept_free);
	struct query query;

	if (!query_open(&query, view->database, &find,
		VALUES(query_int_value(after), query_int_value(since), query_int_value(limit)),
		error))
		return NULL;
	while (query_next(&query)) {
		struct view_kept *kept = g_new0(struct view_kept, 1);
		kept->id = query_int(&query, 0);
		kept->sha256 = query_dup(&query, 1);
		kept->seen = query_int(&query, 2);
		kept->has_copy = query_int(&query, 3) != 0;
		kept->facts = (guint)query_int(&query, 4);
		kept->flags = g_ptr_array_new_with_free_func(flag_free_row);
		g_ptr_array_add(rows, kept);
	}
	if (!query_close(&query, error))
		return NULL;
	for (guint i = 0; i < rows->len; i++) {
		if (!load_place(view, rows->pdata[i], error) ||
		    !load_flags(view, rows->pdata[i], error))
			return NULL;
	}
	return g_steal_pointer(&rows);
}

bool
view_kept_count(struct view *view, gint64 since, guint64 *out, GError **error)
{
	static const struct query_text count = { "count kept messages",
		"SELECT count(*) FROM message WHERE seen >= ?" };
	gint64 number = 0;

	if (!query_number(view->database, &count, VALUES(query_int_value(since)), &number, error))
		return false;
	*out = (guint64)number;
	return true;
}

/* --- rule by rule --- */

static void
rule_free_row(gpointer data)
{
	struct view_measure *rule = data;

	g_free(rule->rule);
	g_free(rule->other);
	g_free(rule);
}

static struct view_measure *
rule_named(const GPtrArray *rows, const char *name)
{
	for (guint i = 0; i < rows->len; i++) {
		struct view_measure *rule = rows->pdata[i];
		if (strcmp(rule->rule, name) == 0)
			return rule;
	}
	return NULL;
}

/* For each rule the one with which it shares most messages. */
static bool
load_overlap(struct view *view, gint64 since, const GPtrArray *rows, GError **error)
{
	static const struct query_text find = { "read rules that flag the same",
		"SELECT g.rule, h.rule, count(*) AS n FROM flag g JOIN flag h"
		" ON h.message = g.message AND h.rule <> g.rule AND h.exception = ''"
		" WHERE g.seen >= ? AND g.exception = '' GROUP BY g.rule, h.rule"
		" ORDER BY g.rule, n DESC, h.rule" };
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(since)), error))
		return false;
	while (query_next(&query)) {
		struct view_measure *rule = rule_named(rows, query_text(&query, 0));
		if (rule == NULL || rule->shared > 0)
			continue;
		g_free(rule->other);
		rule->other = query_dup(&query, 1);
		rule->shared = (guint64)query_int(&query, 2);
	}
	return query_close(&query, error);
}

/* The numbers of states stand in mail/words.h: 0 to 2 are open, 2 and 4 confirm. */
G_STATIC_ASSERT(REVIEW_ESCALATED == 2 && REVIEW_FALSE_POSITIVE == 3 && REVIEW_RESOLVED == 4);

GPtrArray *
view_measures(struct view *view, gint64 since, GError **error)
{
	static const struct query_text find = { "read what rules did",
		"SELECT rule, sum(exception = ''), sum(exception <> ''),"
		" sum(exception = '' AND state IN (2, 4)), sum(exception = '' AND state = 3),"
		" sum(exception = '' AND state IN (0, 1))"
		" FROM flag WHERE seen >= ? GROUP BY rule ORDER BY rule" };
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(rule_free_row);
	struct query query;

	if (!query_open(&query, view->database, &find, VALUES(query_int_value(since)), error))
		return NULL;
	while (query_next(&query)) {
		struct view_measure *rule = g_new0(struct view_measure, 1);
		rule->rule = query_dup(&query, 0);
		rule->flags = (guint64)query_int(&query, 1);
		rule->excepted = (guint64)query_int(&query, 2);
		rule->confirmed = (guint64)query_int(&query, 3);
		rule->wrong = (guint64)query_int(&query, 4);
		rule->open = (guint64)query_int(&query, 5);
		rule->other = g_strdup("");
		g_ptr_array_add(rows, rule);
	}
	if (!query_close(&query, error) || !load_overlap(view, since, rows, error))
		return NULL;
	return g_steal_pointer(&rows);
}
