/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dkim - see dkim.h. An answer that differs is a row of its own: what was seen is never changed. */
#include "store/dkim.h"

#include "base/fault.h"
#include "store/view-inner.h"

#define FAILED "failed"

void
dkim_key_free(struct dkim_key *key)
{
	if (key == NULL)
		return;
	g_free(key->selector);
	g_free(key->domain);
	g_free(key->outcome);
	g_free(key->text);
	g_free(key);
}

/* Of the columns domain, selector, outcome, text, first, last. */
static struct dkim_key *
load(struct query *query)
{
	struct dkim_key *key = g_new0(struct dkim_key, 1);

	key->domain = query_dup(query, 0);
	key->selector = query_dup(query, 1);
	key->outcome = query_dup(query, 2);
	key->text = query_dup(query, 3);
	key->first = query_int(query, 4);
	key->last = query_int(query, 5);
	return key;
}

static GPtrArray *
load_all(struct view *view, const struct query_text *text, const struct query_value *values,
    GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)dkim_key_free);
	struct query query;

	if (!query_open(&query, view->database, text, values, error))
		return NULL;
	while (query_next(&query))
		g_ptr_array_add(list, load(&query));
	return query_close(&query, error) ? g_steal_pointer(&list) : NULL;
}

GArray *
dkim_unseen(struct view *view, gint64 since, guint most, gint64 *upto, GError **error)
{
	static const struct query_text all = { "list messages whose signatures are new",
		"SELECT id FROM message WHERE id > (SELECT upto FROM dkim_state) AND seen >= ?1"
		" AND volume IS NOT NULL ORDER BY id LIMIT ?2" };
	static const struct query_text last = { "find the last message",
		"SELECT coalesce(max(id), 0) FROM message" };
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(gint64));
	struct query query;

	if (!query_number(view->database, &last, NO_VALUES, upto, error) ||
	    !query_open(&query, view->database, &all,
		VALUES(query_int_value(since), query_int_value(most)), error))
		return NULL;
	while (query_next(&query)) {
		gint64 id = query_int(&query, 0);
		g_array_append_val(list, id);
	}
	if (!query_close(&query, error))
		return NULL;
	if (list->len == most)
		*upto = g_array_index(list, gint64, list->len - 1);
	return g_steal_pointer(&list);
}

bool
dkim_is_known(struct view *view, const char *selector, const char *domain, gint64 since,
    bool *known, GError **error)
{
	static const struct query_text find = { "look for a key",
		"SELECT count(*) FROM dkim_key WHERE domain = ?1 AND selector = ?2 AND last >= ?3"
		" AND outcome <> '" FAILED "'" };
	gint64 count = 0;

	if (!query_number(view->database, &find,
		VALUES(
		    query_text_value(domain), query_text_value(selector), query_int_value(since)),
		&count, error))
		return false;
	*known = count > 0;
	return true;
}

GPtrArray *
dkim_failed(struct view *view, gint64 since, gint64 before, guint most, GError **error)
{
	static const struct query_text all = { "list keys that were not found out",
		"SELECT domain, selector, max(outcome), max(text), min(first), max(last)"
		" FROM dkim_key WHERE last >= ?1 GROUP BY domain, selector"
		" HAVING min(outcome) = '" FAILED "' AND max(outcome) = '" FAILED "'"
		" AND max(last) <= ?2 ORDER BY 6 LIMIT ?3" };

	return load_all(view, &all,
	    VALUES(query_int_value(since), query_int_value(before), query_int_value(most)), error);
}

/* --- writing --- */

/* The same answer as the last time goes on; any other one is new. */
static bool
put(struct database *database, const struct dkim_key *key, gint64 now, GError **error)
{
	static const struct query_text go_on = { "record that a key is the same",
		"UPDATE dkim_key SET last = max(last, ?5) WHERE id = (SELECT id FROM dkim_key"
		" WHERE domain = ?1 AND selector = ?2 ORDER BY last DESC, id DESC LIMIT 1)"
		" AND outcome = ?3 AND text = ?4" };
	static const struct query_text insert = { "record a key",
		"INSERT INTO dkim_key (domain, selector, outcome, text, first, last)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?5)" };
	const struct query_value values[] = { query_text_value(key->domain),
		query_text_value(key->selector), query_text_value(key->outcome),
		query_text_value(key->text), query_int_value(now), { .kind = QUERY_END } };

	if (!query_run(database, &go_on, values, error))
		return false;
	return sqlite3_changes(database->handle) > 0 || query_run(database, &insert, values, error);
}

static bool
put_all(
    struct database *database, const GPtrArray *answers, gint64 upto, gint64 now, GError **error)
{
	static const struct query_text mark = { "record which messages were looked at",
		"UPDATE dkim_state SET upto = max(upto, ?)" };

	for (guint i = 0; i < answers->len; i++)
		if (!put(database, answers->pdata[i], now, error))
			return false;
	return query_run(database, &mark, VALUES(query_int_value(upto)), error);
}

bool
dkim_record(struct view *view, const GPtrArray *answers, gint64 upto, gint64 now, GError **error)
{
	struct database *database = view->database;

	if (!database_script(database, "record keys", "PRAGMA query_only = OFF", error))
		return false;
	bool right = database_begin(database, error) &&
		     put_all(database, answers, upto, now, error) &&
		     database_commit(database, error);
	database_rollback(database);
	return database_script(
		   database, "record keys", "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}

/* --- reading --- */

struct dkim_key *
dkim_at(struct view *view, const char *selector, const char *domain, gint64 fetched, GError **error)
{
	static const struct query_text near = { "find a key as of a time",
		"SELECT domain, selector, outcome, text, first, last FROM dkim_key"
		" WHERE domain = ?1 AND selector = ?2 AND first <= ?3 + ?4 AND last >= ?3 - ?4"
		" ORDER BY outcome = '" FAILED "', max(first - ?3, ?3 - last, 0), id LIMIT 1" };
	g_autoptr(GPtrArray) found = load_all(view, &near,
	    VALUES(query_text_value(domain), query_text_value(selector), query_int_value(fetched),
		query_int_value(DKIM_NEAR)),
	    error);

	return found != NULL && found->len > 0 ? g_ptr_array_steal_index(found, 0) : NULL;
}

GPtrArray *
dkim_list(struct view *view, GError **error)
{
	static const struct query_text all = { "list keys",
		"SELECT domain, selector, outcome, text, first, last FROM dkim_key"
		" ORDER BY domain, selector, first, id" };

	if (view->reach == VIEW_OWN || view->reach == VIEW_ACCOUNTS) {
		g_set_error(error, FAULT, FAULT_DENIED,
		    "keys are for officers of all accounts and for administrators");
		return NULL;
	}
	return load_all(view, &all, NO_VALUES, error);
}
