/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a report lists: flags, and everything that was not looked at.
 */
#include "store/view-inner.h"
#include "store/view-report.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"

/* --- flags --- */

void
view_flag_free(struct view_flag *row)
{
	if (row == NULL)
		return;
	g_clear_pointer(&row->flag, flag_free);
	g_free(row->ruleset);
	g_free(row->description);
	g_free(row->false_positives);
	g_free(row->next_step);
	g_free(row->fingerprint);
	g_free(row->assignee);
	g_free(row->note);
	g_free(row->reviewer);
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

/* Columns: 0 what only a report needs, 12 FLAG, 21 MESSAGE. */
static struct view_flag *
flag_row_load(
    struct view *view, struct query *query, guint hits, struct shared *shared, GError **error)
{
	struct view_flag *row = g_new0(struct view_flag, 1);

	row->seen = query_int(query, 0);
	row->ruleset = query_dup(query, 1);
	row->description = query_dup(query, 2);
	row->false_positives = query_dup(query, 3);
	row->next_step = query_dup(query, 4);
	row->incident = query_int(query, 5);
	row->begun = query_int(query, 6);
	row->fingerprint = query_dup(query, 7);
	row->state = query_enum(query, 8, word_count(review_state_words));
	row->assignee = query_dup(query, 9);
	row->note = query_dup(query, 10);
	row->reviewer = query_dup(query, 11);
	row->reviewed = query_int(query, 12);
	row->id = query_int(query, 13);
	row->flag = view_flag_load(view, query, 13, hits, error);
	if (row->flag != NULL)
		row->message = view_message_load(view, query, 22, shared->messages, error);
	if (row->message != NULL)
		row->parts = attachments(view, row->message, shared, error);
	if (row->parts != NULL)
		return row;
	view_flag_free(row);
	return NULL;
}

#define FLAG_ROWS                                                                                  \
	"SELECT g.seen, g.ruleset, t.description, t.false_positives, t.next_step, g.incident,"     \
	" i.begun, g.fingerprint, g.state, r.assignee, r.note, r.who, r.changed, " FLAG_COLUMNS    \
	", " MESSAGE_COLUMNS " FROM flag g JOIN message m ON m.id = g.message"                     \
	" LEFT JOIN incident i ON i.id = g.incident"                                               \
	" LEFT JOIN review r ON r.fingerprint = g.fingerprint"                                     \
	" LEFT JOIN rule_text t ON t.digest = g.rule_digest AND t.rule = g.rule"

/* The one query of all forms of a report. */
#define FLAGS_WHERE                                                                                \
	" WHERE g.severity = ?1 AND g.seen >= ?2 AND g.seen < ?3"                                  \
	" AND (g.exception <> '') = ?4 AND (?5 = '' OR g.rule = ?5)"                               \
	" AND (?6 = '' OR EXISTS (SELECT 1 FROM placement p JOIN folder f ON f.id = p.folder"      \
	" JOIN account a ON a.id = f.account WHERE p.message = g.message AND a.name = ?6))"        \
	" AND (?7 = '' OR EXISTS (SELECT 1 FROM address x WHERE x.message = g.message"             \
	" AND instr(?7, char(10) || lower(x.address) || char(10)) > 0))"

/* Rows of one list share messages; over a long one too many would be held. */
#define SHARED_MAX 2000

static void
trim(struct shared *shared)
{
	if (g_hash_table_size(shared->messages) < SHARED_MAX)
		return;
	g_hash_table_remove_all(shared->parts);
	g_hash_table_remove_all(shared->messages);
}

/* The flags of one severity, along their index: nothing is sorted, so a list may be endless. */
static bool
each_of(struct view *view, const struct view_flag_query *which, enum severity severity,
    struct shared *shared, guint64 *left, view_flag_each *each, gpointer data, GError **error)
{
	static const struct query_text some = { "read flags",
		FLAG_ROWS FLAGS_WHERE " ORDER BY g.seen, g.id" };
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &some,
		VALUES(query_int_value(severity), query_int_value(which->from),
		    query_int_value(which->to), query_int_value(which->excepted),
		    query_text_value(which->rule), query_text_value(which->account),
		    query_text_value(which->people)),
		error))
		return false;
	while (right && *left > 0 && query_next(&query)) {
		g_autoptr(view_flag) row = flag_row_load(view, &query, which->hits, shared, error);
		right = row != NULL && each(g_steal_pointer(&row), data, error);
		trim(shared);
		--*left;
	}
	return query_close(&query, right ? error : NULL) && right;
}

bool
view_flags_count(
    struct view *view, const struct view_flag_query *which, guint64 counts[3], GError **error)
{
	static const struct query_text sums = { "count the flags of a report",
		"SELECT count(*) FROM flag g" FLAGS_WHERE };

	for (int i = SEVERITY_LOW; i <= SEVERITY_HIGH; i++) {
		gint64 count = 0;
		if (!query_number(view->database, &sums,
			VALUES(query_int_value(i), query_int_value(which->from),
			    query_int_value(which->to), query_int_value(which->excepted),
			    query_text_value(which->rule), query_text_value(which->account),
			    query_text_value(which->people)),
			&count, error))
			return false;
		counts[i] = (guint64)count;
	}
	return true;
}

bool
view_flags_each(struct view *view, const struct view_flag_query *which, view_flag_each *each,
    gpointer data, GError **error)
{
	g_autoptr(GHashTable) messages = view_cache_new();
	g_autoptr(GHashTable) parts =
	    g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	struct shared shared = { messages, parts };
	guint64 left = which->limit > 0 ? which->limit : G_MAXUINT64;

	for (int i = SEVERITY_HIGH; i >= SEVERITY_LOW && left > 0; i--) {
		if (!each_of(view, which, (enum severity)i, &shared, &left, each, data, error))
			return false;
	}
	return true;
}

static bool
collect(struct view_flag *row, gpointer data, GError **error)
{
	g_ptr_array_add(data, row);
	(void)error;
	return true;
}

GPtrArray *
view_flags_some(struct view *view, const struct view_flag_query *which, GError **error)
{
	g_autoptr(GPtrArray) flags = g_ptr_array_new_with_free_func((GDestroyNotify)view_flag_free);

	return view_flags_each(view, which, collect, flags, error) ? g_steal_pointer(&flags) : NULL;
}

GPtrArray *
view_flags(struct view *view, gint64 from, gint64 to, bool excepted, GError **error)
{
	return view_flags_some(view,
	    &(const struct view_flag_query){ .from = from, .to = to, .excepted = excepted }, error);
}

struct view_flag *
view_flag_one(struct view *view, gint64 flag, GError **error)
{
	static const struct query_text one = { "read a flag", FLAG_ROWS " WHERE g.id = ?" };
	g_autoptr(GHashTable) messages = view_cache_new();
	g_autoptr(GHashTable) parts =
	    g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	struct shared shared = { messages, parts };
	struct view_flag *row = NULL;
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &one, VALUES(query_int_value(flag)), error))
		return NULL;
	if (query_next(&query)) {
		row = flag_row_load(view, &query, 0, &shared, error);
		right = row != NULL;
	}
	if (!query_close(&query, right ? error : NULL) || !right)
		return NULL;
	if (row == NULL)
		g_set_error(
		    error, FAULT, FAULT_USAGE, "flag-%" G_GINT64_FORMAT ": there is none", flag);
	return row;
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
	gint64 first, last; /* numbers of messages between which the window's are */
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
		" WHERE m.outcome <> 0 AND m.seen >= ?1 AND m.seen < ?2 AND (m.outcome = ?3 OR "
		"(m.outcome = ?4"
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

/*
 * Messages of the window have numbers near one another. Without that, and the indexes of parts that
 * were not read, each part of a million messages would be looked at.
 */
#define IN_WINDOW(id) " " id " BETWEEN ?3 AND ?4 AND m.seen >= ?1 AND m.seen < ?2"

G_STATIC_ASSERT(PART_READ == 0 && PART_NO_TEXT == 1 && OUTCOME_SCANNED == 0);

static bool
add_parts(const struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read parts that were not read",
		"SELECT p.outcome, p.name, p.path, p.detail, " MESSAGE_COLUMNS
		" FROM part p CROSS JOIN message m ON m.id = p.message"
		" WHERE p.outcome NOT IN (0, 1) AND" IN_WINDOW(
		    "p.message") " ORDER BY m.seen, m.id, p.position" };

	return add_gaps(gaps, "part", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(gaps->first), query_int_value(gaps->last)),
	    part_words, error);
}

static bool
add_rules(const struct gaps *gaps, GError **error)
{
	static const struct query_text text = { "read rules that gave up",
		"SELECT u.rule, u.section, u.part, u.reason, " MESSAGE_COLUMNS
		" FROM undecided u CROSS JOIN message m ON m.id = u.message"
		" WHERE" IN_WINDOW("u.message") " ORDER BY m.seen, m.id, u.position" };

	return add_gaps(gaps, "rule", &text,
	    VALUES(query_int_value(gaps->from), query_int_value(gaps->to),
		query_int_value(gaps->first), query_int_value(gaps->last)),
	    rule_words, error);
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

static bool
add_volumes(const struct gaps *gaps, GError **error)
{
	g_autoptr(GPtrArray) volumes = view_volumes_amiss(gaps->view, error);

	for (guint i = 0; volumes != NULL && i < volumes->len; i++) {
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
		g_ptr_array_add(gaps->rows, gap);
	}
	return volumes != NULL;
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

GPtrArray *
view_gaps(struct view *view, gint64 from, gint64 to, GError **error)
{
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(gap_free);
	g_autoptr(GHashTable) cache = view_cache_new();
	struct gaps gaps = { .view = view, .from = from, .to = to, .rows = rows, .cache = cache };

	if (!find_bounds(&gaps, error) || !add_failures(&gaps, error) ||
	    !add_messages(&gaps, error) || !add_parts(&gaps, error) || !add_rules(&gaps, error) ||
	    !add_volumes(&gaps, error))
		return NULL;
	/* Stable: of one time, in the order above. */
	g_ptr_array_sort(rows, compare_gaps);
	return g_steal_pointer(&rows);
}
