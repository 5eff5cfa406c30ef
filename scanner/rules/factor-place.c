/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which kind of place every match of a sequence of items must have in it, and how far the match
 * may reach beyond. What is not ASCII and may equal something here is odd (factor.h): texts that
 * have it are not searched by places.
 */
#include "rules/factor-tree.h"

#define ENDLESS      10000 /* characters that no run of items has */
#define BYTES_A_CHAR 4

enum class {
	CLASS_DIGITS,
	CLASS_LETTERS,
	CLASS_CAPITALS, /* and digits */
	CLASS_RUN,
	CLASSES
};

/* What is known of all that an item, or a sequence, matches. Counts are of characters. */
struct shape {
	guint least, most;
	guint others; /* at most so many are no digits */
	/* Digits that it has for certain; at most so many others between two of them. */
	guint digits, gap;
	guint lead, lead_others; /* at most so many before the first of them, and no digits there */
	guint trail, trail_others;
	bool in[CLASSES];   /* every character is of the class */
	guint run[CLASSES]; /* so many of the class one behind the other, for certain */
	bool is_wide;       /* some may have more than one byte */
};

static guint
sum(guint a, guint b)
{
	return MIN(a, ENDLESS) + MIN(b, ENDLESS);
}

static guint
product(guint a, guint b)
{
	return MIN(MIN(a, ENDLESS) * MIN(b, ENDLESS), ENDLESS);
}

static bool
is_in(enum class class, guint byte)
{
	char c = (char)byte;

	switch (class) {
	case CLASS_DIGITS:
		return g_ascii_isdigit(c);
	case CLASS_LETTERS:
		return g_ascii_isalpha(c);
	case CLASS_CAPITALS:
		return g_ascii_isdigit(c) || g_ascii_isupper(c);
	default:
		return g_ascii_isalnum(c) || c == '+' || c == '/' || c == '<';
	}
}

static struct shape
nothing(void)
{
	struct shape shape = { 0 };

	for (guint k = 0; k < CLASSES; k++)
		shape.in[k] = true;
	return shape;
}

static struct shape
shape_of_set(const struct node *node)
{
	struct shape shape = nothing();

	shape.least = MIN(node->min, ENDLESS);
	shape.most = MIN(node->most, ENDLESS);
	for (guint byte = 0; byte < 0x100; byte++) {
		if (!set_has(&node->set, byte))
			continue;
		shape.is_wide = shape.is_wide || byte >= 0x80;
		for (guint k = 0; k < CLASSES; k++)
			shape.in[k] = shape.in[k] && byte < 0x80 && is_in(k, byte);
	}
	for (guint k = 0; k < CLASSES; k++)
		shape.run[k] = shape.in[k] ? shape.least : 0;
	if (shape.in[CLASS_DIGITS]) {
		shape.digits = shape.least;
		shape.trail = shape.least > 0 ? shape.most - shape.least : 0;
	} else {
		shape.others = shape.most;
	}
	return shape;
}

/* Digits of one that b stands behind. */
static void
join_digits(struct shape *a, const struct shape *b)
{
	if (a->digits == 0) {
		a->lead = sum(a->most, b->lead);
		a->lead_others = sum(a->others, b->lead_others);
		a->gap = b->gap;
		a->trail = b->trail;
		a->trail_others = b->trail_others;
	} else if (b->digits == 0) {
		a->trail = sum(a->trail, b->most);
		a->trail_others = sum(a->trail_others, b->others);
	} else {
		a->gap = MAX(MAX(a->gap, b->gap), sum(a->trail_others, b->lead_others));
		a->trail = b->trail;
		a->trail_others = b->trail_others;
	}
	a->digits = sum(a->digits, b->digits);
	a->others = sum(a->others, b->others);
}

/* run holds what every class's run at the end of a has by now. */
static void
join(struct shape *a, const struct shape *b, guint *run)
{
	for (guint k = 0; k < CLASSES; k++) {
		run[k] = b->in[k] ? sum(run[k], b->least) : 0;
		a->run[k] = MAX(a->run[k], MAX(run[k], b->run[k]));
		a->in[k] = a->in[k] && b->in[k];
	}
	join_digits(a, b);
	a->least = sum(a->least, b->least);
	a->most = sum(a->most, b->most);
	a->is_wide = a->is_wide || b->is_wide;
}

static struct shape shape_of(const struct node *node);

static struct shape
shape_of_sequence(const GPtrArray *nodes)
{
	struct shape all = nothing();
	guint run[CLASSES] = { 0 };

	for (guint i = 0; i < nodes->len; i++) {
		struct shape one = shape_of(nodes->pdata[i]);
		join(&all, &one, run);
	}
	return all;
}

/* One or the other. */
static void
widen(struct shape *a, const struct shape *b)
{
	bool has_digits = a->digits > 0 && b->digits > 0;

	for (guint k = 0; k < CLASSES; k++) {
		a->in[k] = a->in[k] && b->in[k];
		a->run[k] = MIN(a->run[k], b->run[k]);
	}
	a->least = MIN(a->least, b->least);
	a->most = MAX(a->most, b->most);
	a->others = MAX(a->others, b->others);
	a->digits = has_digits ? MIN(a->digits, b->digits) : 0;
	a->gap = MAX(a->gap, b->gap);
	a->lead = MAX(a->lead, b->lead);
	a->lead_others = MAX(a->lead_others, b->lead_others);
	a->trail = MAX(a->trail, b->trail);
	a->trail_others = MAX(a->trail_others, b->trail_others);
	a->is_wide = a->is_wide || b->is_wide;
}

static struct shape
shape_of_group(const struct node *node)
{
	struct shape once = shape_of_sequence(node->branches->pdata[0]), all = nothing();
	guint run[CLASSES] = { 0 };

	for (guint i = 1; i < node->branches->len; i++) {
		struct shape other = shape_of_sequence(node->branches->pdata[i]);
		widen(&once, &other);
	}
	/* More of them than any run has tell nothing more. */
	for (guint i = 0; i < MIN(node->min, FACTOR_PLACED_MAX); i++)
		join(&all, &once, run);
	if (node->most > node->min) {
		guint times = node->most - node->min;
		struct shape more = nothing();
		more.most = product(once.most, times);
		more.others = product(once.others, times);
		more.is_wide = once.is_wide;
		memcpy(more.in, once.in, sizeof(more.in));
		join(&all, &more, run);
	}
	if (node->min > FACTOR_PLACED_MAX)
		all.most = once.most > 0 ? ENDLESS : all.most;
	return all;
}

static struct shape
shape_of(const struct node *node)
{
	struct shape any = { .most = ENDLESS, .others = ENDLESS, .is_wide = true };

	if (node->kind == NODE_ANY || (node->kind == NODE_GROUP && node->branches->len == 0))
		return any;
	return node->kind == NODE_SET ? shape_of_set(node) : shape_of_group(node);
}

/* --- choosing --- */

/* Two letters, and behind them two digits. */
static bool
has_code(const struct shape *shapes, guint from, guint to)
{
	guint letters = 0, digits = 0;

	for (guint i = from; i < to; i++) {
		const struct shape *one = &shapes[i];
		if (one->in[CLASS_LETTERS] && one->most > 0) {
			letters = digits > 0 ? one->least : letters + one->least;
			digits = 0;
		} else if (one->in[CLASS_DIGITS]) {
			digits += letters >= 2 ? one->least : 0;
		} else {
			letters = digits = 0;
		}
		if (digits >= 2)
			return true;
	}
	return false;
}

static guint
bytes_of(const struct shape *all)
{
	return all->is_wide ? BYTES_A_CHAR : 1;
}

/* Takes a kind of place where nothing better, so with less around it, was found. */
static void
offer(struct node_place *best, bool *found, const struct shape *all, enum factor_place place,
    guint before, guint after)
{
	before *= bytes_of(all);
	after *= bytes_of(all);
	if (*found && best->before + best->after <= before + after)
		return;
	*found = true;
	*best = (struct node_place){ place, before, after };
}

/* False when no kind of place must be in it. */
static bool
find_place(const struct shape *all, bool is_code, struct node_place *best)
{
	guint beyond_run = all->most - all->run[CLASS_RUN];
	guint beyond_capitals = all->most - all->run[CLASS_CAPITALS];
	bool found = false;

	if (all->run[CLASS_CAPITALS] >= FACTOR_CAPITALS_LEAST)
		offer(best, &found, all, FACTOR_CAPITALS, beyond_capitals, beyond_capitals);
	if (all->run[CLASS_RUN] >= FACTOR_RUN_LEAST)
		offer(best, &found, all, FACTOR_RUN, beyond_run, beyond_run);
	if (all->digits >= FACTOR_DIGITS_LEAST && all->gap <= FACTOR_GAP)
		offer(best, &found, all, FACTOR_DIGITS, all->lead, all->trail);
	if (is_code)
		offer(best, &found, all, FACTOR_CODE, all->most, all->most);
	return found;
}

/* As many repeats of a node as are there for certain and find room; 0 for none. */
static guint
cut_to(const struct node *node, const struct shape *shape, guint room)
{
	if (node->kind == NODE_SET)
		return MIN(node->min, room);
	if (node->most == 0 || shape->most >= ENDLESS)
		return 0;
	guint once = (shape->most + node->most - 1) / node->most;
	return once > 0 ? MIN(node->min, room / once) : 0;
}

/* Characters that one more item may have behind others. */
static guint
room_for(const struct shape *all, const struct shape *one)
{
	guint room = FACTOR_PLACED_MAX / (all->is_wide || one->is_wide ? BYTES_A_CHAR : 1);

	return room > all->most ? room - all->most : 0;
}

/* The longest run from `from` on that finds room, with its shape. */
static struct shape
run_from(const GPtrArray *nodes, const struct shape *shapes, struct node_run *run)
{
	struct shape all = nothing();
	guint ends[CLASSES] = { 0 };
	guint i = run->from;

	for (; i < nodes->len && shapes[i].most <= room_for(&all, &shapes[i]); i++)
		join(&all, &shapes[i], ends);
	run->to = i;
	run->cut = 0;
	if (i == nodes->len || shapes[i].least == 0)
		return all;
	struct node part = *(const struct node *)nodes->pdata[i];
	run->cut = cut_to(&part, &shapes[i], room_for(&all, &shapes[i]));
	part.min = part.max = part.most = run->cut;
	if (run->cut > 0) {
		struct shape one = shape_of(&part);
		join(&all, &one, ends);
		run->to = i + 1;
	}
	return all;
}

bool
factor_find_place(const GPtrArray *nodes, struct node_run *best, struct node_place *place)
{
	g_autofree struct shape *shapes = g_new(struct shape, nodes->len + 1);
	guint longest = 0;

	for (guint i = 0; i < nodes->len; i++)
		shapes[i] = shape_of(nodes->pdata[i]);
	for (guint i = 0; i < nodes->len; i++) {
		struct node_run run = { .from = i };
		struct node_place found = { 0 };
		struct shape all = run_from(nodes, shapes, &run);
		if (all.least <= longest ||
		    !find_place(&all, has_code(shapes, run.from, run.to), &found))
			continue;
		longest = all.least;
		*best = run;
		*place = found;
	}
	return longest > 0;
}
