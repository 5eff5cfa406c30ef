/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters and classes of characters, as sets of bytes. ASCII members are exact; of all others
 * a set has every byte, but where factor.h says that they are odd.
 */
#include "rules/factor-parse.h"

#include <string.h>

/* --- characters and sets --- */

static void
add_case(struct parser *parser, struct byte_set *set, guint byte)
{
	set_add(set, byte);
	if (!parser->ignore_case || !g_ascii_isalpha((char)byte))
		return;
	set_add(set, byte ^ 0x20);
	/* U+212A and U+017F. */
	if (strchr("kKsS", (int)byte) != NULL)
		*parser->odd |= FACTOR_ODD_CASES;
}

void
parser_add_character(struct parser *parser, GPtrArray *out, gunichar c)
{
	if (c < 0x80) {
		struct node *node = parser_add(parser, out, NODE_SET);
		add_case(parser, &node->set, c);
		return;
	}
	/* Several bytes, which a quantifier takes together. */
	struct node *group = parser_add(parser, out, NODE_GROUP);
	GPtrArray *bytes = nodes_new();
	factor_add_character(parser->cases, c, parser->ignore_case, bytes, parser->odd);
	g_ptr_array_add(group->branches, bytes);
}

/* Adds the ASCII members of \d and its like to a set; true when it has others as well. */
static bool
add_kind(struct parser *parser, struct byte_set *set, char kind)
{
	bool negated = g_ascii_isupper(kind);
	bool has_high = negated;

	kind = g_ascii_tolower(kind);
	for (guint c = 0; c < 0x80; c++) {
		bool is = false;
		if (kind == 'd')
			is = g_ascii_isdigit((char)c);
		else if (kind == 'w')
			is = g_ascii_isalnum((char)c) || c == '_';
		else if (kind == 's')
			is = c == ' ' || (c >= '\t' && c <= '\r');
		else if (kind == 'h')
			is = c == ' ' || c == '\t';
		else if (kind == 'v')
			is = c >= '\n' && c <= '\r';
		if (is != negated)
			set_add(set, c);
	}
	if (kind == 'd' && !negated)
		*parser->odd |= FACTOR_ODD_DIGITS;
	else
		has_high = true;
	return has_high;
}

/* \p{...} and \P{...}, p behind the letter: whatever it is, all letters or all digits at best. */
static void
add_property(struct parser *parser, struct byte_set *set, bool negated)
{
	char name[8] = "";
	const char *end = parser->p + 1;

	if (*parser->p == '{') {
		end = strchr(parser->p, '}');
		if (end == NULL) {
			parser_fail(parser);
			return;
		}
		if (end - parser->p - 1 < (long)sizeof(name))
			memcpy(name, parser->p + 1, (gsize)(end - parser->p - 1));
		end++;
	} else if (g_ascii_isalpha(*parser->p)) {
		name[0] = *parser->p;
	} else {
		parser_fail(parser);
		return;
	}
	parser->p = end;
	bool letters = !negated && (strcmp(name, "L") == 0 || strcmp(name, "Lu") == 0 ||
				       strcmp(name, "Ll") == 0 || strcmp(name, "L&") == 0);
	bool digits = !negated && (strcmp(name, "N") == 0 || strcmp(name, "Nd") == 0);
	for (guint c = 0; c < 0x80; c++) {
		if ((!letters && !digits) || (letters && g_ascii_isalpha((char)c)) ||
		    (digits && g_ascii_isdigit((char)c)))
			set_add(set, c);
	}
	set_add_high(set);
}

static gunichar
number(struct parser *parser, const char *from, const char *to, guint base)
{
	guint64 value = 0;

	if (from == to || to - from > 12)
		parser_fail(parser);
	for (; from < to && !parser->failed; from++) {
		int digit = g_ascii_xdigit_value(*from);
		if (digit < 0 || (guint)digit >= base)
			parser_fail(parser);
		value = value * base + (guint)MAX(digit, 0);
	}
	if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		parser_fail(parser);
	return parser->failed ? 0 : (gunichar)value;
}

/* \x and \o, p behind the letter. */
static gunichar
parse_code(struct parser *parser, char kind)
{
	guint base = kind == 'x' ? 16 : 8;
	const char *from = parser->p;

	if (*from == '{') {
		const char *end = strchr(from, '}');
		if (end == NULL) {
			parser_fail(parser);
			return 0;
		}
		parser->p = end + 1;
		return number(parser, from + 1, end, base);
	}
	if (kind == 'o' || !g_ascii_isxdigit(*from)) {
		parser_fail(parser);
		return 0;
	}
	parser->p += g_ascii_isxdigit(from[1]) ? 2 : 1;
	return number(parser, from, parser->p, base);
}

bool
parser_escaped(struct parser *parser, gunichar *out)
{
	static const char letters[] = "aefnrt", values[] = "\a\033\f\n\r\t";
	char kind = *parser->p;

	if (!g_ascii_isalnum(kind)) {
		if (kind == '\0')
			return false;
		*out = g_utf8_get_char(parser->p);
		parser->p = g_utf8_next_char(parser->p);
		return true;
	}
	const char *at = strchr(letters, kind);
	if (at != NULL) {
		*out = (guchar)values[at - letters];
		parser->p++;
		return true;
	}
	if (kind != 'x' && kind != 'o')
		return false;
	parser->p++;
	*out = parse_code(parser, kind);
	return true;
}

/* --- classes --- */

struct class
{
	struct byte_set set; /* ASCII members */
	bool has_high;       /* members beyond ASCII */
	bool is_any;         /* not known what is in it */
	bool is_new;         /* nothing was read of it yet */
	bool has_range_end;  /* last is a character that may begin a range */
	gunichar last;
};

static void
class_range(struct parser *parser, struct class *class, gunichar from, gunichar to)
{
	for (gunichar c = from; c <= to && c < 0x80; c++)
		add_case(parser, &class->set, c);
	if (to < 0x80)
		return;
	class->has_high = true;
	/* These two equal an s and a k where case is ignored; no others beyond ASCII do. */
	if (parser->ignore_case && ((from <= 0x17f && to >= 0x17f) || to >= 0x212a))
		class->is_any = true;
}

static void
class_character(struct parser *parser, struct class *class, gunichar c)
{
	class_range(parser, class, c, c);
	class->has_range_end = true;
	class->last = c;
}

/* [:alpha:], p behind "[:". */
static void
class_named(struct parser *parser, struct class *class)
{
	static const struct {
		const char *name;
		char kind;
	} names[] = { { "digit:]", 'd' }, { "word:]", 'w' }, { "space:]", 's' } };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_str_has_prefix(parser->p, names[i].name)) {
			parser->p += strlen(names[i].name);
			class->has_high |= add_kind(parser, &class->set, names[i].kind);
			return;
		}
	}
	const char *end = strstr(parser->p, ":]");
	/* [[:<:]] is none. */
	if (end == NULL || strchr("<>", *parser->p) != NULL) {
		parser_fail(parser);
		return;
	}
	parser->p = end + 2;
	class->is_any = true;
}

static void
class_escape(struct parser *parser, struct class *class)
{
	gunichar c;

	class->has_range_end = false;
	if (parser_escaped(parser, &c)) {
		class_character(parser, class, c);
	} else if (*parser->p == 'b') {
		parser->p++;
		class_character(parser, class, '\b');
	} else if (*parser->p != '\0' && strchr("dDwWsShHvV", *parser->p) != NULL) {
		class->has_high |= add_kind(parser, &class->set, *parser->p++);
	} else if (*parser->p == 'p' || *parser->p == 'P') {
		parser->p++;
		add_property(parser, &class->set, true);
		class->is_any = true;
	} else {
		parser_fail(parser); /* \Q, octal numbers, what is wrong in a class */
	}
}

/* The second end of a range, p behind the hyphen. False: the hyphen is a character itself. */
static bool
class_to(struct parser *parser, struct class *class)
{
	gunichar from = class->last, to;

	if (*parser->p == ']' || !class->has_range_end)
		return false;
	if (*parser->p == '[' && strchr(":.=", parser->p[1]) != NULL) {
		parser_fail(parser);
		return true;
	}
	if (*parser->p == '\\') {
		parser->p++;
		if (!parser_escaped(parser, &to)) {
			parser_fail(parser); /* [a-\d]: the hyphen is a character, or an error */
			return true;
		}
	} else {
		to = g_utf8_get_char(parser->p);
		parser->p = g_utf8_next_char(parser->p);
	}
	class_range(parser, class, from, to);
	class->has_range_end = false;
	return true;
}

static void
class_item(struct parser *parser, struct class *class)
{
	gunichar c = g_utf8_get_char(parser->p);

	if (c == '[' && parser->p[1] == ':') {
		parser->p += 2;
		class_named(parser, class);
		class->has_range_end = false;
	} else if (c == '[' && (parser->p[1] == '.' || parser->p[1] == '=')) {
		parser_fail(parser);
	} else if (c == '\\') {
		parser->p++;
		class_escape(parser, class);
	} else {
		parser->p = g_utf8_next_char(parser->p);
		if (c == '-' && class_to(parser, class))
			return;
		bool in_between = c == '-' && !class->is_new && *parser->p != ']';
		if (in_between && *parser->p == '-')
			parser_fail(parser);
		class_character(parser, class, c);
		class->has_range_end = !in_between;
	}
}

/* Bytes of one character of a set, which may have more than one. */
static void
take_set(struct parser *parser, GPtrArray *out, const struct byte_set *set, bool has_high)
{
	struct node *node = parser_add(parser, out, NODE_SET);

	node->set = *set;
	if (has_high) {
		set_add_high(&node->set);
		node->max = FACTOR_NO_END;
	}
}

void
parser_add_class(struct parser *parser, GPtrArray *out)
{
	struct class class = { .is_new = true };
	struct byte_set all = { 0 };
	bool negated = *parser->p == '^';

	parser->p += negated;
	do {
		if (*parser->p == '\0') {
			parser_fail(parser);
			return;
		}
		class_item(parser, &class);
		class.is_new = false;
	} while (*parser->p != ']' && !parser->failed);
	if (parser->failed)
		return;
	parser->p++;
	for (guint c = 0; c < 0x80; c++) {
		if (class.is_any || set_has(&class.set, c) != negated)
			set_add(&all, c);
	}
	take_set(parser, out, &all, negated || class.is_any || class.has_high);
}

void
parser_add_kind(struct parser *parser, GPtrArray *out, char kind)
{
	struct byte_set set = { 0 };
	bool has_high = add_kind(parser, &set, kind);

	take_set(parser, out, &set, has_high);
}

void
parser_add_property(struct parser *parser, GPtrArray *out, bool negated)
{
	struct byte_set set = { 0 };

	add_property(parser, &set, negated);
	take_set(parser, out, &set, true);
}
