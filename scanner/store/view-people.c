/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * However many messages there are, one row is held.
 */
#include "store/view-people.h"

#include "store/view-inner.h"

bool
view_people_each(struct view *view, view_person_each *each, gpointer data, GError **error)
{
	static const struct query_text all = { "read who is named",
		"SELECT name, address, domain FROM address" };
	struct query query;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return false;
	while (query_next(&query))
		each(query_text(&query, 0), query_text(&query, 1), query_text(&query, 2), data);
	return query_close(&query, error);
}
