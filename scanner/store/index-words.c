/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never passes over a word that the database may not have: one that was forgotten is written once
 * more, and no harm done.
 */
#include "store/index-words.h"

#include "mail/terms.h"
#include "store/lexicon.h"
#include "store/new-words.h"
#include "store/query.h"

#define WORD_MIN 3     /* characters: shorter ones have no three neighbours */
#define LONGS    16384 /* words that are too long for the lexicon, at most */

struct index_words {
	struct database *database;
	struct lexicon *known; /* kinds of words that are in the database */
	GHashTable *longs;     /* the same of longer ones */
	bool has_new;          /* all of store/new-words are among them */
	bool any_settled;      /* store/vocabulary has some */
	gint64 purges;         /* when they were read: a purge takes words out */
	GString *packet;       /* those that come */
	/* Told, and not looked for yet; that with number n is at n % LEXICON_AHEAD. */
	struct {
		struct lexicon_word word;
		guint kinds;
	} ahead[LEXICON_AHEAD];
	guint64 told, learned;
};

struct index_words *
index_words_new(struct database *database)
{
	struct index_words *words = g_new0(struct index_words, 1);

	words->database = database;
	words->known = lexicon_new();
	words->longs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	words->packet = g_string_new(NULL);
	return words;
}

void
index_words_free(struct index_words *words)
{
	if (words == NULL)
		return;
	lexicon_free(words->known);
	g_hash_table_unref(words->longs);
	g_string_free(words->packet, TRUE);
	g_free(words);
}

void
index_words_forget(struct index_words *words)
{
	lexicon_forget(words->known);
	g_hash_table_remove_all(words->longs);
	words->has_new = false;
	words->learned = words->told;
	g_string_truncate(words->packet, 0);
}

/* --- what is known --- */

static guint
find(const struct index_words *words, const struct lexicon_word *word)
{
	if (word->size <= LEXICON_WORD)
		return lexicon_find(words->known, word);
	g_autofree char *term = g_strndup(word->text, word->size);
	return GPOINTER_TO_UINT(g_hash_table_lookup(words->longs, term));
}

static void
remember(struct index_words *words, const struct lexicon_word *word, guint kinds)
{
	if (word->size <= LEXICON_WORD) {
		lexicon_learn(words->known, word, (guint8)kinds);
		return;
	}
	kinds |= find(words, word);
	if (g_hash_table_size(words->longs) >= LONGS)
		g_hash_table_remove_all(words->longs);
	g_hash_table_replace(
	    words->longs, g_strndup(word->text, word->size), GUINT_TO_POINTER(kinds));
}

static bool
know(const char *term, guint kinds, void *user)
{
	struct index_words *words = user;
	struct lexicon_word word;
	const char *at = term;

	if (lexicon_next(words->known, &at, &word))
		remember(words, &word, kinds);
	return true;
}

/* Whoever purges is another process. */
static bool
look_for_purges(struct index_words *words, GError **error)
{
	static const struct query_text count = { "ask how often words were purged",
		"SELECT purges FROM search_state" };
	gint64 purges = 0;

	if (!query_number(words->database, &count, NO_VALUES, &purges, error))
		return false;
	if (purges != words->purges)
		index_words_forget(words);
	words->purges = purges;
	return true;
}

bool
index_words_begin(struct index_words *words, GError **error)
{
	static const struct query_text find = { "ask whether words are settled",
		"SELECT EXISTS (SELECT 1 FROM word_page)" };
	gint64 any = 0;

	words->learned = words->told;
	g_string_truncate(words->packet, 0);
	if (!look_for_purges(words, error) ||
	    !query_number(words->database, &find, NO_VALUES, &any, error))
		return false;
	words->any_settled = any != 0;
	words->has_new =
	    words->has_new || new_words_within(words->database, "", know, words, error);
	return words->has_new;
}

/* --- words that come --- */

static bool
learn(struct index_words *words, const struct lexicon_word *word, guint kinds, GError **error)
{
	guint settled = 0;

	if ((find(words, word) & kinds) == kinds)
		return true;
	g_autofree char *term = words->any_settled ? g_strndup(word->text, word->size) : NULL;
	if (term != NULL && !vocabulary_find(words->database, term, &settled, error))
		return false;
	if ((settled & kinds) != kinds)
		new_words_add(words->packet, word->text, word->size, kinds);
	remember(words, word, kinds);
	return true;
}

/* The first of those that were told. */
static bool
learn_first(struct index_words *words, GError **error)
{
	guint at = words->learned++ % LEXICON_AHEAD;

	return learn(words, &words->ahead[at].word, words->ahead[at].kinds, error);
}

bool
index_words_learn(struct index_words *words, const char *text, guint kinds, GError **error)
{
	struct lexicon_word word;

	while (lexicon_next(words->known, &text, &word)) {
		if (word.size > TERMS_WORD_MAX || word.characters < WORD_MIN)
			continue;
		if (words->told - words->learned == LEXICON_AHEAD && !learn_first(words, error))
			return false;
		guint at = words->told++ % LEXICON_AHEAD;
		words->ahead[at].word = word;
		words->ahead[at].kinds = kinds;
	}
	return true;
}

bool
index_words_end(struct index_words *words, GError **error)
{
	bool right = true;

	while (right && words->learned < words->told)
		right = learn_first(words, error);
	right = right && new_words_put(words->database, words->packet, error);
	g_string_truncate(words->packet, 0);
	return right;
}
