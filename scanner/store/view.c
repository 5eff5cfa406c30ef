/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening a view, what was polled, and sums. The connection cannot write but while an access is
 * noted.
 */
#include "store/view-inner.h"

#include "base/clock.h"
#include "base/fault.h"
#include "store/ledger.h"
#include "store/migrations.h"
#include "store/store.h"

static struct database *
open_for_reading(const char *data_dir, GError **error)
{
	g_autofree char *path = g_build_filename(data_dir, STORE_FILE, NULL);

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		g_set_error(error, FAULT, FAULT_CONFIG, "%s: nothing polled yet", data_dir);
		return NULL;
	}
	g_autoptr(database) database = database_open(path, false, error);
	if (database == NULL || !migrations_check(database, error) ||
	    !database_script(database, "open for reading", "PRAGMA query_only = ON", error))
		return NULL;
	return g_steal_pointer(&database);
}

struct view *
view_open(const char *data_dir, const char *person, GError **error)
{
	g_autofree char *copies = g_build_filename(data_dir, "copies", NULL);
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(view) view = g_new0(struct view, 1);

	view->person = g_strdup(person);
	view->database = open_for_reading(data_dir, error);
	if (view->database == NULL || !view_search_setup(view, error))
		return NULL;
	view->vault = vault_open(copies, utc, error);
	return view->vault != NULL ? g_steal_pointer(&view) : NULL;
}

void
view_close(struct view *view)
{
	if (view == NULL)
		return;
	database_close(view->database);
	vault_close(view->vault);
	g_free(view->person);
	g_free(view->login);
	g_free(view);
}

bool
view_sees_all(const struct view *view)
{
	return view->reach == VIEW_ALL;
}

const char *
view_person(const struct view *view)
{
	return view->person;
}

static bool
append_access(struct view *view, const char *verb, const char *object, GError **error)
{
	if (!database_begin(view->database, error))
		return false;
	if (ledger_append(view->database, view->person, verb, object, clock_now(), error) &&
	    database_commit(view->database, error))
		return true;
	database_rollback(view->database);
	return false;
}

bool
view_note_access(struct view *view, const char *verb, const char *object, GError **error)
{
	if (!database_script(view->database, "note an access", "PRAGMA query_only = OFF", error))
		return false;
	bool noted = append_access(view, verb, object, error);
	return database_script(view->database, "note an access", "PRAGMA query_only = ON",
		   noted ? error : NULL) &&
	       noted;
}

/* --- accounts --- */

static void
folder_free(gpointer data)
{
	struct view_folder *folder = data;

	g_free(folder->account);
	g_free(folder->folder);
	g_free(folder->role);
	g_free(folder->text);
	g_free(folder);
}

static void
account_free_row(gpointer data)
{
	struct view_account *account = data;

	g_free(account->name);
	g_free(account->host);
	g_free(account->protocol);
	g_free(account->user);
	g_free(account->purpose);
	g_free(account->keep);
	g_free(account->state);
	g_free(account->text);
	g_free(account->canary.trouble);
	g_ptr_array_unref(account->folders);
	g_free(account);
}

/*
 * What lies under an older UIDVALIDITY is another folder's, in the protocol's eyes. Grouped along
 * the index by which folders are found: nothing of a million places is sorted.
 */
static bool
load_folders(struct view *view, gint64 id, struct view_account *account, GError **error)
{
	static const struct query_text all = { "read folders",
		"SELECT f.name, f.role, f.uidvalidity, f.server_count, f.failing, f.text, "
		"f.checked,"
		" count(p.uid) - count(p.gone), count(p.gone), (SELECT count(*) FROM failure x"
		" WHERE x.folder = f.id AND x.uidvalidity = f.uidvalidity),"
		" (SELECT coalesce(sum(u.count), 0) FROM unseen u WHERE u.folder = f.id), f.waiting"
		" FROM folder f LEFT JOIN placement p ON p.folder = f.id"
		" AND p.uidvalidity = f.uidvalidity WHERE f.account = ? GROUP BY f.name"
		" ORDER BY f.name" };
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(id)), error))
		return false;
	while (query_next(&query)) {
		struct view_folder *folder = g_new0(struct view_folder, 1);
		folder->account = g_strdup(account->name);
		folder->folder = query_dup(&query, 0);
		folder->role = query_dup(&query, 1);
		folder->uidvalidity = (guint32)query_int(&query, 2);
		folder->server = (guint64)query_int(&query, 3);
		folder->failing = query_int(&query, 4) != 0;
		folder->text = query_dup(&query, 5);
		folder->checked = query_int(&query, 6);
		folder->kept = (guint64)query_int(&query, 7);
		folder->gone = (guint64)query_int(&query, 8);
		folder->failed = (guint64)query_int(&query, 9);
		folder->unseen = (guint64)query_int(&query, 10);
		folder->waiting = (guint64)query_int(&query, 11);
		g_ptr_array_add(account->folders, folder);
	}
	return query_close(&query, error);
}

static struct view_account *
account_from_row(struct query *query)
{
	struct view_account *account = g_new0(struct view_account, 1);

	account->name = query_dup(query, 1);
	account->host = query_dup(query, 2);
	account->protocol = query_dup(query, 3);
	account->user = query_dup(query, 4);
	account->purpose = query_dup(query, 5);
	account->keep = query_dup(query, 6);
	account->state = query_dup(query, 7);
	account->text = query_dup(query, 8);
	account->checked = query_int(query, 9);
	account->last_ok = query_int(query, 10);
	account->failing_since = query_int(query, 11);
	account->configured = query_int(query, 12) != 0;
	account->newest = query_int(query, 13);
	account->folders = g_ptr_array_new_with_free_func(folder_free);
	return account;
}

GPtrArray *
view_accounts(struct view *view, GError **error)
{
	static const struct query_text all = { "read accounts",
		"SELECT id, name, host, protocol, user, purpose, keep, state, text, checked, "
		"last_ok,"
		" failing_since, configured, (SELECT max(newest) FROM folder f WHERE f.account = "
		"a.id)"
		" FROM account a ORDER BY name" };
	g_autoptr(GPtrArray) accounts = g_ptr_array_new_with_free_func(account_free_row);
	struct query query;
	bool right = true;

	if (!query_open(&query, view->database, &all, NO_VALUES, error))
		return NULL;
	while (right && query_next(&query)) {
		struct view_account *account = account_from_row(&query);
		g_ptr_array_add(accounts, account);
		right = load_folders(view, query_int(&query, 0), account, error) &&
			view_watch_load(view, query_int(&query, 0), account, error);
	}
	right = query_close(&query, right ? error : NULL) && right;
	return right ? g_steal_pointer(&accounts) : NULL;
}

/* --- notes and runs --- */

static void
note_free(gpointer data)
{
	struct view_note *note = data;

	g_free(note->account);
	g_free(note->folder);
	g_free(note->word);
	g_free(note->text);
	g_free(note);
}

GPtrArray *
view_notes(struct view *view, gint64 from, gint64 to, GError **error)
{
	static const struct query_text all = { "read notes",
		"SELECT account, folder, word, text, min(seen) FROM note WHERE seen >= ? AND seen "
		"< ?"
		" GROUP BY account, folder, word, text ORDER BY min(seen), min(id)" };
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(note_free);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return NULL;
	while (query_next(&query)) {
		struct view_note *note = g_new0(struct view_note, 1);
		note->account = query_dup(&query, 0);
		note->folder = query_dup(&query, 1);
		note->word = query_dup(&query, 2);
		note->text = query_dup(&query, 3);
		note->seen = query_int(&query, 4);
		g_ptr_array_add(notes, note);
	}
	return query_close(&query, error) ? g_steal_pointer(&notes) : NULL;
}

static void
run_free(gpointer data)
{
	struct view_run *run = data;

	g_free(run->command);
	g_free(run->ruleset);
	g_free(run);
}

GPtrArray *
view_runs(struct view *view, gint64 from, gint64 to, GError **error)
{
	/* There is one writer: a run without an end that is not the last one was killed. */
	static const struct query_text all = { "read runs",
		"SELECT id, command, ruleset, begun, ended, exit_code, pulse FROM run WHERE begun "
		"< ?2 AND"
		" (begun >= ?1 OR ended >= ?1 OR (ended = 0 AND id = (SELECT max(id) FROM run)))"
		" ORDER BY id" };
	g_autoptr(GPtrArray) runs = g_ptr_array_new_with_free_func(run_free);
	struct query query;

	if (!query_open(&query, view->database, &all,
		VALUES(query_int_value(from), query_int_value(to)), error))
		return NULL;
	while (query_next(&query)) {
		struct view_run *run = g_new0(struct view_run, 1);
		run->id = query_int(&query, 0);
		run->command = query_dup(&query, 1);
		run->ruleset = query_dup(&query, 2);
		run->begun = query_int(&query, 3);
		run->ended = query_int(&query, 4);
		run->exit_code = (int)query_int(&query, 5);
		run->pulse = query_int(&query, 6);
		g_ptr_array_add(runs, run);
	}
	return query_close(&query, error) ? g_steal_pointer(&runs) : NULL;
}

/* --- sums --- */

static bool
sum_messages(
    struct view *view, const struct query_value *window, struct view_totals *out, GError **error)
{
	static const struct query_text sums = {
		"count messages",
		"SELECT count(*), count(CASE outcome WHEN ?3 THEN 1 END),"
		" count(CASE outcome WHEN ?4 THEN 1 END), sum(size), (SELECT count(*) FROM message"
		" WHERE copied >= ?1 AND copied < ?2) FROM message WHERE seen >= ?1 AND seen < ?2"
	};
	struct query query;

	if (!query_open(&query, view->database, &sums,
		VALUES(window[0], window[1], query_int_value(OUTCOME_PARTIAL),
		    query_int_value(OUTCOME_UNSCANNABLE)),
		error))
		return false;
	if (query_next(&query)) {
		out->messages = (guint64)query_int(&query, 0);
		out->partial = (guint64)query_int(&query, 1);
		out->unscannable = (guint64)query_int(&query, 2);
		out->bytes = (guint64)query_int(&query, 3);
		out->copies = (guint64)query_int(&query, 4);
	}
	return query_close(&query, error);
}

/* Nothing is sorted or collected: of a window with a million flags one row is held. */
static bool
sum_flags(
    struct view *view, const struct query_value *window, struct view_totals *out, GError **error)
{
	static const struct query_text sums = { "count flags of the window",
		"SELECT count(CASE WHEN exception <> '' THEN 1 END),"
		" count(CASE WHEN exception = '' AND severity = 0 THEN 1 END),"
		" count(CASE WHEN exception = '' AND severity = 1 THEN 1 END),"
		" count(CASE WHEN exception = '' AND severity = 2 THEN 1 END)"
		" FROM flag WHERE seen >= ? AND seen < ?" };
	static const struct query_text messages = { "count flagged messages",
		"SELECT count(*) FROM flag g WHERE g.seen >= ?1 AND g.seen < ?2"
		" AND g.exception = '' AND NOT EXISTS (SELECT 1 FROM flag h"
		" WHERE h.message = g.message AND h.id < g.id AND h.exception = ''"
		" AND h.seen >= ?1 AND h.seen < ?2)" };
	struct query query;
	gint64 flagged = 0;

	G_STATIC_ASSERT(G_N_ELEMENTS(out->flags) == 3);
	if (!query_open(&query, view->database, &sums, window, error))
		return false;
	if (query_next(&query)) {
		out->excepted = (guint64)query_int(&query, 0);
		for (guint i = 0; i < G_N_ELEMENTS(out->flags); i++)
			out->flags[i] = (guint64)query_int(&query, 1 + (int)i);
	}
	if (!query_close(&query, error) ||
	    !query_number(view->database, &messages, window, &flagged, error))
		return false;
	out->flagged = (guint64)flagged;
	return true;
}

bool
view_totals(struct view *view, gint64 from, gint64 to, struct view_totals *out, GError **error)
{
	const struct query_value window[] = { query_int_value(from), query_int_value(to),
		{ .kind = QUERY_END } };

	*out = (struct view_totals){ 0 };
	return sum_messages(view, window, out, error) && sum_flags(view, window, out, error) &&
	       view_gone_totals(view, from, to, out, error);
}
