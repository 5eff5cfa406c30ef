/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dkim-result - what came of verifying signatures: see dkim.h. Rows are added and never changed. */
#include "store/dkim.h"

#include "base/text.h"
#include "store/view-inner.h"

void
dkim_verified_free(struct dkim_verified *verified)
{
	if (verified == NULL)
		return;
	g_clear_pointer(&verified->list, g_ptr_array_unref);
	g_free(verified);
}

/* --- what is to be done --- */

static bool
add_messages(struct view *view, const struct query_text *text, const struct query_value *values,
    GArray *list, GError **error)
{
	struct query query;

	if (!query_open(&query, view->database, text, values, error))
		return false;
	while (query_next(&query)) {
		struct dkim_fetched one = { query_int(&query, 0), query_int(&query, 1) };
		g_array_append_val(list, one);
	}
	return query_close(&query, error);
}

GArray *
dkim_unverified(struct view *view, gint64 since, guint most, gint64 *upto, GError **error)
{
	static const struct query_text last = { "find the last message with keys",
		"SELECT upto FROM dkim_state" };
	static const struct query_text fresh = { "list messages that were not verified",
		"SELECT id, seen FROM message WHERE id > (SELECT verified FROM dkim_state)"
		" AND id <= (SELECT upto FROM dkim_state) AND volume IS NOT NULL ORDER BY id LIMIT "
		"?" };
	static const struct query_text again = { "list messages whose keys are known by now",
		"SELECT DISTINCT r.message, m.seen FROM dkim_result r JOIN message m ON m.id = "
		"r.message"
		" WHERE r.result = 'temperror' AND r.computed >= ?1 AND m.volume IS NOT NULL"
		" AND EXISTS (SELECT 1 FROM dkim_key k WHERE k.domain = r.domain"
		" AND k.selector = r.selector AND k.outcome <> 'failed' AND k.last >= r.computed)"
		" AND NOT EXISTS (SELECT 1 FROM dkim_result n WHERE n.message = r.message"
		" AND n.computed > r.computed) ORDER BY r.message LIMIT ?2" };
	g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(struct dkim_fetched));

	if (!query_number(view->database, &last, NO_VALUES, upto, error) ||
	    !add_messages(view, &fresh, VALUES(query_int_value(most)), list, error))
		return NULL;
	if (list->len == most) {
		*upto = g_array_index(list, struct dkim_fetched, most - 1).message;
		return g_steal_pointer(&list);
	}
	return add_messages(view, &again,
		   VALUES(query_int_value(since), query_int_value(most - list->len)), list, error)
		   ? g_steal_pointer(&list)
		   : NULL;
}

/* --- writing --- */

static bool
put(struct database *database, const struct dkim_verified *verified, guint number, gint64 now,
    GError **error)
{
	/* A message that was purged meanwhile gets none. */
	static const struct query_text insert = { "record what a signature proves",
		"INSERT INTO dkim_result (message, computed, number, result, facts, domain,"
		" selector, algorithm, body, covered, made, expires, reason)"
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM message"
		" WHERE id = ?1 AND purged IS NULL" };
	const struct signature *signature = verified->list->pdata[number];
	g_autofree char *reason = text_printable(signature->reason, 0);

	return query_run(database, &insert,
	    VALUES(query_int_value(verified->message), query_int_value(now),
		query_int_value(number), query_text_value(signature_words[signature->result]),
		query_int_value(signature->facts), query_text_value(signature->domain),
		query_text_value(signature->selector), query_text_value(signature->algorithm),
		query_int_value((gint64)signature->body),
		query_int_value((gint64)signature->covered), query_int_value(signature->made),
		query_int_value(signature->expires), query_text_value(reason)),
	    error);
}

static bool
put_all(
    struct database *database, const GPtrArray *verified, gint64 upto, gint64 now, GError **error)
{
	static const struct query_text mark = { "record which messages were verified",
		"UPDATE dkim_state SET verified = max(verified, ?)" };

	for (guint i = 0; i < verified->len; i++) {
		const struct dkim_verified *one = verified->pdata[i];
		for (guint n = 0; n < one->list->len; n++)
			if (!put(database, one, n, now, error))
				return false;
	}
	return query_run(database, &mark, VALUES(query_int_value(upto)), error);
}

bool
dkim_record_verified(
    struct view *view, const GPtrArray *verified, gint64 upto, gint64 now, GError **error)
{
	struct database *database = view->database;

	if (!database_script(database, "record results", "PRAGMA query_only = OFF", error))
		return false;
	bool right = database_begin(database, error) &&
		     put_all(database, verified, upto, now, error) &&
		     database_commit(database, error);
	database_rollback(database);
	return database_script(
		   database, "record results", "PRAGMA query_only = ON", right ? error : NULL) &&
	       right;
}

/* --- reading --- */

/* Of the columns computed, result, ..., reason. */
static struct signature *
load(struct query *query)
{
	struct signature *signature = g_new0(struct signature, 1);

	for (guint i = 0; signature_words[i] != NULL; i++)
		if (g_str_equal(signature_words[i], query_text(query, 1)))
			signature->result = (enum signature_result)i;
	signature->facts = (guint)query_int(query, 2);
	signature->domain = query_dup(query, 3);
	signature->selector = query_dup(query, 4);
	signature->algorithm = query_dup(query, 5);
	signature->body = (guint64)query_int(query, 6);
	signature->covered = (guint64)query_int(query, 7);
	signature->made = query_int(query, 8);
	signature->expires = query_int(query, 9);
	signature->reason = query_dup(query, 10);
	signature->canonical = g_strdup("");
	signature->fields = g_strdup("");
	return signature;
}

GPtrArray *
dkim_verified_of(struct view *view, gint64 message, GError **error)
{
	static const struct query_text all = { "read what signatures proved",
		"SELECT computed, result, facts, domain, selector, algorithm, body, covered, made,"
		" expires, reason FROM dkim_result WHERE message = ? ORDER BY computed, number" };
	g_autoptr(GPtrArray) out =
	    g_ptr_array_new_with_free_func((GDestroyNotify)dkim_verified_free);
	struct dkim_verified *verified = NULL;
	struct query query;

	if (!query_open(&query, view->database, &all, VALUES(query_int_value(message)), error))
		return NULL;
	while (query_next(&query)) {
		gint64 computed = query_int(&query, 0);
		if (verified == NULL || verified->computed != computed) {
			verified = g_new0(struct dkim_verified, 1);
			verified->message = message;
			verified->computed = computed;
			verified->list = signature_list();
			g_ptr_array_add(out, verified);
		}
		g_ptr_array_add(verified->list, load(&query));
	}
	return query_close(&query, error) ? g_steal_pointer(&out) : NULL;
}
