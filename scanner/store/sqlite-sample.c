/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mail without a flag that is drawn for a look by people. The draw itself is made elsewhere
 * (daemon/sampling.h); here the lowest draws of a day stay, so that a limit takes away by chance
 * too, and nobody gets past it by the time of the day.
 */
#include "store/sqlite.h"

static bool
count_eligible(
    struct database *database, const struct store_message *what, guint64 cut, GError **error)
{
	static const struct query_text put = { "count what a sample is drawn of",
		"INSERT INTO sample_day (account, day, eligible, cut)"
		" SELECT id, ?2, ?3, ?4 FROM account WHERE name = ?1 ON CONFLICT DO UPDATE SET"
		" eligible = eligible + excluded.eligible, cut = cut + excluded.cut" };

	return query_run(database, &put,
	    VALUES(query_text_value(what->placement->account), query_int_value(what->draw.day),
		query_int_value(cut == 0), query_int_value((gint64)cut)),
	    error);
}

/* What somebody has looked at stays, however high it was drawn. */
static bool
keep_lowest(struct database *database, const struct store_message *what, GError **error)
{
	static const struct query_text remove = { "hold a sample at its limit",
		"DELETE FROM sample WHERE state = 0 AND message IN (SELECT message FROM sample"
		" WHERE day = ?1 ORDER BY rank, message LIMIT -1 OFFSET ?2)" };

	if (!query_run(database, &remove,
		VALUES(query_int_value(what->draw.day), query_int_value(what->draw.at_most)),
		error))
		return false;
	int removed = sqlite3_changes(database->handle);
	return removed == 0 || count_eligible(database, what, (guint64)removed, error);
}

bool
sqlite_draw(
    struct database *database, const struct store_message *what, gint64 message, GError **error)
{
	static const struct query_text put = { "record what was drawn",
		"INSERT INTO sample (message, day, rank) VALUES (?, ?, ?)" };

	if (!what->draw.eligible || what->verdict->flags->len > 0)
		return true;
	if (!count_eligible(database, what, 0, error))
		return false;
	return !what->draw.drawn ||
	       (query_run(database, &put,
		    VALUES(query_int_value(message), query_int_value(what->draw.day),
			query_int_value(what->draw.rank)),
		    error) &&
		   keep_lowest(database, what, error));
}
