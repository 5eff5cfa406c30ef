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
#define BITS_COST   0.4  /* that a position must be worth */
#define BITS_LETTER 0.03 /* the same of one letter: words are what is found for nothing */
#define WORD_LEAST  3    /* letters that make a word */
#define BITS_BYTE   5    /* at most, of one byte: letters come in words */
#define COST_MAX    48   /* positions of an expression */
#define REPEAT_MAX  8    /* repeats of a group written out; more are left open */
#define RUN_LEAST   16   /* so many of a set are no prose, whichever */
#define RUN_MAX     40   /* the same of a set */

/* --- how rare, and how dear --- */

struct worth {
	double bits;  /* minus the logarithm of the share of places where it stands */
	double dear;  /* in bits, what an engine has to do for it */
	guint cost;   /* positions of the expression */
	guint word;   /* letters in a row that stand in all that it matches */
	bool is_word; /* and it matches nothing but so many letters */
	bool whole;   /* it may stand between others: nothing in it matches any text */
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
count_of(const struct byte_set *set)
{
	guint count = 0;

	for (guint byte = 0; byte < 0x100; byte++)
		count += set_has(set, byte);
	return count;
}

static guint
repeats_of(const struct node *node)
{
	return node->kind == NODE_SET ? RUN_MAX : REPEAT_MAX;
}

struct node
factor_item(const GPtrArray *nodes, const struct node_run *run, guint i)
{
	struct node node = *(const struct node *)nodes->pdata[i];

	if (i + 1 == run->to && run->cut > 0)
		node.min = run->cut;
	if (i == run->from || i + 1 == run->to)
		node.min = node.max = node.most = MIN(node.min, repeats_of(&node));
	return node;
}

/* What stands behind an item; letters holds how many stand at the end of it by now. */
static void
join(struct worth *all, const struct worth *one, guint *letters)
{
	*letters = one->is_word ? *letters + one->word : 0;
	all->word = MAX(all->word, MAX(*letters, one->word));
	all->is_word = all->is_word && one->is_word;
	all->bits += one->bits;
	all->dear += one->dear;
	all->cost += one->cost;
	all->whole = all->whole && one->whole;
}

static struct worth worth_of_branch(const GPtrArray *nodes);

static struct worth
worth_of_set(const struct node *node)
{
	bool is_letter = count_of(&node->set) <= 2;
	struct worth worth = { .bits = set_bits(&node->set),
		.cost = 1,
		.dear = is_letter ? BITS_LETTER : BITS_COST,
		.word = is_letter ? MIN(node->min, WORD_LEAST) : 0,
		.is_word = is_letter && node->min == node->max };

	/* It would run over whole lines between two others. */
	worth.whole = worth.bits > 1 || node->max <= 2 || node->min >= RUN_LEAST;
	return worth;
}

static struct worth
worth_of_group(const struct node *node)
{
	struct worth worth = {
		.bits = G_MAXDOUBLE, .whole = true, .is_word = true, .word = G_MAXUINT
	};

	for (guint i = 0; i < node->branches->len; i++) {
		struct worth branch = worth_of_branch(node->branches->pdata[i]);
		worth.bits = MIN(worth.bits, branch.bits);
		worth.dear = MAX(worth.dear, branch.dear);
		worth.cost += branch.cost + 1;
		worth.word = MIN(worth.word, branch.word);
		worth.is_word = worth.is_word && branch.is_word;
		worth.whole = worth.whole && branch.whole;
	}
	worth.word = node->min > 0 ? worth.word : 0;
	worth.is_word = worth.is_word && node->min == 1 && node->max == 1;
	return worth;
}

static struct worth
worth_of(const struct node *node)
{
	struct worth worth = { .whole = false };
	guint written = CLAMP(node->min, 1, repeats_of(node));

	if (node->kind == NODE_SET)
		worth = worth_of_set(node);
	else if (node->kind == NODE_GROUP)
		worth = worth_of_group(node);
	worth.bits *= node->min == 0 ? 0 : written;
	worth.dear *= written;
	worth.cost *= written;
	return worth;
}

static struct worth
worth_of_branch(const GPtrArray *nodes)
{
	struct worth all = { .whole = true, .is_word = true };
	guint letters = 0;

	for (guint i = 0; i < nodes->len; i++) {
		struct worth one = worth_of(nodes->pdata[i]);
		join(&all, &one, &letters);
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
	struct worth worth = { .bits = G_MAXDOUBLE, .word = G_MAXUINT };

	for (guint i = 0; i < node->branches->len; i++) {
		struct choice choice = best_of(node->branches->pdata[i]);
		worth.bits = MIN(worth.bits, choice.worth.bits);
		worth.dear = MAX(worth.dear, choice.worth.dear);
		worth.word = MIN(worth.word, choice.worth.word);
		worth.cost += choice.worth.cost + 1;
	}
	return worth;
}

static bool
is_better(const struct worth *a, const struct worth *b)
{
	double left = MIN(a->bits, BITS_WANTED) - a->dear;
	double right = MIN(b->bits, BITS_WANTED) - b->dear;

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
	struct choice run = { .from = from, .worth = { .whole = true, .is_word = true } };
	guint letters = 0;

	for (guint i = from; i < nodes->len && worths[i].whole; i++) {
		join(&run.worth, &worths[i], &letters);
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
	guint one = 0;

	for (guint byte = 0; byte < 0x100; byte++)
		one = set_has(set, byte) ? byte : one;
	if (count_of(set) == 1) {
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
put_node(GString *out, const struct node *node)
{
	g_string_append(out, node->is_line ? "(?:^|" : "");
	if (node->kind == NODE_SET)
		put_set(out, &node->set);
	else
		put_branches(out, node, false);
	g_string_append(out, node->is_line ? ")" : "");
	put_repeat(out, node);
}

static void
put_nodes(GString *out, const GPtrArray *nodes)
{
	for (guint i = 0; i < nodes->len; i++)
		put_node(out, nodes->pdata[i]);
}

static void
put_run(GString *out, const GPtrArray *nodes, const struct node_run *run)
{
	for (guint i = run->from; i < run->to; i++) {
		struct node node = factor_item(nodes, run, i);
		put_node(out, &node);
	}
}

static void
put_choice(GString *out, const GPtrArray *nodes, const struct choice *choice)
{
	if (choice->is_inside)
		put_branches(out, nodes->pdata[choice->from], true);
	else
		put_run(out, nodes, &(struct node_run){ choice->from, choice->to, 0 });
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
	if (!inside) {
		put_nodes(out, branch);
		return;
	}
	struct choice choice = best_of(branch);
	put_choice(out, branch, &choice);
}

/* --- the whole --- */

/* A factor that is only looked for in places: each branch has a kind of its own. */
static struct factor *
placed_factor(const GPtrArray *branches)
{
	GString *texts[FACTOR_PLACES] = { NULL };
	struct factor *factor = g_new0(struct factor, 1);
	bool fine = true;

	for (guint i = 0; i < branches->len && fine; i++) {
		struct node_place found;
		struct node_run run;
		g_autoptr(GPtrArray) nodes = nodes_flat(branches->pdata[i]);
		fine = factor_find_place(nodes, &run, &found);
		if (!fine)
			break;
		GString **text = &texts[found.place];
		struct factor_placed *placed = &factor->placed[found.place];
		*text = *text == NULL ? g_string_new(NULL) : g_string_append_c(*text, '|');
		put_run(*text, nodes, &run);
		placed->before = MAX(placed->before, found.before);
		placed->after = MAX(placed->after, found.after);
	}
	for (guint i = 0; i < FACTOR_PLACES; i++) {
		if (texts[i] != NULL)
			factor->placed[i].expression = g_string_free(texts[i], FALSE);
	}
	factor->bits = BITS_WANTED;
	if (fine)
		return factor;
	factor_free(factor);
	return NULL;
}

struct factor *
factor_of(struct factor_cases *cases, const char *pattern, bool ignore_case, const char **why)
{
	guint odd = 0;
	g_autoptr(GPtrArray) nodes = factor_parse(cases, pattern, ignore_case, &odd);

	*why = "it has parts of which is not known what they match";
	if (nodes == NULL)
		return NULL;
	g_autoptr(GPtrArray) items = nodes_flat(nodes), made = nodes_new();
	g_autoptr(GPtrArray) spread = nodes_spread_line(items, made);
	struct choice best = best_of(items), other = { 0 };
	if (spread != NULL)
		other = best_of(spread);
	bool is_spread = is_better(&other.worth, &best.worth);
	best = is_spread ? other : best;
	const struct node *whole = nodes->pdata[0];
	bool is_word = best.worth.bits >= BITS_LEAST && best.worth.word >= WORD_LEAST;
	struct factor *factor = is_word ? NULL : placed_factor(whole->branches);
	if (factor != NULL) {
		factor->odd = odd;
		return factor;
	}
	*why = "nothing rare stands in all its matches";
	if (best.worth.bits < BITS_LEAST)
		return NULL;
	*why = "it has too many branches";
	if (best.worth.cost > 64 * COST_MAX)
		return NULL;
	g_autoptr(GString) out = g_string_new(NULL);
	put_choice(out, is_spread ? spread : items, &best);
	factor = g_new0(struct factor, 1);
	factor->expression = g_strdup(out->str);
	factor->odd = odd;
	factor->bits = MIN(best.worth.bits, BITS_WANTED);
	return factor;
}

/* The byte written as \xHH. */
static guint
byte_at(const char *escape)
{
	return (guint)(g_ascii_xdigit_value(escape[2]) * 16 + g_ascii_xdigit_value(escape[3]));
}

bool
factor_may_hold(const char *expression, guint byte)
{
	for (const char *p = expression; (p = strchr(p, '\\')) != NULL;) {
		guint first = byte_at(p), last = first;
		p += strlen("\\xHH");
		if (*p == '-') {
			last = byte_at(p + 1);
			p += strlen("-\\xHH");
		}
		if (first <= byte && byte <= last)
			return true;
	}
	return false;
}

void
factor_free(struct factor *factor)
{
	if (factor == NULL)
		return;
	g_free(factor->expression);
	for (guint i = 0; i < FACTOR_PLACES; i++)
		g_free(factor->placed[i].expression);
	g_free(factor);
}
