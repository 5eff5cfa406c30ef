/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a report lists: flags, and everything that was not looked at.
 */
#include "store/view-inner.h"

#include <string.h>

/* --- flags --- */

static void
flag_row_free(gpointer data)
{
	struct view_flag *row = data;

	g_clear_pointer(&row->flag, flag_free);
	g_free(row->ruleset);
	g_free(row->description);
	g_free(row->false_positives);
	g_free(row->next_step);
	view_message_free(row->message);
	g_clear_pointer(&row->parts, g_ptr_array_unref);
	g_free(row);
}

/* What rows share: a message with many flags is there once. */
struct shared {
	GHashTable *messages; /* of view_cache_new */
	GHashTable *parts;    /* struct view_message * of messages -> GPtrArray * */
};

static GPtrArray *
attachments(struct view *view, struct view_message *message, struct shared *shared, GError **error)
{
	GPtrArray *parts = g_hash_table_lookup(shared->parts, message);

	if (parts == NULL) {
		parts = view_parts_load(view, message->id, true, error);
		if (parts == NULL)
			return NULL;
		g_hash_table_insert(shared->parts, message, parts);
	}
	return g_ptr_array_ref(parts);
}

/* Columns: 0 seen, ruleset, description, false_positives, next_step, 5 FLAG, 14 MESSAGE. */
static struct view_flag *
flag_row_load(struct view *view, struct query *query, struct shared *shared, GError **error)
{
	struct view_flag *row = g_new0(struct view_flag, 1);

	row->seen = query_int(query, 0);
	row->ruleset = query_dup(query, 1);
	row->description = query_dup(query, 2);
	row->false_positives = query_dup(query, 3);
	row->next_step = query_dup(query, 4);
	row->id = query_int(query, 5);
	row->flag = view_flag_load(view, query, 5, error);
	if (row->flag != NULL)
		row->message = view_message_load(view, query, 14, shared->messages, error);
	if (row->message != NULL)
		row->parts = attachments(view, row->message, shared, error);
	if (row->parts != NULL)
		return row;
	flag_row_free(row);
	return NULL;
}

GPtrArray *
view_flags(struct view *view, gint64 from, gint64 to, bool excepted, GError **error)
{
	static const struct query_text all = { "read flags",
		"SELECT g.seen, g.ruleset, t.description, t.false_positives, "
		"t.next_step, " FLAG_COLUMNS ", " MESSAGE_COLUMNS
		" FROM flag g JOIN message m ON m.id = g.message"
		" LEFT JOIN rule_text t ON t.digest = g.rule_digest AND t.rule = g.rule"
		" WHERE g.seen >= ? AND g.seen < ? AND (g.exception <> '') = ?"
		" ORDER BY g.severity DESC, g.seen, g.id" };
	g_autoptr(GPtrArray) flags = g_ptr_array_new_with_free_func(flag_row_free);
	g_autoptr(GHashTable) messages = view_cache_new();
	g_autoptr(GHashTable) parts =
	    g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	struct shared shared = { messages, parts };
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(from), query_int_value(to), query_int_value(excepted)),
		error))
		return NULL;
	while (right && query_next(&query)) {
		struct view_flag *row = flag_row_load(view, &query, &shared, error);
		right = row != NULL;
		if (right)
			g_ptr_array_add(flags, row);
	}
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&flags) : NULL;
}

/* --- gaps --- */

static void
gap_free(gpointer data)
{
	struct view_gap *gap = data;

	g_free(gap->kind);
	g_free(gap->word);
	g_free(gap->what);
	g_free(gap->detail);
	g_free(gap->account);
	g_free(gap->folder);
	view_message_free(gap->message);
	g_free(gap);
}

/* What the lists of gaps have in common. */
struct gaps {
	struct view *view;
	gint64 from, to;
	GPtrArray *rows;
	GHashTable *cache;
};

typedef void gap_words(struct view_gap *gap, struct query *query);

static void
part_words(struct view_gap *gap, struct query *query)
{
	guint outcome = query_enum(query, 0, word_count(part_outcome_words));
	const char *name = query_text(query, 1);

	gap->word = g_strdup(part_outcome_words[outcome]);
	gap->what = query_dup(query, name[0] != '\0' ? 1 : 2);
	gap->detail = query_dup(query, 3);
}

/* A message that is not scanned whole for no part's and no rule's sake: its facts say why. */
static void
message_words(struct view_gap *gap, struct query *query)
{
	const struct view_message *message = gap->message;
	g_autofree const char **facts = fact_words(message_fact_words, message->facts);
	const struct view_placement *first =
	    message->placements->len > 0 ? g_ptr_array_index(message->placements, 0) : NULL;

	if (message->reason[0] != '\0')
		gap->word = g_strdup(message->reason);
	else
		gap->word = g_strdup(outcome_words[message->outcome]);
	gap->what = g_strdup(first != NULL ? first->uid : "");
	gap->detail = g_strjoinv(", ", (char **)facts);
	(void)query;
}

static void
rule_words(struct view_gap *gap, struct query *query)
{
	const char *part = query_text(query, 2);

	gap->word = query_dup(query, 3);
	gap->what = query_dup(query, 0);
	gap->detail = part[0] != '\0' ? g_strdup_printf("%s, part %s", query_text(query, 1), part)
				      : query_dup(query, 1);
}

/* text: four columns for words, then MESSAGE_COLUMNS. */
static bool
add_gaps(const struct gaps *gaps, const char *kind, const struct query_text *text,
    const struct query_value *values, gap_words *words, GError **error)
{
	struct query query;
	bool right = true;

	if (!query_open(&query, gaps->view->database, text, values, error))
		return false;
	while (right && query_next(&query)) {
		struct view_message *message =
		    view_message_load(gaps->view, &query, 4, gaps->cache, error);
		right = message != NULL;
		if (!right)
			break;
		const struct view_placement *at =
		    message->placements->len > 0 ? g_ptr_array_index(message->placements, 0) : NULL;
		struct view_gap *gap = g_new0(struct view_gap, 1);
		gap->kind = g_strdup(kind);
		gap->account = g_strdup(at != NULL ? at->account : "");
		gap->folder = g_strdup(at != NULL ? at->folder : "");
		gap->seen = message->seen;
		gap->message = message;
		words(gap, &query);
		g_ptr_array_add(gaps->rows, gap);
	}
	return query_close(&query, right ? error : NULL) && right;
}

static bool
add_messages(const struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read messages that were not read",
		"SELECT 0, 0, 0, 0, " MESSAGE_COLUMNS " FROM message m"
		" WHERE m.seen >= ?1 AND m.seen < ?2 AND (m.outcome = ?3 OR (m.outcome = ?4"
		" AND NOT EXISTS (SELECT 1 FROM part p WHERE p.message = m.id"
		" AND p.outcome NOT IN (?5, ?6))"
		" AND NOT EXISTS (SELECT 1 FROM undecided u WHERE u.message = m.id)))"
		" ORDER BY m.seen, m.id" };

	return add_gaps(gaps, "message", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(OUTCOME_UNSCANNABLE), query_int_value(OUTCOME_PARTIAL),
		query_int_value(PART_READ), query_int_value(PART_NO_TEXT)),
	    message_words, error);
}

static bool
add_parts(const struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read parts that were not read",
		"SELECT p.outcome, p.name, p.path, p.detail, " MESSAGE_COLUMNS " FROM message m"
		" JOIN part p ON p.message = m.id WHERE m.seen >= ? AND m.seen < ?"
		" AND p.outcome NOT IN (?, ?) ORDER BY m.seen, m.id, p.position" };

	return add_gaps(gaps, "part", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(PART_READ), query_int_value(PART_NO_TEXT)),
	    part_words, error);
}

static bool
add_rules(const struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read rules that gave up",
		"SELECT u.rule, u.section, u.part, u.reason, " MESSAGE_COLUMNS " FROM message m"
		" JOIN undecided u ON u.message = m.id WHERE m.seen >= ? AND m.seen < ?"
		" ORDER BY m.seen, m.id, u.position" };

	return add_gaps(gaps, "rule", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to)), rule_words, error);
}

static bool
add_failures(const struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read failures",
		"SELECT x.reason, x.uid, x.text, a.name, f.name, x.seen FROM failure x"
		" JOIN folder f ON f.id = x.folder AND f.uidvalidity = x.uidvalidity"
		" JOIN account a ON a.id = f.account"
		" WHERE x.seen >= ? AND x.seen < ? ORDER BY x.seen, a.name, f.name, x.uid" };
	struct query query;

	if (!query_open(&query, gaps->view->database, &text,
		VALUES(query_int_value(gaps->from), query_int_value(gaps->to)), error))
		return false;
	while (query_next(&query)) {
		struct view_gap *gap = g_new0(struct view_gap, 1);
		gap->kind = g_strdup("fetch");
		gap->word = query_dup(&query, 0);
		gap->what = query_dup(&query, 1);
		gap->detail = query_dup(&query, 2);
		gap->account = query_dup(&query, 3);
		gap->folder = query_dup(&query, 4);
		gap->seen = query_int(&query, 5);
		g_ptr_array_add(gaps->rows, gap);
	}
	return query_close(&query, error);
}

static int
compare_gaps(gconstpointer a, gconstpointer b)
{
	const struct view_gap *one = *(struct view_gap *const *)a;
	const struct view_gap *two = *(struct view_gap *const *)b;

	return (one->seen > two->seen) - (one->seen < two->seen);
}

GPtrArray *
view_gaps(struct view *view, gint64 from, gint64 to, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(gap_free);
	g_autoptr(GHashTable) cache = view_cache_new();
	const struct gaps gaps = {
		.view = view, .from = from, .to = to, .rows = rows, .cache = cache
	};

	if (!add_failures(&gaps, error) || !add_messages(&gaps, error) ||
	    !add_parts(&gaps, error) || !add_rules(&gaps, error))
		return NULL;
	/* Stable: of one time, in the order above. */
	g_ptr_array_sort(rows, compare_gaps);
	return g_steal_pointer(&rows);
}
