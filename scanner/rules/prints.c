/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/prints.h"

#include <stdlib.h>
#include <string.h>

#include "rules/folded.h"

#define LOOK_EVERY 1024 /* prints between two looks at the clock */

struct winnow {
	const struct keyed *keyed;
	GArray *out;
	guint64 words[PRINTS_WORDS]; /* hashes of the last words, from word % PRINTS_WORDS on */
	gsize starts[PRINTS_WORDS];
	guint64 word;
	struct print window[PRINTS_WINDOW]; /* the last shingles */
	guint64 shingle;
	guint64 taken; /* number of the shingle that was taken last, from 1 */
};

/* Of those in the window the smallest; of equal ones the last, so that one run gives few. */
static void
take_smallest(struct winnow *winnow, guint64 from)
{
	guint64 best = from;

	for (guint64 i = from; i < winnow->shingle; i++) {
		if (winnow->window[i % PRINTS_WINDOW].hash <=
		    winnow->window[best % PRINTS_WINDOW].hash)
			best = i;
	}
	if (best + 1 == winnow->taken)
		return;
	g_array_append_val(winnow->out, winnow->window[best % PRINTS_WINDOW]);
	winnow->taken = best + 1;
}

static void
add_word(struct winnow *winnow, const struct folded_word *word)
{
	guint64 hashes[PRINTS_WORDS];

	winnow->words[winnow->word % PRINTS_WORDS] =
	    keyed_hash(winnow->keyed, word->text, word->length);
	winnow->starts[winnow->word % PRINTS_WORDS] = word->start;
	winnow->word++;
	if (winnow->word < PRINTS_WORDS)
		return;
	for (guint i = 0; i < PRINTS_WORDS; i++)
		hashes[i] = winnow->words[(winnow->word + i) % PRINTS_WORDS];
	struct print print = { (guint32)keyed_hash(winnow->keyed, hashes, sizeof(hashes)),
		{ winnow->starts[winnow->word % PRINTS_WORDS], word->end } };
	winnow->window[winnow->shingle % PRINTS_WINDOW] = print;
	winnow->shingle++;
	if (winnow->shingle >= PRINTS_WINDOW)
		take_smallest(winnow, winnow->shingle - PRINTS_WINDOW);
}

GArray *
prints_of(const struct keyed *keyed, const char *text, gsize size)
{
	struct winnow winnow = { .keyed = keyed,
		.out = g_array_new(FALSE, FALSE, sizeof(struct print)) };
	struct folded_word word;
	struct folded folded;

	folded_begin(&folded, text, size);
	while (folded_next(&folded, &word))
		add_word(&winnow, &word);
	/* A text shorter than a window has one print all the same. */
	if (winnow.shingle > 0 && winnow.shingle < PRINTS_WINDOW)
		take_smallest(&winnow, 0);
	return winnow.out;
}

/* The hash of a set's entry: all its bits are in the file, whatever the size of the directory. */
static guint64
spread(guint32 hash)
{
	return (guint64)hash << 32 | hash;
}

/* --- search --- */

/* A print of a document in the text. */
struct found {
	guint32 document, hash;
	struct span span;
};

static int
by_document(const void *a, const void *b)
{
	const struct found *left = a, *right = b;

	if (left->document != right->document)
		return left->document < right->document ? -1 : 1;
	if (left->hash != right->hash)
		return left->hash < right->hash ? -1 : 1;
	return (left->span.start > right->span.start) - (left->span.start < right->span.start);
}

static guint
percent(guint part, guint whole)
{
	return whole > 0 ? (guint)((guint64)part * 100 / whole) : 0;
}

/* All that was found of one document. */
static void
judge(const struct data *data, const struct prints_query *query, const struct found *found, guint n,
    guint all, GArray *out)
{
	guint total = data_total(data, found[0].document), distinct = 0;
	struct prints_match match = { found[0].span, found[0].document, 0, 0 };

	for (guint i = 0; i < n; i++) {
		distinct += i == 0 || found[i].hash != found[i - 1].hash;
		match.span.start = MIN(match.span.start, found[i].span.start);
		match.span.end = MAX(match.span.end, found[i].span.end);
	}
	match.share = MIN(percent(distinct, total), 100);
	match.copied = MIN(percent(n, all), 100);
	if (distinct < MIN(PRINTS_LEAST, total))
		return;
	if ((query->min_share > 0 && match.share >= query->min_share) ||
	    (query->min_copied > 0 && match.copied >= query->min_copied))
		g_array_append_val(out, match);
}

static GArray *
look_up(const struct data *data, const GArray *prints, gint64 deadline_us, const char **stuck)
{
	GArray *all = g_array_new(FALSE, FALSE, sizeof(struct found));

	for (guint i = 0; i < prints->len && *stuck == NULL; i++) {
		const struct print *print = &g_array_index(prints, struct print, i);
		guint count;
		const guint64 *entries = data_find(data, spread(print->hash), &count);
		for (guint k = 0; k < count; k++) {
			struct found found = { DATA_PAYLOAD(entries[k]), print->hash, print->span };
			g_array_append_val(all, found);
		}
		if (all->len >= PRINTS_FOUND_MAX)
			*stuck = "too many matches";
		else if (i % LOOK_EVERY == 0 && g_get_monotonic_time() > deadline_us)
			*stuck = "time";
	}
	return all;
}

GArray *
prints_find(const struct data *data, const struct prints_query *query, const char *text, gsize size,
    gint64 deadline_us, const char **stuck)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct prints_match));
	g_autoptr(GArray) prints = prints_of(data_keyed(data), text, size);

	*stuck = NULL;
	g_autoptr(GArray) all = look_up(data, prints, deadline_us, stuck);
	struct found *found = (struct found *)(void *)all->data;
	if (all->len > 0)
		qsort(found, all->len, sizeof(*found), by_document);
	for (guint from = 0, to; from < all->len; from = to) {
		for (to = from; to < all->len && found[to].document == found[from].document; to++)
			;
		judge(data, query, found + from, to - from, prints->len, out);
	}
	return out;
}

/* --- sets --- */

void
prints_collect(const struct keyed *keyed, const char *text, GHashTable *without)
{
	g_autoptr(GArray) prints = prints_of(keyed, text, strlen(text));

	for (guint i = 0; i < prints->len; i++)
		g_hash_table_add(
		    without, GUINT_TO_POINTER(g_array_index(prints, struct print, i).hash));
}

guint
prints_add(struct data_maker *maker, guint document, const char *name, const char *text,
    GHashTable *without)
{
	g_autoptr(GHashTable) own = g_hash_table_new(NULL, NULL);
	GHashTableIter iter;
	gpointer hash;
	guint count = 0;

	prints_collect(data_maker_keyed(maker), text, own);
	data_maker_add_label(maker, name);
	g_hash_table_iter_init(&iter, own);
	while (g_hash_table_iter_next(&iter, &hash, NULL)) {
		if (without != NULL && g_hash_table_contains(without, hash))
			continue;
		data_maker_add(maker, spread(GPOINTER_TO_UINT(hash)), document);
		count++;
	}
	data_maker_set_total(maker, document, count);
	return count;
}

guint
prints_add_set(struct data_maker *maker, guint document, const struct data *data, GHashTable *but)
{
	guint n = data_labels(data);
	g_autofree guint32 *numbers = g_new(guint32, n + 1);

	for (guint i = 0; i < n; i++) {
		numbers[i] = G_MAXUINT32;
		if (but != NULL && g_hash_table_contains(but, data_label(data, i)))
			continue;
		data_maker_add_label(maker, data_label(data, i));
		data_maker_set_total(maker, document, data_total(data, i));
		numbers[i] = document++;
	}
	for (guint i = 0; i < data_entries(data); i++) {
		guint64 entry = data_entry(data, i);
		guint32 number = numbers[DATA_PAYLOAD(entry)];
		if (number != G_MAXUINT32)
			data_maker_add(maker, spread((guint32)(entry >> 32)), number);
	}
	return document;
}

struct data *
prints_of_text(const char *name, const char *text)
{
	static const guint8 key[KEYED_KEY];
	g_autoptr(data_maker) maker = data_maker_new(DATA_PRINTS, key);

	prints_add(maker, 0, "document", text, NULL);
	data_maker_sort(maker, 0, NULL, NULL);
	g_autoptr(GBytes) bytes = data_maker_finish(maker, 1, 0, NULL);
	return data_open(name, bytes, key, NULL);
}
