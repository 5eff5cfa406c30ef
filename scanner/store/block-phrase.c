/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never takes half a phrase for one: all its words must stand in a row, in one column.
 */
#include "store/block-phrase.h"

char *
block_phrase_begins(const struct block_expr *phrase, guint word)
{
	bool last = phrase->words[word + 1] == NULL;
	bool people = phrase->columns >> INDEX_COLUMNS != 0;

	return g_strconcat(people ? BLOCK_PEOPLE : "", phrase->words[word],
	    last && phrase->open ? NULL : BLOCK_END, NULL);
}

bool
block_phrase_has(const struct block_expr *phrase, const char *key)
{
	guint column = block_column(key);

	return column <= INDEX_COLUMNS && (phrase->columns & (1u << column)) != 0;
}

/* --- the lists of its words --- */

/* The places of one word in one column. */
struct list {
	struct posting_list *source;
	gint64 page; /* where it stands */
	gsize page_at;
	struct posting *posting; /* of a window */
	guint *starts;           /* of each rank's places in it */
	guint at;                /* the rank that was looked for last */
	guint place;             /* and the place: both are looked for rising */
};

struct word {
	GPtrArray *lists[INDEX_COLUMNS]; /* of struct list; several, where the word may go on */
};

struct block_phrase {
	struct database *database;
	const struct block *block;
	const struct block_expr *expr;
	guint n; /* words */
	struct word *words;
	bool is_read;
	guint64 *all; /* NULL: not asked for yet */
};

static void
list_free(gpointer data)
{
	struct list *list = data;

	posting_list_free(list->source);
	posting_free(list->posting);
	g_free(list->starts);
	g_free(list);
}

struct block_phrase *
block_phrase_new(
    struct database *database, const struct block *block, const struct block_expr *expr)
{
	struct block_phrase *phrase = g_new0(struct block_phrase, 1);

	phrase->database = database;
	phrase->block = block;
	phrase->expr = expr;
	phrase->n = g_strv_length(expr->words);
	phrase->words = g_new0(struct word, phrase->n);
	for (guint i = 0; i < phrase->n; i++) {
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			phrase->words[i].lists[j] = g_ptr_array_new_with_free_func(list_free);
	}
	return phrase;
}

void
block_phrase_free(struct block_phrase *phrase)
{
	if (phrase == NULL)
		return;
	for (guint i = 0; i < phrase->n; i++) {
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			g_ptr_array_unref(phrase->words[i].lists[j]);
	}
	g_free(phrase->words);
	g_free(phrase->all);
	g_free(phrase);
}

struct reading {
	const struct block_phrase *phrase;
	const struct word *word;
};

static bool
read_list(const struct block_entry *entry, void *user)
{
	const struct reading *reading = user;
	guint column = block_column(entry->key);

	if (!block_phrase_has(reading->phrase->expr, entry->key) || column >= INDEX_COLUMNS)
		return true;
	const struct posting_frame frame = block_frame(reading->phrase->block, column);
	struct posting_list *source =
	    posting_list_new(entry->data, entry->size, entry->whole, &frame);
	if (source == NULL)
		return false;
	struct list *list = g_new0(struct list, 1);
	list->source = source;
	list->page = entry->page;
	list->page_at = entry->at;
	list->posting = posting_new();
	list->starts = g_new(guint, source->ranks->len + 1);
	g_ptr_array_add(reading->word->lists[column], list);
	return true;
}

static void
forget_words(struct block_phrase *phrase)
{
	for (guint i = 0; i < phrase->n; i++) {
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			g_ptr_array_set_size(phrase->words[i].lists[j], 0);
	}
	phrase->is_read = false;
}

static bool
read_words(struct block_phrase *phrase, GError **error)
{
	for (guint i = 0; !phrase->is_read && i < phrase->n; i++) {
		g_autofree char *beginning = block_phrase_begins(phrase->expr, i);
		struct reading reading = { phrase, &phrase->words[i] };
		if (!block_scan_entries(
			phrase->database, phrase->block, beginning, read_list, &reading, error)) {
			forget_words(phrase);
			return false;
		}
	}
	phrase->is_read = true;
	return true;
}

static void
mark_word(const struct word *word, guint64 *bits)
{
	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		for (guint j = 0; j < word->lists[i]->len; j++) {
			const struct list *list = word->lists[i]->pdata[j];
			const GArray *ranks = list->source->ranks;
			for (guint k = 0; k < ranks->len; k++) {
				guint32 rank = g_array_index(ranks, guint32, k);
				bits[rank / 64] |= G_GUINT64_CONSTANT(1) << (rank % 64);
			}
		}
	}
}

const guint64 *
block_phrase_all(struct block_phrase *phrase, GError **error)
{
	gsize words = block_words(phrase->block);

	if (phrase->all != NULL)
		return phrase->all;
	if (!read_words(phrase, error))
		return NULL;
	for (guint i = 0; i < phrase->n; i++) {
		guint64 *bits = block_bits_new(phrase->block);
		mark_word(&phrase->words[i], bits);
		for (gsize j = 0; phrase->all != NULL && j < words; j++)
			bits[j] &= phrase->all[j];
		g_free(phrase->all);
		phrase->all = bits;
	}
	if (phrase->expr->open)
		forget_words(phrase);
	return phrase->all;
}

/* --- where it stands --- */

/* To the rank's places, or those of the first one above it. */
static void
list_seek(struct list *list, guint32 rank)
{
	const GArray *ranks = list->posting->ranks;
	guint before = list->at;

	while (list->at < ranks->len && g_array_index(ranks, guint32, list->at) < rank)
		list->at++;
	if (list->at != before)
		list->place = list->starts[list->at];
}

/* Ranks are looked for rising, and the places of each. */
static bool
stands_at(const GPtrArray *lists, guint32 rank, guint32 place)
{
	bool stands = false;

	for (guint i = 0; i < lists->len && !stands; i++) {
		struct list *list = lists->pdata[i];
		const struct posting *posting = list->posting;
		list_seek(list, rank);
		if (list->at == posting->ranks->len ||
		    g_array_index(posting->ranks, guint32, list->at) != rank)
			continue;
		const guint32 *places = (const guint32 *)(void *)posting->places->data;
		guint end = list->starts[list->at + 1];
		while (list->place < end && places[list->place] < place)
			list->place++;
		stands = list->place < end && places[list->place] == place;
	}
	return stands;
}

/* Ranks from <= rank < upto, of which those are looked at that have their bits. */
struct window {
	guint32 from, upto;
	const guint64 *bits;
};

static bool
list_fill(struct list *list, struct database *database, const struct window *window, GError **error)
{
	g_autoptr(block_reader) reader = NULL;
	gsize begin, end;
	guint stride = 0;

	while (posting_list_lacks(
	    list->source, window->from, window->upto, window->bits, &stride, &begin, &end)) {
		if (reader == NULL)
			reader = block_reader_open(database, list->page, error);
		if (reader == NULL ||
		    !block_reader_get(reader, list->page_at + begin,
			posting_list_fill(list->source, begin, end), end - begin, error))
			return false;
	}
	return true;
}

/* Their places in a window, from its beginning. */
static bool
list_read(struct list *list, const struct window *window)
{
	const struct posting *posting = list->posting;
	guint start = 0;

	if (!posting_list_read(
		list->source, window->from, window->upto, window->bits, list->posting))
		return false;
	for (guint i = 0; i < posting->ranks->len; i++) {
		list->starts[i] = start;
		start += g_array_index(posting->counts, guint32, i);
	}
	list->starts[posting->ranks->len] = start;
	list->at = list->place = 0;
	return true;
}

static bool
read_window(
    const struct block_phrase *phrase, guint column, const struct window *window, GError **error)
{
	for (guint i = 0; i < phrase->n; i++) {
		const GPtrArray *lists = phrase->words[i].lists[column];
		for (guint j = 0; j < lists->len; j++) {
			if (!list_fill(lists->pdata[j], phrase->database, window, error))
				return false;
			if (!list_read(lists->pdata[j], window))
				return block_damaged(phrase->block, error);
		}
		if (lists->len == 0)
			return true;
	}
	return true;
}

static void
match_list(const struct list *list, const struct block_phrase *phrase, guint column,
    const struct block_phrase_sink *sink)
{
	const struct posting *posting = list->posting;

	for (guint i = 0; i < posting->ranks->len; i++) {
		guint32 rank = g_array_index(posting->ranks, guint32, i);
		for (guint j = list->starts[i]; j < list->starts[i + 1]; j++) {
			guint32 place = g_array_index(posting->places, guint32, j);
			guint k = 1;
			while (k < phrase->n &&
			       stands_at(phrase->words[k].lists[column], rank, place + k))
				k++;
			if (k < phrase->n)
				continue;
			if (sink->wanted != NULL) {
				block_wanted_count(sink->wanted, column, rank, 1);
				continue;
			}
			sink->bits[rank / 64] |= G_GUINT64_CONSTANT(1) << (rank % 64);
			break;
		}
	}
}

bool
block_phrase_match(struct block_phrase *phrase, guint32 from, guint32 upto,
    const guint64 *looked_at, const struct block_phrase_sink *sink, GError **error)
{
	const struct window window = { from, upto, looked_at };
	bool right = true;

	if (!read_words(phrase, error))
		return false;
	for (guint column = 0; right && column < INDEX_COLUMNS; column++) {
		const GPtrArray *lists = phrase->words[0].lists[column];
		right = read_window(phrase, column, &window, error);
		for (guint i = 0; right && i < lists->len; i++)
			match_list(lists->pdata[i], phrase, column, sink);
	}
	if (phrase->expr->open)
		forget_words(phrase);
	return right;
}

/* --- all of a search --- */

struct block_phrases {
	GHashTable *all; /* by block, columns and words */
};

static void
free_phrase(gpointer data)
{
	block_phrase_free(data);
}

struct block_phrases *
block_phrases_new(void)
{
	struct block_phrases *phrases = g_new(struct block_phrases, 1);

	phrases->all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_phrase);
	return phrases;
}

void
block_phrases_free(struct block_phrases *phrases)
{
	if (phrases == NULL)
		return;
	g_hash_table_unref(phrases->all);
	g_free(phrases);
}

struct block_phrase *
block_phrases_get(struct block_phrases *phrases, struct database *database,
    const struct block *block, const struct block_expr *expr)
{
	g_autofree char *words = g_strjoinv(" ", expr->words);
	g_autofree char *key = g_strdup_printf(
	    "%" G_GINT64_FORMAT " %x %d %s", block->id, expr->columns, expr->open ? 1 : 0, words);
	struct block_phrase *phrase = g_hash_table_lookup(phrases->all, key);

	if (phrase != NULL)
		return phrase;
	phrase = block_phrase_new(database, block, expr);
	g_hash_table_insert(phrases->all, g_steal_pointer(&key), phrase);
	return phrase;
}
