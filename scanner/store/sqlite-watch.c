/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long mail could have lived unseen, and how much of the past is kept of passes and notes.
 */
#include "store/sqlite.h"

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
sqlite_prune(struct database *database, gint64 now, GError **error)
{
	static const struct query_text old[] = {
		{ "forget old passes", "DELETE FROM attempt WHERE seen < ?" },
		{ "forget old notes", "DELETE FROM note WHERE seen < ?" },
		{ "forget old counts", "DELETE FROM unseen WHERE seen < ?" },
		{ "forget old gaps", "DELETE FROM exposure WHERE upto < ?" },
	};
	gint64 before = now - STORE_HISTORY_DAYS * G_TIME_SPAN_DAY;

	for (gsize i = 0; i < G_N_ELEMENTS(old); i++) {
		if (!query_run(database, &old[i], VALUES(query_int_value(before)), error))
			return false;
	}
	return true;
}
