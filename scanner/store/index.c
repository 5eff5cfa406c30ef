/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the columns hold is made of the database's own rows, so that it can be made once more and
 * taken out of an index that keeps no text. Never holds more of a message than those rows and,
 * where there is a copy, its texts.
 */
#include "store/index.h"

#include <string.h>

#include "mail/address.h"
#include "mail/terms.h"
#include "store/index-tags.h"
#include "store/index-words.h"
#include "store/party.h"
#include "store/query.h"
#include "store/settle.h"

#define FIELDS_MAX (256u * 1024) /* bytes of words of all fields of one message */

const char *const index_columns[INDEX_COLUMNS] = { "body", "files", "subject", "names", "sender",
	"recipients", "delivered" };

struct row {
	gint64 doc;
	gint64 newcomer; /* the message, where its people are not in the index; else 0 */
	bool remove;
	GString *columns[INDEX_COLUMNS];
};

struct index {
	struct database *database;
	GPtrArray *rows; /* of struct row: put off */
	struct index_words *words;
	bool stays;      /* the young part cannot be settled */
	bool grown;      /* it is larger than when it was looked at */
	GArray *settled; /* docs to take out of blocks: they come again with their texts */
};

static void
row_free(gpointer data)
{
	struct row *row = data;

	for (guint i = 0; i < INDEX_COLUMNS; i++)
		g_string_free(row->columns[i], TRUE);
	g_free(row);
}

static struct row *
row_new(gint64 doc)
{
	struct row *row = g_new0(struct row, 1);

	row->doc = doc;
	for (guint i = 0; i < INDEX_COLUMNS; i++)
		row->columns[i] = g_string_new(NULL);
	return row;
}

struct index *
index_new(struct database *database)
{
	struct index *index = g_new0(struct index, 1);

	index->database = database;
	index->rows = g_ptr_array_new_with_free_func(row_free);
	index->settled = g_array_new(FALSE, FALSE, sizeof(gint64));
	index->words = index_words_new(database);
	return index;
}

void
index_free(struct index *index)
{
	if (index == NULL)
		return;
	g_ptr_array_unref(index->rows);
	g_array_unref(index->settled);
	index_words_free(index->words);
	g_free(index);
}

void
index_forget(struct index *index)
{
	g_ptr_array_set_size(index->rows, 0);
	g_array_set_size(index->settled, 0);
	index_words_forget(index->words);
}

/* --- what the columns hold --- */

static gsize
fields_size(const struct row *row)
{
	gsize size = 0;

	for (guint i = INDEX_SUBJECT; i < INDEX_COLUMNS; i++)
		size += row->columns[i]->len;
	return size;
}

/* Words of one more text of a column; false when they did not all fit. */
static bool
add_field(struct row *row, enum index_column column, const char *text)
{
	GString *out = row->columns[column];
	gsize used = fields_size(row), before = out->len;

	if (text[0] == '\0')
		return true;
	if (used >= FIELDS_MAX)
		return false;
	if (before > 0)
		g_string_append(out, TERMS_BREAK);
	return terms_append(out, text, strlen(text), out->len + FIELDS_MAX - used);
}

static enum index_column
column_of(enum address_role role)
{
	if (role == ADDRESS_FROM || role == ADDRESS_SENDER)
		return INDEX_SENDER;
	if (role == ADDRESS_DELIVERED)
		return INDEX_DELIVERED;
	return role == ADDRESS_REPLY_TO ? INDEX_COLUMNS : INDEX_RECIPIENTS;
}

static bool
add_people(struct index *index, gint64 message, struct row *row, bool *whole, GError **error)
{
	static const struct query_text all = { "read people for the search",
		"SELECT role, name, address FROM address WHERE message = ? ORDER BY position" };
	struct query query;

	if (!query_open(&query, index->database, &all, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query)) {
		guint role = query_enum(&query, 0, ADDRESS_DELIVERED + 1);
		enum index_column column = column_of(role);
		if (column == INDEX_COLUMNS)
			continue;
		*whole = add_field(row, column, query_text(&query, 1)) && *whole;
		*whole = add_field(row, column, query_text(&query, 2)) && *whole;
	}
	return query_close(&query, error);
}

static bool
add_names(struct index *index, gint64 message, struct row *row, bool *whole, GError **error)
{
	static const struct query_text all = { "read file names for the search",
		"SELECT name FROM part WHERE message = ? AND name <> '' ORDER BY position" };
	struct query query;

	if (!query_open(&query, index->database, &all, VALUES(query_int_value(message)), error))
		return false;
	while (query_next(&query))
		*whole = add_field(row, INDEX_NAMES, query_text(&query, 0)) && *whole;
	return query_close(&query, error);
}

/* The fields of a message, of its rows alone. */
static struct row *
load_fields(struct index *index, gint64 message, gint64 doc, bool *whole, GError **error)
{
	static const struct query_text find = { "read a subject for the search",
		"SELECT subject FROM message WHERE id = ?" };
	struct row *row = row_new(doc);
	struct query query;

	*whole = true;
	bool right =
	    query_open(&query, index->database, &find, VALUES(query_int_value(message)), error);
	if (right) {
		if (query_next(&query))
			*whole = add_field(row, INDEX_SUBJECT, query_text(&query, 0));
		right = query_close(&query, error);
	}
	if (right && add_people(index, message, row, whole, error) &&
	    add_names(index, message, row, whole, error))
		return row;
	row_free(row);
	return NULL;
}

/* --- one message --- */

static bool
set_level(struct index *index, gint64 message, enum index_level level, GError **error)
{
	static const struct query_text update = { "record what can be searched",
		"UPDATE message SET indexed = ? WHERE id = ?" };

	return query_run(index->database, &update,
	    VALUES(query_int_value(level), query_int_value(message)), error);
}

struct state {
	gint64 doc;
	enum index_level level;
	bool copy;
};

static bool
read_state(struct index *index, gint64 message, struct state *out, GError **error)
{
	static const struct query_text find = { "read what can be searched",
		"SELECT coalesce(doc, 0), indexed, volume IS NOT NULL FROM message WHERE id = ?" };
	struct query query;

	*out = (struct state){ 0 };
	if (!query_open(&query, index->database, &find, VALUES(query_int_value(message)), error))
		return false;
	if (query_next(&query)) {
		out->doc = query_int(&query, 0);
		out->level = query_enum(&query, 1, INDEX_WHOLE + 1);
		out->copy = query_int(&query, 2) != 0;
	}
	return query_close(&query, error);
}

/* One that was put off, or NULL. */
static struct row *
pending_row(struct index *index, gint64 doc)
{
	for (guint i = 0; i < index->rows->len; i++) {
		struct row *row = index->rows->pdata[i];
		if (row->doc == doc && !row->remove)
			return row;
	}
	return NULL;
}

/* A late copy: what was there of it goes, and comes again with the texts. */
static bool
put_off_again(
    struct index *index, gint64 message, const struct state *state, struct row *row, GError **error)
{
	struct row *pending = pending_row(index, state->doc);
	bool young, whole;

	if (pending != NULL) {
		row->newcomer = pending->newcomer;
		g_ptr_array_remove(index->rows, pending);
		return true;
	}
	if (!settle_is_young(index->database, state->doc, &young, error))
		return false;
	if (!young) {
		row->newcomer = message;
		g_array_append_val(index->settled, state->doc);
		return true;
	}
	struct row *old = load_fields(index, message, state->doc, &whole, error);
	if (old == NULL)
		return false;
	old->remove = true;
	g_ptr_array_add(index->rows, old);
	return true;
}

bool
index_message(
    struct index *index, gint64 message, const struct verdict_terms *terms, GError **error)
{
	struct state state;
	bool whole;

	if (!read_state(index, message, &state, error))
		return false;
	bool texts = state.copy && terms->given;
	if (state.doc == 0 || state.level >= INDEX_CUT || (state.level == INDEX_FIELDS && !texts))
		return true;
	struct row *row = load_fields(index, message, state.doc, &whole, error);
	if (row == NULL)
		return false;
	row->newcomer = state.level == INDEX_NOTHING ? message : 0;
	if (state.level == INDEX_FIELDS && !put_off_again(index, message, &state, row, error))
		return row_free(row), false;
	if (texts) {
		g_string_assign(row->columns[INDEX_BODY], terms->body);
		g_string_assign(row->columns[INDEX_FILES], terms->files);
	}
	g_ptr_array_add(index->rows, row);
	enum index_level level = !texts                 ? INDEX_FIELDS
				 : terms->cut || !whole ? INDEX_CUT
							: INDEX_WHOLE;
	return set_level(index, message, level, error) &&
	       index_tags(index->database, message, state.doc, error);
}

/* --- words, so that parts of them are found --- */

static bool
learn_words(struct index *index, const struct row *row, GError **error)
{
	static const guint kinds[INDEX_COLUMNS] = { WORD_TEXT, WORD_TEXT, WORD_TEXT | WORD_SUBJECT,
		WORD_TEXT | WORD_NAMES, WORD_TEXT | WORD_PEOPLE, WORD_TEXT | WORD_PEOPLE,
		WORD_TEXT | WORD_PEOPLE };

	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		if (!index_words_learn(index->words, row->columns[i]->str, kinds[i], error))
			return false;
	}
	return true;
}

/* --- the end of a batch --- */

static gint
compare_docs(gconstpointer a, gconstpointer b)
{
	const struct row *one = *(struct row *const *)a, *other = *(struct row *const *)b;

	if (one->doc != other->doc)
		return one->doc < other->doc ? -1 : 1;
	return (gint)other->remove - (gint)one->remove;
}

static bool
put_row(struct index *index, const struct row *row, GError **error)
{
	static const struct query_text insert = { "index a message",
		"INSERT INTO term_index (rowid, body, files, subject, names, sender, recipients,"
		" delivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?)" };
	static const struct query_text remove = { "take a message out of the index",
		"INSERT INTO term_index (term_index, rowid, body, files, subject, names, sender,"
		" recipients, delivered) VALUES ('delete', ?, ?, ?, ?, ?, ?, ?, ?)" };
	struct query_value values[INDEX_COLUMNS + 2] = { query_int_value(row->doc) };

	for (guint i = 0; i < INDEX_COLUMNS; i++)
		values[i + 1] = query_text_value(row->columns[i]->str);
	values[INDEX_COLUMNS + 1] = (struct query_value){ .kind = QUERY_END };
	return query_run(index->database, row->remove ? &remove : &insert, values, error);
}

/*
 * Whoever adds a batch at a time makes a segment of each: one, where the words of a batch fit into
 * memory, and those merged sixteen at a time are written half as often as FTS5's four. Until they
 * settle there are some thirty to look into, at most.
 */
bool
index_tune(struct database *database, GError **error)
{
	static const struct query_text count = { "read how the index is kept",
		"SELECT count(*) FROM term_index_config WHERE (k = 'automerge' AND v = 16)"
		" OR (k = 'hashsize' AND v = 4194304)" };
	gint64 set = 0;

	return query_number(database, &count, NO_VALUES, &set, error) &&
	       (set == 2 ||
		   database_script(database, "say how the index is kept",
		       "BEGIN IMMEDIATE;"
		       "INSERT INTO term_index (term_index, rank) VALUES ('automerge', 16);"
		       "INSERT INTO term_index (term_index, rank) VALUES ('hashsize', 4194304);"
		       "COMMIT",
		       error));
}

/* By docs: rows that come out of order cost the index a segment each. */
bool
index_flush(struct index *index, GError **error)
{
	bool any = index->rows->len > 0;
	bool right = !any || (index_words_begin(index->words, error) &&
				 settle_remove(index->database, index->settled, NULL, error));

	g_ptr_array_sort(index->rows, compare_docs);
	for (guint i = 0; right && i < index->rows->len; i++) {
		struct row *row = g_ptr_array_index(index->rows, i);
		right = put_row(index, row, error) &&
			(row->remove || learn_words(index, row, error)) &&
			(row->newcomer == 0 ||
			    party_put(index->database, row->newcomer, row->doc, error));
	}
	right = right && (!any || index_words_end(index->words, error));
	g_ptr_array_set_size(index->rows, 0);
	g_array_set_size(index->settled, 0);
	index->grown = index->grown || any;
	return right;
}

bool
index_settle(struct index *index, GError **error)
{
	if (!index->grown || index->stays)
		return true;
	index->grown = false;
	bool right = settle_try(index->database, SETTLE_DOCS, &index->stays, error);
	index->stays = index->stays || !right;
	return right;
}

/* --- messages that are older than the search --- */

static bool
index_old(struct index *index, gint64 message, gint64 time, GError **error)
{
	static const struct query_text update = { "give an old message its doc",
		"UPDATE message SET doc = ? WHERE id = ?" };
	const struct verdict_terms none = { 0 };
	gint64 doc;

	return index_doc(index->database, time, &doc, error) &&
	       query_run(index->database, &update,
		   VALUES(query_int_value(doc), query_int_value(message)), error) &&
	       index_tags_old(index->database, message, doc, error) &&
	       index_message(index, message, &none, error);
}

struct old {
	gint64 id, time;
};

bool
index_backfill(struct index *index, guint n, bool *left, GError **error)
{
	static const struct query_text old = { "find messages that are older than the search",
		"SELECT id, coalesce(date, seen) FROM message WHERE doc IS NULL LIMIT ?" };
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct old));
	struct query query;
	bool right = true;

	if (!query_open(&query, index->database, &old, VALUES(query_int_value(n)), error))
		return false;
	while (query_next(&query)) {
		struct old one = { query_int(&query, 0), query_int(&query, 1) };
		g_array_append_val(found, one);
	}
	if (!query_close(&query, error))
		return false;
	for (guint i = 0; right && i < found->len; i++) {
		const struct old *one = &g_array_index(found, struct old, i);
		right = index_old(index, one->id, one->time, error);
	}
	*left = found->len == n;
	return right && index_flush(index, error);
}
