/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_FILTERS_H
#define FLAGPOST_CMD_FILTERS_H
/*
 * filters - what people type to search, as a tree of store/search.h.
 *
 *	from:anna to:@rival.example after:2026-05-30 "bluefin ledger" -draft (tender OR bid)
 *
 * What stands side by side must all hold; OR joins the two sides of it and binds less; a minus,
 * or NOT, turns what follows round. An argument that begins with a filter and has neither quotes
 * nor another filter in it is one value, spaces and all; so is one without any filter beside
 * others, since the shell took its quotes; blanks at its ends are nothing. A quote or bracket that
 *stays open ends at the end. What joins, turns or encloses nothing is passed over, with a note; of
 *nothing but that no search is made, since it would find all messages. An empty query does find
 *them.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/view.h"

struct filters {
	struct search *search;
	GPtrArray *notes; /* of char *: what was passed over or, once asked, looked for otherwise */
	GPtrArray
	    *hints; /* of char *: what may have been meant otherwise, and was asked as it is */
	struct view_query query; /* with search, notes and whole, and nothing else */
};

/* NULL after a FAULT_USAGE that names the word and the filter meant. Days are days of zone. */
struct filters *filters_new(const char *const *words, GTimeZone *zone, GError **error);
/*
 * The same of one option's text: a line of it is an argument. An empty one, which would be all
 * messages, is refused, since something is to be done with what is found.
 */
struct filters *filters_of_query(const char *query, GTimeZone *zone, GError **error);
/* Hints and notes on stderr: what is done by a query may be other than what was meant. */
void filters_tell(const struct filters *filters, const char *command);
void filters_free(struct filters *filters);
AUTO_DEFINE(filters, filters_free)

#endif
