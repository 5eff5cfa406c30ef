/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_BLOCK_EXPR_H
#define FLAGPOST_STORE_BLOCK_EXPR_H
/*
 * block_expr - the expressions that store/search-words.c and store/search-plan.c make, as a tree: a
 * part of the syntax of SQLite's FTS5, by which tests hold the one against the other.
 *
 *	expression := term { ("AND" | "OR" | "NOT") term }     from left to right
 *	term       := "{" columns "}" ":" term | "(" expression ")" | phrase [ "*" ]
 *	phrase     := a quote, words with a blank between, a quote
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

enum block_expr_kind { BLOCK_EXPR_PHRASE, BLOCK_EXPR_AND, BLOCK_EXPR_OR, BLOCK_EXPR_NOT };

struct block_expr {
	enum block_expr_kind kind;
	guint columns; /* PHRASE: bits of enum index_column; of people: 1 << INDEX_COLUMNS */
	GStrv words;   /* PHRASE */
	bool open;     /* the last one may go on */
	bool windowed; /* there is a phrase of several words in it */
	struct block_expr *one, *other;
	guint number; /* of this node, from 0 */
};

/* people: tokens of store/party.h. FAULT_BUG: it is no such text. *nodes: how many there are. */
struct block_expr *block_expr_parse(const char *text, bool people, guint *nodes, GError **error);
void block_expr_free(struct block_expr *expr);
AUTO_DEFINE(block_expr, block_expr_free)

#endif
