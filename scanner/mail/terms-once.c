/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Stretches are found by GRAM words in a row: every STEP-th row of what stands in the outcome is
 * known by its sum, every row of a new text is asked for, and what is found is compared word by
 * word and followed to both sides. Each word of a new text is in one stretch at most, so the work
 * grows with the words alone, whatever they are.
 */
#include "mail/terms-once.h"

#include <string.h>

#include "mail/terms.h"

#define GRAM     16
#define STEP     8
#define MARGIN   (TERMS_ONCE_PHRASE - 1) /* words of a phrase that may stand beyond an end */
#define LEAST    24                      /* words that are worth a break */
#define MULTIPLY G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)

struct word {
	guint32 begin, size;
	guint64 sum; /* of this one */
};

struct terms_once {
	GString *out;
	GArray *words;     /* struct word, of out */
	gsize known;       /* bytes of out whose words are known */
	guint rows;        /* words behind which no row was added yet */
	GHashTable *grams; /* sum of a row -> its first word + 1 */
};

/* Words from..upto of a text that stand in the outcome from word at on. */
struct stretch {
	guint from, upto, at;
};

struct terms_once *
terms_once_new(void)
{
	struct terms_once *once = g_new0(struct terms_once, 1);

	once->out = g_string_new(NULL);
	once->words = g_array_new(FALSE, FALSE, sizeof(struct word));
	once->grams = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return once;
}

void
terms_once_free(struct terms_once *once)
{
	if (once == NULL)
		return;
	g_string_free(once->out, TRUE);
	g_array_unref(once->words);
	g_hash_table_unref(once->grams);
	g_free(once);
}

const char *
terms_once_text(const struct terms_once *once)
{
	return once->out->str;
}

static const struct word *
word_at(const GArray *words, guint i)
{
	return &g_array_index(words, struct word, i);
}

/* --- words and rows --- */

static void
split(const char *text, gsize from, gsize size, GArray *words)
{
	for (gsize at = from; at < size;) {
		const char *blank = memchr(text + at, ' ', size - at);
		gsize end = blank != NULL ? (gsize)(blank - text) : size;
		struct word word = { .begin = (guint32)at, .size = (guint32)(end - at) };
		for (gsize i = at; i < end; i++)
			word.sum = (word.sum ^ (guint8)text[i]) * G_GUINT64_CONSTANT(0x100000001b3);
		if (end > at)
			g_array_append_val(words, word);
		at = end + 1;
	}
}

static guint64
row_sum(const GArray *words, guint from)
{
	guint64 sum = 0;

	for (guint i = from; i < from + GRAM; i++)
		sum = (sum ^ word_at(words, i)->sum) * MULTIPLY;
	return sum ^ sum >> 32;
}

/* What came into the outcome since. */
static void
learn(struct terms_once *once)
{
	split(once->out->str, once->known, once->out->len, once->words);
	once->known = once->out->len;
	for (; once->rows + GRAM <= once->words->len; once->rows += STEP) {
		guint64 sum = row_sum(once->words, once->rows);
		if (!g_hash_table_contains(once->grams, &sum))
			g_hash_table_insert(once->grams, g_memdup2(&sum, sizeof sum),
			    GUINT_TO_POINTER(once->rows + 1));
	}
}

/* --- stretches --- */

static gboolean
is_same(const struct terms_once *once, guint at, const char *text, const struct word *word)
{
	const struct word *known = word_at(once->words, at);

	return known->sum == word->sum && known->size == word->size &&
	       memcmp(once->out->str + known->begin, text + word->begin, word->size) == 0;
}

/* Around word i of the text, not before least; false when no row begins there. */
static gboolean
find(const struct terms_once *once, const char *text, const GArray *words, guint i, guint least,
    struct stretch *stretch)
{
	guint64 sum = row_sum(words, i);
	guint at = GPOINTER_TO_UINT(g_hash_table_lookup(once->grams, &sum));

	if (at == 0)
		return FALSE;
	*stretch = (struct stretch){ .from = i, .upto = i, .at = at - 1 };
	guint end = at - 1;
	while (end < once->words->len && stretch->upto < words->len &&
	       is_same(once, end, text, word_at(words, stretch->upto))) {
		end++;
		stretch->upto++;
	}
	if (stretch->upto - i < GRAM)
		return FALSE;
	while (stretch->at > 0 && stretch->from > least &&
	       is_same(once, stretch->at - 1, text, word_at(words, stretch->from - 1))) {
		stretch->at--;
		stretch->from--;
	}
	return TRUE;
}

/* The part of it that is left out: no phrase of the text goes beyond the text's own ends. */
static void
keep_ends(struct stretch *stretch, guint words)
{
	guint before = stretch->from > 0 ? MARGIN : 0, behind = stretch->upto < words ? MARGIN : 0;

	if (stretch->upto - stretch->from < before + behind + LEAST &&
	    (before != 0 || behind != 0)) {
		stretch->from = stretch->upto;
		return;
	}
	stretch->from += before;
	stretch->upto -= behind;
}

static void
put(struct terms_once *once, const char *text, const GArray *words, guint from, guint upto)
{
	if (from >= upto)
		return;
	if (once->out->len > 0)
		g_string_append(once->out, TERMS_BREAK);
	guint32 begin = word_at(words, from)->begin;
	const struct word *last = word_at(words, upto - 1);
	g_string_append_len(once->out, text + begin, (gssize)(last->begin + last->size - begin));
}

gsize
terms_once_add(struct terms_once *once, const char *text)
{
	g_autoptr(GArray) words = g_array_new(FALSE, FALSE, sizeof(struct word));
	gsize before = once->out->len;
	guint done = 0, least = 0;

	if (before == 0) {
		g_string_append(once->out, text);
		return once->out->len;
	}
	learn(once);
	split(text, 0, strlen(text), words);
	for (guint i = 0; i + GRAM <= words->len; i++) {
		struct stretch stretch;
		if (!find(once, text, words, i, least, &stretch))
			continue;
		least = stretch.upto;
		i = stretch.upto - 1;
		keep_ends(&stretch, words->len);
		if (stretch.from == stretch.upto)
			continue;
		put(once, text, words, done, stretch.from);
		done = stretch.upto;
	}
	put(once, text, words, done, words->len);
	return once->out->len - before;
}
