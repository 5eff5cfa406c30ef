/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a report lists: flags, the most severe first.
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
	GHashTable *matches;  /* the same, of char * */
};

static void
shared_init(struct shared *shared)
{
	shared->messages = view_cache_new();
	shared->parts = g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
	shared->matches =
	    g_hash_table_new_full(NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
}

static void
shared_clear(struct shared *shared)
{
	g_hash_table_unref(shared->matches);
	g_hash_table_unref(shared->parts);
	g_hash_table_unref(shared->messages);
}

GPtrArray *
view_matches(struct view *view, gint64 message, guint least, GError **error)
{
	static const struct query_text find = { "read what flags matched",
		"SELECT h.excerpt, h.excerpt_start, h.excerpt_length FROM flag g JOIN hit h"
		" ON h.flag = g.id WHERE g.message = ?1"
		" AND (SELECT count(*) FROM flag WHERE message = ?1) >= ?2 ORDER BY g.id, "
		"h.position" };
	g_autoptr(GPtrArray) matches = g_ptr_array_new_with_free_func(g_free);
	struct query query;

	if (!query_open(&query, view->database, &find,
		VALUES(query_int_value(message), query_int_value(least)), error))
		return NULL;
	while (query_next(&query)) {
		const char *excerpt = query_text(&query, 0);
		gsize size = strlen(excerpt);
		gsize start = MIN((gsize)query_int(&query, 1), size);
		gsize length = MIN((gsize)query_int(&query, 2), size - start);
		g_ptr_array_add(matches, g_strndup(excerpt + start, length));
	}
	return query_close(&query, error) ? g_steal_pointer(&matches) : NULL;
}

/* Of a message with one flag its own matches are all there are. */
static bool
add_matches(struct view *view, struct view_flag *row, struct shared *shared, GError **error)
{
	GPtrArray *matches = g_hash_table_lookup(shared->matches, row->message);

	if (matches == NULL) {
		matches = view_matches(view, row->message->id, 2, error);
		if (matches == NULL)
			return false;
		g_hash_table_insert(shared->matches, row->message, matches);
	}
	if (matches->len > 0)
		row->flag->matches = g_ptr_array_ref(matches);
	return true;
}

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
	if (row->parts != NULL && add_matches(view, row, shared, error))
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
#define FLAGS_WHERE " WHERE g.severity = ?1" FLAGS_OF
#define FLAGS_OF                                                                                   \
	" AND g.seen >= ?2 AND g.seen < ?3"                                                        \
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
	g_hash_table_remove_all(shared->matches);
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
view_incidents_count(struct view *view, const struct view_flag_query *which,
    struct view_incidents *out, GError **error)
{
	static const struct query_text sums = { "count the incidents of a report",
		"SELECT count(*), coalesce(sum(open), 0), coalesce(sum(begun >= ?2), 0) FROM"
		" (SELECT max(g.state < 3) AS open, min(coalesce(i.begun, g.seen)) AS begun"
		" FROM flag g LEFT JOIN incident i ON i.id = g.incident"
		/* The sign keeps it from the index by severity: times are what is asked. */
		" WHERE +g.severity >= ?1" FLAGS_OF " GROUP BY g.incident)" };
	struct query query;

	*out = (struct view_incidents){ 0 };
	if (!query_open(&query, view->database, &sums,
		VALUES(query_int_value(SEVERITY_LOW), query_int_value(which->from),
		    query_int_value(which->to), query_int_value(which->excepted),
		    query_text_value(which->rule), query_text_value(which->account),
		    query_text_value(which->people)),
		error))
		return false;
	if (query_next(&query)) {
		out->all = (guint64)query_int(&query, 0);
		out->open = (guint64)query_int(&query, 1);
		out->begun = (guint64)query_int(&query, 2);
	}
	return query_close(&query, error);
}

bool
view_flags_each(struct view *view, const struct view_flag_query *which, view_flag_each *each,
    gpointer data, GError **error)
{
	struct shared shared;
	guint64 left = which->limit > 0 ? which->limit : G_MAXUINT64;
	bool right = true;

	shared_init(&shared);
	for (int i = SEVERITY_HIGH; right && i >= SEVERITY_LOW && left > 0; i--)
		right = each_of(view, which, (enum severity)i, &shared, &left, each, data, error);
	shared_clear(&shared);
	return right;
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
	struct shared shared;
	struct view_flag *row = NULL;
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &one, VALUES(query_int_value(flag)), error))
		return NULL;
	shared_init(&shared);
	if (query_next(&query)) {
		row = flag_row_load(view, &query, 0, &shared, error);
		right = row != NULL;
	}
	shared_clear(&shared);
	if (!query_close(&query, right ? error : NULL) || !right)
		return NULL;
	if (row == NULL)
		g_set_error(
		    error, FAULT, FAULT_USAGE, "flag-%" G_GINT64_FORMAT ": there is none", flag);
	return row;
}
