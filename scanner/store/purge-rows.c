/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every table in which something of a message stands is named here, once; a table more needs a line
 * more, and tests/unit/store/test-purge.c looks for what was forgotten.
 */
#include "store/purge-rows.h"

#include "store/query.h"
#include "store/tar.h"

struct state {
	gint64 doc, purged, volume, offset, length;
	bool found;
};

static bool
read_state(struct database *database, gint64 message, struct state *out, GError **error)
{
	static const struct query_text find = { "read what is to be purged",
		"SELECT coalesce(doc, 0), coalesce(purged, 0), coalesce(volume, 0),"
		" coalesce(offset, 0), coalesce(length, 0) FROM message WHERE id = ?" };
	struct query query;

	*out = (struct state){ 0 };
	if (!query_open(&query, database, &find, VALUES(query_int_value(message)), error))
		return false;
	if (query_next(&query)) {
		out->found = true;
		out->doc = query_int(&query, 0);
		out->purged = query_int(&query, 1);
		out->volume = query_int(&query, 2);
		out->offset = query_int(&query, 3);
		out->length = query_int(&query, 4);
	}
	return query_close(&query, error);
}

/* An order to overwrite the copy, and its bytes are no longer strange ones in the volume. */
static bool
order_overwriting(
    struct database *database, gint64 message, const struct state *state, GError **error)
{
	static const struct query_text put = { "order to overwrite a copy",
		"INSERT INTO purging (message, volume, offset, length) VALUES (?, ?, ?, ?)" };
	static const struct query_text count = { "count what is purged of a volume",
		"UPDATE volume SET purged = purged + ? WHERE id = ?" };
	gint64 size = TAR_BLOCK + state->length + (gint64)tar_padding((guint64)state->length);

	return state->volume == 0 ||
	       (query_run(database, &put,
		    VALUES(query_int_value(message), query_int_value(state->volume),
			query_int_value(state->offset), query_int_value(state->length)),
		    error) &&
		   query_run(database, &count,
		       VALUES(query_int_value(size), query_int_value(state->volume)), error));
}

/* What people decided about flags goes with the last flag that it belongs to. */
static const struct query_text removals[] = {
	{ "purge reviews",
	    "DELETE FROM review WHERE fingerprint IN (SELECT fingerprint FROM flag WHERE message = "
	    "?1)"
	    " AND NOT EXISTS (SELECT 1 FROM flag g WHERE g.fingerprint = review.fingerprint"
	    " AND g.message <> ?1)" },
	{ "purge changes of reviews",
	    "DELETE FROM review_change WHERE fingerprint IN (SELECT fingerprint FROM flag"
	    " WHERE message = ?1) AND NOT EXISTS (SELECT 1 FROM flag g"
	    " WHERE g.fingerprint = review_change.fingerprint AND g.message <> ?1)" },
	{ "purge hits", "DELETE FROM hit WHERE flag IN (SELECT id FROM flag WHERE message = ?)" },
	{ "purge flags", "DELETE FROM flag WHERE message = ?" },
	{ "purge supposed hits", "DELETE FROM supposed_hit WHERE flag IN (SELECT id FROM "
				 "supposed_flag WHERE message = ?)" },
	{ "purge supposed flags", "DELETE FROM supposed_flag WHERE message = ?" },
	{ "purge what was undecided", "DELETE FROM undecided WHERE message = ?" },
	{ "purge what was said of a sample", "DELETE FROM sample WHERE message = ?" },
	{ "purge parts", "DELETE FROM part WHERE message = ?" },
	{ "purge what its signatures proved", "DELETE FROM dkim_result WHERE message = ?" },
	{ "purge people", "DELETE FROM address WHERE message = ?" },
	{ "purge what a server says of it",
	    "UPDATE placement SET labels = '', server_id = '', thread_id = '', server_flags = ''"
	    " WHERE message = ?" },
};

static bool
blank_message(struct database *database, gint64 message, gint64 now, GError **error)
{
	static const struct query_text update = { "purge a message",
		"UPDATE message SET purged = ?1, message_id = '', subject = '', subject_folded = "
		"'',"
		" reason = '', warnings = '', in_reply_to = '', facts = 0, volume = NULL,"
		" offset = NULL, length = NULL, copied = NULL, indexed = 0 WHERE id = ?2" };
	static const struct query_text untag = { "purge tags",
		"DELETE FROM tagged WHERE doc = (SELECT doc FROM message WHERE id = ?)" };

	for (guint i = 0; i < G_N_ELEMENTS(removals); i++) {
		if (!query_run(database, &removals[i], VALUES(query_int_value(message)), error))
			return false;
	}
	return query_run(database, &untag, VALUES(query_int_value(message)), error) &&
	       query_run(database, &update, VALUES(query_int_value(now), query_int_value(message)),
		   error);
}

bool
purge_rows_remove(struct database *database, gint64 message, GArray *docs, gint64 now,
    bool *removed, GError **error)
{
	struct state state;

	*removed = false;
	if (!read_state(database, message, &state, error))
		return false;
	if (!state.found || state.purged != 0)
		return true;
	*removed = true;
	if (state.doc != 0)
		g_array_append_val(docs, state.doc);
	return order_overwriting(database, message, &state, error) &&
	       blank_message(database, message, now, error);
}
