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

/* --- places of words --- */

/* The places of one word in one column: several lists, where the word may go on. */
struct lists {
	GPtrArray *all[INDEX_COLUMNS]; /* of struct list */
};

struct list {
	struct posting *posting;
	guint *starts; /* of each rank's places */
	guint at;      /* the rank that was looked for last */
	guint place;   /* and the place: both are looked for rising */
};

static void
list_free(gpointer data)
{
	struct list *list = data;

	posting_free(list->posting);
	g_free(list->starts);
	g_free(list);
}

static void
list_add(GPtrArray *lists, struct posting *posting)
{
	struct list *list = g_new0(struct list, 1);
	guint start = 0;

	list->posting = posting;
	list->starts = g_new(guint, posting->ranks->len + 1);
	for (guint i = 0; i < posting->ranks->len; i++) {
		list->starts[i] = start;
		start += g_array_index(posting->counts, guint32, i);
	}
	list->starts[posting->ranks->len] = start;
	g_ptr_array_add(lists, list);
}

struct reading {
	const struct block *block;
	const struct block_expr *phrase;
	struct lists *lists;
	const guint64 *wanted;
};

static bool
read_list(const char *key, const guint8 *data, gsize size, void *user)
{
	const struct reading *reading = user;
	guint column = block_column(key);
	const struct posting_frame frame = block_frame(reading->block, column);

	if (!block_phrase_has(reading->phrase, key) || column >= INDEX_COLUMNS)
		return true;
	struct posting *posting = posting_new();
	bool right = posting_read(data, size, &frame, reading->wanted, posting);
	list_add(reading->lists->all[column], posting);
	return right;
}

static struct lists *
lists_new(guint n)
{
	struct lists *lists = g_new0(struct lists, n);

	for (guint i = 0; i < n; i++) {
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			lists[i].all[j] = g_ptr_array_new_with_free_func(list_free);
	}
	return lists;
}

static void
lists_free(struct lists *lists, guint n)
{
	for (guint i = 0; i < n; i++) {
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			g_ptr_array_unref(lists[i].all[j]);
	}
	g_free(lists);
}

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

static void
rewind_lists(struct lists *lists, guint n, guint column)
{
	for (guint i = 0; i < n; i++) {
		for (guint j = 0; j < lists[i].all[column]->len; j++) {
			struct list *list = lists[i].all[column]->pdata[j];
			list->at = list->place = 0;
		}
	}
}

static void
match_list(const struct list *list, const struct lists *lists, guint n, guint column,
    const struct block_phrase_sink *sink)
{
	const struct posting *posting = list->posting;

	for (guint i = 0; i < posting->ranks->len; i++) {
		guint32 rank = g_array_index(posting->ranks, guint32, i);
		for (guint j = list->starts[i]; j < list->starts[i + 1]; j++) {
			guint32 place = g_array_index(posting->places, guint32, j);
			guint k = 1;
			while (k < n && stands_at(lists[k].all[column], rank, place + k))
				k++;
			if (k < n)
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
block_phrase_match(struct database *database, const struct block *block,
    const struct block_expr *phrase, const guint64 *wanted, const struct block_phrase_sink *sink,
    GError **error)
{
	guint n = g_strv_length(phrase->words);
	struct lists *lists = lists_new(n);
	bool right = true;

	for (guint i = 0; right && i < n; i++) {
		g_autofree char *beginning = block_phrase_begins(phrase, i);
		struct reading reading = { block, phrase, &lists[i], wanted };
		right = block_scan(database, block, beginning, read_list, &reading, error);
	}
	for (guint column = 0; right && column < INDEX_COLUMNS; column++) {
		for (guint i = 0; i < lists[0].all[column]->len; i++) {
			rewind_lists(lists, n, column);
			match_list(lists[0].all[column]->pdata[i], lists, n, column, sink);
		}
	}
	lists_free(lists, n);
	return right;
}
