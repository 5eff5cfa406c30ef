/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never looks at a block whose docs are all older than what was asked for.
 */
#include "store/block-find.h"

struct block_find {
	struct database *database;
	struct block_phrases *phrases;
	struct block_expr *expr;
	guint nodes;
	GPtrArray *blocks;  /* of struct block, borrowed: the newest docs first */
	GPtrArray *matches; /* of struct block_match; NULL: not looked at yet */
	gint64 *heads;      /* of each block: the largest doc at or below asked */
	gint64 *asked;
};

static void
free_match(gpointer data)
{
	block_match_free(data);
}

struct block_find *
block_find_new(struct database *database, struct block_phrases *phrases, const char *match,
    bool people, GError **error)
{
	g_autoptr(GPtrArray) blocks = block_list(database, error);
	guint nodes = 0;

	if (blocks == NULL)
		return NULL;
	struct block_expr *expr = block_expr_parse(match, people, &nodes, error);
	if (expr == NULL)
		return NULL;
	struct block_find *find = g_new0(struct block_find, 1);
	find->database = database;
	find->phrases = phrases;
	find->expr = expr;
	find->nodes = nodes;
	find->blocks = g_steal_pointer(&blocks);
	find->matches = g_ptr_array_new_with_free_func(free_match);
	g_ptr_array_set_size(find->matches, (gint)find->blocks->len);
	find->heads = g_new0(gint64, find->blocks->len + 1);
	find->asked = g_new0(gint64, find->blocks->len + 1);
	return find;
}

void
block_find_free(struct block_find *find)
{
	if (find == NULL)
		return;
	g_ptr_array_unref(find->matches);
	g_ptr_array_unref(find->blocks);
	block_expr_free(find->expr);
	g_free(find->heads);
	g_free(find->asked);
	g_free(find);
}

static struct block_match *
match_of(struct block_find *find, guint i)
{
	if (find->matches->pdata[i] == NULL)
		find->matches->pdata[i] = block_match_new(
		    find->database, find->phrases, find->blocks->pdata[i], find->expr, find->nodes);
	return find->matches->pdata[i];
}

/* The largest rank that matches, from `rank` down; -1: none. */
static bool
last_match(struct block_match *match, gint64 rank, gint64 *out, GError **error)
{
	*out = -1;
	while (rank >= 0) {
		while (rank < match->from) {
			if (!block_match_more(match, error))
				return false;
		}
		guint64 word = match->bits[rank / 64] << (63 - rank % 64);
		if (word != 0) {
			*out = rank - __builtin_clzll(word);
			return true;
		}
		rank = rank / 64 * 64 - 1;
	}
	return true;
}

static bool
seek_block(struct block_find *find, guint i, gint64 at_most, GError **error)
{
	struct block *block = find->blocks->pdata[i];
	gint64 rank;

	if (find->asked[i] >= at_most && find->heads[i] <= at_most)
		return true;
	if (!block_load(find->database, block, error) ||
	    !last_match(match_of(find, i), block_rank(block, at_most), &rank, error))
		return false;
	find->asked[i] = at_most;
	find->heads[i] = rank >= 0 ? block->docs[rank] : 0;
	return true;
}

gint64
block_find_seek(struct block_find *find, gint64 at_most, GError **error)
{
	gint64 doc = 0;

	for (guint i = 0; i < find->blocks->len; i++) {
		const struct block *block = find->blocks->pdata[i];
		if (block->last <= doc)
			break;
		if (block->first > at_most)
			continue;
		if (!seek_block(find, i, at_most, error))
			return 0;
		doc = MAX(doc, find->heads[i]);
	}
	return doc;
}

bool
block_find_count(
    struct block_find *find, guint64 *count, block_find_over *over, void *user, GError **error)
{
	bool going = true;

	for (guint i = 0; going && i < find->blocks->len; i++) {
		struct block_match *match = match_of(find, i);
		while (going && match->from > 0)
			going = (over == NULL || !over(user)) && block_match_more(match, error);
		for (gsize j = 0; j < block_words(match->block); j++)
			*count += (guint64)__builtin_popcountll(match->bits[j]);
	}
	return going;
}
