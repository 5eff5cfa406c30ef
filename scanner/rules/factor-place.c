/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which kind of place every match of a sequence of items must have in it, and how far the match
 * may reach beyond. What is not ASCII and may equal something here is odd (factor.h): texts that
 * have it are not searched by places.
 */
#include "rules/factor-tree.h"

#define ENDLESS      10000 /* characters that no run of items has */
#define BYTES_A_CHAR 4
#define AROUND_MAX   12 /* bytes around places that cost nothing to speak of */
#define LEAST_KEPT   16 /* characters of a run that tell enough */
#define AROUND_COST  8  /* bytes around places that a character more must be worth */

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
	guint bytes;  /* at most */
	guint others; /* at most so many are no digits */
	/* Digits that it has for certain; at most so many others between two of them. */
	guint digits, gap;
	guint lead,
	    lead_others; /* at most so many bytes before the first of them, and no digits there */
	guint trail, trail_others;
	bool in[CLASSES];   /* every character is of the class */
	guint run[CLASSES]; /* so many of the class one behind the other, for certain */
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
	bool is_wide = false;

	shape.least = MIN(node->min, ENDLESS);
	shape.most = MIN(node->most, ENDLESS);
	for (guint byte = 0; byte < 0x100; byte++) {
		if (!set_has(&node->set, byte))
			continue;
		is_wide = is_wide || byte >= 0x80;
		for (guint k = 0; k < CLASSES; k++)
			shape.in[k] = shape.in[k] && byte < 0x80 && is_in(k, byte);
	}
	shape.bytes = product(shape.most, is_wide ? BYTES_A_CHAR : 1);
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
		a->lead = sum(a->bytes, b->lead);
		a->lead_others = sum(a->others, b->lead_others);
		a->gap = b->gap;
		a->trail = b->trail;
		a->trail_others = b->trail_others;
	} else if (b->digits == 0) {
		a->trail = sum(a->trail, b->bytes);
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
	a->bytes = sum(a->bytes, b->bytes);
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
	a->bytes = MAX(a->bytes, b->bytes);
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
		more.bytes = product(once.bytes, times);
		memcpy(more.in, once.in, sizeof(more.in));
		join(&all, &more, run);
	}
	if (node->min > FACTOR_PLACED_MAX)
		all.most = all.bytes = once.most > 0 ? ENDLESS : all.most;
	return all;
}

static struct shape
shape_of(const struct node *node)
{
	struct shape any = { .most = ENDLESS, .bytes = ENDLESS, .others = ENDLESS };

	if (node->kind == NODE_ANY || (node->kind == NODE_GROUP && node->branches->len == 0))
		return any;
	return node->kind == NODE_SET ? shape_of_set(node) : shape_of_group(node);
}

/* --- choosing --- */

/*
 * A letter, and behind it two digits: how many bytes may stand before and behind these three.
 * False when they are not there for certain.
 */
static bool
has_code(const struct shape *shapes, guint n, guint *before, guint *after)
{
	guint letters = 0, digits = 0, bytes = 0, end = 0; /* of the letters */
	bool found = false;

	for (guint i = 0; i < n; i++) {
		const struct shape *one = &shapes[i];
		bytes = sum(bytes, one->bytes);
		if (found)
			continue;
		if (one->in[CLASS_LETTERS] && one->most > 0) {
			letters = digits > 0 ? one->least : letters + one->least;
			digits = 0;
			end = bytes;
		} else if (one->in[CLASS_DIGITS]) {
			digits += letters >= 1 ? one->least : 0;
		} else {
			letters = digits = 0;
		}
		found = digits >= 2;
	}
	*before = found ? end - 1 : 0;
	*after = found ? bytes - end - 2 : 0;
	return found;
}

/* Takes a kind of place where nothing better, so with less around it, was found. */
static void
offer(struct node_place *best, bool *found, enum factor_place place, guint before, guint after)
{
	if (*found && best->before + best->after <= before + after)
		return;
	*found = true;
	*best = (struct node_place){ place, before, after };
}

/* False when no kind of place must be in it. */
static bool
find_place(const struct shape *all, const struct shape *items, guint n, struct node_place *best)
{
	guint beyond_run = all->bytes - all->run[CLASS_RUN];
	guint beyond_capitals = all->bytes - all->run[CLASS_CAPITALS];
	guint before, after;
	bool found = false;

	if (all->run[CLASS_CAPITALS] >= FACTOR_CAPITALS_LEAST)
		offer(best, &found, FACTOR_CAPITALS, beyond_capitals, beyond_capitals);
	if (all->run[CLASS_RUN] >= FACTOR_RUN_LEAST)
		offer(best, &found, FACTOR_RUN, beyond_run, beyond_run);
	if (all->digits >= FACTOR_DIGITS_LEAST && all->gap <= FACTOR_GAP)
		offer(best, &found, FACTOR_DIGITS, all->lead, all->trail);
	if (has_code(items, n, &before, &after))
		offer(best, &found, FACTOR_CODE, before, after);
	return found;
}

static guint
bytes_of_one(const struct node *node)
{
	struct node one = *node;

	one.min = one.max = one.most = 1;
	return shape_of(&one).bytes;
}

/* As many repeats of an item as are there for certain and find room in so many bytes. */
static guint
cut_to(const struct node *node, guint room)
{
	guint once = node->kind != NODE_ANY ? bytes_of_one(node) : 0;

	return once > 0 ? MIN(node->min, room / once) : 0;
}

/* What tells nothing at the end of a run: it may be missing, or be a blank. */
static bool
is_idle(const struct node *node)
{
	return node->min == 0 || (node->kind == NODE_SET && set_has(&node->set, ' '));
}

static void
leave_last_out(const GPtrArray *nodes, struct node_run *run)
{
	run->cut = 0;
	do
		run->to--;
	while (run->to > run->from && is_idle(nodes->pdata[run->to - 1]));
}

/* The longest run from `from` on that finds room; empty where it cannot begin there. */
static void
take_run(const GPtrArray *nodes, const struct shape *shapes, struct node_run *run)
{
	guint room = FACTOR_PLACED_MAX, i = run->from;

	for (; i < nodes->len && shapes[i].bytes <= room; i++)
		room -= shapes[i].bytes;
	run->cut = i < nodes->len ? cut_to(nodes->pdata[i], room) : 0;
	run->to = run->cut > 0 ? i + 1 : i;
	if (run->to > run->from && is_idle(nodes->pdata[run->to - 1]))
		leave_last_out(nodes, run);
	if (is_idle(nodes->pdata[run->from]))
		run->to = run->from;
}

/* A run, and what it is worth as it is looked for. */
struct candidate {
	struct node_run run;
	struct node_place place;
	guint least; /* characters; 0: it stands in no place */
	gint worth;
};

/* What a run tells, and what is to be looked at for it. items has room for its items. */
static void
judge(const GPtrArray *nodes, struct shape *items, struct candidate *one)
{
	const struct node_run *run = &one->run;
	struct shape all = nothing();
	guint ends[CLASSES] = { 0 };

	for (guint i = run->from; i < run->to; i++) {
		struct node node = factor_item(nodes, run, i);
		items[i - run->from] = shape_of(&node);
		join(&all, &items[i - run->from], ends);
	}
	one->least = 0;
	if (run->from >= run->to || !find_place(&all, items, run->to - run->from, &one->place))
		return;
	guint around = MAX(one->place.before + one->place.after, AROUND_MAX);
	one->least = all.least;
	one->worth = (gint)(AROUND_COST * MIN(all.least, LEAST_KEPT)) - (gint)around;
}

static bool
is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->least == 0 || b->least == 0)
		return a->least > b->least;
	return a->worth > b->worth || (a->worth == b->worth && a->least > b->least);
}

bool
factor_find_place(const GPtrArray *nodes, struct node_run *run, struct node_place *place)
{
	g_autofree struct shape *shapes = g_new(struct shape, nodes->len + 1);
	g_autofree struct shape *items = g_new(struct shape, nodes->len + 1);
	struct candidate best = { .least = 0 };

	for (guint i = 0; i < nodes->len; i++)
		shapes[i] = shape_of(nodes->pdata[i]);
	for (guint i = 0; i < nodes->len; i++) {
		struct candidate one = { .run = { .from = i } };
		take_run(nodes, shapes, &one.run);
		/* A shorter run may have less around it. */
		for (; one.run.to > i; leave_last_out(nodes, &one.run)) {
			judge(nodes, items, &one);
			if (is_better(&one, &best))
				best = one;
			if (one.least == 0 || one.place.before + one.place.after <= AROUND_MAX)
				break;
		}
	}
	*run = best.run;
	*place = best.place;
	return best.least > 0;
}
