/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * factor - see factor.h. Of the tree of a pattern the rarest run of items is chosen, as short as
 * it may be. Leaving items out, and letting the rest match more, keeps every match of the pattern
 * a match of the factor: that is all that anything here may do.
 */
#include "rules/factor-tree.h"

#include <math.h>
#include <string.h>

#define BITS_WANTED 36   /* about eight letters: more tells nothing */
#define BITS_LEAST  4.5  /* one rare character: it is asked where that stands, and not elsewhere */
#define BITS_COST   0.15 /* that a position must be worth */
#define BITS_BYTE   5    /* at most, of one byte: letters come in words */
#define COST_MAX    48   /* positions of an expression */
#define REPEAT_MAX  8    /* repeats of a group written out; more are left open */
#define RUN_LEAST   16   /* so many of a set are no prose, whichever */
#define RUN_MAX     40   /* the same of a set */

void
set_add(struct byte_set *set, guint byte)
{
	set->bits[byte / 32] |= 1u << (byte % 32);
}

bool
set_has(const struct byte_set *set, guint byte)
{
	return (set->bits[byte / 32] >> (byte % 32) & 1) != 0;
}

void
set_add_high(struct byte_set *set)
{
	for (guint byte = 0x80; byte < 0x100; byte++)
		set_add(set, byte);
}

static void
node_free(void *data)
{
	struct node *node = data;

	if (node->branches != NULL)
		g_ptr_array_unref(node->branches);
	g_free(node);
}

GPtrArray *
nodes_new(void)
{
	return g_ptr_array_new_with_free_func(node_free);
}

struct node *
node_new(enum node_kind kind)
{
	struct node *node = g_new0(struct node, 1);

	node->kind = kind;
	node->min = node->max = 1;
	if (kind == NODE_GROUP)
		node->branches = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	return node;
}

/* --- how rare, and how dear --- */

struct worth {
	double bits; /* minus the logarithm of the share of places where it stands */
	guint cost;  /* positions of the expression */
	bool whole;  /* it may stand between others: nothing in it matches any text */
};

/* Roughly the share of a byte in mail: prose, tables and numbers. */
static double
share_of(guint byte)
{
	if (byte == ' ')
		return 0.15;
	if (byte >= 0x80)
		return 0.002;
	if (strchr("etaoinsrhldu", (int)byte) != NULL)
		return 0.06;
	if (g_ascii_isdigit((char)byte) || g_ascii_islower((char)byte))
		return 0.02;
	return byte == '\n' || byte == '.' || byte == ',' || byte == '-' ? 0.02 : 0.003;
}

static double
set_bits(const struct byte_set *set)
{
	double share = 0;

	for (guint byte = 1; byte < 0x100; byte++)
		share += set_has(set, byte) ? share_of(byte) : 0;
	/* Of a wide set the shares count by all of them together. */
	share = MIN(share, 0.5) + MAX(share - 0.5, 0) * 0.4;
	return share >= 1 ? 0 : MIN(-log2(MAX(share, 0.0001)), BITS_BYTE);
}

static guint
repeats_of(const struct node *node)
{
	return node->kind == NODE_SET ? RUN_MAX : REPEAT_MAX;
}

static struct worth worth_of_branch(const GPtrArray *nodes);

static struct worth
worth_of(const struct node *node)
{
	struct worth worth = { .whole = node->kind != NODE_ANY };
	guint written = CLAMP(node->min, 1, repeats_of(node));

	if (node->kind == NODE_SET) {
		worth.bits = set_bits(&node->set);
		worth.cost = 1;
		/* It would run over whole lines between two others. */
		worth.whole = worth.bits > 1 || node->max <= 2 || node->min >= RUN_LEAST;
	} else if (node->kind == NODE_GROUP) {
		worth.bits = G_MAXDOUBLE;
		for (guint i = 0; i < node->branches->len; i++) {
			struct worth branch = worth_of_branch(node->branches->pdata[i]);
			worth.bits = MIN(worth.bits, branch.bits);
			worth.cost += branch.cost + 1;
			worth.whole = worth.whole && branch.whole;
		}
	}
	worth.bits *= node->min == 0 ? 0 : written;
	worth.cost *= written;
	return worth;
}

static struct worth
worth_of_branch(const GPtrArray *nodes)
{
	struct worth all = { .whole = true };

	for (guint i = 0; i < nodes->len; i++) {
		struct worth one = worth_of(nodes->pdata[i]);
		all.bits += one.bits;
		all.cost += one.cost;
		all.whole = all.whole && one.whole;
	}
	return all;
}

/* --- choosing --- */

struct choice {
	guint from, to; /* nodes of a sequence */
	bool is_inside; /* the one node is a group of which each branch has a choice of its own */
	struct worth worth;
};

static struct choice best_of(const GPtrArray *nodes);

/* A group of which each branch is cut to its own best part. */
static struct worth
worth_inside(const struct node *node)
{
	struct worth worth = { .bits = G_MAXDOUBLE };

	for (guint i = 0; i < node->branches->len; i++) {
		struct choice choice = best_of(node->branches->pdata[i]);
		worth.bits = MIN(worth.bits, choice.worth.bits);
		worth.cost += choice.worth.cost + 1;
	}
	return worth;
}

static bool
is_better(const struct worth *a, const struct worth *b)
{
	double left = MIN(a->bits, BITS_WANTED) - BITS_COST * a->cost;
	double right = MIN(b->bits, BITS_WANTED) - BITS_COST * b->cost;

	if (a->bits < BITS_LEAST || b->bits < BITS_LEAST)
		return a->bits > b->bits;

	if (left > right + 0.01 || left < right - 0.01)
		return left > right;
	return a->cost < b->cost;
}

/* The best run of items that begins with one, as short as it may be. */
static void
try_from(const GPtrArray *nodes, const struct worth *worths, guint from, struct choice *best)
{
	struct choice run = { .from = from };

	for (guint i = from; i < nodes->len && worths[i].whole; i++) {
		run.worth.bits += worths[i].bits;
		run.worth.cost += worths[i].cost;
		run.to = i + 1;
		if (run.worth.cost > COST_MAX)
			return;
		if (worths[i].bits > 0 && is_better(&run.worth, &best->worth))
			*best = run;
		if (run.worth.bits >= BITS_WANTED)
			return;
	}
}

static struct choice
best_of(const GPtrArray *nodes)
{
	g_autofree struct worth *worths = g_new0(struct worth, nodes->len + 1);
	struct choice best = { 0 };

	for (guint i = 0; i < nodes->len; i++)
		worths[i] = worth_of(nodes->pdata[i]);
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = nodes->pdata[i];
		if (worths[i].whole && worths[i].bits > 0)
			try_from(nodes, worths, i, &best);
		if (node->kind != NODE_GROUP || node->min == 0)
			continue;
		struct choice inside = { i, i + 1, true, worth_inside(node) };
		if (is_better(&inside.worth, &best.worth))
			best = inside;
	}
	return best;
}

/* --- writing --- */

static void
put_byte(GString *out, guint byte)
{
	g_string_append_printf(out, "\\x%02x", byte);
}

static void
put_set(GString *out, const struct byte_set *set)
{
	guint count = 0, one = 0;

	for (guint byte = 0; byte < 0x100; byte++) {
		count += set_has(set, byte);
		one = set_has(set, byte) ? byte : one;
	}
	if (count == 1) {
		put_byte(out, one);
		return;
	}
	g_string_append_c(out, '[');
	for (guint byte = 0; byte < 0x100; byte++) {
		guint last = byte;
		if (!set_has(set, byte))
			continue;
		while (last < 0xff && set_has(set, last + 1))
			last++;
		put_byte(out, byte);
		if (last > byte) {
			g_string_append_c(out, '-');
			put_byte(out, last);
		}
		byte = last;
	}
	g_string_append_c(out, ']');
}

static void
put_repeat(GString *out, const struct node *node)
{
	guint most = repeats_of(node), min = MIN(node->min, most);

	if (node->min == 1 && node->max == 1)
		return;
	if (node->max <= most)
		g_string_append_printf(out, "{%u,%u}", min, node->max);
	else
		g_string_append_printf(out, "{%u,}", min);
}

static void put_branches(GString *out, const struct node *node, bool inside);
static void put_branch(GString *out, const GPtrArray *branch, bool inside);

static void
put_nodes(GString *out, const GPtrArray *nodes, guint from, guint to)
{
	for (guint i = from; i < to; i++) {
		const struct node *node = nodes->pdata[i];
		if (node->kind == NODE_SET)
			put_set(out, &node->set);
		else
			put_branches(out, node, false);
		put_repeat(out, node);
	}
}

static void
put_choice(GString *out, const GPtrArray *nodes, const struct choice *choice)
{
	if (choice->is_inside)
		put_branches(out, nodes->pdata[choice->from], true);
	else
		put_nodes(out, nodes, choice->from, choice->to);
}

static void
put_branches(GString *out, const struct node *node, bool inside)
{
	bool is_one = node->branches->len == 1 && (inside || (node->min == 1 && node->max == 1));

	g_string_append(out, is_one ? "" : "(?:");
	for (guint i = 0; i < node->branches->len; i++) {
		g_string_append(out, i > 0 ? "|" : "");
		put_branch(out, node->branches->pdata[i], inside);
	}
	g_string_append(out, is_one ? "" : ")");
}

static void
put_branch(GString *out, const GPtrArray *branch, bool inside)
{
	struct choice choice = { .to = branch->len };

	if (inside)
		choice = best_of(branch);
	put_choice(out, branch, &choice);
}

/* --- the whole --- */

struct factor *
factor_of(struct factor_cases *cases, const char *pattern, bool ignore_case, const char **why)
{
	guint odd = 0;
	g_autoptr(GPtrArray) nodes = factor_parse(cases, pattern, ignore_case, &odd);

	*why = "it has parts of which is not known what they match";
	if (nodes == NULL)
		return NULL;
	struct choice best = best_of(nodes);
	*why = "nothing rare stands in all its matches";
	if (best.worth.bits < BITS_LEAST)
		return NULL;
	*why = "it has too many branches";
	if (best.worth.cost > 64 * COST_MAX)
		return NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	put_choice(out, nodes, &best);
	struct factor *factor = g_new0(struct factor, 1);
	factor->expression = g_strdup(out->str);
	factor->odd = odd;
	factor->bits = MIN(best.worth.bits, BITS_WANTED);
	return factor;
}

void
factor_free(struct factor *factor)
{
	if (factor == NULL)
		return;
	g_free(factor->expression);
	g_free(factor);
}
