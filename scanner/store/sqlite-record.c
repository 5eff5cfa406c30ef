/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One message into the tables: its row, once for its bytes; where it lies; who, what, flags.
 * Never overwrites what an earlier scan found.
 */
#include "store/sqlite.h"

#include <string.h>

#include "store/fold.h"
#include "store/forms.h"
#include "store/sqlite-tally.h"

GPtrArray *
sqlite_keys(struct store_driver *driver, GError **error)
{
	return forms_keys(driver->database, error);
}

bool
sqlite_lookup(struct store_driver *driver, const char *sha256, const char *message_id, bool *known,
    struct vault_place *place, bool *reused, GError **error)
{
	static const struct query_text find = { "look a message up",
		"SELECT CASE WHEN m.purged IS NOT NULL THEN '" VAULT_PURGED "'"
		" WHEN m.archive IS NOT NULL THEN coalesce(v.name, '" VAULT_ARCHIVED "')"
		" ELSE coalesce(v.name, '') END, m.offset, m.length, m.size"
		" FROM message m LEFT JOIN volume v ON v.id = m.volume WHERE m.sha256 = ?" };
	static const struct query_text twin = { "look a Message-ID up",
		"SELECT 1 FROM message m WHERE message_id = ?1 AND message_id <> ''"
		" AND sha256 <> ?2 AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.message = m.id)"
		" LIMIT 1" };
	gint64 other = 0;
	struct query query;

	*place = (struct vault_place){ .volume = "" };
	if (!query_open(&query, driver->database, &find, VALUES(query_text_value(sha256)), error))
		return false;
	*known = query_next(&query);
	if (*known) {
		g_strlcpy(place->volume, query_text(&query, 0), sizeof place->volume);
		place->offset = (guint64)query_int(&query, 1);
		place->length = (guint64)query_int(&query, 2);
		place->size = (guint64)query_int(&query, 3);
	}
	if (!query_close(&query, error))
		return false;
	if (message_id != NULL && message_id[0] != '\0' &&
	    !query_number(driver->database, &twin,
		VALUES(query_text_value(message_id), query_text_value(sha256)), &other, error))
		return false;
	*reused = other == 1;
	return true;
}

/* --- what belongs to a message --- */

static bool
add_addresses(struct database *database, gint64 message, const GPtrArray *addresses, GError **error)
{
	static const struct query_text insert = { "record an address",
		"INSERT INTO address (message, position, role, name, address, domain, folded)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)" };

	for (guint i = 0; i < addresses->len; i++) {
		const struct address *address = g_ptr_array_index(addresses, i);
		g_autofree char *both = g_strconcat(address->name, "\n", address->address, NULL);
		g_autofree char *folded = fold_text(both);
		if (!query_run(database, &insert,
			VALUES(query_int_value(message), query_int_value(i),
			    query_int_value(address->role), query_text_value(address->name),
			    query_text_value(address->address), query_text_value(address->domain),
			    query_text_value(folded)),
			error))
			return false;
	}
	return true;
}

static bool
add_parts(struct database *database, gint64 message, const GPtrArray *parts, GError **error)
{
	static const struct query_text insert = { "record a part",
		"INSERT INTO part (message, position, path, name, declared_type, true_type, size, "
		"sha256,"
		" outcome, facts, depth, attachment, detail)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" };

	for (guint i = 0; i < parts->len; i++) {
		const struct part *part = g_ptr_array_index(parts, i);
		if (!query_run(database, &insert,
			VALUES(query_int_value(message), query_int_value(i),
			    query_text_value(part->path), query_text_value(part->name),
			    query_text_value(part->declared_type),
			    query_text_value(part->true_type), query_int_value((gint64)part->size),
			    query_text_value(part->sha256), query_int_value(part->outcome),
			    query_int_value(part->facts), query_int_value(part->depth),
			    query_int_value(part->attachment), query_text_value(part->detail)),
			error))
			return false;
	}
	return true;
}

static bool
add_undecided(struct database *database, gint64 message, const GPtrArray *undecided, GError **error)
{
	static const struct query_text insert = { "record an undecided rule",
		"INSERT INTO undecided (message, position, rule, section, part, reason)"
		" VALUES (?, ?, ?, ?, ?, ?)" };

	for (guint i = 0; i < undecided->len; i++) {
		const struct undecided *row = g_ptr_array_index(undecided, i);
		if (!query_run(database, &insert,
			VALUES(query_int_value(message), query_int_value(i),
			    query_text_value(row->rule), query_text_value(row->section),
			    query_text_value(row->part), query_text_value(row->reason)),
			error))
			return false;
	}
	return true;
}

#define HIT_VALUES                                                                                 \
	" (flag, position, section, component, header, part, name, offset, length, excerpt,"       \
	" excerpt_start, excerpt_length, hidden) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

static const struct query_text insert_hit = { "record a hit", "INSERT INTO hit" HIT_VALUES };
static const struct query_text suppose_hit = { "record a supposed hit",
	"INSERT INTO supposed_hit" HIT_VALUES };

static bool
add_hits(struct database *database, const struct query_text *insert, gint64 flag,
    const GPtrArray *hits, GError **error)
{

	for (guint i = 0; i < hits->len; i++) {
		const struct hit *hit = g_ptr_array_index(hits, i);
		if (!query_run(database, insert,
			VALUES(query_int_value(flag), query_int_value(i),
			    query_text_value(hit->section), query_int_value(hit->component),
			    query_text_value(hit->header), query_text_value(hit->part),
			    query_text_value(hit->name), query_int_value((gint64)hit->offset),
			    query_int_value((gint64)hit->length), query_text_value(hit->excerpt),
			    query_int_value((gint64)hit->excerpt_start),
			    query_int_value((gint64)hit->excerpt_length),
			    query_int_value(hit->hidden)),
			error))
			return false;
	}
	return true;
}

/* A flag that an exception swallowed gives way to the same one without: a real flag always shows.
 */
static bool
make_way(struct database *database, gint64 message, const struct flag *flag, GError **error)
{
	static const struct query_text remove = { "replace an excepted flag",
		"DELETE FROM flag WHERE message = ? AND rule = ? AND exception <> ''" };

	return flag->exception[0] != '\0' ||
	       query_run(database, &remove,
		   VALUES(query_int_value(message), query_text_value(flag->rule)), error);
}

static bool
add_flag(struct database *database, gint64 message, const struct store_message *what,
    const struct flag *flag, GError **error)
{
	static const struct query_text insert = { "record a flag",
		"INSERT INTO flag (message, rule, title, rule_digest, severity, escalated_by, "
		"exception,"
		" except_reason, hits_total, ruleset, seen, run)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING" };

	if (!query_run(database, &insert,
		VALUES(query_int_value(message), query_text_value(flag->rule),
		    query_text_value(flag->title), query_text_value(flag->rule_digest),
		    query_int_value(flag->severity), query_text_value(flag->escalated_by),
		    query_text_value(flag->exception), query_text_value(flag->except_reason),
		    query_int_value((gint64)flag->hits_total), query_text_value(what->ruleset),
		    query_int_value(what->seen), query_int_value(what->run)),
		error))
		return false;
	if (sqlite3_changes(database->handle) == 0)
		return true;
	return add_hits(
	    database, &insert_hit, sqlite3_last_insert_rowid(database->handle), flag->hits, error);
}

static bool
add_flags(struct database *database, gint64 message, bool known, const struct store_message *what,
    GError **error)
{
	const GPtrArray *flags = what->verdict->flags;

	for (guint i = 0; i < flags->len; i++) {
		const struct flag *flag = g_ptr_array_index(flags, i);
		if (known && !make_way(database, message, flag, error))
			return false;
		if (!add_flag(database, message, what, flag, error))
			return false;
	}
	return true;
}

/* Known while the draft lives; store/sqlite-drafts.c makes them flags, or forgets them. */
static bool
suppose_flags(
    struct database *database, gint64 message, const struct store_message *what, GError **error)
{
	static const struct query_text insert = { "record a supposed flag",
		"INSERT INTO supposed_flag (message, rule, title, rule_digest, severity,"
		" escalated_by, exception, except_reason, hits_total, ruleset)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING" };

	for (guint i = 0; what->supposed != NULL && i < what->supposed->len; i++) {
		const struct flag *flag = g_ptr_array_index(what->supposed, i);
		if (!query_run(database, &insert,
			VALUES(query_int_value(message), query_text_value(flag->rule),
			    query_text_value(flag->title), query_text_value(flag->rule_digest),
			    query_int_value(flag->severity), query_text_value(flag->escalated_by),
			    query_text_value(flag->exception),
			    query_text_value(flag->except_reason),
			    query_int_value((gint64)flag->hits_total),
			    query_text_value(what->ruleset)),
			error))
			return false;
		if (sqlite3_changes(database->handle) > 0 &&
		    !add_hits(database, &suppose_hit, sqlite3_last_insert_rowid(database->handle),
			flag->hits, error))
			return false;
	}
	return true;
}

/* --- the message itself --- */

/* "words; words": verdict_get lets no "; " through within them. */
static char *
join_words(const GPtrArray *words)
{
	GString *out = g_string_new(NULL);

	for (guint i = 0; i < words->len; i++)
		g_string_append_printf(
		    out, "%s%s", i > 0 ? "; " : "", (const char *)words->pdata[i]);
	return g_string_free(out, FALSE);
}

static bool
insert_message(
    struct store_driver *driver, const struct store_message *what, gint64 *id, GError **error)
{
	struct database *database = driver->database;
	static const struct query_text insert = { "record a message",
		"INSERT INTO message (sha256, size, message_id, subject, subject_folded, date, "
		"seen, run,"
		" direction, outcome, facts, reason, ruleset, volume, offset, length, copied,"
		" warnings, doc, in_reply_to, indexed)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" };
	const struct verdict *verdict = what->verdict;
	const struct vault_place *place = what->place;
	g_autofree char *folded = fold_text(verdict->subject);
	g_autofree char *warnings = join_words(verdict->warnings);
	gint64 volume = 0, doc = 0;
	gint64 date = verdict->date != MESSAGE_NO_DATE ? verdict->date : what->seen;
	enum index_level level;

	if (place != NULL && !sqlite_tally_volume(driver->tally, place, &volume, error))
		return false;
	if (!index_doc(driver->database, date, &doc, error) ||
	    !index_new_message(driver->index, doc, verdict, place != NULL, &level, error))
		return false;

	struct query_value none = query_null_value();
	if (!query_run(database, &insert,
		VALUES(query_text_value(what->sha256), query_int_value((gint64)what->size),
		    query_text_value(verdict->message_id), query_text_value(verdict->subject),
		    query_text_value(folded), query_date_value(verdict->date),
		    query_int_value(what->seen), query_int_value(what->run),
		    query_int_value(verdict->direction), query_int_value(verdict->outcome),
		    query_int_value(verdict->facts), query_text_value(verdict->reason),
		    query_text_value(what->ruleset), place != NULL ? query_int_value(volume) : none,
		    place != NULL ? query_int_value((gint64)place->offset) : none,
		    place != NULL ? query_int_value((gint64)place->length) : none,
		    place != NULL ? query_int_value(what->seen) : none, query_text_value(warnings),
		    query_int_value(doc), query_text_value(what->draft ? verdict->in_reply_to : ""),
		    query_int_value(level)),
		error))
		return false;
	*id = sqlite3_last_insert_rowid(database->handle);
	return add_addresses(database, *id, verdict->addresses, error) &&
	       add_parts(database, *id, verdict->parts, error) &&
	       add_undecided(database, *id, verdict->undecided, error);
}

/* Bytes known already: the rules that looked last, and a copy where there was none, or none any
 * more. */
static bool
update_message(
    struct store_driver *driver, const struct store_message *what, gint64 id, GError **error)
{
	struct database *database = driver->database;
	static const struct query_text scanned = { "record another scan",
		"UPDATE message SET ruleset = ?2 WHERE id = ?1 AND ruleset <> ?2" };
	static const struct query_text copied = { "record a late copy",
		"UPDATE message SET volume = ?, offset = ?, length = ?, copied = ?"
		" WHERE id = ?" };
	const struct vault_place *place = what->place;
	gint64 volume = 0;

	if (!query_run(database, &scanned,
		VALUES(query_int_value(id), query_text_value(what->ruleset)), error))
		return false;
	if (place == NULL)
		return true;
	return sqlite_tally_volume(driver->tally, place, &volume, error) &&
	       query_run(database, &copied,
		   VALUES(query_int_value(volume), query_int_value((gint64)place->offset),
		       query_int_value((gint64)place->length), query_int_value(what->seen),
		       query_int_value(id)),
		   error);
}

static bool
record_message(
    struct store_driver *driver, const struct store_message *what, gint64 *id, GError **error)
{
	struct database *database = driver->database;
	static const struct query_text find = { "find a message by its digest",
		"SELECT id, purged IS NOT NULL FROM message WHERE sha256 = ?" };
	struct query query;

	if (!query_open(&query, database, &find, VALUES(query_text_value(what->sha256)), error))
		return false;
	bool known = query_next(&query);
	*id = known ? query_int(&query, 0) : 0;
	bool purged = known && query_int(&query, 1) != 0;
	if (!query_close(&query, error))
		return false;
	/* It lies at one place more, and that is all that is recorded. */
	if (purged)
		return true;
	if (!(known ? update_message(driver, what, *id, error)
		    : insert_message(driver, what, id, error)))
		return false;
	return add_flags(database, *id, known, what, error) &&
	       (known ? index_message(driver->index, *id, &what->verdict->terms, error)
		      : sqlite_draw(database, what, *id, error));
}

/* --- where it lies --- */

/* Returns the digest recorded at this placement, "" for none; clears gone where it was set. */
static bool
find_placement(struct database *database, const struct sqlite_folder *folder,
    const struct placement *at, char **sha256, GError **error)
{
	static const struct query_text find = { "find a placement",
		"SELECT m.sha256, p.gone IS NOT NULL FROM placement p JOIN message m ON m.id = "
		"p.message"
		" WHERE p.folder = ? AND p.uidvalidity = ? AND p.uid = ?" };
	const struct query_value key[] = { query_int_value(folder->id),
		query_int_value(at->uidvalidity), query_text_value(at->uid),
		{ .kind = QUERY_END } };
	struct query query;

	if (!query_open(&query, database, &find, key, error))
		return false;
	bool found = query_next(&query);
	*sha256 = found ? query_dup(&query, 0) : g_strdup("");
	bool gone = found && query_int(&query, 1) != 0;
	if (!query_close(&query, error))
		return false;
	return !gone || sqlite_back(database, folder, at->uid, error);
}

/* The last clause is for a server that gave a UID to other bytes: the message there now counts. */
static bool
put_placement(struct database *database, gint64 folder, const struct store_message *what,
    gint64 message, GError **error)
{
	static const struct query_text insert = { "record a placement",
		"INSERT INTO placement (folder, uidvalidity, uid, message, internal_date, "
		"server_flags,"
		" draft, seen, run, labels, server_id, thread_id)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET message = excluded.message, seen = excluded.seen,"
		" run = excluded.run, gone = NULL, last_seen = NULL, fate = '', moved_to = NULL" };
	const struct placement *at = what->placement;

	return query_run(database, &insert,
	    VALUES(query_int_value(folder), query_int_value(at->uidvalidity),
		query_text_value(at->uid), query_int_value(message),
		query_date_value(at->internal_date), query_text_value(at->server_flags),
		query_int_value(what->draft), query_int_value(what->seen),
		query_int_value(what->run), query_text_value(at->labels),
		query_text_value(at->server_id), query_text_value(at->thread_id)),
	    error);
}

static bool
forget_failure(struct database *database, gint64 folder, const struct placement *at, GError **error)
{
	static const struct query_text remove = { "forget a failure",
		"DELETE FROM failure WHERE folder = ? AND uidvalidity = ? AND uid = ?" };

	return query_run(database, &remove,
	    VALUES(query_int_value(folder), query_int_value(at->uidvalidity),
		query_text_value(at->uid)),
	    error);
}

static bool
note_other_bytes(struct store_driver *driver, const struct store_message *what, const char *earlier,
    GError **error)
{
	const struct placement *at = what->placement;
	g_autofree char *text = g_strdup_printf(
	    "the server gave the number %s to another message: %.16s was there, %.16s is now",
	    at->uid, earlier, what->sha256);

	return sqlite_note(
	    driver, at->account, at->folder, "reused-uid", text, what->seen, what->run, error);
}

/* On which day it arrived. */
static gint64
time_of_arrival(const struct store_message *what)
{
	gint64 time = what->placement->internal_date;

	/* POP3 says nothing, and what a sender claims of the future is no date. */
	if (time == MESSAGE_NO_DATE)
		time = what->verdict->date;
	return time == MESSAGE_NO_DATE || time > what->seen || time < 0 ? what->seen : time;
}

/* Something is there that was not; earlier: the digest of what was, or "". */
static bool
record_there(struct store_driver *driver, const struct sqlite_tally_folder *of,
    const struct store_message *what, const char *earlier, GError **error)
{
	struct database *database = driver->database;
	gint64 message;

	if (!record_message(driver, what, &message, error) ||
	    !put_placement(database, of->folder.id, what, message, error) ||
	    !sqlite_arrived(database, &of->folder, message, error))
		return false;
	sqlite_tally_arrival(driver->tally, of->account, time_of_arrival(what));
	if (what->draft && (!sqlite_draft_seen(database, of->folder.id, what, message, error) ||
			       !suppose_flags(database, message, what, error)))
		return false;
	return earlier[0] == '\0' || note_other_bytes(driver, what, earlier, error);
}

bool
sqlite_record(struct store_driver *driver, const struct store_message *what, GError **error)
{
	struct database *database = driver->database;
	const struct placement *at = what->placement;
	g_autofree char *earlier = NULL;
	struct sqlite_tally_folder *of = sqlite_tally_folder(driver->tally, at, what->seen, error);

	if (of == NULL || !find_placement(database, &of->folder, at, &earlier, error))
		return false;
	if (strcmp(earlier, what->sha256) != 0 && !record_there(driver, of, what, earlier, error))
		return false;
	if (of->failures && !forget_failure(database, of->folder.id, at, error))
		return false;
	of->position = MAX(of->position, sqlite_position(&of->folder, at->uid));
	of->newest = MAX(of->newest, what->seen);
	return true;
}
