/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sums and ends only, never what one message is: what is lost with a rollback is in no row.
 */
#include "store/sqlite-tally.h"

#include <string.h>

#include "store/forms.h"

struct arrivals {
	gint64 account, day, count, latest;
};

struct sqlite_tally {
	struct database *database;
	GHashTable *folders; /* account, line end, folder -> struct sqlite_tally_folder */
	GArray *arrivals;
	struct vault_place last; /* of the volume at hand; without a name: none */
	gint64 volume;
};

struct sqlite_tally *
sqlite_tally_new(struct database *database)
{
	struct sqlite_tally *tally = g_new0(struct sqlite_tally, 1);

	tally->database = database;
	tally->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	tally->arrivals = g_array_new(FALSE, FALSE, sizeof(struct arrivals));
	return tally;
}

void
sqlite_tally_free(struct sqlite_tally *tally)
{
	if (tally == NULL)
		return;
	g_hash_table_unref(tally->folders);
	g_array_unref(tally->arrivals);
	g_free(tally);
}

void
sqlite_tally_forget(struct sqlite_tally *tally)
{
	g_hash_table_remove_all(tally->folders);
	g_array_set_size(tally->arrivals, 0);
	tally->last.volume[0] = '\0';
}

/* --- folders --- */

static bool
read_failures(struct database *database, struct sqlite_tally_folder *of, GError **error)
{
	static const struct query_text any = { "ask for failures of a folder",
		"SELECT 1 FROM failure WHERE folder = ? LIMIT 1" };
	gint64 found = 0;

	if (!query_number(database, &any, VALUES(query_int_value(of->folder.id)), &found, error))
		return false;
	of->failures = found != 0;
	return true;
}

struct sqlite_tally_folder *
sqlite_tally_folder(
    struct sqlite_tally *tally, const struct placement *at, gint64 now, GError **error)
{
	struct database *database = tally->database;
	g_autofree char *key = g_strconcat(at->account, "\n", at->folder, NULL);
	struct sqlite_tally_folder *known = g_hash_table_lookup(tally->folders, key);

	if (known != NULL && known->folder.uidvalidity == at->uidvalidity)
		return known;
	/* Its mail is numbered anew: that is for the rows, with all that was added to them. */
	if (known != NULL && !sqlite_tally_write(tally, error))
		return NULL;
	g_autofree struct sqlite_tally_folder *of = g_new0(struct sqlite_tally_folder, 1);
	if (!sqlite_account_id(database, at->account, now, &of->account, error) ||
	    !sqlite_folder(
		database, at->account, at->folder, at->uidvalidity, now, &of->folder, error) ||
	    !read_failures(database, of, error))
		return NULL;
	known = g_steal_pointer(&of);
	g_hash_table_insert(tally->folders, g_steal_pointer(&key), known);
	return known;
}

static bool
write_folders(struct sqlite_tally *tally, GError **error)
{
	GHashTableIter iter;
	gpointer value;

	g_hash_table_iter_init(&iter, tally->folders);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct sqlite_tally_folder *of = value;
		if (!sqlite_folder_advance(
			tally->database, &of->folder, of->position, of->newest, error))
			return false;
	}
	return true;
}

/* --- volumes --- */

static bool
write_volume(struct sqlite_tally *tally, GError **error)
{
	static const struct query_text update = { "extend a volume",
		"UPDATE volume SET end = max(end, ?) WHERE id = ?" };

	return tally->last.volume[0] == '\0' ||
	       query_run(tally->database, &update,
		   VALUES(query_int_value((gint64)tally->last.end), query_int_value(tally->volume)),
		   error);
}

/* Its row, made where there is none. */
static bool
turn_to(struct sqlite_tally *tally, const struct vault_place *place, GError **error)
{
	static const struct query_text upsert = { "find a volume",
		"INSERT INTO volume (name, end) VALUES (?, ?) ON CONFLICT (name)"
		" DO UPDATE SET end = max(end, excluded.end) RETURNING id" };

	if (!write_volume(tally, error))
		return false;
	tally->last.volume[0] = '\0';
	return query_number(tally->database, &upsert,
	    VALUES(query_text_value(place->volume), query_int_value((gint64)place->end)),
	    &tally->volume, error);
}

bool
sqlite_tally_volume(
    struct sqlite_tally *tally, const struct vault_place *place, gint64 *id, GError **error)
{
	bool same = strcmp(tally->last.volume, place->volume) == 0;
	bool formed = same && strcmp(tally->last.form, place->form) == 0;

	if ((!same && !turn_to(tally, place, error)) ||
	    (!formed && !forms_put(tally->database, tally->volume, place->form, error)))
		return false;
	guint64 end = same ? tally->last.end : 0;
	tally->last = *place;
	tally->last.end = MAX(end, place->end);
	*id = tally->volume;
	return true;
}

/* --- arrivals --- */

void
sqlite_tally_arrival(struct sqlite_tally *tally, gint64 account, gint64 time)
{
	struct arrivals added = { account, time / G_TIME_SPAN_DAY, 1, time };

	for (guint i = 0; i < tally->arrivals->len; i++) {
		struct arrivals *known = &g_array_index(tally->arrivals, struct arrivals, i);
		if (known->account != account || known->day != added.day)
			continue;
		known->count++;
		known->latest = MAX(known->latest, time);
		return;
	}
	g_array_append_val(tally->arrivals, added);
}

static bool
write_arrivals(struct sqlite_tally *tally, GError **error)
{
	static const struct query_text add = { "count arrivals",
		"INSERT INTO arrival (account, day, count, latest) VALUES (?, ?, ?, ?)"
		" ON CONFLICT DO UPDATE SET count = count + excluded.count,"
		" latest = max(latest, excluded.latest)" };

	for (guint i = 0; i < tally->arrivals->len; i++) {
		const struct arrivals *one = &g_array_index(tally->arrivals, struct arrivals, i);
		if (!query_run(tally->database, &add,
			VALUES(query_int_value(one->account), query_int_value(one->day),
			    query_int_value(one->count), query_int_value(one->latest)),
			error))
			return false;
	}
	return true;
}

bool
sqlite_tally_write(struct sqlite_tally *tally, GError **error)
{
	bool right = write_folders(tally, error) && write_volume(tally, error) &&
		     write_arrivals(tally, error);

	sqlite_tally_forget(tally);
	return right;
}
