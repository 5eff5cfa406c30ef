/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From each word of a text on, its words are put together until they are no longer the beginning of
 * any value, which a filter says after one or two hashes. What is a value is noted for each row
 * that has it; now and then the notes are sorted by row, and rows with enough columns close
 * together are found. Notes and time are bounded, whatever a text repeats.
 */
#include "rules/edm.h"

#include <stdlib.h>
#include <string.h>

#include "rules/data-inside.h"
#include "rules/folded.h"

#define NOTES_MAX  200000 /* sorted at once */
#define LOOK_EVERY 1024   /* words between two looks at the clock */

/* A value of a row in the text. */
struct note {
	guint32 row;
	guint8 column;
	bool is_used;     /* of a match that was told */
	guint64 from, to; /* characters */
	gsize start, end; /* bytes */
};

struct search {
	const struct data *data;
	const struct edm_query *query;
	GArray *notes;   /* of struct note */
	GArray *matches; /* of struct edm_match */
	/* The next words of the text, the first at ring[head]. */
	struct folded_word ring[EDM_WORDS_MAX];
	guint head, count;
};

static guint64
hash_of_prefix(const struct keyed *keyed, const char *value, gsize length)
{
	char prefix[EDM_PREFIX + 1];
	gsize used = MIN(length, (gsize)EDM_PREFIX);

	/* Another first byte than a value's own hash has: the two are not to tell of each other. */
	prefix[0] = '\xff';
	memcpy(prefix + 1, value, used);
	return keyed_hash(keyed, prefix, used + 1);
}

bool
edm_add(struct data_maker *maker, guint row, guint column, const char *value)
{
	guint words;
	g_autofree char *folded = folded_value(value, &words);
	gsize length = strlen(folded);

	if (length < EDM_VALUE_MIN || length > EDM_VALUE_MAX || words > EDM_WORDS_MAX)
		return false;
	const struct keyed *keyed = data_maker_keyed(maker);
	data_maker_mark(maker, hash_of_prefix(keyed, folded, length));
	data_maker_add(maker, keyed_hash(keyed, folded, length), DATA_CELL(row, column));
	return true;
}

/* --- rows of the notes --- */

/* By row, then by place; of those that begin together the longest first. */
static int
by_row(const void *a, const void *b)
{
	const struct note *left = a, *right = b;

	if (left->row != right->row)
		return left->row < right->row ? -1 : 1;
	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	if (left->end != right->end)
		return left->end > right->end ? -1 : 1;
	return (left->column > right->column) - (left->column < right->column);
}

static guint
count_bits(guint32 bits)
{
	guint count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

/* From the first of some notes of one row on: enough columns within the distance? */
static bool
take_match(struct search *search, struct note *notes, guint n)
{
	struct edm_match match = { { notes[0].start, notes[0].end }, notes[0].row, 0 };
	gsize free_from = 0;
	guint last = 0;

	for (guint i = 0; i < n; i++) {
		guint32 bit = 1u << notes[i].column;
		if (notes[i].to - notes[0].from > search->query->near_characters)
			continue;
		if (notes[i].is_used || notes[i].start < free_from || (match.columns & bit) != 0)
			continue;
		match.columns |= bit;
		match.span.end = free_from = notes[i].end;
		last = i;
	}
	if (count_bits(match.columns) < search->query->min_columns)
		return false;
	for (guint i = 0; i <= last; i++)
		notes[i].is_used = true;
	g_array_append_val(search->matches, match);
	return true;
}

/* The notes of one row, in order of place. */
static void
take_row(struct search *search, struct note *notes, guint n)
{
	guint end = 0;

	for (guint i = 0; i < n && search->matches->len < EDM_MATCHES_MAX; i++) {
		if (notes[i].is_used)
			continue;
		for (end = MAX(end, i);
		     end < n &&
		     notes[end].start <= notes[i].start + 4 * search->query->near_characters;
		     end++)
			;
		if (end - i >= search->query->min_columns)
			take_match(search, notes + i, end - i);
	}
}

/* Looks at all notes, and keeps those that may go with what comes. */
static void
flush(struct search *search, guint64 at)
{
	struct note *notes = (struct note *)(void *)search->notes->data;
	guint n = search->notes->len, kept = 0;

	if (n > 0)
		qsort(notes, n, sizeof(*notes), by_row);
	for (guint from = 0, to; from < n; from = to) {
		for (to = from; to < n && notes[to].row == notes[from].row; to++)
			;
		if (to - from >= search->query->min_columns)
			take_row(search, notes + from, to - from);
	}
	for (guint i = 0; i < n; i++) {
		if (!notes[i].is_used && notes[i].from + search->query->near_characters >= at)
			notes[kept++] = notes[i];
	}
	g_array_set_size(search->notes, kept);
}

/* --- values of the text --- */

static void
note_value(struct search *search, const char *value, gsize length, const struct folded_word *first,
    const struct folded_word *last)
{
	guint count;
	const guint64 *entries =
	    data_find(search->data, keyed_hash(data_keyed(search->data), value, length), &count);

	for (guint i = 0; i < count; i++) {
		guint32 payload = DATA_PAYLOAD(entries[i]);
		guint column = DATA_COLUMN(payload);
		struct note note = { DATA_ROW(payload), (guint8)column, false, first->from,
			last->to, first->start, last->end };
		if ((search->query->columns >> column & 1) != 0)
			g_array_append_val(search->notes, note);
	}
}

/* All values that begin with the first word of the ring. */
static void
look_from_here(struct search *search)
{
	const struct folded_word *first = &search->ring[search->head];
	char value[EDM_VALUE_MAX];
	gsize length = 0;

	for (guint i = 0; i < search->count; i++) {
		const struct folded_word *word = &search->ring[(search->head + i) % EDM_WORDS_MAX];
		gsize before = length;
		if (word->length == 0 || length + word->length > sizeof(value))
			return;
		memcpy(value + length, word->text, word->length);
		length += word->length;
		if (before < EDM_PREFIX &&
		    !data_may(
			search->data, hash_of_prefix(data_keyed(search->data), value, length))) {
			if (length >= EDM_PREFIX)
				return;
			continue;
		}
		if (length >= EDM_VALUE_MIN)
			note_value(search, value, length, first, word);
	}
}

static bool
fill(struct search *search, struct folded *folded)
{
	while (search->count < EDM_WORDS_MAX &&
	       folded_next(folded, &search->ring[(search->head + search->count) % EDM_WORDS_MAX]))
		search->count++;
	return search->count > 0;
}

static int
by_place(const void *a, const void *b)
{
	const struct edm_match *left = a, *right = b;

	if (left->span.start != right->span.start)
		return left->span.start < right->span.start ? -1 : 1;
	return (left->row > right->row) - (left->row < right->row);
}

static void
search_all(struct search *search, struct folded *folded, gint64 deadline_us, const char **stuck)
{
	for (guint64 n = 0; fill(search, folded); n++) {
		const struct folded_word *word = &search->ring[search->head];
		look_from_here(search);
		bool is_full = search->notes->len >= NOTES_MAX;
		if (is_full)
			flush(search, word->from);
		/* Notes that all stand close together are no fewer for that: then it is given up.
		 */
		if (search->notes->len >= NOTES_MAX || search->matches->len >= EDM_MATCHES_MAX)
			*stuck = "too many matches";
		else if ((is_full || n % LOOK_EVERY == 0) && g_get_monotonic_time() > deadline_us)
			*stuck = "time";
		if (*stuck != NULL)
			break;
		search->head = (search->head + 1) % EDM_WORDS_MAX;
		search->count--;
	}
	flush(search, G_MAXUINT64);
}

GArray *
edm_find(const struct data *data, const struct edm_query *query, const char *text, gsize size,
    gint64 deadline_us, const char **stuck)
{
	GArray *matches = g_array_new(FALSE, FALSE, sizeof(struct edm_match));
	struct search *search = g_new0(struct search, 1);
	struct folded folded;

	*stuck = NULL;
	search->data = data;
	search->query = query;
	search->notes = g_array_new(FALSE, FALSE, sizeof(struct note));
	search->matches = matches;
	folded_begin(&folded, text, size);
	search_all(search, &folded, deadline_us, stuck);
	g_array_unref(search->notes);
	g_free(search);
	if (matches->len > 1)
		qsort(matches->data, matches->len, sizeof(struct edm_match), by_place);
	return matches;
}

struct data *
edm_of_row(const char *name, const char *const *values)
{
	static const guint8 key[KEYED_KEY];
	g_autoptr(data_maker) maker = data_maker_new(DATA_EDM, key);

	for (guint i = 0; values[i] != NULL && i < DATA_COLUMNS_MAX; i++) {
		g_autofree char *label = g_strdup_printf("%u", i + 1);
		data_maker_add_label(maker, label);
		edm_add(maker, 0, i, values[i]);
	}
	data_maker_sort(maker, 0, NULL, NULL);
	g_autoptr(GBytes) bytes = data_maker_finish(maker, 1, 0, NULL);
	return data_open(name, bytes, key, NULL);
}
