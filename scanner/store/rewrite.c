/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes a volume away before what replaces it was read again, synced and committed.
 */
#include "store/rewrite.h"

#include <string.h>

#include "base/fault.h"
#include "store/forms.h"
#include "store/leaving.h"
#include "store/ledger.h"
#include "store/vault-rewrite.h"
#include "store/view-inner.h"

void
rewrite_volume_free(struct rewrite_volume *volume)
{
	if (volume == NULL)
		return;
	g_free(volume->name);
	g_free(volume->forms);
	g_free(volume->wanted);
	g_free(volume);
}

/* --- what is to be done --- */

static char *
day_of(gint64 time, GTimeZone *zone)
{
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;

	return local != NULL ? g_date_time_format(local, "%Y-%m-%d") : g_strdup("");
}

char *
rewrite_day(const struct rewrite_wish *wish)
{
	return day_of(wish->now, wish->zone);
}

bool
rewrite_is_before(const struct rewrite_volume *volume, const char *day)
{
	return strncmp(volume->name + strlen("2026/"), day, strlen("2026-11-22")) < 0;
}

/* NULL when it is right as it is. Packed ones are not unpacked because nothing is packed any more.
 */
static char *
wanted_of(
    const struct rewrite_volume *volume, const struct cipher_keys *keys, const char *packed_to)
{
	const char *key = keys != NULL ? cipher_keys_writes(keys) : NULL;
	const char *day = volume->name + strlen("2026/");
	bool old = packed_to != NULL && strncmp(day, packed_to, strlen("2026-11-22")) <= 0;
	g_autofree char *form = key != NULL ? g_strconcat(VAULT_SEALED, key, NULL)
					    : g_strdup(old ? VAULT_PACKED : VAULT_PLAIN);
	bool right = strcmp(volume->forms, form) == 0 ||
		     (key == NULL && strcmp(volume->forms, VAULT_PACKED) == 0);

	/* Of one without copies the key alone matters, which is needed for as long as it is named.
	 */
	bool moot = volume->messages == 0 && strstr(volume->forms, VAULT_SEALED) == NULL;

	return right || moot ? NULL : g_steal_pointer(&form);
}

GPtrArray *
rewrite_list(struct view *view, const struct rewrite_wish *wish, GError **error)
{
	static const struct query_text all = { "list volumes",
		"SELECT v.id, v.name, v.end, coalesce(x.copies, 0), coalesce((SELECT"
		" group_concat(form, ', ') FROM (SELECT form FROM volume_form f"
		" WHERE f.volume = v.id ORDER BY form)), 'plain') FROM volume v"
		" LEFT JOIN (SELECT volume, count(*) AS copies FROM message"
		" WHERE volume IS NOT NULL GROUP BY volume) x ON x.volume = v.id"
		" ORDER BY v.name" };
	g_autoptr(GPtrArray) list =
	    g_ptr_array_new_with_free_func((GDestroyNotify)rewrite_volume_free);
	g_autofree char *packed_to =
	    wish->compress_after != 0
		? day_of(wish->now - (gint64)wish->compress_after * G_USEC_PER_SEC, wish->zone)
		: NULL;
	struct query query;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return NULL;
	while (query_next(&query)) {
		struct rewrite_volume *volume = g_new0(struct rewrite_volume, 1);
		volume->id = query_int(&query, 0);
		volume->name = query_dup(&query, 1);
		volume->end = (guint64)query_int(&query, 2);
		volume->messages = (guint64)query_int(&query, 3);
		volume->forms = query_dup(&query, 4);
		volume->wanted = wanted_of(volume, vault_keys(view->vault), packed_to);
		g_ptr_array_add(list, volume);
	}
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

/* --- one volume --- */

struct copy {
	gint64 id, copied;
	char sha256[DIGEST_HEX];
	struct vault_place was, is;
};

static GArray *
read_copies(struct view *view, const struct rewrite_volume *volume, GError **error)
{
	static const struct query_text all = { "list copies of a volume",
		"SELECT id, sha256, offset, length, size, copied FROM message WHERE volume = ?"
		" ORDER BY offset" };
	g_autoptr(GArray) copies = g_array_new(FALSE, TRUE, sizeof(struct copy));
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(volume->id)), error))
		return NULL;
	while (query_next(&query)) {
		struct copy copy = { .id = query_int(&query, 0), .copied = query_int(&query, 5) };
		g_strlcpy(copy.sha256, query_text(&query, 1), sizeof copy.sha256);
		g_strlcpy(copy.was.volume, volume->name, sizeof copy.was.volume);
		copy.was.offset = (guint64)query_int(&query, 2);
		copy.was.length = (guint64)query_int(&query, 3);
		copy.was.size = (guint64)query_int(&query, 4);
		g_array_append_val(copies, copy);
	}
	return query_close(&query, error) ? g_steal_pointer(&copies) : NULL;
}

static bool
write_copies(struct vault_rewrite *rewrite, GArray *copies, GError **error)
{
	for (guint i = 0; i < copies->len; i++) {
		struct copy *copy = &g_array_index(copies, struct copy, i);
		if (!vault_rewrite_put(rewrite, &copy->was, copy->sha256,
			copy->copied / G_USEC_PER_SEC, &copy->is, error))
			return false;
	}
	if (!vault_rewrite_sync(rewrite, error))
		return false;
	for (guint i = 0; i < copies->len; i++) {
		const struct copy *copy = &g_array_index(copies, struct copy, i);
		if (!vault_rewrite_prove(rewrite, &copy->is, copy->sha256, error))
			return false;
	}
	return true;
}

/* Whether the volume is as it was when its copies were read. */
static bool
is_as_it_was(struct database *database, const struct rewrite_volume *volume, guint copies,
    bool *same, GError **error)
{
	static const struct query_text look = { "look whether a volume has changed",
		"SELECT count(*) FROM volume v WHERE v.id = ?1 AND v.end = ?2"
		" AND (SELECT count(*) FROM message m WHERE m.volume = ?1) = ?3"
		" AND NOT EXISTS (SELECT 1 FROM purging p WHERE p.volume = ?1)" };
	gint64 count = 0;

	if (!query_number(database, &look,
		VALUES(query_int_value(volume->id), query_int_value((gint64)volume->end),
		    query_int_value(copies)),
		&count, error))
		return false;
	*same = count == 1;
	return true;
}

/* Copies that are no longer where they were are counted as well: same says whether there were any.
 */
static bool
move_copies(struct database *database, const struct rewrite_volume *volume, gint64 to,
    const GArray *copies, bool *same, GError **error)
{
	static const struct query_text move = { "record where a copy stands",
		"UPDATE message SET volume = ?1, offset = ?2, length = ?3 WHERE id = ?4"
		" AND volume = ?5 AND offset = ?6" };

	for (guint i = 0; i < copies->len; i++) {
		const struct copy *copy = &g_array_index(copies, struct copy, i);
		if (!query_run(database, &move,
			VALUES(query_int_value(to), query_int_value((gint64)copy->is.offset),
			    query_int_value((gint64)copy->is.length), query_int_value(copy->id),
			    query_int_value(volume->id), query_int_value((gint64)copy->was.offset)),
			error))
			return false;
		*same = *same && sqlite3_changes(database->handle) == 1;
	}
	return true;
}

static bool
record(struct view *view, const struct rewrite_volume *volume, const char *name, guint64 end,
    const GArray *copies, bool *same, GError **error)
{
	static const struct query_text insert = { "record a volume",
		"INSERT INTO volume (name, end) VALUES (?, ?)" };
	struct database *database = view->database;
	g_autofree char *object = g_strdup_printf("%s, %s, became %s, %s: %u copies", volume->name,
	    volume->forms, name, volume->wanted, copies->len);

	if (!is_as_it_was(database, volume, copies->len, same, error))
		return false;
	if (!*same)
		return true;
	if (!query_run(database, &insert,
		VALUES(query_text_value(name), query_int_value((gint64)end)), error))
		return false;
	gint64 to = sqlite3_last_insert_rowid(database->handle);
	return move_copies(database, volume, to, copies, same, error) &&
	       forms_put(database, to, volume->wanted, error) &&
	       leaving_forget(database, volume->name, error) &&
	       ledger_append(
		   database, view->person, "copies-rewrite", object, g_get_real_time(), error);
}

static bool
commit(struct view *view, const struct rewrite_volume *volume, const char *name, guint64 end,
    const GArray *copies, bool *same, GError **error)
{
	struct database *database = view->database;

	*same = false;
	if (!database_script(database, "rewrite", "PRAGMA query_only = OFF", error))
		return false;
	bool right =
	    database_begin(database, error) && record(view, volume, name, end, copies, same, error);
	if (right && *same)
		right = database_commit(database, error);
	database_rollback(database);
	database_script(database, "rewrite", "PRAGMA query_only = ON", NULL);
	return right;
}

/* Between the new file and the commit that names it nobody may take it for one left over. */
static enum rewrite_result
replace(struct view *view, struct vault_rewrite *rewrite, const struct rewrite_volume *volume,
    const GArray *copies, GError **error)
{
	char name[sizeof((struct vault_place *)NULL)->volume];
	int lock = vault_lock(view->vault, error);
	bool same = false;

	if (lock < 0)
		return REWRITE_FAILED;
	bool right = vault_rewrite_publish(rewrite, name, error);
	if (right &&
	    !(commit(view, volume, name, vault_rewrite_end(rewrite), copies, &same, error) &&
		same)) {
		vault_rewrite_withdraw(rewrite, name);
		if (error != NULL && *error == NULL)
			g_set_error(error, FAULT, FAULT_RETRY,
			    "%s: it changed meanwhile, or a purge of it has to end first",
			    volume->name);
		right = false;
	}
	bool done = right && leaving_end(view, error);
	vault_unlock(&lock);
	if (right)
		return done ? REWRITE_DONE : REWRITE_FAILED;
	return error != NULL && g_error_matches(*error, FAULT, FAULT_RETRY) ? REWRITE_LEFT
									    : REWRITE_FAILED;
}

enum rewrite_result
rewrite_one(struct view *view, const struct rewrite_volume *volume, GError **error)
{
	g_autoptr(GArray) copies = read_copies(view, volume, error);
	g_autoptr(vault_rewrite) rewrite = NULL;

	if (copies == NULL)
		return REWRITE_FAILED;
	rewrite = vault_rewrite_new(
	    view->vault, volume->name, strcmp(volume->wanted, VAULT_PACKED) == 0, error);
	if (rewrite == NULL || !write_copies(rewrite, copies, error))
		return REWRITE_FAILED;
	return replace(view, rewrite, volume, copies, error);
}
