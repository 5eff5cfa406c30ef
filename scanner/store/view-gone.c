/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is no longer on the servers: deleted messages of a window, and how many there were.
 */
#include <string.h>

#include "store/fates.h"
#include "store/view-inner.h"

static void
gone_free(gpointer data)
{
	struct view_gone *gone = data;

	view_message_free(gone->message);
	g_free(gone);
}

static struct view_placement *
find_placement(const struct view_message *message, struct query *query)
{
	for (guint i = 0; i < message->placements->len; i++) {
		struct view_placement *one = g_ptr_array_index(message->placements, i);
		if (one->uidvalidity == (guint32)query_int(query, 2) &&
		    strcmp(one->account, query_text(query, 0)) == 0 &&
		    strcmp(one->folder, query_text(query, 1)) == 0 &&
		    strcmp(one->uid, query_text(query, 3)) == 0)
			return one;
	}
	return NULL;
}

GPtrArray *
view_gone(struct view *view, gint64 from, gint64 to, guint limit, GError **error)
{
	static const struct query_text all = { "read what is gone",
		"SELECT a.name, f.name, p.uidvalidity, p.uid, (SELECT min(g.seen) FROM flag g"
		" WHERE g.message = m.id AND g.exception = '') AS flagged, " MESSAGE_COLUMNS
		" FROM placement p JOIN message m ON m.id = p.message"
		" JOIN folder f ON f.id = p.folder JOIN account a ON a.id = f.account"
		" WHERE p.gone IS NOT NULL AND p.gone >= ? AND p.gone < ?"
		" AND p.fate = '" FATE_DELETED "'"
		" ORDER BY flagged IS NULL, p.gone, a.name, f.name, p.uid LIMIT ?" };
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(gone_free);
	g_autoptr(GHashTable) cache = view_cache_new();
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(from), query_int_value(to), query_int_value(limit)), error))
		return NULL;
	while (right && query_next(&query)) {
		struct view_message *message = view_message_load(view, &query, 5, cache, error);
		struct view_placement *placement =
		    message != NULL ? find_placement(message, &query) : NULL;
		right = message != NULL;
		/* None: the message came back between the two statements. */
		if (placement == NULL) {
			view_message_free(message);
			continue;
		}
		struct view_gone *gone = g_new0(struct view_gone, 1);
		gone->message = message;
		gone->placement = placement;
		gone->flagged = query_int(&query, 4);
		g_ptr_array_add(rows, gone);
	}
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&rows) : NULL;
}

bool
view_draft(struct view *view, gint64 message, bool *found, struct view_draft *out, GError **error)
{
	static const char *const states[] = { "open", "sent", "vanished", "unknown", NULL };
	static const struct query_text find = { "read a draft",
		"SELECT r.number, d.state, (SELECT count(*) FROM revision x WHERE x.draft = d.id)"
		" FROM revision r JOIN draft d ON d.id = r.draft WHERE r.message = ?"
		" ORDER BY d.id DESC LIMIT 1" };
	struct query query;

	*out = (struct view_draft){ .state = VIEW_DRAFT_UNKNOWN };
	if (!query_open(&query, view->database, &find, VALUES(query_int_value(message)), error))
		return false;
	*found = query_next(&query);
	if (*found) {
		int state = word_index(states, query_text(&query, 1));
		out->number = (guint)query_int(&query, 0);
		out->revisions = (guint)query_int(&query, 2);
		if (state >= 0)
			out->state = (guint)state;
	}
	return query_close(&query, error);
}

static bool
sum_drafts(
    struct view *view, const struct query_value *window, struct view_totals *out, GError **error)
{
	static const struct query_text vanished = { "count drafts that vanished",
		"SELECT count(*), count(CASE WHEN (SELECT max(number) FROM revision r"
		" WHERE r.draft = d.id) > 1 THEN 1 END) FROM draft d WHERE d.state = 'vanished'"
		" AND d.ended IS NOT NULL AND d.ended >= ? AND d.ended < ?" };
	struct query query;

	if (!query_open(&query, view->database, &vanished, window, error))
		return false;
	if (query_next(&query)) {
		out->drafts = (guint64)query_int(&query, 0);
		out->dead_drops = (guint64)query_int(&query, 1);
	}
	return query_close(&query, error);
}

bool
view_exposure(struct view *view, const char *account, gint64 from, gint64 to,
    struct view_exposure *out, GError **error)
{
	/* The last row is the time since the last complete pass. */
	static const struct query_text find = { "read how long an account was not read",
		"SELECT since, upto FROM (SELECT e.since AS since, e.upto AS upto FROM exposure e"
		" JOIN account a ON a.id = e.account WHERE a.name = ?1 AND e.upto >= ?2"
		" AND e.since < ?3 UNION ALL SELECT a.complete, ?3 FROM account a"
		" WHERE a.name = ?1 AND a.complete <> 0 AND a.complete < ?3)"
		" ORDER BY upto - since DESC, upto LIMIT 1" };
	struct query query;

	*out = (struct view_exposure){ 0 };
	if (!query_open(&query, view->database, &find,
		VALUES(query_text_value(account), query_int_value(from), query_int_value(to)),
		error))
		return false;
	if (query_next(&query)) {
		out->since = query_int(&query, 0);
		out->upto = query_int(&query, 1);
	}
	return query_close(&query, error);
}

bool
view_gone_totals(struct view *view, gint64 from, gint64 to, struct view_totals *out, GError **error)
{
	static const struct query_text deleted = { "count what is gone",
		"SELECT count(*), count(CASE WHEN EXISTS (SELECT 1 FROM flag g"
		" WHERE g.message = p.message AND g.exception = '') THEN 1 END)"
		" FROM placement p WHERE p.gone IS NOT NULL AND p.gone >= ?1 AND p.gone < ?2"
		" AND p.fate = '" FATE_DELETED "'"
		/* Each message once, by the first of its places. */
		" AND NOT EXISTS (SELECT 1 FROM placement q WHERE q.message = p.message"
		" AND q.gone >= ?1 AND q.gone < ?2 AND q.fate = '" FATE_DELETED "'"
		" AND (q.folder, q.uidvalidity, q.uid) < (p.folder, p.uidvalidity, p.uid))" };
	static const struct query_text unseen = { "count what was never seen",
		"SELECT coalesce(sum(count), 0) FROM unseen WHERE seen >= ? AND seen < ?" };
	const struct query_value window[] = { query_int_value(from), query_int_value(to),
		{ .kind = QUERY_END } };
	struct query query;
	gint64 count = 0;

	if (!query_open(&query, view->database, &deleted, window, error))
		return false;
	if (query_next(&query)) {
		out->deleted = (guint64)query_int(&query, 0);
		out->deleted_flagged = (guint64)query_int(&query, 1);
	}
	if (!query_close(&query, error) ||
	    !query_number(view->database, &unseen, window, &count, error))
		return false;
	out->unseen = (guint64)count;
	return sum_drafts(view, window, out, error);
}
