/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drafts: revisions of one draft are one object. What became of it is said only after a complete
 * pass that began when it was gone already, since a message may be sent while a pass is under way.
 */
#include "store/sqlite.h"

G_STATIC_ASSERT(ADDRESS_FROM == 0);

#define SAME_AUTHOR(a, b)                                                                          \
	"EXISTS (SELECT 1 FROM address x JOIN address y ON y.address = x.address WHERE x.message " \
	"= " a ".id AND y.message = " b ".id AND x.role = 0 AND y.role = 0)"

/* The same author, and the same subject, which is not empty. */
#define SAME_LETTER(a, b)                                                                          \
	a ".subject_folded <> '' AND " a ".subject_folded = " b                                    \
	  ".subject_folded AND " SAME_AUTHOR(a, b)

/* The same author, and an answer to the same mail. */
#define SAME_ANSWER(a, b)                                                                          \
	a ".in_reply_to <> '' AND " a ".in_reply_to = " b ".in_reply_to AND " SAME_AUTHOR(a, b)

#define LAST_REVISION(draft) "(SELECT max(z.number) FROM revision z WHERE z.draft = " draft ")"

/* --- a revision is seen --- */

/* The open draft that a message is a revision of: by Message-ID, or the same bytes; 0: none. */
static bool
find_draft(struct database *database, gint64 folder, gint64 message, gint64 *draft, GError **error)
{
	static const struct query_text find = { "find the draft of a revision",
		"SELECT d.id FROM draft d JOIN revision r ON r.draft = d.id"
		" JOIN message m ON m.id = r.message JOIN message n ON n.id = ?2"
		" WHERE d.folder = ?1 AND d.judged = 0 AND d.state = 'open' AND (m.id = n.id"
		" OR (m.message_id <> '' AND m.message_id = n.message_id))"
		" ORDER BY d.id DESC LIMIT 1" };

	*draft = 0;
	return query_number(database, &find,
	    VALUES(query_int_value(folder), query_int_value(message)), draft, error);
}

static bool
begin_draft(struct database *database, gint64 folder, gint64 now, gint64 *draft, GError **error)
{
	static const struct query_text insert = { "record a draft",
		"INSERT INTO draft (folder, begun) VALUES (?, ?)" };

	if (!query_run(
		database, &insert, VALUES(query_int_value(folder), query_int_value(now)), error))
		return false;
	*draft = sqlite3_last_insert_rowid(database->handle);
	return true;
}

bool
sqlite_draft_seen(struct database *database, gint64 folder, const struct store_message *what,
    gint64 message, GError **error)
{
	/* The same bytes once more are no change: a new number, or a copy. */
	static const struct query_text again = {
		"record a revision's new place",
		"UPDATE revision SET uidvalidity = ?3, uid = ?4 WHERE draft = ?1 AND message = ?2"
	};
	static const struct query_text insert = { "record a revision",
		"INSERT INTO revision (draft, number, message, folder, uidvalidity, uid, seen)"
		" SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?6, ?3, ?4, ?5 FROM revision"
		" WHERE draft = ?1" };
	static const struct query_text open = { "record that a draft is there",
		"UPDATE draft SET pass = 0 WHERE id = ?" };
	const struct placement *at = what->placement;
	gint64 draft;

	if (!find_draft(database, folder, message, &draft, error) ||
	    (draft == 0 && !begin_draft(database, folder, what->seen, &draft, error)) ||
	    !query_run(database, &again,
		VALUES(query_int_value(draft), query_int_value(message),
		    query_int_value(at->uidvalidity), query_text_value(at->uid)),
		error))
		return false;
	if (sqlite3_changes(database->handle) == 0 &&
	    !query_run(database, &insert,
		VALUES(query_int_value(draft), query_int_value(message),
		    query_int_value(at->uidvalidity), query_text_value(at->uid),
		    query_int_value(what->seen), query_int_value(folder)),
		error))
		return false;
	return query_run(database, &open, VALUES(query_int_value(draft)), error);
}

/* --- revisions with a new Message-ID each --- */

/*
 * Clients that write a new Message-ID each time they save: the older draft is gone, and a newer
 * one has its author, and its subject or the mail that it answers. Two that lie there at once are
 * two drafts. (That a draft was sent is never told by what it answers: another answer may have gone
 * out.)
 */
static bool
merge_next(struct database *database, gint64 folder, bool *found, GError **error)
{
	static const struct query_text find = { "find revisions of one draft",
		"SELECT d.id, e.id, (SELECT max(number) FROM revision WHERE draft = d.id)"
		" FROM draft d JOIN revision r ON r.draft = d.id AND r.number = " LAST_REVISION(
		    "d.id") " JOIN placement p ON p.folder = r.folder"
			    " AND p.uidvalidity = r.uidvalidity"
			    " AND p.uid = r.uid AND p.fate = '" FATE_DELETED "'"
			    " JOIN message m ON m.id = r.message"
			    " JOIN draft e ON e.folder = d.folder"
			    " AND e.judged = 0 AND e.state = 'open' AND e.id > d.id"
			    " JOIN revision s ON s.draft = e.id AND s.number = 1"
			    " JOIN message n ON n.id = s.message AND ((" SAME_LETTER(
				"m", "n") ") OR (" SAME_ANSWER("m",
				"n") ")) WHERE d.folder = ? AND d.judged = 0 AND d.state = 'open'"
				     " ORDER BY d.id, e.id LIMIT 1" };
	static const struct query_text move = { "join revisions of one draft",
		"UPDATE revision SET draft = ?1, number = number + ?3 WHERE draft = ?2" };
	static const struct query_text drop = { "join two drafts",
		"DELETE FROM draft WHERE id = ?" };
	static const struct query_text open = { "record that a draft is there",
		"UPDATE draft SET pass = 0 WHERE id = ?" };
	gint64 older = 0, newer = 0, count = 0;
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_int_value(folder)), error))
		return false;
	*found = query_next(&query);
	if (*found) {
		older = query_int(&query, 0);
		newer = query_int(&query, 1);
		count = query_int(&query, 2);
	}
	if (!query_close(&query, error))
		return false;
	if (!*found)
		return true;
	return query_run(database, &move,
		   VALUES(query_int_value(older), query_int_value(newer), query_int_value(count)),
		   error) &&
	       query_run(database, &drop, VALUES(query_int_value(newer)), error) &&
	       query_run(database, &open, VALUES(query_int_value(older)), error);
}

bool
sqlite_drafts_join(struct database *database, gint64 folder, GError **error)
{
	bool found = true;

	while (found) {
		if (!merge_next(database, folder, &found, error))
			return false;
	}
	return true;
}

/* --- what became of it --- */

/* Drafts of an account that are open and gone. */
#define OPEN_AND_GONE                                                                              \
	" FROM draft d JOIN folder f ON f.id = d.folder AND f.account = ?1"                        \
	" JOIN revision r ON r.draft = d.id AND r.number = " LAST_REVISION(                        \
	    "d.id") " JOIN placement p ON p.folder = r.folder AND p.uidvalidity = r.uidvalidity"   \
		    " AND p.uid = r.uid AND p.gone IS NOT NULL JOIN message m ON m.id = r.message" \
		    " WHERE d.judged = 0 AND d.state = 'open'"

static bool
end_sent(struct database *database, gint64 account, gint64 now, GError **error)
{
	/* A draft thrown into the trash was not sent. */
	static const struct query_text sent = { "record drafts that were sent",
		"UPDATE draft SET state = 'sent', ended = ?2 WHERE id IN (SELECT d.id" OPEN_AND_GONE
		" AND EXISTS (SELECT 1 FROM message t JOIN placement q ON q.message = t.id"
		" AND q.draft = 0 JOIN folder g ON g.id = q.folder AND g.account = ?1"
		" AND g.role NOT IN ('trash', 'junk', 'drafts') WHERE q.seen >= d.begun"
		" AND ((" SAME_LETTER("t",
		    "m") ") OR (t.message_id <> '' AND t.message_id IN"
			 " (SELECT w.message_id FROM revision v JOIN message w ON w.id = v.message"
			 " WHERE v.draft = d.id)))))" };

	return query_run(
	    database, &sent, VALUES(query_int_value(account), query_int_value(now)), error);
}

/* In the trash, or in any other folder, it is still there. */
static bool
end_vanished(struct database *database, gint64 account, gint64 now, GError **error)
{
	static const struct query_text ends = { "record drafts that vanished",
		"UPDATE draft SET ended = ?2, state = CASE WHEN EXISTS (SELECT 1 FROM folder"
		" WHERE account = ?1 AND role = 'sent' AND watched = 1) THEN 'vanished'"
		" ELSE 'unknown' END WHERE id IN (SELECT d.id" OPEN_AND_GONE
		" AND NOT EXISTS (SELECT 1 FROM placement l JOIN folder h ON h.id = l.folder"
		" AND h.account = ?1 WHERE l.message = r.message AND l.gone IS NULL)"
		" AND d.pass <> 0 AND d.pass < (SELECT pass"
		" FROM account WHERE id = ?1)) AND NOT EXISTS (SELECT 1 FROM account a"
		" WHERE a.id = ?1 AND a.doubtful = a.pass) AND NOT EXISTS (SELECT 1 FROM folder"
		" WHERE account = ?1 AND failing = 1)" };
	static const struct query_text gone = { "record drafts that are gone",
		"UPDATE draft SET pass = (SELECT pass FROM account WHERE id = ?1) WHERE pass = 0"
		" AND id IN (SELECT d.id" OPEN_AND_GONE ")" };

	return query_run(database, &ends, VALUES(query_int_value(account), query_int_value(now)),
		   error) &&
	       query_run(database, &gone, VALUES(query_int_value(account)), error);
}

/* The last revision of each draft that changed and vanished since, with what follows from it. */
#define NEW_DEAD_DROPS                                                                             \
	" (SELECT r.message FROM draft d JOIN folder f ON f.id = d.folder AND f.account = ?1"      \
	" JOIN revision r ON r.draft = d.id AND r.number = " LAST_REVISION(                        \
	    "d.id") " WHERE d.state = 'vanished' AND d.judged = 0 AND r.number > 1)"

static bool
judge(struct database *database, gint64 account, gint64 now, gint64 run, GError **error)
{
	static const struct query_text fact = { "record a dead drop",
		"UPDATE message SET facts = facts | ?2 WHERE id IN" NEW_DEAD_DROPS };
	static const struct query_text flags = { "record the flags of a dead drop",
		"INSERT INTO flag (message, rule, title, rule_digest, severity, escalated_by,"
		" exception, except_reason, hits_total, ruleset, seen, run)"
		" SELECT message, rule, title, rule_digest, severity, escalated_by,"
		" exception, except_reason, hits_total, ruleset, ?2, ?3 FROM supposed_flag"
		" WHERE message IN" NEW_DEAD_DROPS " ON CONFLICT DO NOTHING" };
	static const struct query_text hits = { "record the hits of a dead drop",
		"INSERT INTO hit (flag, position, section, component, header, part, name, offset,"
		" length, excerpt, excerpt_start, excerpt_length, hidden)"
		" SELECT g.id, h.position, h.section, h.component, h.header, h.part, h.name,"
		" h.offset, h.length, h.excerpt, h.excerpt_start, h.excerpt_length, h.hidden"
		" FROM supposed_flag s JOIN supposed_hit h ON h.flag = s.id JOIN flag g"
		" ON g.message = s.message AND g.rule = s.rule AND g.seen = ?2"
		" WHERE s.message IN" NEW_DEAD_DROPS " ON CONFLICT DO NOTHING" };
	static const struct query_text forget = { "forget what a draft was supposed to be",
		"DELETE FROM supposed_flag WHERE message IN (SELECT r.message FROM draft d"
		" JOIN folder f ON f.id = d.folder AND f.account = ?1"
		" JOIN revision r ON r.draft = d.id WHERE d.state <> 'open' AND d.judged = 0)" };
	static const struct query_text done = { "record that a draft was judged",
		"UPDATE draft SET judged = 1 WHERE state <> 'open' AND judged = 0"
		" AND folder IN (SELECT id FROM folder WHERE account = ?1)" };
	struct query_value id = query_int_value(account), time = query_int_value(now);

	return query_run(database, &fact, VALUES(id, query_int_value(FACT_DEAD_DROP)), error) &&
	       query_run(database, &flags, VALUES(id, time, query_int_value(run)), error) &&
	       query_run(database, &hits, VALUES(id, time), error) &&
	       query_run(database, &forget, VALUES(id), error) &&
	       query_run(database, &done, VALUES(id), error);
}

bool
sqlite_drafts_end(struct database *database, gint64 account, gint64 now, gint64 run, GError **error)
{
	return end_sent(database, account, now, error) &&
	       end_vanished(database, account, now, error) &&
	       judge(database, account, now, run, error);
}
