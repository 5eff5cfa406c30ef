/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never finds a message by half a phrase: all its words must stand in a row, in one column.
 */
#include "store/block-find.h"

#define WINDOW    128  /* ranks with all words that are looked at first; then more each time */
#define MOST      1024 /* but not, where it says what it costs, more than these */
#define NODES_FEW 8    /* of an expression: each costs a little, however small the window */

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

	return !block_phrase_has(marking->phrase, key) ||
	       posting_mark(data, size, &frame, marking->bits);
}

static bool
mark_word(struct block_match *match, const struct block_expr *phrase, guint word, guint64 *bits,
    GError **error)
{
	g_autofree char *beginning = block_phrase_begins(phrase, word);
	struct marking marking = { match->block, phrase, bits };

	return block_scan_heads(match->database, match->block, beginning, mark, &marking, error);
}

/* --- phrases of several words --- */

static struct block_phrase *
phrase_of(struct block_match *match, const struct block_expr *expr)
{
	return block_phrases_get(match->phrases, match->database, match->block, expr);
}

/* Of bits, those of a window, whose ends are whole words of bits; NULL: there is none. */
static guint64 *
within(const struct block *block, const guint64 *bits, guint32 from, guint32 upto)
{
	guint64 *out = block_bits_new(block), any = 0;

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

	struct block_phrase *several = phrase_of(match, phrase);
	const guint64 *all = block_phrase_all(several, error);
	if (all == NULL)
		return false;
	g_autofree guint64 *wanted = within(match->block, all, from, upto);
	return wanted == NULL || block_phrase_match(several, from, upto, wanted,
				     &(struct block_phrase_sink){ .bits = bits }, error);
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
		*kept = block_bits_new(match->block);
		if (!evaluate(match, expr, 0, match->block->count, *kept, error)) {
			g_clear_pointer(kept, g_free);
			return false;
		}
	}
	for (gsize i = 0; i < block_words(match->block); i++)
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

	g_autofree guint64 *one = block_bits_new(match->block),
			   *other = block_bits_new(match->block);
	if (!side(match, expr->one, from, upto, one, error) ||
	    !side(match, expr->other, from, upto, other, error))
		return false;
	for (gsize i = 0; i < block_words(match->block); i++)
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
		const guint64 *all = block_phrase_all(phrase_of(match, expr), error);
		for (gsize i = 0; all != NULL && i < block_words(match->block); i++)
			bits[i] |= all[i];
		return all != NULL;
	}
	if (expr->kind == BLOCK_EXPR_NOT)
		return mark_possible(match, expr->one, bits, error);
	g_autofree guint64 *one = block_bits_new(match->block),
			   *other = block_bits_new(match->block);
	if (!mark_possible(match, expr->one, one, error) ||
	    !mark_possible(match, expr->other, other, error))
		return false;
	for (gsize i = 0; i < block_words(match->block); i++)
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
		match->possible = block_bits_new(match->block);
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

/* Whether the last word of a phrase does. */
static bool
goes_on(const struct block_expr *expr)
{
	if (expr->kind == BLOCK_EXPR_PHRASE)
		return expr->windowed && expr->open;
	return goes_on(expr->one) || goes_on(expr->other);
}

struct block_match *
block_match_new(struct database *database, struct block_phrases *phrases, struct block *block,
    const struct block_expr *expr, guint nodes)
{
	struct block_match *match = g_new0(struct block_match, 1);
	bool grows = nodes > NODES_FEW || goes_on(expr);

	*match = (struct block_match){ .database = database,
		.block = block,
		.expr = expr,
		.n = nodes,
		.nodes = g_new0(guint64 *, nodes),
		.phrases = phrases,
		.bits = block_bits_new(block),
		.from = block->count,
		.window = grows ? MOST : WINDOW,
		.grows = grows };
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
	g_autofree guint64 *bits = block_bits_new(match->block);
	guint32 upto = match->from;
	guint32 from; /* of whole words of bits, so that windows do not share one */

	if (!block_load(match->database, match->block, error) ||
	    !window_below(match, upto, &from, error) ||
	    !evaluate(match, match->expr, from, upto, bits, error))
		return false;
	for (guint32 i = from / 64; i < block_words(match->block) && i * 64 < upto; i++)
		match->bits[i] = bits[i];
	match->from = from;
	if (match->grows)
		match->window = MIN(match->window, G_MAXUINT32 / 4) * 4;
	else
		match->window = MIN(match->window * 2, MOST);
	return true;
}
