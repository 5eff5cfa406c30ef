/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes a message for due that lies at a place no rule names: what nobody thought of is kept.
 */
#include "store/retention.h"

#include "base/text.h"
#include "store/purge.h"
#include "store/view-inner.h"

G_STATIC_ASSERT(SEVERITY_HIGH == 2);

void
retention_rule_free(struct retention_rule *rule)
{
	g_free(rule->name);
	g_strfreev(rule->accounts);
	g_strfreev(rule->folders);
	g_free(rule);
}

static bool
meets(GStrv globs, const char *name)
{
	for (guint i = 0; globs != NULL && globs[i] != NULL; i++) {
		if (text_glob(globs[i], name))
			return true;
	}
	return globs == NULL;
}

/* The rule with the longest time at one place, or NULL. */
static const struct retention_rule *
rule_of_place(const GPtrArray *rules, const char *account, const char *folder, guint severity)
{
	const struct retention_rule *longest = NULL;

	for (guint i = 0; i < rules->len; i++) {
		const struct retention_rule *rule = rules->pdata[i];
		if ((rule->severities & severity) == 0 || !meets(rule->accounts, account) ||
		    !meets(rule->folders, folder))
			continue;
		if (longest == NULL || rule->keep_seconds > longest->keep_seconds)
			longest = rule;
	}
	return longest;
}

const struct retention_rule *
retention_judge(
    const GPtrArray *rules, const char *const *places, guint severity, guint64 age_seconds)
{
	const struct retention_rule *longest = NULL;

	for (guint i = 0; places[i] != NULL; i += 2) {
		const struct retention_rule *rule =
		    rule_of_place(rules, places[i], places[i + 1], severity);
		if (rule == NULL)
			return NULL;
		if (longest == NULL || rule->keep_seconds > longest->keep_seconds)
			longest = rule;
	}
	return longest != NULL && age_seconds >= longest->keep_seconds ? longest : NULL;
}

static guint64
shortest(const GPtrArray *rules)
{
	guint64 seconds = G_MAXUINT32;

	for (guint i = 0; i < rules->len; i++)
		seconds =
		    MIN(seconds, ((const struct retention_rule *)rules->pdata[i])->keep_seconds);
	return seconds;
}

/* A message as its rows come: one for each place. */
struct gathering {
	const GPtrArray *rules;
	gint64 now;
	struct purge_item *item; /* NULL: none yet */
	guint severity;
	GPtrArray *places; /* of char * */
	GPtrArray *due;
};

static void
judge(struct gathering *gathering)
{
	struct purge_item *item = g_steal_pointer(&gathering->item);

	if (item == NULL)
		return;
	g_ptr_array_add(gathering->places, NULL);
	guint64 age = (guint64)MAX(gathering->now - item->seen, 0) / G_USEC_PER_SEC;
	const struct retention_rule *rule = retention_judge(gathering->rules,
	    (const char *const *)gathering->places->pdata, gathering->severity, age);
	g_ptr_array_set_size(gathering->places, 0);
	if (rule == NULL) {
		purge_item_free(item);
		return;
	}
	item->why = g_strdup_printf(
	    "[retention.%s] %" G_GUINT64_FORMAT " days", rule->name, rule->keep_seconds / 86400);
	g_ptr_array_add(gathering->due, item);
}

static void
add_row(struct gathering *gathering, struct query *query)
{
	gint64 id = query_int(query, 0);

	if (gathering->item == NULL || gathering->item->message != id) {
		judge(gathering);
		struct purge_item *item = g_new0(struct purge_item, 1);
		item->message = id;
		item->sha256 = query_dup(query, 1);
		item->subject = query_dup(query, 2);
		item->size = (guint64)query_int(query, 3);
		item->seen = query_int(query, 4);
		gathering->item = item;
		gathering->severity = 1u << query_enum(query, 7, 4);
	}
	g_ptr_array_add(gathering->places, query_dup(query, 5));
	g_ptr_array_add(gathering->places, query_dup(query, 6));
}

GPtrArray *
retention_due(struct view *view, const GPtrArray *rules, gint64 now, GError **error)
{
	/* 3 stands for a message without a flag, as in RETENTION_UNFLAGGED. */
	static const struct query_text all = { "look for mail that has had its time",
		"SELECT m.id, m.sha256, m.subject, m.size, m.seen, a.name, f.name, coalesce((SELECT"
		" max(g.severity) FROM flag g WHERE g.message = m.id AND g.exception = ''), 3)"
		" FROM message m JOIN placement p ON p.message = m.id"
		" JOIN folder f ON f.id = p.folder JOIN account a ON a.id = f.account"
		" WHERE m.purged IS NULL AND m.seen <= ? ORDER BY m.seen, m.id" };
	g_autoptr(GPtrArray) due = g_ptr_array_new_with_free_func((GDestroyNotify)purge_item_free);
	g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func(g_free);
	struct gathering gathering = { .rules = rules, .now = now, .places = places, .due = due };
	gint64 latest = now - (gint64)shortest(rules) * G_USEC_PER_SEC;
	struct query query;

	if (rules->len == 0)
		return g_steal_pointer(&due);
	if (!query_open(&query, view->database, &all, VALUES(query_int_value(latest)), error))
		return NULL;
	while (query_next(&query))
		add_row(&gathering, &query);
	judge(&gathering);
	return query_close(&query, error) ? g_steal_pointer(&due) : NULL;
}
