/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/condition.h"

#include <string.h>

#include "base/text.h"

enum operation { OP_SECTION, OP_NOT, OP_AND, OP_OR, OP_COUNT };

struct condition {
	enum operation operation;
	guint section;       /* OP_SECTION */
	guint at_least;      /* OP_COUNT */
	GPtrArray *operands; /* of struct condition */
};

struct parser {
	const struct ini_section *section;
	const struct ini_entry *entry;
	const char *const *names;
	struct problems *problems;
	const char *at; /* where the next word starts */
	gsize length;   /* of that word; 0 at the end */
	guint depth;
};

static void
free_operand(gpointer data)
{
	condition_free(data);
}

static struct condition *
new_condition(enum operation operation)
{
	struct condition *condition = g_new0(struct condition, 1);

	condition->operation = operation;
	condition->operands = g_ptr_array_new_with_free_func(free_operand);
	return condition;
}

void
condition_free(struct condition *condition)
{
	if (condition == NULL)
		return;
	g_ptr_array_unref(condition->operands);
	g_free(condition);
}

static struct condition *
new_section(guint index)
{
	struct condition *condition = new_condition(OP_SECTION);

	condition->section = index;
	return condition;
}

struct condition *
condition_all(guint n)
{
	struct condition *condition = new_condition(OP_AND);

	for (guint i = 0; i < n; i++)
		g_ptr_array_add(condition->operands, new_section(i));
	return condition;
}

static void *
fail(struct parser *parser, const char *mend, const char *text)
{
	ini_problem(parser->section, parser->entry, (gsize)(parser->at - parser->entry->value),
	    parser->problems, mend, "%s", text);
	return NULL;
}

/* Finds the word at or behind p: a parenthesis, or what stands up to a blank or parenthesis. */
static void
look_at(struct parser *parser, const char *p)
{
	parser->at = p + strspn(p, " \t");
	parser->length = strcspn(parser->at, " \t()");
	if (parser->length == 0 && *parser->at != '\0')
		parser->length = 1;
}

static void
advance(struct parser *parser)
{
	look_at(parser, parser->at + parser->length);
}

static bool
is_word(const struct parser *parser, const char *word)
{
	return parser->length == strlen(word) && memcmp(parser->at, word, parser->length) == 0;
}

static bool
accept(struct parser *parser, const char *word)
{
	if (!is_word(parser, word))
		return false;
	advance(parser);
	return true;
}

static struct condition *parse_or(struct parser *parser);

static struct condition *
parse_section(struct parser *parser)
{
	g_autofree char *word = g_strndup(parser->at, parser->length);

	for (guint i = 0; parser->names[i] != NULL; i++) {
		if (strcmp(parser->names[i], word) == 0) {
			advance(parser);
			return new_section(i);
		}
	}
	if (strchr(word, '*') != NULL)
		return fail(parser, "write 1 of or all of before it",
		    "several sections need a number of them that must hold");
	const char *near = problem_did_you_mean(word, parser->names);
	g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;
	g_autofree char *text = g_strdup_printf("there is no section [%s] in this file", word);
	return fail(parser, mend, text);
}

/* The sections behind "of". */
static struct condition *
parse_names(struct parser *parser)
{
	g_autofree char *glob = g_strndup(parser->at, parser->length);
	struct condition *count = new_condition(OP_COUNT);

	for (guint i = 0; g_str_has_suffix(glob, "*") && parser->names[i] != NULL; i++) {
		if (text_glob(glob, parser->names[i]))
			g_ptr_array_add(count->operands, new_section(i));
	}
	if (count->operands->len > 0)
		return count;
	condition_free(count);
	if (!g_str_has_suffix(glob, "*"))
		return fail(parser, "write content.* or another beginning of names and a star",
		    "no sections to choose from");
	return fail(parser, NULL, "no section of this file has such a name");
}

static struct condition *
parse_count(struct parser *parser)
{
	bool all = is_word(parser, "all");
	g_autofree char *word = g_strndup(parser->at, parser->length);
	guint64 number = 0;

	if (!all && (!g_ascii_string_to_unsigned(word, 10, 1, 10000, &number, NULL)))
		return fail(parser, "write all, or a number from 1", "not a number of sections");
	struct parser start = *parser;
	advance(parser);
	if (!accept(parser, "of"))
		return fail(parser, "write 1 of content.*", "\"of\" is missing");
	struct condition *count = parse_names(parser);
	if (count == NULL)
		return NULL;
	if (number > count->operands->len) {
		condition_free(count);
		return fail(
		    &start, "write 1 of, or all of", "there are not so many sections of that name");
	}
	count->at_least = all ? count->operands->len : (guint)number;
	advance(parser);
	return count;
}

static struct condition *
parse_parenthesis(struct parser *parser)
{
	struct parser start = *parser;

	advance(parser);
	struct condition *inner = parse_or(parser);
	if (inner != NULL && !accept(parser, ")")) {
		condition_free(inner);
		return fail(&start, "add )", "the parenthesis is not closed");
	}
	return inner;
}

static struct condition *
parse_not(struct parser *parser, struct condition *(*parse)(struct parser *))
{
	advance(parser);
	struct condition *inner = parse(parser);
	if (inner == NULL)
		return NULL;
	struct condition *not = new_condition(OP_NOT);
	g_ptr_array_add(not ->operands, inner);
	return not ;
}

static struct condition *
parse_factor(struct parser *parser)
{
	static const char *const reserved[] = { "and", "or", "of", ")", NULL };
	struct condition *out;

	if (parser->length == 0)
		return fail(parser, NULL, "a section is missing at the end");
	for (guint i = 0; reserved[i] != NULL; i++) {
		if (is_word(parser, reserved[i]))
			return fail(parser, NULL, "a section is missing here");
	}
	if (++parser->depth > CONDITION_DEPTH_MAX)
		return fail(parser, NULL, "nested too deep");
	if (is_word(parser, "not"))
		out = parse_not(parser, parse_factor);
	else if (is_word(parser, "("))
		out = parse_parenthesis(parser);
	else if (is_word(parser, "all") || g_ascii_isdigit(*parser->at))
		out = parse_count(parser);
	else
		out = parse_section(parser);
	parser->depth--;
	return out;
}

/* operand { word operand } */
static struct condition *
parse_chain(struct parser *parser, enum operation operation, const char *word,
    struct condition *(*parse)(struct parser *))
{
	struct condition *first = parse(parser);

	if (first == NULL || !is_word(parser, word))
		return first;
	struct condition *chain = new_condition(operation);
	g_ptr_array_add(chain->operands, first);
	while (accept(parser, word)) {
		struct condition *next = parse(parser);
		if (next == NULL) {
			condition_free(chain);
			return NULL;
		}
		g_ptr_array_add(chain->operands, next);
	}
	return chain;
}

static struct condition *
parse_and(struct parser *parser)
{
	return parse_chain(parser, OP_AND, "and", parse_factor);
}

static struct condition *
parse_or(struct parser *parser)
{
	return parse_chain(parser, OP_OR, "or", parse_and);
}

struct condition *
condition_parse(const struct ini_section *section, const struct ini_entry *entry,
    const char *const *names, struct problems *problems)
{
	struct parser parser = { section, entry, names, problems, NULL, 0, 0 };

	look_at(&parser, entry->value);
	struct condition *condition = parse_or(&parser);
	if (condition != NULL && parser.length > 0) {
		condition_free(condition);
		return fail(&parser, "join with and, or", "what stands here belongs to nothing");
	}
	return condition;
}

/* How many operands must hold. */
static guint
needed(const struct condition *condition)
{
	switch (condition->operation) {
	case OP_AND:
		return condition->operands->len;
	case OP_COUNT:
		return condition->at_least;
	case OP_SECTION:
	case OP_NOT:
	case OP_OR:
		break;
	}
	return 1;
}

enum truth
condition_check(const struct condition *condition, condition_ask ask, gpointer data)
{
	if (condition->operation == OP_SECTION)
		return ask(condition->section, data);
	if (condition->operation == OP_NOT) {
		enum truth inner = condition_check(condition->operands->pdata[0], ask, data);
		return inner == TRUTH_UNDECIDED ? inner
		       : inner == TRUTH_TRUE    ? TRUTH_FALSE
						: TRUTH_TRUE;
	}
	guint need = needed(condition), holds = 0, open = 0;
	for (guint i = 0; i < condition->operands->len; i++) {
		guint left = condition->operands->len - i;
		if (holds >= need || holds + open + left < need)
			break;
		enum truth one = condition_check(condition->operands->pdata[i], ask, data);
		holds += one == TRUTH_TRUE;
		open += one == TRUTH_UNDECIDED;
	}
	if (holds >= need)
		return TRUTH_TRUE;
	return holds + open >= need ? TRUTH_UNDECIDED : TRUTH_FALSE;
}

/* One walk over a tree. */
struct walk {
	condition_ask ask;
	gpointer data;
	condition_visit *visit;
	gpointer visit_data;
};

/* What a node asks of those below it, into buffer where it is not always the same. */
static const char *
words_of(const struct condition *condition, char *buffer, gsize size)
{
	switch (condition->operation) {
	case OP_SECTION:
		return NULL;
	case OP_NOT:
		return "not";
	case OP_AND:
		return "all of these";
	case OP_OR:
		return "one of these";
	case OP_COUNT:
		break;
	}
	if (condition->at_least == condition->operands->len)
		return "all of these";
	g_snprintf(buffer, size, "%u of these", condition->at_least);
	return condition->at_least == 1 ? "one of these" : buffer;
}

static void
walk_node(const struct walk *walk, const struct condition *condition, guint depth)
{
	char buffer[32];
	struct condition_node node = { .depth = depth,
		.section = condition->section,
		.words = words_of(condition, buffer, sizeof buffer),
		.truth = condition_check(condition, walk->ask, walk->data),
		.n = condition->operands->len };

	for (guint i = 0; i < node.n; i++)
		node.holds += condition_check(condition->operands->pdata[i], walk->ask,
				  walk->data) == TRUTH_TRUE;
	walk->visit(&node, walk->visit_data);
	for (guint i = 0; i < node.n; i++)
		walk_node(walk, condition->operands->pdata[i], depth + 1);
}

void
condition_walk(const struct condition *condition, condition_ask ask, gpointer data,
    condition_visit *visit, gpointer visit_data)
{
	const struct walk walk = { ask, data, visit, visit_data };

	walk_node(&walk, condition, 0);
}

void
condition_mark(const struct condition *condition, bool *used)
{
	if (condition->operation == OP_SECTION)
		used[condition->section] = true;
	for (guint i = 0; i < condition->operands->len; i++)
		condition_mark(condition->operands->pdata[i], used);
}
