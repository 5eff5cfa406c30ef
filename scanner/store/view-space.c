/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was seen against what is kept of it. Counts rows alone: what the disk says is not its
 * matter. Sums are of no message, so that administrators have those of all.
 */
#include "store/view-inner.h"

bool
view_space(struct view *view, struct view_space *out, GError **error)
{
	static const struct query_text kept = { "measure what is kept",
		"SELECT count(*), count(volume), coalesce(sum(length), 0), count(purged) FROM "
		"message" };
	static const struct query_text seen = { "measure what was seen",
		"SELECT count(*), coalesce(sum(m.size), 0) FROM placement p"
		" JOIN message m ON m.id = p.message" };
	static const struct query_text all_kept = { "measure what is kept at all",
		"SELECT count(*), count(volume), coalesce(sum(length), 0), count(purged) FROM "
		"main.message" };
	static const struct query_text all_seen = { "measure what was seen at all",
		"SELECT count(*), coalesce(sum(m.size), 0) FROM main.placement p"
		" JOIN main.message m ON m.id = p.message" };
	bool all = view->reach == VIEW_NO_MAIL;
	struct query query;

	*out = (struct view_space){ 0 };
	if (!query_open(&query, view->database, all ? &all_kept : &kept, NO_VALUES, error))
		return false;
	if (query_next(&query)) {
		out->messages = (guint64)query_int(&query, 0);
		out->copies = (guint64)query_int(&query, 1);
		out->kept_bytes = (guint64)query_int(&query, 2);
		out->purged = (guint64)query_int(&query, 3);
	}
	if (!query_close(&query, error) ||
	    !query_open(&query, view->database, all ? &all_seen : &seen, NO_VALUES, error))
		return false;
	if (query_next(&query)) {
		out->places = (guint64)query_int(&query, 0);
		out->seen_bytes = (guint64)query_int(&query, 1);
	}
	return query_close(&query, error);
}
