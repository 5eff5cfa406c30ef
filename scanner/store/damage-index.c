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
#include "store/vocabulary.h"

/* --- blocks --- */

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
	return look_at_new_words(database, error);
}

bool
damage_inside(struct database *database, const char *table, GError **error)
{
	static const char *const tables[] = { "term_page", "word_page", "word_new", NULL };

	if (!g_strv_contains(tables, table))
		return true;
	/* Of one moment: mail may be recorded, or purged, beside. */
	if (!database_script(database, "look into the index", "BEGIN", error))
		return false;
	bool right = look_inside(database, table, error);
	database_rollback(database);
	return right;
}
