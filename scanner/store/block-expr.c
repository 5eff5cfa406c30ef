/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Knows what we write and no more: anything else is a bug of ours, and is told as one.
 */
#include "store/block-expr.h"

#include <string.h>

#include "base/fault.h"
#include "store/index.h"

#define DEPTH_MAX 200 /* of brackets */

struct parser {
	const char *at;
	guint columns, depth, nodes;
	bool failed;
};

static struct block_expr *parse_all(struct parser *parser);

void
block_expr_free(struct block_expr *expr)
{
	if (expr == NULL)
		return;
	block_expr_free(expr->one);
	block_expr_free(expr->other);
	g_strfreev(expr->words);
	g_free(expr);
}

static bool
skip(struct parser *parser, const char *text)
{
	while (*parser->at == ' ')
		parser->at++;
	if (!g_str_has_prefix(parser->at, text))
		return false;
	parser->at += strlen(text);
	return true;
}

static struct block_expr *
fail(struct parser *parser)
{
	parser->failed = true;
	return NULL;
}

/* Behind the brace. */
static guint
parse_columns(struct parser *parser)
{
	const char *end = strchr(parser->at, '}');
	guint columns = 0;

	if (end == NULL)
		return 0;
	g_autofree char *text = g_strndup(parser->at, (gsize)(end - parser->at));
	g_auto(GStrv) names = g_strsplit(text, " ", -1);
	for (guint i = 0; names[i] != NULL; i++) {
		for (guint j = 0; j < INDEX_COLUMNS; j++)
			columns |= strcmp(names[i], index_columns[j]) == 0 ? 1u << j : 0;
	}
	parser->at = end + 1;
	return columns;
}

/* Behind the quote. */
static struct block_expr *
parse_phrase(struct parser *parser)
{
	const char *end = strchr(parser->at, '"');

	if (end == NULL || end == parser->at)
		return fail(parser);
	g_autofree char *text = g_strndup(parser->at, (gsize)(end - parser->at));
	struct block_expr *expr = g_new0(struct block_expr, 1);
	expr->kind = BLOCK_EXPR_PHRASE;
	expr->columns = parser->columns;
	expr->words = g_strsplit(text, " ", -1);
	expr->windowed = expr->words[1] != NULL;
	expr->number = parser->nodes++;
	parser->at = end + 1;
	expr->open = skip(parser, "*");
	return expr;
}

static struct block_expr *
parse_term(struct parser *parser)
{
	guint columns = parser->columns;

	if (parser->depth >= DEPTH_MAX)
		return fail(parser);
	if (skip(parser, "\""))
		return parse_phrase(parser);
	parser->depth++;
	struct block_expr *expr = NULL;
	if (skip(parser, "{")) {
		parser->columns &= parse_columns(parser);
		expr = skip(parser, ":") ? parse_term(parser) : fail(parser);
		parser->columns = columns;
	} else if (skip(parser, "(")) {
		expr = parse_all(parser);
		if (!skip(parser, ")"))
			parser->failed = true;
	} else {
		fail(parser);
	}
	parser->depth--;
	return expr;
}

static bool
parse_operator(struct parser *parser, enum block_expr_kind *kind)
{
	static const char *const names[] = {
		[BLOCK_EXPR_AND] = "AND ", [BLOCK_EXPR_OR] = "OR ", [BLOCK_EXPR_NOT] = "NOT "
	};

	for (guint i = BLOCK_EXPR_AND; i <= BLOCK_EXPR_NOT; i++) {
		*kind = (enum block_expr_kind)i;
		if (skip(parser, names[i]))
			return true;
	}
	return false;
}

static struct block_expr *
parse_all(struct parser *parser)
{
	struct block_expr *expr = parse_term(parser);
	enum block_expr_kind kind;

	while (!parser->failed && parse_operator(parser, &kind)) {
		struct block_expr *both = g_new0(struct block_expr, 1);
		both->kind = kind;
		both->one = expr;
		both->other = parse_term(parser);
		both->windowed = expr->windowed || (both->other != NULL && both->other->windowed);
		both->number = parser->nodes++;
		expr = both;
	}
	return expr;
}

struct block_expr *
block_expr_parse(const char *text, bool people, guint *nodes, GError **error)
{
	struct parser parser = { .at = text,
		.columns = people ? 1u << INDEX_COLUMNS : (1u << INDEX_COLUMNS) - 1 };
	struct block_expr *expr = parse_all(&parser);

	*nodes = parser.nodes;
	if (!parser.failed && !skip(&parser, " ") && *parser.at == '\0')
		return expr;
	block_expr_free(expr);
	g_set_error(error, FAULT, FAULT_BUG,
	    "an expression of the search is not understood: '%.60s'", parser.at);
	return NULL;
}
