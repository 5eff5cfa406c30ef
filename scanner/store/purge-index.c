/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes out what was not read from the index itself: FTS5 believes what it is told, and words
 * that were never there would damage it.
 */
#include "store/purge-index.h"

#include <string.h>

#include "mail/terms.h"
#include "store/index.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/settle.h"
#include "store/vocabulary.h"

#define MERGE_PAGES 500 /* of the index, in a slice */

struct purge_words {
	GHashTable *docs; /* gint64 * -> struct columns */
	GHashTable *gone; /* words of docs that were taken out */
	GArray *settled;  /* docs that are still to be taken out of blocks */
};

struct columns {
	gint64 level;
	GString *words[INDEX_COLUMNS];
};

static void
columns_free(gpointer data)
{
	struct columns *columns = data;

	for (guint i = 0; i < INDEX_COLUMNS; i++)
		g_string_free(columns->words[i], TRUE);
	g_free(columns);
}

void
purge_words_free(struct purge_words *words)
{
	if (words == NULL)
		return;
	g_hash_table_unref(words->docs);
	g_hash_table_unref(words->gone);
	g_array_unref(words->settled);
	g_free(words);
}

/* *least and *most: between which docs to look. */
static struct purge_words *
words_new(const GArray *docs, gint64 *least, gint64 *most)
{
	struct purge_words *words = g_new0(struct purge_words, 1);

	words->docs = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, columns_free);
	words->gone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	words->settled = g_array_new(FALSE, FALSE, sizeof(gint64));
	*least = G_MAXINT64;
	*most = 0;
	for (guint i = 0; i < docs->len; i++) {
		const struct purge_doc *one = &g_array_index(docs, struct purge_doc, i);
		gint64 doc = one->doc;
		struct columns *columns = g_new0(struct columns, 1);
		columns->level = one->level;
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			columns->words[j] = g_string_new(NULL);
		g_hash_table_insert(words->docs, g_memdup2(&doc, sizeof doc), columns);
		*least = MIN(*least, doc);
		*most = MAX(*most, doc);
	}
	return words;
}

static void
add_word(struct purge_words *words, gint64 doc, const char *column, const char *term)
{
	struct columns *columns = g_hash_table_lookup(words->docs, &doc);

	for (guint i = 0; columns != NULL && i < INDEX_COLUMNS; i++) {
		if (strcmp(column, index_columns[i]) != 0)
			continue;
		g_string_append(columns->words[i], term);
		g_string_append_c(columns->words[i], ' ');
	}
}

struct purge_words *
purge_words_read(struct database *database, const GArray *docs, GError **error)
{
	static const struct query_text all = { "read words back from the index",
		"SELECT doc, col, term FROM temp.term_places WHERE doc >= ? AND doc <= ?" };
	gint64 least, most;
	g_autoptr(purge_words) words = words_new(docs, &least, &most);
	struct query query;

	if (!database_script(database, "look into the index",
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.term_places"
		" USING fts5vocab(main, term_index, instance);"
		"CREATE VIRTUAL TABLE IF NOT EXISTS temp.term_docs"
		" USING fts5vocab(main, term_index, row);",
		error) ||
	    !query_open(&query, database, &all,
		VALUES(query_int_value(least), query_int_value(most)), error))
		return NULL;
	while (query_next(&query))
		add_word(words, query_int(&query, 0), query_text(&query, 1), query_text(&query, 2));
	return query_close(&query, error) ? g_steal_pointer(&words) : NULL;
}

bool
purge_words_are_of(const struct purge_words *words, const struct purge_doc *doc)
{
	const struct columns *columns = g_hash_table_lookup(words->docs, &doc->doc);

	return columns != NULL && columns->level == doc->level;
}

static void
note_gone(struct purge_words *words, const char *text)
{
	g_auto(GStrv) all = g_strsplit(text, " ", -1);

	for (guint i = 0; all[i] != NULL; i++) {
		if (all[i][0] != '\0')
			g_hash_table_add(words->gone, g_strdup(all[i]));
	}
}

bool
purge_words_take_out(
    struct purge_words *words, struct database *database, gint64 doc, GError **error)
{
	static const struct query_text remove = { "take a message out of the index",
		"INSERT INTO term_index (term_index, rowid, body, files, subject, names, sender,"
		" recipients, delivered) VALUES ('delete', ?, ?, ?, ?, ?, ?, ?, ?)" };
	struct columns *columns = g_hash_table_lookup(words->docs, &doc);
	struct query_value values[INDEX_COLUMNS + 2] = { query_int_value(doc) };
	bool young;

	if (columns == NULL)
		return true;
	if (!settle_is_young(database, doc, &young, error))
		return false;
	if (!young) {
		g_array_append_val(words->settled, doc);
		return true;
	}
	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		values[i + 1] = query_text_value(columns->words[i]->str);
		note_gone(words, columns->words[i]->str);
	}
	values[INDEX_COLUMNS + 1] = (struct query_value){ .kind = QUERY_END };
	return query_run(database, &remove, values, error);
}

static bool
is_known(struct database *database, const char *term, bool *known, GError **error)
{
	static const struct query_text find = { "look whether a message has a word",
		"SELECT doc FROM temp.term_docs WHERE term = ?" };
	gint64 docs = 0;

	if (!query_number(database, &find, VALUES(query_text_value(term)), &docs, error) ||
	    !settle_has_word(database, term, known, error))
		return false;
	*known = *known || docs > 0;
	return true;
}

/* Leaves those in gone that no message has any more. */
static bool
forget_words(struct database *database, GHashTable *gone, GError **error)
{
	g_autoptr(GList) all = g_hash_table_get_keys(gone);
	bool right = true, known;

	for (GList *at = all; right && at != NULL; at = at->next) {
		right = is_known(database, at->data, &known, error);
		if (right && known)
			g_hash_table_remove(gone, at->data);
	}
	return right && new_words_remove(database, gone, error) &&
	       vocabulary_remove(database, gone, error);
}

bool
purge_words_forget(struct purge_words *words, struct database *database, GError **error)
{
	/* Whoever writes keeps words in memory: he looks at this number. */
	static const struct query_text count = { "count a purge",
		"UPDATE search_state SET purges = purges + 1" };
	bool right = settle_drop_unfinished(database, error) &&
		     settle_remove(database, words->settled, words->gone, error) &&
		     query_run(database, &count, NO_VALUES, error) &&
		     forget_words(database, words->gone, error);

	g_array_set_size(words->settled, 0);
	g_hash_table_remove_all(words->gone);
	return right;
}

static bool
merge(struct database *database, const char *table, gint64 pages, bool *more, GError **error)
{
	g_autofree char *sql =
	    g_strdup_printf("INSERT INTO %s (%s, rank) VALUES ('merge', %" G_GINT64_FORMAT ")",
		table, table, pages);
	int before = sqlite3_total_changes(database->handle);

	if (!database_script(database, "merge the index", sql, error))
		return false;
	/* FTS5 says so: fewer than two changes, and there was nothing to do. */
	*more = sqlite3_total_changes(database->handle) - before >= 2;
	return true;
}

bool
purge_index_merge(struct database *database, bool begin, bool *more, GError **error)
{
	gint64 pages = begin ? -MERGE_PAGES : MERGE_PAGES;
	static const char *const tables[] = { "term_index", "party_index" };
	bool one = false;

	*more = false;
	for (guint i = 0; i < G_N_ELEMENTS(tables); i++) {
		if (!merge(database, tables[i], pages, &one, error))
			return false;
		*more = *more || one;
	}
	return true;
}
