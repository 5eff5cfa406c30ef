/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Weights are of the message alone: the same come out in whatever block it is.
 */
#include "store/search-rank.h"

#include "store/block-count.h"
#include "store/index.h"
#include "store/query.h"

static const double column_weights[INDEX_COLUMNS] = { 1, 1, 6, 4, 3, 2, 1 };

static double
in_length(double sum, guint words)
{
	return sum / (1 + 0.0005 * words);
}

static gint
compare_weights(gconstpointer a, gconstpointer b)
{
	const struct search_hit *one = a, *other = b;

	if (one->weight != other->weight)
		return one->weight > other->weight ? -1 : 1;
	return one->doc > other->doc ? -1 : one->doc < other->doc;
}

/* Ranks of docs that are of the block, -1 for others. */
static bool
find_ranks(
    const struct block *block, const GArray *docs, gint64 *ranks, struct block_wanted *wanted)
{
	bool any = false;

	for (guint i = 0; i < docs->len; i++) {
		gint64 doc = g_array_index(docs, struct search_hit, i).doc;
		gint64 rank = block_rank(block, doc);
		bool is = rank >= 0 && block->docs[rank] == doc;
		ranks[i] = is ? rank : -1;
		if (is)
			block_wanted_add(wanted, (guint32)rank);
		any = any || is;
	}
	return any;
}

static double
weight_of(const struct block *block, const struct block_wanted *wanted, guint32 rank)
{
	double sum = 0;
	guint hits = 0;

	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		for (guint32 j = block_wanted_sum(wanted, i, rank); j > 0; j--)
			sum += column_weights[i] / (1 + hits++);
	}
	return in_length(sum, block->lengths[BLOCK_ALL][rank]);
}

static bool
weigh_block(struct plan *plan, struct block *block, const struct block_expr *expr, GArray *docs)
{
	struct database *database = plan->context->database;
	GError **error = &plan->context->error;
	g_autofree gint64 *ranks = g_new(gint64, docs->len);

	if (!block_load(database, block, error))
		return false;
	g_autoptr(block_wanted) wanted = block_wanted_new(block);
	if (!find_ranks(block, docs, ranks, wanted))
		return true;
	if (!block_count(database, plan->context->phrases, block, expr, wanted, error))
		return false;
	for (guint i = 0; i < docs->len; i++) {
		if (ranks[i] < 0)
			continue;
		struct search_hit *hit = &g_array_index(docs, struct search_hit, i);
		/* A block may still have the doc of a message whose words went to another. */
		hit->weight = MAX(hit->weight, weight_of(block, wanted, (guint32)ranks[i]));
	}
	return true;
}

static void
weigh_blocks(struct plan *plan, GArray *docs)
{
	GError **error = &plan->context->error;
	g_autoptr(GPtrArray) blocks = block_list(plan->context->database, error);
	guint nodes;

	if (blocks == NULL)
		return;
	g_autoptr(block_expr) expr = block_expr_parse(plan->words->str, false, &nodes, error);
	bool right = expr != NULL;
	for (guint i = 0; right && i < blocks->len; i++)
		right = weigh_block(plan, blocks->pdata[i], expr, docs);
}

void
search_rank(struct plan *plan, GArray *docs)
{
	weigh_blocks(plan, docs);
	g_array_sort(docs, compare_weights);
}
