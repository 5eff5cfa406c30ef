/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/audit.h"

#include <string.h>

#include "base/fault.h"
#include "store/ledger.h"
#include "store/rule-diff.h"
#include "store/rule-sources.h"
#include "store/view-inner.h"

#define NOTED_MIN 8 /* digits of a head */
#define NOTED_MAX 64

static void
row_free(gpointer data)
{
	struct audit_row *row = data;

	g_free(row->who);
	g_free(row->verb);
	g_free(row->object);
	g_free(row->hash);
	g_free(row);
}

/* What people did is read by those who see all of it. */
static bool
may_read(const struct view *view, GError **error)
{
	if (view->reach == VIEW_ALL || view->reach == VIEW_NO_MAIL)
		return true;
	g_set_error(error, FAULT, FAULT_DENIED, "the ledger is not for %s", view->person);
	return false;
}

GPtrArray *
audit_rows(struct view *view, const struct audit_query *query, GError **error)
{
	static const struct query_text all = { "read the ledger",
		"SELECT * FROM (SELECT id, seen, who, verb, object, hash FROM ledger"
		" WHERE seen >= ?1 AND seen < ?2 AND text_glob(?3, who) AND text_glob(?4, verb)"
		" AND instr(object, ?5) > 0 ORDER BY id DESC LIMIT ?6) ORDER BY id" };
	g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func(row_free);
	struct query found;

	if (!may_read(view, error) ||
	    !query_open(&found, view->database, &all,
		VALUES(query_int_value(query->from),
		    query_int_value(query->to != 0 ? query->to : G_MAXINT64),
		    query_text_value(query->who != NULL ? query->who : "*"),
		    query_text_value(query->verb != NULL ? query->verb : "*"),
		    query_text_value(query->object),
		    query_int_value(query->limit != 0 ? (gint64)query->limit : -1)),
		error))
		return NULL;
	while (query_next(&found)) {
		struct audit_row *row = g_new0(struct audit_row, 1);
		row->id = query_int(&found, 0);
		row->seen = query_int(&found, 1);
		row->who = query_dup(&found, 2);
		row->verb = query_dup(&found, 3);
		row->object = query_dup(&found, 4);
		row->hash = query_dup(&found, 5);
		g_ptr_array_add(rows, row);
	}
	return query_close(&found, error) ? g_steal_pointer(&rows) : NULL;
}

/* The rule set that was in force before a row, so many changes back; "" for none. Owned. */
static char *
ruleset_before(struct view *view, gint64 row, gint64 back, GError **error)
{
	static const struct query_text text = { "find a rule set",
		"SELECT object FROM ledger WHERE verb = 'ruleset' AND id < ?1"
		" ORDER BY id DESC LIMIT 1 OFFSET ?2" };
	struct query query;

	if (!query_open(&query, view->database, &text,
		VALUES(query_int_value(row), query_int_value(back)), error))
		return NULL;
	char *digest = query_next(&query) ? query_dup(&query, 0) : g_strdup("");
	if (query_close(&query, error))
		return digest;
	g_free(digest);
	return NULL;
}

/* What the row says of its diff; "" when it is another row. Owned. */
static char *
words_of(struct view *view, gint64 row, GError **error)
{
	static const struct query_text text = { "read a change of rules",
		"SELECT object FROM ledger WHERE verb = 'ruleset-change' AND id = ?" };
	struct query query;

	if (!query_open(&query, view->database, &text, VALUES(query_int_value(row)), error))
		return NULL;
	char *object = query_next(&query) ? query_dup(&query, 0) : g_strdup("");
	if (!query_close(&query, error))
		g_clear_pointer(&object, g_free);
	return object;
}

static bool
fault_row(gint64 row, const char *what, GError **error)
{
	g_set_error(error, FAULT, FAULT_DATA, "row %" G_GINT64_FORMAT " %s", row, what);
	return false;
}

bool
audit_diff(struct view *view, gint64 row, GString *out, GError **error)
{
	if (!may_read(view, error))
		return false;
	g_autofree char *words = words_of(view, row, error);
	g_autofree char *after = words != NULL ? ruleset_before(view, row, 0, error) : NULL;
	g_autofree char *before = after != NULL ? ruleset_before(view, row, 1, error) : NULL;
	if (before == NULL)
		return false;
	const char *noted = strstr(words, RULE_DIFF_WORDS);
	if (words[0] == '\0')
		return fault_row(
		    row, "is no change of rules (see: audit --what ruleset-change)", error);
	if (noted == NULL)
		return fault_row(row, "was written before changes had a diff", error);
	bool kept = false;
	if (!rule_sources_diff(view->database, row, out, &kept, error) ||
	    (!kept && !rule_diff_make(view->database, before, after, out, error)))
		return false;
	g_autofree char *made = rule_diff_words(out);
	return strcmp(made, noted) == 0 ||
	       fault_row(row, "has another diff: what is kept of it was altered", error);
}

bool
audit_head(struct view *view, struct audit_head *head, GError **error)
{
	static const struct query_text last = { "read the head of the ledger",
		"SELECT id, seen, hash FROM ledger ORDER BY id DESC LIMIT 1" };
	struct query query;

	*head = (struct audit_head){ 0 };
	if (!query_open(&query, view->database, &last, NO_VALUES, error))
		return false;
	if (query_next(&query)) {
		head->rows = (guint64)query_int(&query, 0);
		head->seen = query_int(&query, 1);
		g_strlcpy(head->hash, query_text(&query, 2), sizeof head->hash);
	}
	return query_close(&query, error);
}

static bool
find_noted(struct view *view, const char *noted, guint64 *row, GError **error)
{
	static const struct query_text find = { "look for a head",
		"SELECT id FROM ledger WHERE substr(hash, 1, length(?1)) = ?1" };
	gint64 id = 0;

	if (!query_number(view->database, &find, VALUES(query_text_value(noted)), &id, error))
		return false;
	*row = (guint64)id;
	if (id != 0)
		return true;
	g_set_error(error, FAULT, FAULT_DATA,
	    "no row of the ledger has the head %s: rows were cut off, or the chain was written "
	    "anew",
	    noted);
	return false;
}

static bool
is_head(const char *noted, GError **error)
{
	gsize size = strlen(noted);

	if (size >= NOTED_MIN && size <= NOTED_MAX && strspn(noted, "0123456789abcdef") == size)
		return true;
	g_set_error(error, FAULT, FAULT_USAGE,
	    "'%.70s' is no head: write %d to %d hexadecimal digits, as a report shows them", noted,
	    NOTED_MIN, NOTED_MAX);
	return false;
}

bool
audit_verify(
    struct view *view, const char *noted, struct audit_head *head, guint64 *row, GError **error)
{
	guint64 rows;
	g_autofree char *hash = NULL;

	*row = 0;
	if (!may_read(view, error) || (noted != NULL && !is_head(noted, error)) ||
	    !ledger_verify(view->database, &rows, &hash, error) || !audit_head(view, head, error))
		return false;
	return noted == NULL || find_noted(view, noted, row, error);
}
