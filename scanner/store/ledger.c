/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never updates and never deletes; triggers in the schema refuse both.
 */
#include "store/ledger.h"

#include <string.h>

#include "base/digest.h"
#include "base/fault.h"
#include "store/query.h"

struct row {
	gint64 id, seen;
	const char *who, *verb, *object;
};

/* The length goes first: no two different rows give the same bytes. */
static void
add_field(struct digest *digest, const char *text)
{
	guint64 length = GUINT64_TO_LE((guint64)strlen(text));

	digest_update(digest, &length, sizeof length);
	digest_update(digest, text, strlen(text));
}

static void
row_hash(const char *previous, const struct row *row, char hash[DIGEST_HEX])
{
	g_autoptr(digest) digest = digest_new();
	g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, row->id);
	g_autofree char *seen = g_strdup_printf("%" G_GINT64_FORMAT, row->seen);

	add_field(digest, previous);
	add_field(digest, id);
	add_field(digest, seen);
	add_field(digest, row->who);
	add_field(digest, row->verb);
	add_field(digest, row->object);
	digest_finish(digest, hash);
}

bool
ledger_append(struct database *database, const char *who, const char *verb, const char *object,
    gint64 now, GError **error)
{
	static const struct query_text last = { "read the end of the ledger",
		"SELECT id, hash FROM ledger ORDER BY id DESC LIMIT 1" };
	static const struct query_text insert = {
		"write to the ledger",
		"INSERT INTO ledger (id, seen, who, verb, object, hash) VALUES (?, ?, ?, ?, ?, ?)"
	};
	struct row row = { .id = 1, .seen = now, .who = who, .verb = verb, .object = object };
	char previous[DIGEST_HEX] = "", hash[DIGEST_HEX];
	struct query query;

	if (!query_open(&query, database, &last, NO_VALUES, error))
		return false;
	if (query_next(&query)) {
		row.id = query_int(&query, 0) + 1;
		g_strlcpy(previous, query_text(&query, 1), sizeof previous);
	}
	if (!query_close(&query, error))
		return false;

	row_hash(previous, &row, hash);
	return query_run(database, &insert,
	    VALUES(query_int_value(row.id), query_int_value(now), query_text_value(who),
		query_text_value(verb), query_text_value(object), query_text_value(hash)),
	    error);
}

bool
ledger_verify(struct database *database, guint64 *rows, char **head, GError **error)
{
	static const struct query_text all = { "read the ledger",
		"SELECT id, seen, who, verb, object, hash FROM ledger ORDER BY id" };
	char hash[DIGEST_HEX] = "";
	gint64 expected = 1, broken = 0;
	struct query query;

	if (!query_open(&query, database, &all, NO_VALUES, error))
		return false;
	while (broken == 0 && query_next(&query)) {
		struct row row = { .id = query_int(&query, 0), .seen = query_int(&query, 1) };
		row.who = query_text(&query, 2);
		row.verb = query_text(&query, 3);
		row.object = query_text(&query, 4);
		char previous[DIGEST_HEX];
		memcpy(previous, hash, sizeof previous);
		row_hash(previous, &row, hash);
		if (row.id != expected || strcmp(hash, query_text(&query, 5)) != 0)
			broken = expected;
		expected++;
	}
	if (!query_close(&query, error))
		return false;
	if (broken != 0) {
		g_set_error(error, FAULT, FAULT_DATA,
		    "ledger row %" G_GINT64_FORMAT
		    ": it was changed, or a row before it is missing",
		    broken);
		return false;
	}
	*rows = (guint64)(expected - 1);
	if (head != NULL)
		*head = g_strdup(hash);
	return true;
}
