/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/drawn.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"
#include "base/share.h"
#include "base/text.h"
#include "store/ledger.h"
#include "store/review.h"
#include "store/view-inner.h"

#define DIGITS_SHOWN 16 /* of a digest in the ledger */

const char *const drawn_state_words[] = { "open", "nothing-to-see", "missed", NULL };

void
drawn_free(struct drawn *drawn)
{
	if (drawn == NULL)
		return;
	g_free(drawn->rule);
	g_free(drawn->note);
	g_free(drawn->who);
	view_message_free(drawn->message);
	g_free(drawn);
}

static void
free_row(gpointer data)
{
	drawn_free(data);
}

/* In force still: nobody has to look at what got a flag meanwhile. */
#define UNFLAGGED                                                                                  \
	" NOT EXISTS (SELECT 1 FROM flag g WHERE g.message = s.message AND g.exception = '')"

GPtrArray *
drawn_list(struct view *view, gint64 from, gint64 to, bool open, guint limit, GError **error)
{
	static const struct query_text find = { "read the random sample",
		"SELECT s.day, s.state, s.rule, s.note, s.who, s.decided, " MESSAGE_COLUMNS
		" FROM sample s JOIN message m ON m.id = s.message"
		" WHERE s.day >= ?1 AND s.day < ?2 AND (s.state = 0 OR NOT ?3) AND" UNFLAGGED
		" ORDER BY s.day, s.rank, s.message LIMIT ?4" };
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(free_row);
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &find,
		VALUES(query_int_value(from), query_int_value(to), query_int_value(open),
		    query_int_value(limit > 0 ? (gint64)limit : -1)),
		error))
		return NULL;
	while (right && query_next(&query)) {
		struct drawn *row = g_new0(struct drawn, 1);
		row->day = query_int(&query, 0);
		row->state = query_enum(&query, 1, word_count(drawn_state_words));
		row->rule = query_dup(&query, 2);
		row->note = query_dup(&query, 3);
		row->who = query_dup(&query, 4);
		row->decided = query_int(&query, 5);
		row->message = view_message_load(view, &query, 6, NULL, error);
		right = row->message != NULL;
		g_ptr_array_add(rows, row);
	}
	return query_close(&query, right ? error : NULL) && right ? g_steal_pointer(&rows) : NULL;
}

/* --- sums --- */

static bool
read_eligible(struct view *view, gint64 from, gint64 to, struct drawn_sums *out, GError **error)
{
	static const struct query_text find = { "read what a sample was drawn of",
		"SELECT coalesce(sum(eligible), 0), coalesce(sum(cut), 0),"
		" (SELECT coalesce(min(day), 0) FROM sample_day)"
		" FROM sample_day WHERE day >= ? AND day < ?" };
	struct query query;

	if (!query_open(&query, view->database, &find,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return false;
	if (query_next(&query)) {
		out->eligible = (guint64)query_int(&query, 0);
		out->cut = (guint64)query_int(&query, 1);
		out->first = query_int(&query, 2);
	}
	return query_close(&query, error);
}

guint64
drawn_decided(const struct drawn_sums *sums)
{
	return sums->states[DRAWN_NOTHING] + sums->states[DRAWN_MISSED];
}

bool
drawn_sums(struct view *view, gint64 from, gint64 to, struct drawn_sums *out, GError **error)
{
	static const struct query_text find = { "count the random sample",
		"SELECT s.state, count(*) FROM sample s WHERE s.day >= ? AND s.day < ? "
		"AND" UNFLAGGED " GROUP BY s.state" };
	struct query query;

	*out = (struct drawn_sums){ 0 };
	if (!read_eligible(view, from, to, out, error) ||
	    !query_open(&query, view->database, &find,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return false;
	while (query_next(&query))
		out->states[query_enum(&query, 0, word_count(drawn_state_words))] +=
		    (guint64)query_int(&query, 1);
	share_bounds(
	    out->states[DRAWN_MISSED], drawn_decided(out), &out->share, &out->low, &out->high);
	return query_close(&query, error);
}

static void
miss_free(gpointer data)
{
	struct drawn_miss *miss = data;

	g_free(miss->rule);
	g_free(miss);
}

GPtrArray *
drawn_misses(struct view *view, gint64 from, gint64 to, GError **error)
{
	static const struct query_text find = { "read what rules missed",
		"SELECT s.rule, count(*) FROM sample s WHERE s.state = 2 AND s.day >= ?"
		" AND s.day < ? AND" UNFLAGGED " GROUP BY s.rule ORDER BY s.rule" };
	g_autoptr(GPtrArray) misses = g_ptr_array_new_with_free_func(miss_free);
	struct query query;

	if (!query_open(&query, view->database, &find,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return NULL;
	while (query_next(&query)) {
		struct drawn_miss *miss = g_new0(struct drawn_miss, 1);
		miss->rule = query_dup(&query, 0);
		miss->count = (guint64)query_int(&query, 1);
		g_ptr_array_add(misses, miss);
	}
	return query_close(&query, error) ? g_steal_pointer(&misses) : NULL;
}

/* --- verdicts --- */

static bool
check_order(struct view *view, const struct drawn_order *order, GError **error)
{
	static const struct query_text known = { "look a rule up",
		"SELECT 1 FROM rule_text WHERE rule = ? LIMIT 1" };
	const char *rule = order->rule != NULL ? order->rule : "";
	gint64 found = 0;

	if (view->reach != VIEW_ALL && view->reach != VIEW_ACCOUNTS) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "%s may not decide about mail of a sample: that is for officers", view->person);
		return false;
	}
	if (order->note != NULL &&
	    (strlen(order->note) > REVIEW_NOTE_MAX || !g_utf8_validate(order->note, -1, NULL))) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "the note: UTF-8 of at most %d bytes is taken", REVIEW_NOTE_MAX);
		return false;
	}
	if (rule[0] == '\0')
		return true;
	g_autofree char *shown = text_printable(rule, 60);
	if (order->state != DRAWN_MISSED) {
		g_set_error(error, FAULT, FAULT_USAGE,
		    "a rule is named where one missed something, and '%s' did not", shown);
		return false;
	}
	if (!query_number(view->database, &known, VALUES(query_text_value(rule)), &found, error))
		return false;
	if (found == 0)
		g_set_error(error, FAULT, FAULT_USAGE,
		    "no rule '%s' has ever been in force: see flagpost rules list", shown);
	return found != 0;
}

/* Through the view: what it does not show is not there. */
static bool
find_drawn(struct view *view, const struct view_message *message, GError **error)
{
	static const struct query_text find = { "look a drawn message up",
		"SELECT 1 FROM sample s WHERE s.message = ? AND" UNFLAGGED };
	gint64 found = 0;

	if (!query_number(
		view->database, &find, VALUES(query_int_value(message->id)), &found, error))
		return false;
	if (found == 0)
		g_set_error(error, FAULT, FAULT_USAGE,
		    "%.12s is not in the random sample, or has a flag by now", message->sha256);
	return found != 0;
}

/* The note's text stands in the sample alone, where it can be erased; its digest in the ledger. */
static bool
write_order(struct view *view, const struct view_message *message, const struct drawn_order *order,
    GError **error)
{
	static const struct query_text put = { "record a verdict on a sample",
		"UPDATE main.sample SET state = ?, rule = ?, note = ?, who = ?, decided = ?"
		" WHERE message = ?" };
	g_autoptr(GString) object = g_string_new(NULL);
	bool open = order->state == DRAWN_OPEN;
	gint64 now = clock_now();

	g_string_append_printf(object, "sample %.*s: %s", DIGITS_SHOWN, message->sha256,
	    drawn_state_words[order->state]);
	if (order->rule != NULL && order->rule[0] != '\0')
		g_string_append_printf(object, " by %s", order->rule);
	if (order->note != NULL) {
		char digest[DIGEST_HEX];
		digest_bytes(order->note, strlen(order->note), digest);
		g_string_append_printf(object, ", note %.*s", DIGITS_SHOWN, digest);
	}
	return query_run(view->database, &put,
		   VALUES(query_int_value(order->state), query_text_value(order->rule),
		       query_text_value(order->note), query_text_value(open ? "" : view->person),
		       query_int_value(open ? 0 : now), query_int_value(message->id)),
		   error) &&
	       ledger_append(view->database, view->person, "review", object->str, now, error);
}

static bool
set_in_one(struct view *view, const struct view_message *message, const struct drawn_order *order,
    GError **error)
{
	if (!database_begin(view->database, error))
		return false;
	if (find_drawn(view, message, error) && write_order(view, message, order, error) &&
	    database_commit(view->database, error))
		return true;
	database_rollback(view->database);
	return false;
}

bool
drawn_set(struct view *view, const char *prefix, const struct drawn_order *order, GError **error)
{
	if (!check_order(view, order, error))
		return false;
	g_autoptr(view_message) message = view_find(view, prefix, error);
	if (message == NULL ||
	    !database_script(view->database, "review", "PRAGMA query_only = OFF", error))
		return false;
	bool right = set_in_one(view, message, order, error);
	return database_script(
		   view->database, "review", "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}
