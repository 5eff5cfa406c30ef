/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The same weight comes out for a message in the young part of the index and in a block.
 */
#include "store/search-rank.h"

#include <stdlib.h>

#include "store/block-count.h"
#include "store/index.h"
#include "store/query.h"
#include "store/settle.h"

#define RANK_STEPS 200 /* rows that are walked over before one is asked for */
#define RANK_ASKS  50

static const double column_weights[INDEX_COLUMNS] = { 1, 1, 6, 4, 3, 2, 1 };

static double
in_length(double sum, guint words)
{
	return sum / (1 + 0.0005 * words);
}

/* --- of the young part --- */

static int
compare_docs(const void *a, const void *b)
{
	const gint64 *one = a;
	const struct search_hit *other = b;

	return *one > other->doc ? -1 : *one < other->doc;
}

/* Rows that are only walked over are not weighed: hits has all that are, as they stand in docs. */
static bool
is_asked_for(sqlite3_value *hits, gint64 doc)
{
	const void *data = sqlite3_value_blob(hits);
	gsize n = (gsize)sqlite3_value_bytes(hits) / sizeof(struct search_hit);

	return data != NULL &&
	       bsearch(&doc, data, n, sizeof(struct search_hit), compare_docs) != NULL;
}

/* weigh(term_index, hits) */
static void
weigh(const Fts5ExtensionApi *api, Fts5Context *fts, sqlite3_context *context, int n,
    sqlite3_value **values)
{
	int hits = 0, size = 0;
	double sum = 0;

	if (n != 1 || !is_asked_for(values[0], api->xRowid(fts))) {
		sqlite3_result_double(context, 0);
		return;
	}
	api->xInstCount(fts, &hits);
	api->xColumnSize(fts, -1, &size);
	for (int i = 0; i < hits; i++) {
		int word, column = 0, offset;
		if (api->xInst(fts, i, &word, &column, &offset) != SQLITE_OK)
			break;
		if (column >= 0 && column < INDEX_COLUMNS)
			sum += column_weights[column] / (1 + i);
	}
	sqlite3_result_double(context, in_length(sum, (guint)MAX(size, 0)));
}

static fts5_api *
fts5_of(sqlite3 *handle)
{
	sqlite3_stmt *statement = NULL;
	fts5_api *api = NULL;

	if (sqlite3_prepare_v2(handle, "SELECT fts5(?1)", -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_pointer(statement, 1, (void *)&api, "fts5_api_ptr", NULL);
		sqlite3_step(statement);
	}
	sqlite3_finalize(statement);
	return api;
}

bool
search_rank_setup(struct database *database)
{
	fts5_api *api = fts5_of(database->handle);

	return api != NULL && api->xCreateFunction(api, "weigh", NULL, weigh, NULL) == SQLITE_OK;
}

static gint
compare_weights(gconstpointer a, gconstpointer b)
{
	const struct search_hit *one = a, *other = b;

	if (one->weight != other->weight)
		return one->weight > other->weight ? -1 : 1;
	return one->doc > other->doc ? -1 : one->doc < other->doc;
}

struct weigher {
	struct query query;
	GBytes *hits; /* what is asked for */
	gint64 head;  /* the row at hand; 0: there is none */
	guint asks, most;
};

static void
weigher_next(struct weigher *weigher)
{
	weigher->head = query_next(&weigher->query) ? query_int(&weigher->query, 0) : 0;
}

/* To doc, or below it: what lies between is walked over, what is far is asked for. */
static bool
weigher_seek(struct weigher *weigher, struct plan *plan, gint64 doc)
{
	const struct query_value values[] = { query_int_value(doc),
		query_text_value(plan->words->str), query_bytes_value(weigher->hits),
		{ .kind = QUERY_END } };

	for (guint i = 0; i < RANK_STEPS && weigher->head > doc; i++)
		weigher_next(weigher);
	if (weigher->head <= doc)
		return true;
	if (++weigher->asks > weigher->most ||
	    !query_again(&weigher->query, values, &plan->context->error))
		return false;
	weigher_next(weigher);
	return true;
}

/* Also one that a block has: a late copy brought its words, which left the block. */
static bool
is_weighed(struct plan *plan, const struct search_hit *hit, bool settled)
{
	struct stream_context *context = plan->context;
	bool young = true;

	if (!settled || hit->weight > 0)
		return settled;
	return !settle_is_young(context->database, hit->doc, &young, &context->error) || !young;
}

/* Newest first, as docs are; returns how many were weighed. */
static guint
weigh_young(struct plan *plan, const guint8 *settled, GArray *docs, bool all)
{
	static const struct query_text weights = { "weigh hits",
		"SELECT rowid, weigh(term_index, ?3) FROM term_index WHERE rowid <= ?1"
		" AND term_index MATCH ?2 ORDER BY rowid DESC" };
	GError **error = &plan->context->error;
	g_autoptr(GBytes) hits = g_bytes_new(docs->data, docs->len * sizeof(struct search_hit));
	struct weigher weigher = {
		.hits = hits, .head = G_MAXINT64, .most = all ? G_MAXUINT : RANK_ASKS
	};
	guint i = 0;

	if (!query_open_once(&weigher.query, plan->context->database, &weights,
		VALUES(query_int_value(G_MAXINT64), query_text_value(plan->words->str),
		    query_bytes_value(hits)),
		error))
		return 0;
	for (; i < docs->len; i++) {
		struct search_hit *hit = &g_array_index(docs, struct search_hit, i);
		if (is_weighed(plan, hit, settled[i] != 0))
			continue;
		if (!weigher_seek(&weigher, plan, hit->doc))
			break;
		if (weigher.head == hit->doc)
			hit->weight = query_real(&weigher.query, 1);
	}
	query_close(&weigher.query, *error == NULL ? error : NULL);
	return i;
}

/* --- of blocks --- */

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
weigh_block(struct plan *plan, struct block *block, const struct block_expr *expr, GArray *docs,
    guint8 *settled)
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
		settled[i] = 1;
		/* A block may still have the doc of a message whose words went to another. */
		hit->weight = MAX(hit->weight, weight_of(block, wanted, (guint32)ranks[i]));
	}
	return true;
}

static bool
weigh_blocks(struct plan *plan, GArray *docs, guint8 *settled)
{
	GError **error = &plan->context->error;
	g_autoptr(GPtrArray) blocks = block_list(plan->context->database, error);
	guint nodes;

	if (blocks == NULL)
		return false;
	g_autoptr(block_expr) expr = block_expr_parse(plan->words->str, false, &nodes, error);
	bool right = expr != NULL;
	for (guint i = 0; right && i < blocks->len; i++)
		right = weigh_block(plan, blocks->pdata[i], expr, docs, settled);
	return right;
}

guint
search_rank(struct plan *plan, GArray *docs, bool all)
{
	g_autofree guint8 *settled = g_new0(guint8, docs->len + 1);
	guint weighed =
	    weigh_blocks(plan, docs, settled) ? weigh_young(plan, settled, docs, all) : 0;

	g_array_set_size(docs, weighed);
	g_array_sort(docs, compare_weights);
	return weighed;
}
