/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The only file that binds values and steps statements.
 */
#include "store/query.h"

#include "mail/message.h"

struct query_value
query_int_value(gint64 number)
{
	return (struct query_value){ .kind = QUERY_INT, .number = number };
}

struct query_value
query_text_value(const char *text)
{
	return (struct query_value){ .kind = QUERY_TEXT, .text = text != NULL ? text : "" };
}

struct query_value
query_bytes_value(GBytes *bytes)
{
	return (
	    struct query_value){ .kind = bytes != NULL ? QUERY_BYTES : QUERY_NULL, .bytes = bytes };
}

struct query_value
query_date_value(gint64 time)
{
	return time == MESSAGE_NO_DATE ? query_null_value() : query_int_value(time);
}

struct query_value
query_null_value(void)
{
	return (struct query_value){ .kind = QUERY_NULL };
}

static int
bind_value(sqlite3_stmt *statement, int at, const struct query_value *value)
{
	gsize size;
	const void *data;

	switch (value->kind) {
	case QUERY_INT:
		return sqlite3_bind_int64(statement, at, value->number);
	case QUERY_TEXT:
		return sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC);
	case QUERY_BYTES:
		data = g_bytes_get_data(value->bytes, &size);
		return sqlite3_bind_blob64(
		    statement, at, size > 0 ? data : "", size, SQLITE_STATIC);
	case QUERY_NULL:
	case QUERY_END:
		break;
	}
	return sqlite3_bind_null(statement, at);
}

static bool
bind_all(struct query *query, const struct query_value *values, GError **error)
{
	int n = 0;

	for (; values[n].kind != QUERY_END; n++) {
		if (bind_value(query->statement, n + 1, &values[n]) != SQLITE_OK) {
			database_fault(query->database, query->name, error);
			return false;
		}
	}
	g_assert(n == sqlite3_bind_parameter_count(query->statement));
	return true;
}

static sqlite3_stmt *
prepare(struct database *database, const struct query_text *text, unsigned flags, GError **error)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v3(database->handle, text->sql, -1, flags, &statement, NULL) !=
	    SQLITE_OK)
		database_fault(database, text->name, error);
	return statement;
}

/* Values are borrowed: none may stay bound behind the caller's back. */
static void
release(struct query *query)
{
	if (query->own) {
		sqlite3_finalize(query->statement);
	} else {
		sqlite3_reset(query->statement);
		sqlite3_clear_bindings(query->statement);
	}
	query->statement = NULL;
}

static bool
open_bound(struct query *query, const struct query_value *values, GError **error)
{
	if (query->statement == NULL)
		return false;
	if (bind_all(query, values, error))
		return true;
	release(query);
	return false;
}

bool
query_open(struct query *query, struct database *database, const struct query_text *text,
    const struct query_value *values, GError **error)
{
	sqlite3_stmt *statement = g_hash_table_lookup(database->statements, text);

	if (statement == NULL) {
		statement = prepare(database, text, SQLITE_PREPARE_PERSISTENT, error);
		if (statement != NULL)
			g_hash_table_insert(database->statements, (gpointer)text, statement);
	}
	g_assert(statement == NULL || !sqlite3_stmt_busy(statement));
	*query = (struct query){ .database = database, .name = text->name, .statement = statement };
	return open_bound(query, values, error);
}

bool
query_open_once(struct query *query, struct database *database, const struct query_text *text,
    const struct query_value *values, GError **error)
{
	*query = (struct query){ .database = database,
		.name = text->name,
		.statement = prepare(database, text, 0, error),
		.own = true };
	return open_bound(query, values, error);
}

bool
query_again(struct query *query, const struct query_value *values, GError **error)
{
	sqlite3_reset(query->statement);
	return bind_all(query, values, error);
}

bool
query_next(struct query *query)
{
	int result = sqlite3_step(query->statement);

	query->failed = result != SQLITE_ROW && result != SQLITE_DONE;
	return result == SQLITE_ROW;
}

bool
query_close(struct query *query, GError **error)
{
	if (query->failed)
		database_fault(query->database, query->name, error);
	release(query);
	return !query->failed;
}

bool
query_run(struct database *database, const struct query_text *text,
    const struct query_value *values, GError **error)
{
	struct query query;

	if (!query_open(&query, database, text, values, error))
		return false;
	query_next(&query);
	return query_close(&query, error);
}

bool
query_number(struct database *database, const struct query_text *text,
    const struct query_value *values, gint64 *out, GError **error)
{
	struct query query;

	if (!query_open(&query, database, text, values, error))
		return false;
	if (query_next(&query))
		*out = query_int(&query, 0);
	return query_close(&query, error);
}

gint64
query_int(struct query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

double
query_real(struct query *query, int column)
{
	return sqlite3_column_double(query->statement, column);
}

gint64
query_date(struct query *query, int column)
{
	if (sqlite3_column_type(query->statement, column) == SQLITE_NULL)
		return MESSAGE_NO_DATE;
	return query_int(query, column);
}

const char *
query_text(struct query *query, int column)
{
	const char *text = (const char *)sqlite3_column_text(query->statement, column);

	return text != NULL ? text : "";
}

const guint8 *
query_blob(struct query *query, int column, gsize *size)
{
	static const guint8 none[1] = { 0 };
	const void *data = sqlite3_column_blob(query->statement, column);

	*size = data != NULL ? (gsize)sqlite3_column_bytes(query->statement, column) : 0;
	return data != NULL ? data : none;
}

char *
query_dup(struct query *query, int column)
{
	return g_utf8_make_valid(query_text(query, column), -1);
}

guint
query_enum(struct query *query, int column, guint n)
{
	gint64 value = query_int(query, column);

	return value >= 0 && value < n ? (guint)value : 0;
}
