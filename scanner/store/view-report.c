/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What only a report asks: rules over thirty days, what is still open, who did what, volume.
 */
#include "store/view-report.h"

#include <string.h>

#include "base/clock.h"
#include "store/view-inner.h"

#define DAY (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

bool
view_hold(struct view *view, GError **error)
{
	return database_script(view->database, "hold the store's state", "BEGIN", error);
}

void
view_let_go(struct view *view)
{
	database_rollback(view->database);
}

/* --- rules --- */

static void
rule_free(gpointer data)
{
	struct view_rule *rule = data;

	g_free(rule->rule);
	g_free(rule->title);
	g_free(rule->digest);
	g_clear_pointer(&rule->text, g_bytes_unref);
	g_free(rule);
}

static struct view_rule *
rule_of(GPtrArray *rules, GHashTable *known, const char *id)
{
	struct view_rule *rule = g_hash_table_lookup(known, id);

	if (rule == NULL) {
		rule = g_new0(struct view_rule, 1);
		rule->rule = g_strdup(id);
		rule->title = g_strdup("");
		rule->digest = g_strdup("");
		g_ptr_array_add(rules, rule);
		g_hash_table_insert(known, rule->rule, rule);
	}
	return rule;
}

static void
set_text(char **field, char *text)
{
	g_free(*field);
	*field = text;
}

/* Those of the rule set that ran last. */
static bool
load_in_force(struct view *view, gint64 to, GPtrArray *rules, GHashTable *known, GError **error)
{
	static const struct query_text all = { "read the rules in force",
		"SELECT x.rule, x.digest, t.title, t.severity, t.text,"
		" (SELECT min(s.seen) FROM ruleset_rule y JOIN ruleset s ON s.digest = y.ruleset"
		" WHERE y.rule = x.rule), (SELECT min(s.seen) FROM ruleset_rule y JOIN ruleset s"
		" ON s.digest = y.ruleset WHERE y.rule = x.rule AND y.digest = x.digest)"
		" FROM ruleset_rule x JOIN rule_text t ON t.digest = x.digest AND t.rule = x.rule"
		" WHERE x.ruleset = (SELECT r.ruleset FROM run r WHERE r.begun < ?"
		" ORDER BY r.id DESC LIMIT 1) ORDER BY x.rule" };
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(to)), error))
		return false;
	while (query_next(&query)) {
		struct view_rule *rule = rule_of(rules, known, query_text(&query, 0));
		const char *text = query_text(&query, 4);
		set_text(&rule->digest, query_dup(&query, 1));
		set_text(&rule->title, query_dup(&query, 2));
		rule->severity = query_enum(&query, 3, word_count(severity_words));
		g_clear_pointer(&rule->text, g_bytes_unref);
		rule->text = g_bytes_new(text, strlen(text));
		rule->known = query_int(&query, 5);
		rule->changed = query_int(&query, 6);
		rule->in_force = true;
	}
	return query_close(&query, error);
}

/* One row of count_flags. */
static void
count_flag(struct query *query, gint64 from, gint64 to, GPtrArray *rules, GHashTable *known)
{
	struct view_rule *rule = rule_of(rules, known, query_text(query, 0));
	gint64 seen = query_int(query, 1), ago = (to - 1 - seen) / DAY;
	gint64 state = query_int(query, 3);

	if (!rule->in_force) {
		enum severity severity = query_enum(query, 5, word_count(severity_words));
		if (strcmp(query_text(query, 4), rule->title) > 0)
			set_text(&rule->title, query_dup(query, 4));
		rule->severity = MAX(rule->severity, severity);
	}
	if (query_int(query, 2) != 0) {
		rule->excepted += seen >= from;
		return;
	}
	rule->flags += seen >= from;
	rule->false_positives += state == REVIEW_FALSE_POSITIVE;
	rule->confirmed += state == REVIEW_ESCALATED || state == REVIEW_RESOLVED;
	if (ago >= 0 && ago < VIEW_DAYS)
		rule->days[VIEW_DAYS - 1 - ago]++;
}

/* Counted here, not grouped by SQLite, which would sort a copy of each flag in memory. */
static bool
count_flags(
    struct view *view, gint64 from, gint64 to, GPtrArray *rules, GHashTable *known, GError **error)
{
	static const struct query_text all = { "count flags by rule and day",
		"SELECT rule, seen, exception <> '', state, title, severity"
		" FROM flag WHERE seen >= ? AND seen < ?" };
	gint64 begin = MIN(from, to - VIEW_DAYS * DAY);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(begin), query_int_value(to)), error))
		return false;
	while (query_next(&query))
		count_flag(&query, from, to, rules, known);
	return query_close(&query, error);
}

static int
compare_rules(gconstpointer a, gconstpointer b)
{
	const struct view_rule *one = *(struct view_rule *const *)a;
	const struct view_rule *other = *(struct view_rule *const *)b;

	if (one->flags != other->flags)
		return one->flags > other->flags ? -1 : 1;
	return strcmp(one->rule, other->rule);
}

GPtrArray *
view_rules(struct view *view, gint64 from, gint64 to, GError **error)
{
	g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func(rule_free);
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);

	if (!load_in_force(view, to, rules, known, error) ||
	    !count_flags(view, from, to, rules, known, error))
		return NULL;
	g_ptr_array_sort(rules, compare_rules);
	return g_steal_pointer(&rules);
}

/* --- the trend --- */

/* days[i] to days[i + 1] is a day, the last of them that of time; they have 23 to 25 hours. */
static void
days_until(gint64 time, GTimeZone *zone, gint64 days[VIEW_DAYS + 1])
{
	gint64 end;

	clock_day(time, zone, &days[VIEW_DAYS - 1], &days[VIEW_DAYS]);
	for (guint i = VIEW_DAYS - 1; i > 0; i--)
		clock_day(days[i] - 1, zone, &days[i - 1], &end);
}

static bool
find_newest(struct view *view, gint64 *newest, GError **error)
{
	static const struct query_text find = { "find the newest day",
		"SELECT max(coalesce((SELECT max(seen) FROM message), 0),"
		" coalesce((SELECT max(begun) FROM run), 0),"
		" coalesce((SELECT max(checked) FROM account), 0))" };

	*newest = 0;
	return query_number(view->database, &find, NO_VALUES, newest, error);
}

bool
view_trend(struct view *view, GTimeZone *zone, gint64 now, struct view_trend *out, GError **error)
{
	static const struct query_text all = { "read when flags came",
		"SELECT seen FROM flag WHERE seen >= ? AND seen < ? AND exception = ''"
		" ORDER BY seen" };
	gint64 days[VIEW_DAYS + 1], newest;
	struct query query;

	*out = (struct view_trend){ 0 };
	if (!find_newest(view, &newest, error))
		return false;
	if (newest == 0)
		return true;
	days_until(MIN(newest, now), zone, days);
	out->last = days[VIEW_DAYS - 1];
	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(days[0]), query_int_value(days[VIEW_DAYS])), error))
		return false;
	for (guint day = 0; query_next(&query);) {
		while (day + 1 < VIEW_DAYS && query_int(&query, 0) >= days[day + 1])
			day++;
		out->flags[day]++;
	}
	return query_close(&query, error);
}

/* --- flags as they come --- */

bool
view_flags_since(struct view *view, gint64 after, guint limit, GArray *flags, GError **error)
{
	static const struct query_text some = { "find new flags",
		"SELECT id FROM flag WHERE id > ? AND exception = '' ORDER BY id LIMIT ?" };
	struct query query;

	if (!query_open(&query, view->database, &some,
		VALUES(query_int_value(after), query_int_value(limit)), error))
		return false;
	while (query_next(&query)) {
		gint64 id = query_int(&query, 0);
		g_array_append_val(flags, id);
	}
	return query_close(&query, error);
}

bool
view_last_flag(struct view *view, gint64 *flag, GError **error)
{
	static const struct query_text last = { "find the newest flag",
		"SELECT coalesce(max(id), 0) FROM flag" };

	*flag = 0;
	return query_number(view->database, &last, NO_VALUES, flag, error);
}

/* --- incidents --- */

bool
view_repeats(struct view *view, gint64 incident, gint64 from, gint64 to, guint64 *messages,
    gint64 *last, GError **error)
{
	static const struct query_text count = { "count an incident's messages",
		"SELECT count(CASE WHEN NOT EXISTS (SELECT 1 FROM flag h"
		" WHERE h.message = g.message AND h.id < g.id AND h.incident = ?1"
		" AND h.seen >= ?2 AND h.seen < ?3 AND h.exception = '') THEN 1 END), max(g.seen)"
		" FROM flag g WHERE g.incident = ?1 AND g.seen >= ?2 AND g.seen < ?3"
		" AND g.exception = ''" };
	struct query query;

	*messages = 0;
	*last = 0;
	if (!query_open(&query, view->database, &count,
		VALUES(query_int_value(incident), query_int_value(from), query_int_value(to)),
		error))
		return false;
	if (query_next(&query)) {
		*messages = (guint64)query_int(&query, 0);
		*last = query_int(&query, 1);
	}
	return query_close(&query, error);
}

static guint
age_of(gint64 first, gint64 now)
{
	if (first >= now - DAY)
		return 0;
	if (first >= now - 7 * DAY)
		return 1;
	return first >= now - 30 * DAY ? 2 : 3;
}

bool
view_open_sums(struct view *view, gint64 before, gint64 now, struct view_open *out, GError **error)
{
	/* Along the index by incident; counted here, so that nothing of it is sorted. */
	static const struct query_text all = { "count open incidents by age",
		"SELECT min(seen), max(severity) FROM flag WHERE state < 3 AND exception = ''"
		" AND seen < ? GROUP BY incident" };
	struct query query;

	*out = (struct view_open){ 0 };
	if (!query_open(&query, view->database, &all, VALUES(query_int_value(before)), error))
		return false;
	while (query_next(&query)) {
		guint worst = query_enum(&query, 1, word_count(severity_words));
		out->incidents[age_of(query_int(&query, 0), now)][worst]++;
		out->total++;
	}
	return query_close(&query, error);
}

static bool
find_oldest(struct view *view, gint64 before, guint limit, GArray *flags, GError **error)
{
	/* The bare column is that of the row with the least time. */
	static const struct query_text find = { "find the oldest open incidents",
		"SELECT id, min(seen) FROM flag WHERE state < 3 AND exception = '' AND seen < ?"
		" GROUP BY incident ORDER BY min(seen), id LIMIT ?" };
	struct query query;

	if (!query_open(&query, view->database, &find,
		VALUES(query_int_value(before), query_int_value(limit)), error))
		return false;
	while (query_next(&query)) {
		gint64 id = query_int(&query, 0);
		g_array_append_val(flags, id);
	}
	return query_close(&query, error);
}

GPtrArray *
view_oldest_open(struct view *view, gint64 before, guint limit, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)view_flag_free);
	g_autoptr(GArray) flags = g_array_new(FALSE, FALSE, sizeof(gint64));

	if (!find_oldest(view, before, limit, flags, error))
		return NULL;
	for (guint i = 0; i < flags->len; i++) {
		struct view_flag *row = view_flag_one(view, g_array_index(flags, gint64, i), error);
		if (row == NULL)
			return NULL;
		g_ptr_array_add(rows, row);
	}
	return g_steal_pointer(&rows);
}

/* --- who did what --- */

static void
access_free(gpointer data)
{
	struct view_access *access = data;

	g_free(access->who);
	g_free(access->verb);
	g_free(access);
}

GPtrArray *
view_accesses(struct view *view, gint64 from, gint64 to, GError **error)
{
	static const struct query_text all = { "count accesses",
		"SELECT who, verb, count(*), max(seen) FROM ledger WHERE seen >= ? AND seen < ?"
		" GROUP BY who, verb ORDER BY who, verb" };
	g_autoptr(GPtrArray) accesses = g_ptr_array_new_with_free_func(access_free);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return NULL;
	while (query_next(&query)) {
		struct view_access *access = g_new0(struct view_access, 1);
		access->who = query_dup(&query, 0);
		access->verb = query_dup(&query, 1);
		access->count = (guint64)query_int(&query, 2);
		access->last = query_int(&query, 3);
		g_ptr_array_add(accesses, access);
	}
	return query_close(&query, error) ? g_steal_pointer(&accesses) : NULL;
}

bool
view_ledger_head(struct view *view, gint64 before, gint64 *row, char **hash, GError **error)
{
	static const struct query_text find = { "read the head of the ledger",
		"SELECT id, hash FROM ledger WHERE seen < ? ORDER BY id DESC LIMIT 1" };
	struct query query;

	*row = 0;
	*hash = NULL;
	if (!query_open(&query, view->database, &find, VALUES(query_int_value(before)), error))
		return false;
	if (query_next(&query)) {
		*row = query_int(&query, 0);
		*hash = query_dup(&query, 1);
	}
	if (*hash == NULL)
		*hash = g_strdup("");
	return query_close(&query, error);
}

/* --- how much --- */

static bool
load_days(struct view *view, gint64 to, struct view_volume *out, GError **error)
{
	static const struct query_text all = { "sum up what came, by day",
		"SELECT (?2 - 1 - seen) / 86400000000, sum(messages), sum(bytes) FROM attempt"
		" WHERE seen >= ?1 AND seen < ?2 GROUP BY 1" };
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(to - VIEW_DAYS * DAY), query_int_value(to)), error))
		return false;
	while (query_next(&query)) {
		gint64 ago = query_int(&query, 0);
		if (ago < 0 || ago >= VIEW_DAYS)
			continue;
		out->messages[VIEW_DAYS - 1 - ago] = (guint64)query_int(&query, 1);
		out->bytes[VIEW_DAYS - 1 - ago] = (guint64)query_int(&query, 2);
	}
	return query_close(&query, error);
}

static bool
load_purged(struct view *view, gint64 from, gint64 to, struct view_volume *out, GError **error)
{
	static const struct query_text sum = { "count what was purged",
		"SELECT count(*), coalesce(sum(size), 0) FROM message"
		" WHERE purged >= ?1 AND purged < ?2" };
	struct query query;

	if (!query_open(&query, view->database, &sum,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return false;
	if (query_next(&query)) {
		out->purged = (guint64)query_int(&query, 0);
		out->purged_bytes = (guint64)query_int(&query, 1);
	}
	return query_close(&query, error);
}

bool
view_volume(struct view *view, gint64 from, gint64 to, struct view_volume *out, GError **error)
{
	static const struct query_text pages = { "measure the database",
		"SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()" };
	static const struct query_text volumes = { "count volumes", "SELECT count(*) FROM volume" };
	static const struct query_text ends = { "measure volumes",
		"SELECT coalesce(sum(end), 0) FROM volume" };
	static const struct query_text first = { "find the first run",
		"SELECT coalesce(min(begun), 0) FROM run" };
	gint64 database = 0, count = 0, copies = 0;

	*out = (struct view_volume){ 0 };
	if (!query_number(view->database, &pages, NO_VALUES, &database, error) ||
	    !query_number(view->database, &volumes, NO_VALUES, &count, error) ||
	    !query_number(view->database, &ends, NO_VALUES, &copies, error) ||
	    !query_number(view->database, &first, NO_VALUES, &out->first_run, error))
		return false;
	out->database = (guint64)database;
	out->volumes = (guint64)count;
	out->copies = (guint64)copies;
	return load_days(view, to, out, error) && load_purged(view, from, to, out, error);
}
