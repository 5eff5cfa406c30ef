/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * places - see places.h. What is a place must agree with factor-window.c: a place that is missed
 * is a match that is lost.
 */
#include "rules/places.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define SLACK 64 /* bytes between two stretches that are cheaper scanned than left out */

/* Of a byte. */
#define DIGIT   1u
#define CAPITAL 2u
#define SMALL   4u
#define SIGN    8u  /* of keys: + / < */
#define WITHIN  16u /* not the first byte of its character */
#define LETTER  (CAPITAL | SMALL)
#define BIG     (CAPITAL | DIGIT)
#define WORD    (DIGIT | LETTER | SIGN)

static const guint8 kinds[256] = { ['0' ... '9'] = DIGIT,
	['A' ... 'Z'] = CAPITAL,
	['a' ... 'z'] = SMALL,
	['+'] = SIGN,
	['/'] = SIGN,
	['<'] = SIGN,
	[0x80 ... 0xbf] = WITHIN };

struct walk {
	const struct places_window *window;
	const char *text;
	gsize size;
	places_take *take;
	void *data;
	bool is_over;
	/* The stretch of each kind that may still grow. */
	bool is_open[FACTOR_PLACES];
	gsize start[FACTOR_PLACES], end[FACTOR_PLACES];
	/* Digits, one behind the other or nearly so. */
	guint digits;
	gsize first, behind;
};

static guint
kind_at(const struct walk *walk, gsize at)
{
	return kinds[(guchar)walk->text[at]];
}

static void
flush(struct walk *walk, enum factor_place place)
{
	if (walk->is_open[place] && !walk->is_over)
		walk->is_over =
		    !walk->take(place, walk->start[place], walk->end[place], walk->data);
	walk->is_open[place] = false;
}

/* Places of a kind come in the order of their starts. */
static void
add(struct walk *walk, enum factor_place place, gsize start, gsize end)
{
	const struct places_window *window = walk->window;

	if ((window->kinds >> place & 1) == 0)
		return;
	start -= MIN(start, window->before[place]);
	end = MIN(walk->size, end + window->after[place]);
	if (walk->is_open[place] && start <= walk->end[place] + SLACK) {
		walk->end[place] = MAX(walk->end[place], end);
		return;
	}
	flush(walk, place);
	walk->is_open[place] = true;
	walk->start[place] = start;
	walk->end[place] = end;
}

/* The run of one kind that begins at start. */
static void
add_run(struct walk *walk, enum factor_place place, guint kind, gsize start)
{
	gsize end = start;

	while (end < walk->size && (kind_at(walk, end) & kind) != 0)
		end++;
	add(walk, place, start, end);
}

static void
end_digits(struct walk *walk)
{
	if (walk->digits >= FACTOR_DIGITS_LEAST)
		add(walk, FACTOR_DIGITS, walk->first, walk->behind);
	walk->digits = 0;
}

static void
add_digit(struct walk *walk, gsize at, guint gap)
{
	if (gap > FACTOR_GAP)
		end_digits(walk);
	if (walk->digits == 0)
		walk->first = at;
	walk->digits = MIN(walk->digits + 1, FACTOR_DIGITS_LEAST);
	walk->behind = at + 1;
	if (at >= 3 && (kind_at(walk, at - 1) & DIGIT) != 0 &&
	    (kind_at(walk, at - 2) & LETTER) != 0 && (kind_at(walk, at - 3) & LETTER) != 0)
		add(walk, FACTOR_CODE, at - 3, at + 1);
}

/* Where the pass stands: so many of these behind one another end here. */
struct runs {
	guint word, big;
	guint gap; /* characters since the last digit */
};

#ifdef __SSE2__

#define BLOCK 16

/* Bytes from `from` on, so many; the others compare as greater. */
static guint
bits_between(__m128i bytes, char from, char count)
{
	const __m128i low = _mm_set1_epi8((char)(-128 - from));
	const __m128i limit = _mm_set1_epi8((char)(-128 + count));

	/* There is no comparison without a sign: the first of them is moved to -128. */
	return (guint)_mm_movemask_epi8(_mm_cmplt_epi8(_mm_add_epi8(bytes, low), limit));
}

/* The run that bits begin with goes on one of `before`; the one that they end with goes on. */
static guint
run_behind(guint before, guint bits)
{
	guint others = ~bits & 0xffffu;

	return others == 0 ? before + BLOCK : (guint)__builtin_clz(others) - 16;
}

static guint
run_ahead(guint before, guint bits)
{
	return before + (guint)__builtin_ctz(~bits);
}

/* To count is a call on a plain x86-64, and most text is ASCII. */
static guint
characters(guint n, guint within)
{
	return within == 0 ? n : n - (guint)__builtin_popcount(within);
}

/* The digits of a block, and how many characters stand between them. */
static void
take_digits(struct walk *walk, gsize at, guint digits, guint within, struct runs *runs)
{
	guint from = 0;

	for (; digits != 0; digits &= digits - 1) {
		guint i = (guint)__builtin_ctz(digits);
		runs->gap += characters(i - from, within >> from & ((1u << (i - from)) - 1));
		add_digit(walk, at + i, runs->gap);
		runs->gap = 0;
		from = i + 1;
	}
	runs->gap += characters(BLOCK - from, within >> from);
}

/* Passes over bytes in which no place begins but those that digits tell of; false when one may. */
static bool
pass_block(struct walk *walk, gsize at, struct runs *runs)
{
	const char *text = walk->text + at;
	const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)text);
	guint digits = bits_between(bytes, '0', 10);
	guint big = digits | bits_between(bytes, 'A', 26);
	guint word = big | bits_between(bytes, 'a', 26) | bits_between(bytes, '+', 1) |
		     bits_between(bytes, '/', 1) | bits_between(bytes, '<', 1);
	guint six = big & big >> 1;
	six &= six >> 2 & six >> 4;
	if (six != 0 || run_ahead(runs->big, big) >= FACTOR_CAPITALS_LEAST ||
	    run_ahead(runs->word, word) >= FACTOR_RUN_LEAST || (word | 0x8001u) == 0xffffu)
		return false;
	runs->big = run_behind(runs->big, big);
	runs->word = run_behind(runs->word, word);
	take_digits(walk, at, digits, bits_between(bytes, (char)0x80, 0x40), runs);
	return true;
}

#else

#define BLOCK G_MAXUINT

static bool
pass_block(G_GNUC_UNUSED struct walk *walk, G_GNUC_UNUSED gsize at, G_GNUC_UNUSED struct runs *runs)
{
	return false;
}

#endif

static void
look_at(struct walk *walk, gsize at, struct runs *runs)
{
	guint kind = kind_at(walk, at);

	runs->word = (kind & WORD) != 0 ? runs->word + 1 : 0;
	runs->big = (kind & BIG) != 0 ? runs->big + 1 : 0;
	runs->gap += (kind & WITHIN) == 0;
	if (runs->word == FACTOR_RUN_LEAST)
		add_run(walk, FACTOR_RUN, WORD, at + 1 - FACTOR_RUN_LEAST);
	if (runs->big == FACTOR_CAPITALS_LEAST)
		add_run(walk, FACTOR_CAPITALS, BIG, at + 1 - FACTOR_CAPITALS_LEAST);
	if ((kind & DIGIT) != 0) {
		add_digit(walk, at, runs->gap - 1);
		runs->gap = 0;
	}
}

bool
places_walk(
    const struct places_window *window, const char *text, gsize size, places_take *take, void *data)
{
	struct walk walk = { window, text, size, take, data, .digits = 0 };
	struct runs runs = { 0 };

	for (gsize at = 0; at < size && !walk.is_over;) {
		if (size - at >= BLOCK && pass_block(&walk, at, &runs)) {
			at += BLOCK;
			continue;
		}
		for (gsize end = MIN(size, at + 16); at < end; at++)
			look_at(&walk, at, &runs);
	}
	end_digits(&walk);
	for (guint i = 0; i < FACTOR_PLACES; i++)
		flush(&walk, i);
	return !walk.is_over;
}
