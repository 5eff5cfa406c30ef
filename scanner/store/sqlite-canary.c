/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages of our own that prove the whole way. Known by their Message-ID, which nobody can guess
 * and which is looked for in its own account alone; spared by rules only when every byte is ours,
 * since whoever reads the mailbox can copy the Message-ID.
 */
#include "store/sqlite.h"

#include <string.h>

bool
sqlite_canary_get(
    struct store_driver *driver, const char *account, struct store_canary *out, GError **error)
{
	static const struct query_text find = {
		"find the last canary",
		"SELECT c.day, c.made, c.token, c.due, c.planted, c.seen FROM canary c"
		" JOIN account a ON a.id = c.account WHERE a.name = ? ORDER BY c.day DESC LIMIT 1"
	};
	struct query query;

	*out = (struct store_canary){ 0 };
	if (!query_open(&query, driver->database, &find, VALUES(query_text_value(account)), error))
		return false;
	if (query_next(&query)) {
		out->day = query_int(&query, 0);
		out->made = query_int(&query, 1);
		g_strlcpy(out->token, query_text(&query, 2), sizeof(out->token));
		out->due = query_int(&query, 3);
		out->planted = query_int(&query, 4);
		out->seen = query_int(&query, 5);
	}
	return query_close(&query, error);
}

bool
sqlite_canary_put(struct store_driver *driver, const char *account,
    const struct store_canary *canary, const char *message_id, const char *sha256, GError **error)
{
	static const struct query_text put = { "record a canary",
		"INSERT INTO canary (account, day, made, token, message_id, sha256, due)"
		" SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM account WHERE name = ?1"
		" ON CONFLICT DO UPDATE SET message_id = excluded.message_id,"
		" sha256 = excluded.sha256, due = excluded.due" };

	return query_run(driver->database, &put,
	    VALUES(query_text_value(account), query_int_value(canary->day),
		query_int_value(canary->made), query_text_value(canary->token),
		query_text_value(message_id), query_text_value(sha256),
		query_int_value(canary->due)),
	    error);
}

bool
sqlite_canary_planted(struct store_driver *driver, const char *account, const char *trouble,
    gint64 now, GError **error)
{
	static const struct query_text planted = { "record that a canary is planted",
		"UPDATE canary SET planted = CASE WHEN ?2 = '' AND planted = 0 THEN ?3"
		" ELSE planted END, trouble = ?2 WHERE account = (SELECT id FROM account"
		" WHERE name = ?1) AND day = (SELECT max(c.day) FROM canary c"
		" WHERE c.account = canary.account)" };

	return query_run(driver->database, &planted,
	    VALUES(query_text_value(account), query_text_value(trouble), query_int_value(now)),
	    error);
}

bool
sqlite_canary_seen(struct store_driver *driver, const char *account, const char *message_id,
    const char *sha256, gint64 now, bool *exact, GError **error)
{
	static const struct query_text find = { "find a canary",
		"SELECT sha256 FROM canary WHERE message_id = ?2"
		" AND account = (SELECT id FROM account WHERE name = ?1)" };
	/* It was planted, then, whatever became of the answer. */
	static const struct query_text seen = { "record that a canary was seen",
		"UPDATE canary SET seen = ?3, altered = ?4, trouble = '',"
		" planted = CASE WHEN planted = 0 THEN made ELSE planted END"
		" WHERE message_id = ?2 AND seen = 0"
		" AND account = (SELECT id FROM account WHERE name = ?1)" };
	struct query query;

	*exact = false;
	if (!query_open(&query, driver->database, &find,
		VALUES(query_text_value(account), query_text_value(message_id)), error))
		return false;
	bool found = query_next(&query);
	*exact = found && strcmp(query_text(&query, 0), sha256) == 0;
	if (!query_close(&query, error))
		return false;
	return !found || query_run(driver->database, &seen,
			     VALUES(query_text_value(account), query_text_value(message_id),
				 query_int_value(now), query_int_value(!*exact)),
			     error);
}
