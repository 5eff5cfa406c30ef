/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SEARCH_RANK_H
#define FLAGPOST_STORE_SEARCH_RANK_H
/*
 * search_rank - how well messages match: words count by the column in which they stand, the second
 * one half, the third one a third, and less in what is long.
 */
#include "store/search-plan.h"

struct search_hit {
	gint64 doc;
	double weight;
};

/*
 * docs: of struct search_hit, newest first; sorted by weight, and then the newest first. An error
 * is in the plan's context, and the order is none then.
 */
void search_rank(struct plan *plan, GArray *docs);

#endif
