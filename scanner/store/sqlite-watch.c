/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long mail could have lived unseen, how much came from a server in a day, and how much of the
 * past is kept of passes and notes.
 */
#include "store/sqlite.h"

#include "mail/message.h"

bool
sqlite_exposure(
    struct database *database, gint64 account, const struct store_account_end *end, GError **error)
{
	/* A pass that missed a folder closes no gap. */
	static const struct query_text gap = { "record how long an account was not read",
		"INSERT INTO exposure (account, day, since, upto)"
		" SELECT id, ?2 / ?3, complete, ?2 FROM account WHERE id = ?1 AND complete <> 0"
		" AND complete < ?2 AND NOT EXISTS (SELECT 1 FROM folder f"
		" WHERE f.account = ?1 AND f.failing = 1) ON CONFLICT DO UPDATE SET"
		" since = excluded.since, upto = excluded.upto"
		" WHERE excluded.upto - excluded.since > upto - since" };
	static const struct query_text complete = { "record a complete pass",
		"UPDATE account SET complete = max(complete, ?2) WHERE id = ?1 AND NOT EXISTS"
		" (SELECT 1 FROM folder f WHERE f.account = ?1 AND f.failing = 1)" };
	/* A folder may have been read at the very beginning. */
	gint64 begun = end->seen - (gint64)end->milliseconds * 1000;

	return query_run(database, &gap,
		   VALUES(query_int_value(account), query_int_value(end->seen),
		       query_int_value(G_TIME_SPAN_DAY)),
		   error) &&
	       query_run(database, &complete,
		   VALUES(query_int_value(account), query_int_value(begun)), error);
}

bool
sqlite_pulse(struct store_driver *driver, gint64 run, gint64 now, GError **error)
{
	static const struct query_text beat = { "record that a run lives",
		"UPDATE run SET pulse = ? WHERE id = ?" };

	return query_run(
	    driver->database, &beat, VALUES(query_int_value(now), query_int_value(run)), error);
}

bool
sqlite_pulse_none(struct database *database, GError **error)
{
	static const struct query_text none = { "record that no pass is under way",
		"UPDATE account SET begun = 0, moved = 0 WHERE begun <> 0" };

	return query_run(database, &none, NO_VALUES, error);
}

bool
sqlite_last_pulse(struct store_driver *driver, gint64 *last, GError **error)
{
	static const struct query_text find = { "find the last sign of life",
		"SELECT coalesce(max(max(pulse, ended, begun)), 0) FROM run" };

	*last = 0;
	return query_number(driver->database, &find, NO_VALUES, last, error);
}

bool
sqlite_pulse_account(
    struct store_driver *driver, const char *account, gint64 begun, gint64 moved, GError **error)
{
	static const struct query_text beat = { "record that a pass goes on",
		"UPDATE account SET begun = ?2, moved = ?3 WHERE name = ?1" };

	return query_run(driver->database, &beat,
	    VALUES(query_text_value(account), query_int_value(begun), query_int_value(moved)),
	    error);
}

bool
sqlite_traffic(
    struct store_driver *driver, const char *account, gint64 day, guint64 bytes, GError **error)
{
	static const struct query_text add = { "count what came from a server",
		"INSERT INTO traffic (account, day, bytes) SELECT id, ?2, ?3 FROM account"
		" WHERE name = ?1 ON CONFLICT DO UPDATE SET bytes = bytes + excluded.bytes" };

	return query_run(driver->database, &add,
	    VALUES(query_text_value(account), query_int_value(day), query_int_value((gint64)bytes)),
	    error);
}

bool
sqlite_traffic_of(
    struct store_driver *driver, const char *account, gint64 day, guint64 *bytes, GError **error)
{
	static const struct query_text sum = { "read what came from a server",
		"SELECT coalesce(sum(t.bytes), 0) FROM traffic t JOIN account a ON a.id = t.account"
		" WHERE a.name = ?1 AND t.day = ?2" };
	gint64 found = 0;

	if (!query_number(driver->database, &sum,
		VALUES(query_text_value(account), query_int_value(day)), &found, error))
		return false;
	*bytes = (guint64)MAX(found, 0);
	return true;
}

bool
sqlite_prune(struct database *database, gint64 now, GError **error)
{
	static const struct query_text old[] = {
		{ "forget old passes", "DELETE FROM attempt WHERE seen < ?" },
		{ "forget old notes", "DELETE FROM note WHERE seen < ?" },
		{ "forget old counts", "DELETE FROM unseen WHERE seen < ?" },
		{ "forget old gaps", "DELETE FROM exposure WHERE upto < ?" },
		{ "forget old canaries", "DELETE FROM canary WHERE made < ?" },
		{ "forget old traffic", "DELETE FROM traffic WHERE day < ?" },
		{ "forget old arrivals", "DELETE FROM arrival WHERE day < ?1 / 86400000000" },
	};
	gint64 before = now - STORE_HISTORY_DAYS * G_TIME_SPAN_DAY;

	for (gsize i = 0; i < G_N_ELEMENTS(old); i++) {
		if (!query_run(database, &old[i], VALUES(query_int_value(before)), error))
			return false;
	}
	return true;
}
