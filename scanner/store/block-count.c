/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts what is wanted alone: of a million messages a page's worth is weighed.
 */
#include "store/block-count.h"

#include "store/block-phrase.h"

/* Where the sums of a rank that is wanted stand. */
static guint32
slot_of(const struct block_wanted *wanted, guint32 rank)
{
	guint64 below = wanted->bits[rank / 64] & ((G_GUINT64_CONSTANT(1) << (rank % 64)) - 1);

	return wanted->before[rank / 64] + (guint32)__builtin_popcountll(below);
}

struct block_wanted *
block_wanted_new(const struct block *block)
{
	struct block_wanted *wanted = g_new0(struct block_wanted, 1);

	wanted->words = block_words(block);
	wanted->bits = block_bits_new(block);
	wanted->before = g_new0(guint32, wanted->words + 1);
	return wanted;
}

void
block_wanted_free(struct block_wanted *wanted)
{
	if (wanted == NULL)
		return;
	for (guint i = 0; i < INDEX_COLUMNS; i++)
		g_free(wanted->sums[i]);
	g_free(wanted->before);
	g_free(wanted->bits);
	g_free(wanted);
}

void
block_wanted_add(struct block_wanted *wanted, guint32 rank)
{
	wanted->bits[rank / 64] |= G_GUINT64_CONSTANT(1) << (rank % 64);
}

guint32
block_wanted_sum(const struct block_wanted *wanted, guint column, guint32 rank)
{
	return wanted->sums[column][slot_of(wanted, rank)];
}

void
block_wanted_count(struct block_wanted *wanted, guint column, guint32 rank, guint32 more)
{
	wanted->sums[column][slot_of(wanted, rank)] += more;
}

struct counting {
	const struct block *block;
	const struct block_expr *phrase;
	struct block_wanted *wanted;
	struct posting *heads;
};

static bool
count_key(const char *key, const guint8 *data, gsize size, void *user)
{
	const struct counting *counting = user;
	guint column = block_column(key);
	const struct posting_frame frame = block_frame(counting->block, column);
	const struct posting *heads = counting->heads;

	if (!block_phrase_has(counting->phrase, key) || column >= INDEX_COLUMNS)
		return true;
	if (!posting_count(data, size, &frame, counting->wanted->bits, counting->heads))
		return false;
	for (guint i = 0; i < heads->ranks->len; i++) {
		block_wanted_count(counting->wanted, column,
		    g_array_index(heads->ranks, guint32, i),
		    g_array_index(heads->counts, guint32, i));
	}
	return true;
}

static bool
count_phrase(struct database *database, struct block_phrases *phrases, const struct block *block,
    const struct block_expr *phrase, struct block_wanted *wanted, GError **error)
{
	if (phrase->words[1] != NULL) {
		struct block_phrase *several = block_phrases_get(phrases, database, block, phrase);
		return block_phrase_match(several, 0, block->count, wanted->bits,
		    &(struct block_phrase_sink){ .wanted = wanted }, error);
	}
	g_autofree char *beginning = block_phrase_begins(phrase, 0);
	g_autoptr(posting) heads = posting_new();
	struct counting counting = { block, phrase, wanted, heads };
	return block_scan_heads(database, block, beginning, count_key, &counting, error);
}

static bool
count_all(struct database *database, struct block_phrases *phrases, const struct block *block,
    const struct block_expr *expr, struct block_wanted *wanted, GError **error)
{
	if (expr->kind == BLOCK_EXPR_PHRASE)
		return count_phrase(database, phrases, block, expr, wanted, error);
	return count_all(database, phrases, block, expr->one, wanted, error) &&
	       count_all(database, phrases, block, expr->other, wanted, error);
}

bool
block_count(struct database *database, struct block_phrases *phrases, const struct block *block,
    const struct block_expr *expr, struct block_wanted *wanted, GError **error)
{
	for (gsize i = 0; i < wanted->words; i++)
		wanted->before[i + 1] =
		    wanted->before[i] + (guint32)__builtin_popcountll(wanted->bits[i]);
	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		g_free(wanted->sums[i]);
		wanted->sums[i] = g_new0(guint32, wanted->before[wanted->words] + 1);
	}
	return count_all(database, phrases, block, expr, wanted, error);
}
