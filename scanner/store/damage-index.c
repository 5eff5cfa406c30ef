/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * damage-index - whether what the search's tables hold can be read as what they are to hold: pages
 * may be as SQLite wants them and their rows other bytes than were written, and what is not found
 * then is not there for a search. Reads alone.
 */
#include "store/damage.h"

#include <string.h>

#include "base/fault.h"
#include "store/block.h"
#include "store/new-words.h"
#include "store/posting.h"
#include "store/query.h"
#include "store/vocabulary.h"

/* --- what is young: tables of FTS5 --- */

/* How many words it says a message has: varints of SQLite, the high bits first. */
static guint64
sum_of_sizes(const guint8 *data, gsize size)
{
	guint64 sum = 0, number = 0;

	for (gsize i = 0; i < size; i++) {
		number = number << 7 | (data[i] & 0x7f);
		if ((data[i] & 0x80) != 0)
			continue;
		sum += number;
		number = 0;
	}
	return sum;
}

static bool
count_sizes(struct database *database, guint64 *out, GError **error)
{
	static const struct query_text all = { "read how long the texts of the index are",
		"SELECT sz FROM term_index_docsize" };
	struct query query;

	*out = 0;
	if (!query_open(&query, database, &all, NO_VALUES, error))
		return false;
	while (query_next(&query)) {
		gsize size;
		const guint8 *data = query_blob(&query, 0, &size);
		*out += sum_of_sizes(data, size);
	}
	return query_close(&query, error);
}

/* A window of this connection's own; the table itself is left as it is. */
static bool
open_window(struct database *database, const char *table, GError **error)
{
	g_autofree char *script = g_strdup_printf("PRAGMA query_only = OFF;"
						  "DROP TABLE IF EXISTS temp.damage_places;"
						  "CREATE VIRTUAL TABLE temp.damage_places"
						  " USING fts5vocab(main, %s, instance)",
	    table);
	bool right = database_script(database, "look into the index", script, error);

	return database_script(database, "look into the index", "PRAGMA query_only = ON",
		   right ? error : NULL) &&
	       right;
}

/* Each word of each message. */
static bool
count_places(struct database *database, const char *table, guint64 *places, GError **error)
{
	static const struct query_text all = { "read the index",
		"SELECT count(*) FROM temp.damage_places" };
	struct query query;

	if (!open_window(database, table, error) ||
	    !query_open(&query, database, &all, NO_VALUES, error))
		return false;
	if (query_next(&query))
		*places = (guint64)query_int(&query, 0);
	return query_close(&query, error);
}

static bool
look_at_young(struct database *database, const char *table, GError **error)
{
	guint64 places = 0, sizes = 0;

	if (!count_places(database, table, &places, error))
		return false;
	if (strcmp(table, "term_index") == 0) {
		if (!count_sizes(database, &sizes, error))
			return false;
	} else {
		sizes = places;
	}
	if (places == sizes)
		return true;
	g_set_error(error, FAULT, FAULT_DATA,
	    "it has %" G_GUINT64_FORMAT " words in place of %" G_GUINT64_FORMAT
	    ": search does not find all",
	    places, sizes);
	return false;
}

/* --- what is settled --- */

struct look {
	const struct block *block;
	struct posting *posting;
	GString *last;
};

static bool
look_at_key(const char *key, const guint8 *data, gsize size, void *user)
{
	struct look *look = user;
	struct posting_frame frame = block_frame(look->block, block_column(key));

	if (strcmp(key, look->last->str) <= 0)
		return false;
	g_string_assign(look->last, key);
	posting_clear(look->posting);
	return posting_read(data, size, &frame, NULL, look->posting);
}

static bool
look_at_blocks(struct database *database, GError **error)
{
	g_autoptr(GPtrArray) blocks = block_list(database, error);
	g_autoptr(posting) posting = posting_new();
	g_autoptr(GString) last = g_string_new(NULL);
	bool right = blocks != NULL;

	for (guint i = 0; right && i < blocks->len; i++) {
		struct look look = { blocks->pdata[i], posting, last };
		g_string_truncate(last, 0);
		right = block_load(database, blocks->pdata[i], error) &&
			block_scan(database, blocks->pdata[i], "", look_at_key, &look, error);
	}
	return right;
}

struct words {
	GString *last;
	bool fall; /* they do not rise */
};

static bool
look_at_word(const char *word, G_GNUC_UNUSED guint kinds, void *user)
{
	struct words *words = user;

	words->fall = strcmp(word, words->last->str) <= 0;
	g_string_assign(words->last, word);
	return !words->fall;
}

static bool
look_at_words(struct database *database, GError **error)
{
	g_autoptr(GString) last = g_string_new(NULL);
	struct words words = { .last = last };

	if (!vocabulary_begin(database, "", look_at_word, &words, error))
		return false;
	if (words.fall)
		g_set_error(error, FAULT, FAULT_DATA, "its words are in no order");
	return !words.fall;
}

static bool
pass_over(G_GNUC_UNUSED const char *word, G_GNUC_UNUSED guint kinds, G_GNUC_UNUSED void *user)
{
	return true;
}

static bool
look_at_new_words(struct database *database, GError **error)
{
	return new_words_within(database, "", pass_over, NULL, error);
}

static bool
look_inside(struct database *database, const char *table, GError **error)
{
	if (strcmp(table, "term_page") == 0)
		return look_at_blocks(database, error);
	if (strcmp(table, "word_page") == 0)
		return look_at_words(database, error);
	return strcmp(table, "word_new") == 0 ? look_at_new_words(database, error)
					      : look_at_young(database, table, error);
}

bool
damage_inside(struct database *database, const char *table, GError **error)
{
	static const char *const others[] = { "term_page", "word_page", "word_new", NULL };
	bool young = g_str_has_suffix(table, "_index");

	if (!young && !g_strv_contains(others, table))
		return true;
	/* Of one moment: mail may be recorded, or purged, beside. */
	if ((young && !open_window(database, table, error)) ||
	    !database_script(database, "look into the index", "BEGIN", error))
		return false;
	bool right = look_inside(database, table, error);
	database_rollback(database);
	return right;
}
