/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_FACTOR_TREE_H
#define FLAGPOST_RULES_FACTOR_TREE_H
/*
 * factor_tree - a pattern taken apart into what its matches are made of, over bytes. Each node
 * may match more than its part of the pattern does, never less. Shared by the files factor*.c.
 */
#include <glib.h>
#include <stdbool.h>

#include "rules/factor.h"

#define FACTOR_NO_END G_MAXUINT /* of max: any number */

enum node_kind {
	NODE_SET,   /* one byte of a set */
	NODE_GROUP, /* one of its branches */
	NODE_ANY    /* any text at all, or none */
};

struct byte_set {
	guint32 bits[8];
};

struct node {
	enum node_kind kind;
	guint min, max; /* of a set or group, how often; of one of any bytes beyond ASCII, no end */
	guint most;     /* how many characters of the set, or times the group, at most */
	struct byte_set set;
	bool is_line;        /* of a set: a text may begin here as well */
	GPtrArray *branches; /* of GPtrArray of struct node */
};

void set_add(struct byte_set *set, guint byte);
bool set_has(const struct byte_set *set, guint byte);
/* All bytes of characters beyond ASCII. */
void set_add_high(struct byte_set *set);

GPtrArray *nodes_new(void); /* of struct node, which it owns */
/* The items of a sequence, with those of a plain group in its place; owns none of them. */
GPtrArray *nodes_flat(const GPtrArray *nodes);
/*
 * The same with the begin of a line, and the blanks behind it, in each branch of the group that
 * follows, since branches may be cut to what is best of each. NULL where there is none. owner gets
 * what is made.
 */
GPtrArray *nodes_spread_line(const GPtrArray *items, GPtrArray *owner);
struct node *node_new(enum node_kind kind);

/*
 * A run of the items of a sequence; of the last one, where `cut` is not 0, only so many repeats.
 * At either end more than the least tells nothing, so that is what is looked for.
 */
struct node_run {
	guint from, to, cut;
};

/* Item i of a run as it is looked for. Owns nothing. */
struct node factor_item(const GPtrArray *nodes, const struct node_run *run, guint i);

/* A kind of place that matches have in them, and how many bytes they may reach beyond it. */
struct node_place {
	enum factor_place place;
	guint before, after;
};

/*
 * The run of a sequence that stands in places (factor.h), as long as there is room for. False when
 * none does.
 */
bool factor_find_place(const GPtrArray *nodes, struct node_run *run, struct node_place *place);

/* The nodes of a whole pattern, or NULL when something in it is not understood. */
GPtrArray *factor_parse(
    struct factor_cases *cases, const char *pattern, bool ignore_case, guint *odd);

/* Adds one character beyond ASCII in all its cases to a sequence. */
void factor_add_character(
    struct factor_cases *cases, gunichar c, bool ignore_case, GPtrArray *out, guint *odd);

#endif
