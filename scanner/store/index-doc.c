/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Docs: numbers of messages in the order of their dates. Never gives one twice.
 */
#include "store/index.h"
#include "store/query.h"

#define LAST_SECOND (G_GINT64_CONSTANT(1) << 33)
#define DOC_TRIES   40

gint64
index_first_doc(gint64 time)
{
	gint64 second = time < 0 ? 0 : time / G_USEC_PER_SEC;

	return MIN(second, LAST_SECOND) * INDEX_PER_SECOND + 1;
}

/* The first free doc of those that begin at first; 0 when there is none. */
static bool
free_doc(struct database *database, gint64 first, gint64 *doc, GError **error)
{
	static const struct query_text last = { "look for a free doc",
		"SELECT max(doc) FROM message WHERE doc >= ? AND doc <= ?" };
	gint64 end = first + INDEX_PER_SECOND - 1, taken = 0;

	if (!query_number(database, &last, VALUES(query_int_value(first), query_int_value(end)),
		&taken, error))
		return false;
	*doc = taken == 0 ? first : taken < end ? taken + 1 : 0;
	return true;
}

static bool
note_spill(struct database *database, gint64 spill, GError **error)
{
	static const struct query_text update = { "note a doc that lies behind its date",
		"UPDATE search_state SET spill = ?1 WHERE spill < ?1" };

	return query_run(database, &update, VALUES(query_int_value(spill)), error);
}

/* Many messages of one second go behind it, the farther the more of them there are. */
bool
index_doc(struct database *database, gint64 time, gint64 *doc, GError **error)
{
	gint64 first = index_first_doc(time), behind = 0;

	for (guint try = 0; try < DOC_TRIES; try++) {
		if (!free_doc(database, first + behind * INDEX_PER_SECOND, doc, error))
			return false;
		if (*doc != 0)
			return behind == 0 || note_spill(database, *doc - first, error);
		behind = g_random_int_range(1, (gint32)(G_GINT64_CONSTANT(1) << MIN(try + 1, 30)));
	}
	static const struct query_text newest = { "look for the last doc",
		"SELECT max(doc) + 1 FROM message WHERE doc > 0" };
	return query_number(database, &newest, NO_VALUES, doc, error) &&
	       note_spill(database, *doc - first, error);
}
