/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything that was not looked at in a window: its list, piece by piece, and its sums. However
 * long the list is, little of it is held.
 */
#include "store/view-inner.h"
#include "store/view-report.h"

#include <string.h>

#include "base/clock.h"

/* Messages that rows share are kept at hand up to so many. */
#define CACHE_MAX 2000

void
view_gap_free(struct view_gap *gap)
{
	if (gap == NULL)
		return;
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
	gint64 first, last; /* numbers of messages between which the window's are */
	gint64 limit;       /* of each kind; -1: all */
	view_gap_each *each;
	gpointer data;
	GHashTable *cache; /* of view_cache_new */
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
add_gaps(struct gaps *gaps, const char *kind, const struct query_text *text,
    const struct query_value *values, gap_words *words, GError **error)
{
	struct query query;
	bool right = true;

	if (!query_open(&query, gaps->view->database, text, values, error))
		return false;
	while (right && query_next(&query)) {
		if (g_hash_table_size(gaps->cache) >= CACHE_MAX)
			g_hash_table_remove_all(gaps->cache);
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
		right = gaps->each(gap, gaps->data, error);
	}
	return query_close(&query, right ? error : NULL) && right;
}

/*
 * Messages of the window have numbers near one another. Without that, and the indexes of parts that
 * were not read, each part of a million messages would be looked at.
 */
#define IN_WINDOW(id) " " id " BETWEEN ?3 AND ?4 AND m.seen >= ?1 AND m.seen < ?2"

G_STATIC_ASSERT(PART_READ == 0 && PART_NO_TEXT == 1 && OUTCOME_SCANNED == 0 &&
		OUTCOME_PARTIAL == 1 && OUTCOME_UNSCANNABLE == 2);

/* Where each kind is found: ?1 and ?2 are the window, ?3 and ?4 the numbers of its messages. */
#define FROM_MESSAGES                                                                              \
	" FROM message m WHERE m.outcome <> 0 AND m.seen >= ?1 AND m.seen < ?2"                    \
	" AND (m.outcome = 2 OR (m.outcome = 1"                                                    \
	" AND NOT EXISTS (SELECT 1 FROM part p WHERE p.message = m.id"                             \
	" AND p.outcome NOT IN (0, 1))"                                                            \
	" AND NOT EXISTS (SELECT 1 FROM undecided u WHERE u.message = m.id)))"
#define FROM_PARTS                                                                                 \
	" FROM part p CROSS JOIN message m ON m.id = p.message"                                    \
	" WHERE p.outcome NOT IN (0, 1) AND" IN_WINDOW("p.message")
#define FROM_RULES                                                                                 \
	" FROM undecided u CROSS JOIN message m ON m.id = u.message WHERE" IN_WINDOW("u.message")
#define FROM_FAILURES                                                                              \
	" FROM failure x JOIN folder f ON f.id = x.folder AND f.uidvalidity = x.uidvalidity"       \
	" JOIN account a ON a.id = f.account WHERE x.seen >= ?1 AND x.seen < ?2"

static bool
add_messages(struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read messages that were not read",
		"SELECT 0, 0, 0, 0, " MESSAGE_COLUMNS FROM_MESSAGES
		" ORDER BY m.seen, m.id LIMIT ?3" };

	return add_gaps(gaps, "message", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(gaps->limit)),
	    message_words, error);
}

static bool
add_parts(struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read parts that were not read",
		"SELECT p.outcome, p.name, p.path, p.detail, " MESSAGE_COLUMNS FROM_PARTS
		" ORDER BY p.message, p.position LIMIT ?5" };

	return add_gaps(gaps, "part", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(gaps->first), query_int_value(gaps->last),
		query_int_value(gaps->limit)),
	    part_words, error);
}

static bool
add_rules(struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read rules that gave up",
		"SELECT u.rule, u.section, u.part, u.reason, " MESSAGE_COLUMNS FROM_RULES
		" ORDER BY u.message, u.position LIMIT ?5" };

	return add_gaps(gaps, "rule", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(gaps->first), query_int_value(gaps->last),
		query_int_value(gaps->limit)),
	    rule_words, error);
}

static bool
add_failures(struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read failures",
		"SELECT x.reason, x.uid, x.text, a.name, f.name, x.seen" FROM_FAILURES
		" ORDER BY x.seen, a.name, f.name, x.uid LIMIT ?3" };
	struct query query;
	bool right = true;

	if (!query_open(&query, gaps->view->database, &text,
		VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		    query_int_value(gaps->limit)),
		error))
		return false;
	while (right && query_next(&query)) {
		struct view_gap *gap = g_new0(struct view_gap, 1);
		gap->kind = g_strdup("fetch");
		gap->word = query_dup(&query, 0);
		gap->what = query_dup(&query, 1);
		gap->detail = query_dup(&query, 2);
		gap->account = query_dup(&query, 3);
		gap->folder = query_dup(&query, 4);
		gap->seen = query_int(&query, 5);
		right = gaps->each(gap, gaps->data, error);
	}
	return query_close(&query, right ? error : NULL) && right;
}

static int
compare_gaps(gconstpointer a, gconstpointer b)
{
	const struct view_gap *one = *(struct view_gap *const *)a;
	const struct view_gap *two = *(struct view_gap *const *)b;

	return (one->seen > two->seen) - (one->seen < two->seen);
}

static bool
add_volumes(struct gaps *gaps, GError **error)
{
	g_autoptr(GPtrArray) volumes = view_volumes_amiss(gaps->view, error);
	bool right = volumes != NULL;

	for (guint i = 0; right && i < volumes->len; i++) {
		const struct view_amiss *volume = g_ptr_array_index(volumes, i);
		struct view_gap *gap = g_new0(struct view_gap, 1);
		gap->kind = g_strdup("copies");
		gap->word = g_strdup(volume->missing ? "missing" : "shortened");
		gap->what = g_strdup(volume->name);
		gap->detail = g_strdup_printf(
		    "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
		    " bytes are there; it held copies of %" G_GUINT64_FORMAT " messages",
		    volume->size, volume->committed, volume->messages);
		gap->account = g_strdup("");
		gap->folder = g_strdup("");
		gap->seen = MIN(clock_now(), gaps->to - 1);
		right = gaps->each(gap, gaps->data, error);
	}
	return right;
}

static bool
find_bounds(struct gaps *gaps, GError **error)
{
	static const struct query_text find = { "find the messages of a window",
		"SELECT min(id), max(id) FROM message WHERE seen >= ? AND seen < ?" };
	struct query query;

	if (!query_open(&query, gaps->view->database, &find,
		VALUES(query_int_value(gaps->from), query_int_value(gaps->to)), error))
		return false;
	if (query_next(&query)) {
		gaps->first = query_int(&query, 0);
		gaps->last = query_int(&query, 1);
	}
	return query_close(&query, error);
}

static bool
each_gap(struct view *view, gint64 from, gint64 to, gint64 limit, view_gap_each *each,
    gpointer data, GError **error)
{
	g_autoptr(GHashTable) cache = view_cache_new();
	struct gaps gaps = { .view = view,
		.from = from,
		.to = to,
		.limit = limit,
		.each = each,
		.data = data,
		.cache = cache };

	return find_bounds(&gaps, error) && add_failures(&gaps, error) &&
	       add_messages(&gaps, error) && add_parts(&gaps, error) && add_rules(&gaps, error) &&
	       add_volumes(&gaps, error);
}

bool
view_gaps_each(
    struct view *view, gint64 from, gint64 to, view_gap_each *each, gpointer data, GError **error)
{
	return each_gap(view, from, to, -1, each, data, error);
}

static bool
collect_gap(struct view_gap *gap, gpointer data, GError **error)
{
	g_ptr_array_add(data, gap);
	(void)error;
	return true;
}

GPtrArray *
view_gaps(struct view *view, gint64 from, gint64 to, guint limit, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify)view_gap_free);

	if (!each_gap(view, from, to, limit > 0 ? (gint64)limit : -1, collect_gap, rows, error))
		return NULL;
	/* Stable: of one time, in the order of their kinds. */
	g_ptr_array_sort(rows, compare_gaps);
	if (limit > 0 && rows->len > limit)
		g_ptr_array_set_size(rows, (gint)limit);
	return g_steal_pointer(&rows);
}

/* --- sums --- */

static void
sum_free(gpointer data)
{
	struct view_gap_sum *sum = data;

	g_free(sum->kind);
	g_free(sum->word);
	g_free(sum);
}

static void
count_gap(GPtrArray *sums, const char *kind, const char *word)
{
	/* There are few words of a kind. */
	for (guint i = 0; i < sums->len; i++) {
		struct view_gap_sum *sum = g_ptr_array_index(sums, i);
		if (strcmp(sum->kind, kind) == 0 && strcmp(sum->word, word) == 0) {
			sum->count++;
			return;
		}
	}
	struct view_gap_sum *sum = g_new0(struct view_gap_sum, 1);
	sum->kind = g_strdup(kind);
	sum->word = g_utf8_make_valid(word, -1);
	sum->count = 1;
	g_ptr_array_add(sums, sum);
}

/* Columns: a text, or "", and the number of a word, of words. */
static bool
count_gaps(const struct gaps *gaps, GPtrArray *sums, const char *kind,
    const struct query_text *text, bool bounded, const char *const *words, GError **error)
{
	const struct query_value values[] = { query_int_value(gaps->from),
		query_int_value(gaps->to), query_int_value(gaps->first),
		query_int_value(gaps->last), { .kind = QUERY_END } };
	const struct query_value window[] = { values[0], values[1], { .kind = QUERY_END } };
	struct query query;

	if (!query_open(&query, gaps->view->database, text, bounded ? values : window, error))
		return false;
	while (query_next(&query)) {
		const char *word = query_text(&query, 0);
		if (word[0] == '\0' && words != NULL)
			word = words[query_enum(&query, 1, word_count(words))];
		count_gap(sums, kind, word);
	}
	return query_close(&query, error);
}

static int
compare_sums(gconstpointer a, gconstpointer b)
{
	const struct view_gap_sum *one = *(struct view_gap_sum *const *)a;
	const struct view_gap_sum *other = *(struct view_gap_sum *const *)b;
	int order = strcmp(one->kind, other->kind);

	return order != 0 ? order : strcmp(one->word, other->word);
}

static bool
count_volumes(const struct gaps *gaps, GPtrArray *sums, GError **error)
{
	g_autoptr(GPtrArray) volumes = view_volumes_amiss(gaps->view, error);

	for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
		const struct view_amiss *volume = g_ptr_array_index(volumes, i);
		count_gap(sums, "copies", volume->missing ? "missing" : "shortened");
	}
	return volumes != NULL;
}

GPtrArray *
view_gap_sums(struct view *view, gint64 from, gint64 to, GError **error)
{
	static const struct query_text failures = { "count failures",
		"SELECT x.reason, 0" FROM_FAILURES };
	static const struct query_text messages = { "count messages that were not read",
		"SELECT m.reason, m.outcome" FROM_MESSAGES };
	static const struct query_text parts = { "count parts that were not read",
		"SELECT '', p.outcome" FROM_PARTS };
	static const struct query_text rules = { "count rules that gave up",
		"SELECT u.reason, 0" FROM_RULES };
	g_autoptr(GPtrArray) sums = g_ptr_array_new_with_free_func(sum_free);
	struct gaps gaps = { .view = view, .from = from, .to = to };

	if (!find_bounds(&gaps, error) ||
	    !count_gaps(&gaps, sums, "fetch", &failures, false, NULL, error) ||
	    !count_gaps(&gaps, sums, "message", &messages, false, outcome_words, error) ||
	    !count_gaps(&gaps, sums, "part", &parts, true, part_outcome_words, error) ||
	    !count_gaps(&gaps, sums, "rule", &rules, true, NULL, error) ||
	    !count_volumes(&gaps, sums, error))
		return NULL;
	g_ptr_array_sort(sums, compare_sums);
	return g_steal_pointer(&sums);
}
