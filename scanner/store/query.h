/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_QUERY_H
#define FLAGPOST_STORE_QUERY_H
/*
 * query - prepared statements with bound values. No value is ever formatted into SQL.
 *
 *	static const struct query_text find = { "find a thing", "SELECT a FROM thing WHERE b = ?" };
 *
 *	struct query q;
 *	if (!query_open(&q, database, &find, VALUES(query_text_value("x")), error))
 *		return false;
 *	while (query_next(&q))
 *		use(query_int(&q, 0));
 *	return query_close(&q, error);
 *
 * A statement is prepared once and kept as long as its connection; it is known by the address
 * of its query_text. The same one must not be opened again before it is closed.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

struct query_text {
	const char *name; /* for errors: "record a part" */
	const char *sql;
};

enum query_kind { QUERY_END, QUERY_NULL, QUERY_INT, QUERY_TEXT, QUERY_BYTES };

struct query_value {
	enum query_kind kind;
	gint64 number;
	const char *text; /* borrowed until the query is closed */
	GBytes *bytes;    /* the same */
};

#define VALUES(...) ((const struct query_value[]){ __VA_ARGS__, { .kind = QUERY_END } })
#define NO_VALUES   ((const struct query_value[]){ { .kind = QUERY_END } })

struct query_value query_int_value(gint64 number);
struct query_value query_text_value(const char *text); /* NULL is the empty string */
struct query_value query_bytes_value(GBytes *bytes);   /* NULL is no bytes */
struct query_value query_date_value(gint64 time);      /* MESSAGE_NO_DATE is NULL */
struct query_value query_null_value(void);

struct query {
	struct database *database;
	const char *name;
	sqlite3_stmt *statement;
	bool failed;
	bool own; /* not from the cache */
};

bool query_open(struct query *query, struct database *database, const struct query_text *text,
    const struct query_value *values, GError **error);
/* For a text put together at run time: not kept. */
bool query_open_once(struct query *query, struct database *database, const struct query_text *text,
    const struct query_value *values, GError **error);
/* An open one from its start with other values. On an error it is still open, and has no rows. */
bool query_again(struct query *query, const struct query_value *values, GError **error);
/* True while there is a row; an error ends the rows, and query_close tells. */
bool query_next(struct query *query);
bool query_close(struct query *query, GError **error);

/* Runs a statement that gives no rows, to its end. */
bool query_run(struct database *database, const struct query_text *text,
    const struct query_value *values, GError **error);
/* The first column of the first row into *out, which is left alone when there is no row. */
bool query_number(struct database *database, const struct query_text *text,
    const struct query_value *values, gint64 *out, GError **error);

/* Columns, from 0. */
gint64 query_int(struct query *query, int column); /* NULL gives 0 */
double query_real(struct query *query, int column);
gint64 query_date(struct query *query, int column);      /* NULL gives MESSAGE_NO_DATE */
const char *query_text(struct query *query, int column); /* until the next row; never NULL */
/* The same; also of bytes that are none. */
const guint8 *query_blob(struct query *query, int column, gsize *size);
char *query_dup(struct query *query, int column);           /* valid UTF-8, never NULL */
guint query_enum(struct query *query, int column, guint n); /* below n, else 0 */

#endif
