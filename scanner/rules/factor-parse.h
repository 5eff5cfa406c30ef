/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_FACTOR_PARSE_H
#define FLAGPOST_RULES_FACTOR_PARSE_H
/*
 * factor_parse - what factor-parse.c and factor-class.c share: the place in a pattern, and the
 * items that stand for one character.
 */
#include "rules/factor-tree.h"

struct parser {
	const char *p;
	bool ignore_case, extended, multiline; /* as the options stand at p */
	bool failed;
	guint depth, nodes;
	GPtrArray *groups; /* of capturing groups by number from 1: their branches, or NULL */
	bool mixed;        /* options, or numbers of groups, change on the way */
	struct factor_cases *cases;
	guint *odd;
};

/* Gives the pattern up: p is at an end then, whoever goes on. */
void parser_fail(struct parser *parser);
struct node *parser_add(struct parser *parser, GPtrArray *out, enum node_kind kind);

/* One character, or \d and its like, or \p{...} with p behind the letter; a class behind its '['.
 */
void parser_add_character(struct parser *parser, GPtrArray *out, gunichar c);
void parser_add_kind(struct parser *parser, GPtrArray *out, char kind);
void parser_add_property(struct parser *parser, GPtrArray *out, bool negated);
void parser_add_class(struct parser *parser, GPtrArray *out);

/* An escape that means one character. False when it is of another kind; p is left alone then. */
bool parser_escaped(struct parser *parser, gunichar *out);

#endif
