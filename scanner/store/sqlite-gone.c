/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is no longer on the server: deleted or moved, since when, and what was never seen. Says
 * nothing without a proof: a list of what is there, a count, or a folder that two passes miss.
 */
#include "store/sqlite.h"

#include <string.h>

/* --- deleted, moved, back --- */

struct key {
	gint64 folder;
	guint32 uidvalidity;
	const char *uid;
};

/* A place in the same account where the message still lies; 0: none. */
static bool
find_elsewhere(struct database *database, const struct key *key, gint64 *out, GError **error)
{
	static const struct query_text same_bytes = { "look for a moved message",
		"SELECT o.folder FROM placement p JOIN placement o ON o.message = p.message"
		" JOIN folder f ON f.id = o.folder WHERE p.folder = ?1 AND p.uidvalidity = ?2"
		" AND p.uid = ?3 AND o.gone IS NULL"
		" AND f.account = (SELECT account FROM folder WHERE id = ?1)"
		" AND (o.folder <> ?1 OR o.uidvalidity <> ?2 OR o.uid <> ?3)"
		" ORDER BY o.folder = ?1, o.seen DESC, o.folder LIMIT 1" };
	/* Servers that write mail anew when they move it; revisions of a draft are no moves. */
	static const struct query_text same_id = { "look for a rewritten message",
		"SELECT o.folder FROM placement p JOIN message m ON m.id = p.message"
		" JOIN message t ON t.message_id = m.message_id AND t.message_id <> '' AND t.size "
		"= m.size"
		" AND t.id <> m.id JOIN placement o ON o.message = t.id"
		" JOIN folder f ON f.id = o.folder WHERE p.folder = ?1 AND p.uidvalidity = ?2"
		" AND p.uid = ?3 AND p.draft = 0 AND o.draft = 0 AND m.message_id <> ''"
		" AND o.gone IS NULL AND o.folder <> ?1"
		" AND f.account = (SELECT account FROM folder WHERE id = ?1)"
		" ORDER BY o.seen DESC, o.folder LIMIT 1" };
	const struct query_value values[] = { query_int_value(key->folder),
		query_int_value(key->uidvalidity), query_text_value(key->uid),
		{ .kind = QUERY_END } };

	*out = 0;
	return query_number(database, &same_bytes, values, out, error) &&
	       (*out != 0 || query_number(database, &same_id, values, out, error));
}

static bool
mark(struct database *database, const struct key *key, gint64 confirmed, gint64 now, GError **error)
{
	static const struct query_text update = { "record that a message is gone",
		"UPDATE placement SET gone = ?4, last_seen = max(seen, ?5), fate = ?6, moved_to = "
		"?7"
		" WHERE folder = ?1 AND uidvalidity = ?2 AND uid = ?3" };
	gint64 elsewhere;

	if (!find_elsewhere(database, key, &elsewhere, error))
		return false;
	return query_run(database, &update,
	    VALUES(query_int_value(key->folder), query_int_value(key->uidvalidity),
		query_text_value(key->uid), query_int_value(now), query_int_value(confirmed),
		query_text_value(elsewhere != 0 ? FATE_MOVED : FATE_DELETED),
		elsewhere != 0 ? query_int_value(elsewhere) : query_null_value()),
	    error);
}

bool
sqlite_gone(struct database *database, const struct sqlite_folder *folder, const char *uid,
    gint64 now, GError **error)
{
	const struct key key = { folder->id, folder->uidvalidity, uid };

	return mark(database, &key, folder->confirmed, now, error);
}

bool
sqlite_back(
    struct database *database, const struct sqlite_folder *folder, const char *uid, GError **error)
{
	static const struct query_text update = { "record that a message is back",
		"UPDATE placement SET gone = NULL, last_seen = NULL, fate = '', moved_to = NULL"
		" WHERE folder = ? AND uidvalidity = ? AND uid = ?" };

	return query_run(database, &update,
	    VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity),
		query_text_value(uid)),
	    error);
}

/* "+folder": by the message's index, and never through all that lies in the account, for each
 * message that comes. */
#define IN_ACCOUNT                                                                                 \
	"+folder IN (SELECT id"                                                                    \
	" FROM folder WHERE account = (SELECT account FROM folder WHERE id = ?1))"
#define SAME_BYTES "message = ?2 AND fate = '" FATE_DELETED "' AND " IN_ACCOUNT
#define SAME_ID                                                                                    \
	"message IN (SELECT t.id FROM message m JOIN message t"                                    \
	" ON t.message_id = m.message_id AND t.message_id <> '' AND t.size = m.size AND "          \
	"t.id <> m.id"                                                                             \
	" WHERE m.id = ?2 AND m.message_id <> '' AND NOT EXISTS"                                   \
	" (SELECT 1 FROM placement d WHERE d.message = m.id AND d.draft = 1))"                     \
	" AND fate = '" FATE_DELETED "' AND draft = 0 AND " IN_ACCOUNT

/*
 * A folder may be read before the one that a message came from, or after it.
 */
bool
sqlite_arrived(
    struct database *database, const struct sqlite_folder *folder, gint64 message, GError **error)
{
	static const struct query_text any = { "look for what moved here",
		"SELECT EXISTS (SELECT 1 FROM placement WHERE message = ?1 AND fate = "
		"'" FATE_DELETED "') OR EXISTS (SELECT 1 FROM message m JOIN message t ON "
		"t.message_id = m.message_id"
		" AND t.message_id <> '' AND t.id <> m.id WHERE m.id = ?1)" };
	static const struct query_text same_bytes = { "record a move",
		"UPDATE placement SET fate = '" FATE_MOVED "', moved_to = ?1 WHERE " SAME_BYTES };
	static const struct query_text same_id = { "record a rewriting move",
		"UPDATE placement SET fate = '" FATE_MOVED "', moved_to = ?1 WHERE " SAME_ID };
	const struct query_value values[] = { query_int_value(folder->id), query_int_value(message),
		{ .kind = QUERY_END } };
	gint64 moved = 0;

	/* A question costs much less than statements that would change nothing, and most mail was
	 * nowhere before. */
	if (!query_number(database, &any, &values[1], &moved, error))
		return false;
	return moved == 0 || (query_run(database, &same_bytes, values, error) &&
				 query_run(database, &same_id, values, error));
}

/* --- UIDVALIDITY --- */

bool
sqlite_renumber(
    struct database *database, const struct sqlite_folder *folder, gint64 now, GError **error)
{
	static const struct query_text retire = { "retire an old UIDVALIDITY",
		"UPDATE placement SET gone = ?3, last_seen = max(seen, ?4),"
		" fate = '" FATE_RENUMBERED "' WHERE folder = ?1 AND uidvalidity = ?2"
		" AND gone IS NULL" };

	return query_run(database, &retire,
	    VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity),
		query_int_value(now), query_int_value(folder->confirmed)),
	    error);
}

/* All of the folder is known under its new numbers: what is not among it was deleted or moved. */
static bool
settle_renumbered(
    struct database *database, const struct sqlite_folder *folder, gint64 now, GError **error)
{
	static const struct query_text relink = { "relink by digest",
		"UPDATE placement SET fate = '" FATE_RELINKED "', moved_to = ?1"
		" WHERE folder = ?1 AND fate = '" FATE_RENUMBERED "' AND EXISTS"
		" (SELECT 1 FROM placement o WHERE o.message = placement.message"
		" AND o.folder = ?1 AND o.gone IS NULL)" };
	static const struct query_text rest = { "list what was not renumbered",
		"SELECT uidvalidity, uid, last_seen FROM placement"
		" WHERE folder = ? AND fate = '" FATE_RENUMBERED "' LIMIT 1" };
	bool right, more = true;

	right = query_run(database, &relink, VALUES(query_int_value(folder->id)), error);
	while (right && more) {
		struct query query;
		if (!query_open(
			&query, database, &rest, VALUES(query_int_value(folder->id)), error))
			return false;
		more = query_next(&query);
		g_autofree char *uid = more ? query_dup(&query, 1) : NULL;
		struct key key = { folder->id, (guint32)query_int(&query, 0), uid };
		gint64 seen = query_int(&query, 2);
		right =
		    query_close(&query, error) && (!more || mark(database, &key, seen, now, error));
	}
	return right;
}

/* --- numbers that were given out and never shown --- */

static bool
note_unseen(struct database *database, const struct sqlite_folder *folder, gint64 count, gint64 now,
    GError **error)
{
	static const struct query_text insert = { "record mail that was gone before the scan",
		"INSERT INTO unseen (folder, count, since, seen) VALUES (?, ?, ?, ?)" };

	return count <= 0 || query_run(database, &insert,
				 VALUES(query_int_value(folder->id), query_int_value(count),
				     query_int_value(folder->confirmed), query_int_value(now)),
				 error);
}

/* UIDs only rise (RFC 3501 section 2.3.1.1): each below UIDNEXT was a message once. */
static bool
count_unseen(struct database *database, const struct sqlite_folder *folder,
    const struct store_folder_end *end, GError **error)
{
	static const struct query_text known = { "count what is known of a range of UIDs",
		"SELECT (SELECT count(*) FROM placement WHERE folder = ?1 AND uidvalidity = ?2"
		" AND CAST(uid AS INTEGER) >= ?3 AND CAST(uid AS INTEGER) < ?4)"
		" + (SELECT count(*) FROM failure WHERE folder = ?1 AND uidvalidity = ?2"
		" AND CAST(uid AS INTEGER) >= ?3 AND CAST(uid AS INTEGER) < ?4)" };
	static const struct query_text advance = { "record how far UIDs were counted",
		"UPDATE folder SET counted_to = ?2 WHERE id = ?1" };
	gint64 from = folder->counted_to, to = end->uidnext, found = 0;

	if (to <= from)
		return true;
	/* What lived before the first pass is not ours to count. */
	if (from > 0 &&
	    (!query_number(database, &known,
		 VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity),
		     query_int_value(from), query_int_value(to)),
		 &found, error) ||
		!note_unseen(database, folder, to - from - found, end->seen, error)))
		return false;
	return query_run(
	    database, &advance, VALUES(query_int_value(folder->id), query_int_value(to)), error);
}

bool
sqlite_failure_gone(struct database *database, const struct sqlite_folder *folder, gint64 uid,
    gint64 now, GError **error)
{
	/* One that was not counted yet is counted with its range. */
	return uid >= folder->counted_to || note_unseen(database, folder, 1, now, error);
}

/* --- the end of a pass over a folder --- */

static bool
counts_agree(struct database *database, const struct sqlite_folder *folder,
    const struct store_folder_end *end, bool *out, GError **error)
{
	static const struct query_text known = { "count what a folder holds",
		"SELECT (SELECT count(*) FROM placement WHERE folder = ?1 AND uidvalidity = ?2"
		" AND gone IS NULL) + (SELECT count(*) FROM failure WHERE folder = ?1"
		" AND uidvalidity = ?2)" };
	gint64 count = -1;

	if (!query_number(database, &known,
		VALUES(query_int_value(folder->id), query_int_value(folder->uidvalidity)), &count,
		error))
		return false;
	*out = count >= 0 && (guint64)count == end->server_count;
	return true;
}

bool
sqlite_folder_settle(struct database *database, const struct sqlite_folder *folder,
    const struct store_folder_end *end, GError **error)
{
	static const struct query_text visit = { "record that a folder is there",
		"UPDATE folder SET watched = 1, absent = 0, pass = (SELECT pass FROM account"
		" WHERE account.id = folder.account) WHERE id = ?" };
	static const struct query_text confirm = { "record that all of a folder was seen",
		"UPDATE folder SET confirmed = max(confirmed, ?2) WHERE id = ?1" };
	bool whole = false;

	if (!query_run(database, &visit, VALUES(query_int_value(folder->id)), error))
		return false;
	if (end->failed)
		return true;
	if (!sqlite_drafts_join(database, folder->id, error) ||
	    !count_unseen(database, folder, end, error) ||
	    !counts_agree(database, folder, end, &whole, error))
		return false;
	if (!whole)
		return true;
	return settle_renumbered(database, folder, end->seen, error) &&
	       query_run(database, &confirm,
		   VALUES(query_int_value(folder->id),
		       query_int_value(end->begun != 0 ? end->begun : end->seen)),
		   error);
}

/* --- folders that are no longer listed --- */

static bool
empty_folder(struct database *database, const struct sqlite_folder *folder, gint64 absent,
    gint64 now, GError **error)
{
	static const struct query_text next = { "list what lay in a folder",
		"SELECT uid FROM placement WHERE folder = ? AND uidvalidity = ? AND gone IS NULL"
		" LIMIT 1" };
	static const struct query_text failures = { "count what failed in a folder",
		"SELECT count(*) FROM failure WHERE folder = ?" };
	static const struct query_text forget = { "forget what failed in a folder",
		"DELETE FROM failure WHERE folder = ?" };
	static const struct query_text close = { "record that a folder is gone",
		"UPDATE folder SET watched = 0, server_count = 0, failing = 0, uidnext = 0,"
		" modseq = 0, text = 'no longer on the server' WHERE id = ?" };
	const struct query_value key[] = { query_int_value(folder->id),
		query_int_value(folder->uidvalidity), { .kind = QUERY_END } };
	const struct query_value *id = VALUES(query_int_value(folder->id));
	gint64 failed = 0;
	bool more = true;

	while (more) {
		struct query query;
		if (!query_open(&query, database, &next, key, error))
			return false;
		more = query_next(&query);
		g_autofree char *uid = more ? query_dup(&query, 0) : NULL;
		if (!query_close(&query, error) ||
		    (more && !sqlite_gone(database, folder, uid, absent, error)))
			return false;
	}
	return query_number(database, &failures, id, &failed, error) &&
	       note_unseen(database, folder, failed, now, error) &&
	       query_run(database, &forget, id, error) && query_run(database, &close, id, error);
}

/* The first pass that misses a folder asks; the second one answers. */
bool
sqlite_folders_absent(struct database *database, gint64 account, gint64 now, GError **error)
{
	static const struct query_text twice = { "list folders that two passes missed",
		"SELECT f.id, f.uidvalidity, f.confirmed, f.absent FROM folder f"
		" JOIN account a ON a.id = f.account WHERE a.id = ? AND f.watched = 1"
		" AND f.absent <> 0 AND f.pass < a.pass AND a.doubtful < a.pass LIMIT 1" };
	static const struct query_text once = { "record that a pass missed a folder",
		"UPDATE folder SET absent = ?2 WHERE account = ?1 AND watched = 1 AND absent = 0"
		" AND EXISTS (SELECT 1 FROM account a WHERE a.id = ?1 AND folder.pass < a.pass"
		" AND a.doubtful < a.pass)" };
	bool more = true;

	while (more) {
		struct sqlite_folder folder = { 0 };
		struct query query;
		if (!query_open(&query, database, &twice, VALUES(query_int_value(account)), error))
			return false;
		more = query_next(&query);
		if (more) {
			folder.id = query_int(&query, 0);
			folder.uidvalidity = (guint32)query_int(&query, 1);
			folder.confirmed = query_int(&query, 2);
		}
		gint64 absent = more ? query_int(&query, 3) : 0;
		if (!query_close(&query, error) ||
		    (more && !empty_folder(database, &folder, absent, now, error)))
			return false;
	}
	return query_run(
	    database, &once, VALUES(query_int_value(account), query_int_value(now)), error);
}
