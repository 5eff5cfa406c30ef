/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The syntax of PCRE2 (pcre2pattern(3), release 10.40 and later) as far as it is sure what a
 * construct may match. Assertions become nothing, references anything; the rest is refused.
 */
#include "rules/factor-parse.h"

#include <string.h>

#define DEPTH_MAX 40   /* groups within groups */
#define NODES_MAX 4000 /* of a pattern; a line of a rule file has 1,000 bytes */

static GPtrArray *parse_branches(struct parser *parser);

void
parser_fail(struct parser *parser)
{
	parser->failed = true;
	parser->p = "";
}

struct node *
parser_add(struct parser *parser, GPtrArray *out, enum node_kind kind)
{
	struct node *node = node_new(kind);

	g_ptr_array_add(out, node);
	if (++parser->nodes > NODES_MAX)
		parser_fail(parser);
	return node;
}

/* --- groups --- */

static void
skip_past(struct parser *parser, const char *what)
{
	const char *end = strstr(parser->p, what);

	if (end == NULL)
		parser_fail(parser);
	else
		parser->p = end + strlen(what);
}

/* (?i-x) and (?i: , p behind "(?". True when a group follows. */
static bool
parse_options(struct parser *parser)
{
	bool on = true;

	for (;; parser->p++) {
		switch (*parser->p) {
		case '-':
			on = false;
			break;
		case 'i':
			parser->ignore_case = on;
			parser->mixed = true;
			break;
		case 'x':
			parser->extended = on;
			if (parser->p[1] == 'x')
				parser_fail(parser);
			break;
		case 'n':
		case 'J':
			parser->mixed = true;
			break;
		case 'm':
			parser->multiline = on;
			break;
		case 's':
		case 'U':
			break;
		case ':':
			parser->p++;
			return true;
		case ')':
			parser->p++;
			return false;
		default:
			parser_fail(parser);
		}
		if (parser->failed)
			return false;
	}
}

enum opening {
	OPENING_GROUP,
	OPENING_CAPTURE,
	OPENING_ASSERTION,
	OPENING_OPTIONS,
	OPENING_REFERENCE
};

static bool
take(struct parser *parser, const char *word)
{
	if (!g_str_has_prefix(parser->p, word))
		return false;
	parser->p += strlen(word);
	return true;
}

/* p behind the '('. Leaves it where the branches begin, or behind what has none. */
static enum opening
parse_opening(struct parser *parser)
{
	if (*parser->p == '*') {
		parser_fail(parser);
		return OPENING_GROUP;
	}
	if (!take(parser, "?"))
		return OPENING_CAPTURE;
	if (take(parser, ":") || take(parser, ">"))
		return OPENING_GROUP;
	if (take(parser, "|")) {
		parser->mixed = true;
		return OPENING_GROUP;
	}
	if (take(parser, "=") || take(parser, "!") || take(parser, "<=") || take(parser, "<!"))
		return OPENING_ASSERTION;
	if (take(parser, "P=") || take(parser, "P>") || take(parser, "&") || take(parser, "R")) {
		skip_past(parser, ")");
		return OPENING_REFERENCE;
	}
	if (take(parser, "P<") || take(parser, "<")) {
		if (*parser->p == '*')
			parser_fail(parser);
		skip_past(parser, ">");
		return OPENING_CAPTURE;
	}
	if (take(parser, "'")) {
		skip_past(parser, "'");
		return OPENING_CAPTURE;
	}
	if (g_ascii_isdigit(*parser->p) || *parser->p == '+' ||
	    (*parser->p == '-' && g_ascii_isdigit(parser->p[1]))) {
		skip_past(parser, ")");
		return OPENING_REFERENCE;
	}
	return parse_options(parser) ? OPENING_GROUP : OPENING_OPTIONS;
}

static void
parse_group(struct parser *parser, GPtrArray *out)
{
	bool ignore_case = parser->ignore_case, extended = parser->extended;
	bool multiline = parser->multiline;
	enum opening opening = parse_opening(parser);

	if (opening == OPENING_OPTIONS)
		return; /* they hold to the end of the group around */
	if (opening == OPENING_REFERENCE) {
		parser_add(parser, out, NODE_ANY);
		return;
	}
	guint number = parser->groups->len;
	if (opening == OPENING_CAPTURE)
		g_ptr_array_add(parser->groups, NULL);
	if (++parser->depth > DEPTH_MAX)
		parser_fail(parser);
	GPtrArray *branches = parse_branches(parser);
	parser->depth--;
	if (*parser->p == ')')
		parser->p++;
	else
		parser_fail(parser);
	parser->ignore_case = ignore_case;
	parser->extended = extended;
	parser->multiline = multiline;
	struct node *group = parser_add(parser, out, NODE_GROUP);
	if (opening == OPENING_ASSERTION) {
		/* It looks, and takes nothing. */
		g_ptr_array_set_size(branches, 0);
		g_ptr_array_add(branches, nodes_new());
	}
	g_ptr_array_unref(group->branches);
	group->branches = branches;
	if (opening == OPENING_CAPTURE)
		parser->groups->pdata[number] = g_ptr_array_ref(branches);
}

/* What a group took once more is of the same kind, where no option makes a difference. */
static void
add_reference(struct parser *parser, GPtrArray *out, guint number)
{
	GPtrArray *branches =
	    number > 0 && number <= parser->groups->len ? parser->groups->pdata[number - 1] : NULL;

	if (parser->mixed || branches == NULL) {
		parser_add(parser, out, NODE_ANY);
		return;
	}
	struct node *group = parser_add(parser, out, NODE_GROUP);
	g_ptr_array_unref(group->branches);
	group->branches = g_ptr_array_ref(branches);
}

/* --- items --- */

static void
skip_blanks(struct parser *parser)
{
	for (;;) {
		if (g_str_has_prefix(parser->p, "(?#"))
			skip_past(parser, ")");
		else if (parser->extended && *parser->p == '#')
			parser->p += strcspn(parser->p, "\n");
		else if (parser->extended && *parser->p != '\0' &&
			 strchr(" \t\n\v\f\r", *parser->p) != NULL)
			parser->p++;
		else
			return;
	}
}

/* {n}, {n,} and {n,m}, p at the '{'. False when the brace is a character. */
static bool
parse_braces(struct parser *parser, guint *min, guint *max)
{
	gsize length = strspn(parser->p + 1, "0123456789, \t");
	const char *p = parser->p + 1, *end = p + length;
	char *next;

	if (*end != '}')
		return false;
	/* What releases of PCRE2 read differently is not understood. */
	if (!g_ascii_isdigit(*p)) {
		parser_fail(parser);
		return true;
	}
	*min = *max = (guint)MIN(g_ascii_strtoull(p, &next, 10), 65535);
	if (*next == ',') {
		*max = FACTOR_NO_END;
		if (next + 1 != end) {
			const char *from = next + 1;
			*max = (guint)MIN(g_ascii_strtoull(from, &next, 10), 65535);
			if (!g_ascii_isdigit(*from))
				parser_fail(parser);
		} else {
			next++;
		}
	}
	if (next != end || *max < *min)
		parser_fail(parser);
	else
		parser->p = end + 1;
	return true;
}

static bool
parse_repeat(struct parser *parser, guint *min, guint *max)
{
	skip_blanks(parser);
	*min = *max = 1;
	switch (*parser->p) {
	case '*':
		*min = 0;
		*max = FACTOR_NO_END;
		break;
	case '+':
		*max = FACTOR_NO_END;
		break;
	case '?':
		*min = 0;
		break;
	case '{':
		if (!parse_braces(parser, min, max) || parser->failed)
			return false;
		parser->p--;
		break;
	default:
		return false;
	}
	if (parser->failed)
		return false;
	parser->p++;
	skip_blanks(parser);
	parser->p += *parser->p == '?' || *parser->p == '+';
	return true;
}

/* The nodes of the last item from first on, taken as one, several times. */
static void
repeat(struct parser *parser, GPtrArray *out, guint first, guint min, guint max)
{
	if (out->len == first)
		return; /* an assertion by a letter */
	struct node *node = out->pdata[out->len - 1];
	if (node->kind == NODE_ANY)
		return;
	if (node->is_line) {
		node->min = MIN(min, 1);
		return;
	}
	node->most = max;
	if (node->kind == NODE_SET && node->max == FACTOR_NO_END)
		max = FACTOR_NO_END;
	if (out->len != first + 1)
		parser_fail(parser);
	node->min = min;
	node->max = max;
}

static void
parse_escape(struct parser *parser, GPtrArray *out)
{
	gunichar c = 0;
	char kind = *parser->p;

	if (parser_escaped(parser, &c)) {
		parser_add_character(parser, out, c);
		return;
	}
	parser->p += kind != '\0';
	if (kind != '\0' && strchr("dDwWsShHvV", kind) != NULL) {
		parser_add_kind(parser, out, kind);
	} else if (kind == 'p' || kind == 'P') {
		if (*parser->p == '^')
			parser_fail(parser);
		parser_add_property(parser, out, kind == 'P');
	} else if (kind != '\0' && strchr("bBAzZGK", kind) != NULL) {
		return;
	} else if (kind == 'R' || kind == 'X' || (kind == 'N' && *parser->p != '{')) {
		parser_add(parser, out, NODE_ANY);
	} else if (g_ascii_isdigit(kind)) {
		gsize more = strspn(parser->p, "0123456789");
		parser->p += more;
		add_reference(parser, out, more == 0 ? (guint)g_ascii_digit_value(kind) : 0);
	} else {
		parser_fail(parser);
	}
}

/* p behind "\Q". */
static void
parse_quoted(struct parser *parser, GPtrArray *out)
{
	while (*parser->p != '\0' && !g_str_has_prefix(parser->p, "\\E")) {
		gunichar c = g_utf8_get_char(parser->p);
		parser->p = g_utf8_next_char(parser->p);
		parser_add_character(parser, out, c);
	}
	if (*parser->p != '\0')
		parser->p += 2;
}

/*
 * Before all that a match takes, what ends a line stands, in whatever build of PCRE2, or nothing
 * does; elsewhere the same byte may belong to the match.
 */
static void
add_line(struct parser *parser, GPtrArray *out)
{
	static const guchar ends[] = { 0, '\n', '\v', '\f', '\r', 0x85, 0xa8, 0xa9 };

	if (!parser->multiline || parser->depth > 0 || out->len > 0)
		return;
	struct node *node = parser_add(parser, out, NODE_SET);
	node->is_line = true;
	for (gsize i = 0; i < G_N_ELEMENTS(ends); i++)
		set_add(&node->set, ends[i]);
}

static void
parse_item(struct parser *parser, GPtrArray *out)
{
	gunichar c = g_utf8_get_char(parser->p);

	parser->p = g_utf8_next_char(parser->p);
	switch (c) {
	case '\\':
		parse_escape(parser, out);
		break;
	case '[':
		parser_add_class(parser, out);
		break;
	case '(':
		parse_group(parser, out);
		break;
	case '.':
		parser_add(parser, out, NODE_ANY);
		break;
	case '^':
		add_line(parser, out);
		break;
	case '$':
		break;
	case '*':
	case '+':
	case '?':
		parser_fail(parser);
		break;
	case '{':
		/* One more repeat behind a repeat. */
		if (strspn(parser->p, "0123456789, \t") == strcspn(parser->p, "}"))
			parser_fail(parser);
		else
			parser_add_character(parser, out, c);
		break;
	default:
		/* Blanks beyond ASCII are skipped as well, some of them. */
		if (parser->extended && c >= 0x80 && !g_unichar_isalnum(c))
			parser_fail(parser);
		else
			parser_add_character(parser, out, c);
	}
}

static GPtrArray *
parse_branch(struct parser *parser)
{
	GPtrArray *out = nodes_new();
	guint min, max;

	for (;;) {
		guint first = out->len;
		skip_blanks(parser);
		if (*parser->p == '\0' || *parser->p == '|' || *parser->p == ')')
			return out;
		if (take(parser, "\\E"))
			continue;
		if (take(parser, "\\Q")) {
			parse_quoted(parser, out);
			first = out->len > 0 ? out->len - 1 : 0;
		} else {
			parse_item(parser, out);
		}
		if (parse_repeat(parser, &min, &max))
			repeat(parser, out, first, min, max);
	}
}

static GPtrArray *
parse_branches(struct parser *parser)
{
	GPtrArray *branches = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	do
		g_ptr_array_add(branches, parse_branch(parser));
	while (take(parser, "|"));
	return branches;
}

static void
free_branches(void *data)
{
	if (data != NULL)
		g_ptr_array_unref(data);
}

GPtrArray *
factor_parse(struct factor_cases *cases, const char *pattern, bool ignore_case, guint *odd)
{
	g_autoptr(GPtrArray) groups = g_ptr_array_new_with_free_func(free_branches);
	struct parser parser = { .p = pattern,
		.ignore_case = ignore_case,
		.cases = cases,
		.odd = odd,
		.groups = groups };
	GPtrArray *out = nodes_new();
	struct node *group = node_new(NODE_GROUP);

	g_ptr_array_unref(group->branches);
	group->branches = parse_branches(&parser);
	g_ptr_array_add(out, group);
	if (!parser.failed && *parser.p == '\0')
		return out;
	g_ptr_array_unref(out);
	return NULL;
}
