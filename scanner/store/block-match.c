/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never finds a message by half a phrase: all its words must stand in a row, in one column.
 */
#include "store/block-find.h"

#include <string.h>

#define WINDOW                                                                                     \
	1024 /* ranks with all words that are looked at first; then four times as many each time   \
	      */

static gsize
words_of(const struct block *block)
{
	return block->count / 64 + 1;
}

static guint64 *
bits_new(const struct block *block)
{
	return g_new0(guint64, words_of(block));
}

/* "word", or all that begins so. */
static char *
beginning_of(const struct block_expr *phrase, guint word)
{
	bool last = phrase->words[word + 1] == NULL;
	bool people = phrase->columns >> INDEX_COLUMNS != 0;

	return g_strconcat(people ? BLOCK_PEOPLE : "", phrase->words[word],
	    last && phrase->open ? NULL : BLOCK_END, NULL);
}

static bool
is_of(const struct block_expr *phrase, const char *key)
{
	guint column = block_column(key);

	return column <= INDEX_COLUMNS && (phrase->columns & (1u << column)) != 0;
}

/* --- single words --- */

struct marking {
	const struct block *block;
	const struct block_expr *phrase;
	guint64 *bits;
};

static bool
mark(const char *key, const guint8 *data, gsize size, void *user)
{
	const struct marking *marking = user;
	const struct posting_frame frame = block_frame(marking->block, block_column(key));

	return !is_of(marking->phrase, key) || posting_mark(data, size, &frame, marking->bits);
}

static bool
mark_word(struct block_match *match, const struct block_expr *phrase, guint word, guint64 *bits,
    GError **error)
{
	g_autofree char *beginning = beginning_of(phrase, word);
	struct marking marking = { match->block, phrase, bits };

	return block_scan(match->database, match->block, beginning, mark, &marking, error);
}

/* --- phrases of several words --- */

/* The places of one word in one column: several lists, where the word may go on. */
struct lists {
	GPtrArray *all[INDEX_COLUMNS]; /* of struct list */
};

struct list {
	struct posting *posting;
	guint *starts; /* of each rank's places */
	guint at;      /* the rank that was looked for last */
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

	if (!is_of(reading->phrase, key) || column >= INDEX_COLUMNS)
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

/* Where in a rising list; -1: it is not there. */
static gint64
position_of(const guint32 *numbers, guint n, guint32 number)
{
	guint low = 0, high = n;

	while (low < high) {
		guint middle = low + (high - low) / 2;
		if (numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && numbers[low] == number ? (gint64)low : -1;
}

/* Ranks are looked for rising. */
static bool
stands_at(const GPtrArray *lists, guint32 rank, guint32 place)
{
	for (guint i = 0; i < lists->len; i++) {
		struct list *list = lists->pdata[i];
		const GArray *ranks = list->posting->ranks;
		while (list->at < ranks->len && g_array_index(ranks, guint32, list->at) < rank)
			list->at++;
		if (list->at == ranks->len || g_array_index(ranks, guint32, list->at) != rank)
			continue;
		guint start = list->starts[list->at], n = list->starts[list->at + 1] - start;
		const guint32 *places = (const guint32 *)(void *)list->posting->places->data;
		if (position_of(places + start, n, place) >= 0)
			return true;
	}
	return false;
}

static void
rewind_lists(struct lists *lists, guint n, guint column)
{
	for (guint i = 0; i < n; i++) {
		for (guint j = 0; j < lists[i].all[column]->len; j++)
			((struct list *)lists[i].all[column]->pdata[j])->at = 0;
	}
}

/* Finds a phrase's places; what is done with each is one of these, the other NULL. */
struct phrase_sink {
	guint64 *bits;  /* ranks are marked */
	guint32 **sums; /* places are counted */
};

static void
match_list(const struct list *list, const struct lists *lists, guint n, guint column,
    const struct phrase_sink *sink)
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
			if (sink->sums != NULL) {
				sink->sums[column][rank]++;
				continue;
			}
			sink->bits[rank / 64] |= G_GUINT64_CONSTANT(1) << (rank % 64);
			break;
		}
	}
}

/* wanted: the ranks that are looked at. */
static bool
match_phrase(struct database *database, const struct block *block, const struct block_expr *phrase,
    const guint64 *wanted, const struct phrase_sink *sink, GError **error)
{
	guint n = g_strv_length(phrase->words);
	struct lists *lists = lists_new(n);
	bool right = true;

	for (guint i = 0; right && i < n; i++) {
		g_autofree char *beginning = beginning_of(phrase, i);
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

/* Once for a block; NULL after an error. */
static guint64 *
with_all_words(struct block_match *match, const struct block_expr *phrase, GError **error)
{
	guint64 **out = &match->nodes[phrase->number];

	if (*out != NULL)
		return *out;
	for (guint i = 0; phrase->words[i] != NULL; i++) {
		guint64 *bits = bits_new(match->block);
		if (!mark_word(match, phrase, i, bits, error)) {
			g_free(bits);
			g_clear_pointer(out, g_free);
			return NULL;
		}
		for (gsize j = 0; *out != NULL && j < words_of(match->block); j++)
			bits[j] &= (*out)[j];
		g_free(*out);
		*out = bits;
	}
	return *out;
}

/* Of bits, those of a window, whose ends are whole words of bits; NULL: there is none. */
static guint64 *
within(const struct block *block, const guint64 *bits, guint32 from, guint32 upto)
{
	guint64 *out = bits_new(block), any = 0;

	for (guint32 i = from / 64; i <= (upto - 1) / 64; i++) {
		out[i] = bits[i];
		any |= bits[i];
	}
	if (any == 0)
		g_clear_pointer(&out, g_free);
	return out;
}

static bool
mark_phrase(struct block_match *match, const struct block_expr *phrase, guint32 from, guint32 upto,
    guint64 *bits, GError **error)
{
	if (phrase->words[1] == NULL)
		return mark_word(match, phrase, 0, bits, error);

	const guint64 *all = with_all_words(match, phrase, error);
	if (all == NULL)
		return false;
	g_autofree guint64 *wanted = within(match->block, all, from, upto);
	return wanted == NULL || match_phrase(match->database, match->block, phrase, wanted,
				     &(struct phrase_sink){ .bits = bits }, error);
}

/* --- expressions --- */

static bool evaluate(struct block_match *match, const struct block_expr *expr, guint32 from,
    guint32 upto, guint64 *bits, GError **error);

/* What has no phrase in it is looked at once, and stays. */
static bool
evaluate_kept(struct block_match *match, const struct block_expr *expr, guint32 from, guint32 upto,
    guint64 *bits, GError **error)
{
	guint64 **kept = &match->nodes[expr->number];

	if (expr->windowed)
		return evaluate(match, expr, from, upto, bits, error);
	if (*kept == NULL) {
		*kept = bits_new(match->block);
		if (!evaluate(match, expr, 0, match->block->count, *kept, error)) {
			g_clear_pointer(kept, g_free);
			return false;
		}
	}
	for (gsize i = 0; i < words_of(match->block); i++)
		bits[i] |= (*kept)[i];
	return true;
}

/* Sets bits; of what is outside the window it may set some or none. */
static bool
evaluate(struct block_match *match, const struct block_expr *expr, guint32 from, guint32 upto,
    guint64 *bits, GError **error)
{
	bool (*side)(struct block_match *, const struct block_expr *, guint32, guint32, guint64 *,
	    GError **) = expr->windowed ? evaluate_kept : evaluate;

	if (expr->kind == BLOCK_EXPR_PHRASE)
		return mark_phrase(match, expr, from, upto, bits, error);
	if (expr->kind == BLOCK_EXPR_OR)
		return side(match, expr->one, from, upto, bits, error) &&
		       side(match, expr->other, from, upto, bits, error);

	g_autofree guint64 *one = bits_new(match->block), *other = bits_new(match->block);
	if (!side(match, expr->one, from, upto, one, error) ||
	    !side(match, expr->other, from, upto, other, error))
		return false;
	for (gsize i = 0; i < words_of(match->block); i++)
		bits[i] |= expr->kind == BLOCK_EXPR_AND ? one[i] & other[i] : one[i] & ~other[i];
	return true;
}

/* --- windows --- */

/* Ranks that may match, before places are looked at: more than do, never less. */
static bool
mark_possible(
    struct block_match *match, const struct block_expr *expr, guint64 *bits, GError **error)
{
	if (!expr->windowed)
		return evaluate_kept(match, expr, 0, match->block->count, bits, error);
	if (expr->kind == BLOCK_EXPR_PHRASE) {
		const guint64 *all = with_all_words(match, expr, error);
		for (gsize i = 0; all != NULL && i < words_of(match->block); i++)
			bits[i] |= all[i];
		return all != NULL;
	}
	if (expr->kind == BLOCK_EXPR_NOT)
		return mark_possible(match, expr->one, bits, error);
	g_autofree guint64 *one = bits_new(match->block), *other = bits_new(match->block);
	if (!mark_possible(match, expr->one, one, error) ||
	    !mark_possible(match, expr->other, other, error))
		return false;
	for (gsize i = 0; i < words_of(match->block); i++)
		bits[i] |= expr->kind == BLOCK_EXPR_AND ? one[i] & other[i] : one[i] | other[i];
	return true;
}

/* From where on `match->window` ranks below upto may match: the fewer do, the more are looked at.
 */
static bool
window_below(struct block_match *match, guint32 upto, guint32 *from, GError **error)
{
	guint32 found = 0;

	*from = 0;
	if (!match->expr->windowed)
		return true;
	if (match->possible == NULL) {
		match->possible = bits_new(match->block);
		if (!mark_possible(match, match->expr, match->possible, error)) {
			g_clear_pointer(&match->possible, g_free);
			return false;
		}
	}
	for (guint32 i = (upto + 63) / 64; i > 0 && *from == 0; i--) {
		found += (guint32)__builtin_popcountll(match->possible[i - 1]);
		if (found >= match->window)
			*from = (i - 1) * 64;
	}
	return true;
}

struct block_match *
block_match_new(
    struct database *database, struct block *block, const struct block_expr *expr, guint nodes)
{
	struct block_match *match = g_new0(struct block_match, 1);

	*match = (struct block_match){ .database = database,
		.block = block,
		.expr = expr,
		.n = nodes,
		.nodes = g_new0(guint64 *, nodes),
		.bits = bits_new(block),
		.from = block->count,
		.window = WINDOW };
	return match;
}

void
block_match_free(struct block_match *match)
{
	if (match == NULL)
		return;
	for (guint i = 0; i < match->n; i++)
		g_free(match->nodes[i]);
	g_free(match->nodes);
	g_free(match->possible);
	g_free(match->bits);
	g_free(match);
}

bool
block_match_more(struct block_match *match, GError **error)
{
	g_autofree guint64 *bits = bits_new(match->block);
	guint32 upto = match->from;
	guint32 from; /* of whole words of bits, so that windows do not share one */

	if (!block_load(match->database, match->block, error) ||
	    !window_below(match, upto, &from, error) ||
	    !evaluate(match, match->expr, from, upto, bits, error))
		return false;
	for (guint32 i = from / 64; i < words_of(match->block) && i * 64 < upto; i++)
		match->bits[i] = bits[i];
	match->from = from;
	match->window = MIN(match->window, G_MAXUINT32 / 4) * 4;
	return true;
}

/* --- how often --- */

struct counting {
	const struct block *block;
	const struct block_expr *phrase;
	guint32 **sums;
};

static bool
count_key(const char *key, const guint8 *data, gsize size, void *user)
{
	const struct counting *counting = user;
	guint column = block_column(key);
	const struct posting_frame frame = block_frame(counting->block, column);

	return !is_of(counting->phrase, key) || column >= INDEX_COLUMNS ||
	       posting_count(data, size, &frame, counting->sums[column]);
}

static bool
count_phrase(struct database *database, struct block *block, const struct block_expr *phrase,
    const guint64 *wanted, guint32 **sums, GError **error)
{
	if (phrase->words[1] != NULL)
		return match_phrase(
		    database, block, phrase, wanted, &(struct phrase_sink){ .sums = sums }, error);

	g_autofree char *beginning = beginning_of(phrase, 0);
	struct counting counting = { block, phrase, sums };
	return block_scan(database, block, beginning, count_key, &counting, error);
}

bool
block_match_count(struct database *database, struct block *block, const struct block_expr *expr,
    const guint64 *wanted, guint32 **sums, GError **error)
{
	if (expr->kind == BLOCK_EXPR_PHRASE)
		return count_phrase(database, block, expr, wanted, sums, error);
	return block_match_count(database, block, expr->one, wanted, sums, error) &&
	       block_match_count(database, block, expr->other, wanted, sums, error);
}
