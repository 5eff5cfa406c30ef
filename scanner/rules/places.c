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

/* The digit at `at` is the second one behind a letter. */
static void
try_code(struct walk *walk, gsize at)
{
	if (at >= 2 && (kind_at(walk, at - 1) & DIGIT) != 0 &&
	    (kind_at(walk, at - 2) & LETTER) != 0)
		add(walk, FACTOR_CODE, at - 2, at + 1);
}

/* So many digits one behind the other, gap characters behind the last one. */
static void
add_digits(struct walk *walk, gsize at, guint count, guint gap)
{
	if (gap > FACTOR_GAP)
		end_digits(walk);
	if (walk->digits == 0)
		walk->first = at;
	walk->digits = MIN(walk->digits + count, FACTOR_DIGITS_LEAST);
	walk->behind = at + count;
	try_code(walk, at);
	if (count > 1)
		try_code(walk, at + 1);
}

/* Where the pass stands: so many of these behind one another end here. */
struct runs {
	guint word, big;
	guint gap; /* characters since the last digit */
};

#ifdef __SSE2__

#define BLOCK 64

/* Which of the bytes of a block are one of `count`, from `from` on. */
static guint64
bits_between(const char *text, char from, char count)
{
	const __m128i low = _mm_set1_epi8((char)(-128 - from));
	const __m128i limit = _mm_set1_epi8((char)(-128 + count));
	guint64 bits = 0;

	/* There is no comparison without a sign: the first of them is moved to -128. */
	for (guint i = 0; i < BLOCK; i += 16) {
		const __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text + i));
		const __m128i is = _mm_cmplt_epi8(_mm_add_epi8(bytes, low), limit);
		bits |= (guint64)(guint)_mm_movemask_epi8(is) << i;
	}
	return bits;
}

/* The run that bits begin with goes on one of `before`; the one that they end with goes on. */
static guint
run_behind(guint before, guint64 bits)
{
	return ~bits == 0 ? before + BLOCK : (guint)__builtin_clzll(~bits);
}

static guint
run_ahead(guint before, guint64 bits)
{
	return ~bits == 0 ? before + BLOCK : before + (guint)__builtin_ctzll(~bits);
}

/* To count is a call on a plain x86-64, and most text is ASCII. */
static guint
characters(guint n, guint64 within)
{
	return within == 0 ? n : n - (guint)__builtin_popcountll(within);
}

/* The digits of a block, and how many characters stand between them. */
static void
take_digits(struct walk *walk, gsize at, guint64 digits, struct runs *runs)
{
	guint64 within = digits != 0 ? bits_between(walk->text + at, (char)0x80, 0x40) : 0;
	guint from = 0;

	while (digits != 0) {
		guint i = (guint)__builtin_ctzll(digits);
		guint count = run_ahead(0, digits >> i);
		guint64 between = within >> from & ((1ull << (i - from)) - 1);
		runs->gap += characters(i - from, between);
		add_digits(walk, at + i, count, runs->gap);
		runs->gap = 0;
		from = i + count;
		digits = from < BLOCK ? digits >> from << from : 0;
	}
	/* More than enough, where there are none. */
	runs->gap += from < BLOCK ? characters(BLOCK - from, within >> from) : 0;
}

/* Runs of a block, of which none may be so long that it is a place; false when one may. */
static bool
pass_runs(const char *text, guint64 digits, struct runs *runs)
{
	guint64 big = digits | bits_between(text, 'A', 26);
	guint64 word = big | bits_between(text, 'a', 26) | bits_between(text, '+', 1) |
		       bits_between(text, '/', 1) | bits_between(text, '<', 1);
	guint64 six = big & big >> 1, many = word & word >> 1;

	six &= six >> 2 & six >> 4;
	many &= many >> 2;
	many &= many >> 4;
	many &= many >> 7;
	if (six != 0 || many != 0 || run_ahead(runs->big, big) >= FACTOR_CAPITALS_LEAST ||
	    run_ahead(runs->word, word) >= FACTOR_RUN_LEAST)
		return false;
	runs->big = run_behind(runs->big, big);
	runs->word = run_behind(runs->word, word);
	return true;
}

/* Passes over bytes in which no place begins but those that digits tell of; false when one may. */
static bool
pass_block(struct walk *walk, gsize at, struct runs *runs)
{
	const char *text = walk->text + at;
	guint64 digits = bits_between(text, '0', 10);
	bool has_runs = (walk->window->kinds & (1u << FACTOR_CAPITALS | 1u << FACTOR_RUN)) != 0;

	if (has_runs && !pass_runs(text, digits, runs))
		return false;
	take_digits(walk, at, digits, runs);
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
		add_digits(walk, at, 1, runs->gap - 1);
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
