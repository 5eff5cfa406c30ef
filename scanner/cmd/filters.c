/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A word of the query's own that joins or turns nothing is passed over, and told. Of a query of
 * which nothing else is left all messages would be found, so that one is refused.
 */
#include "cmd/filters.h"

#include <string.h>

#include "base/fault.h"
#include "base/problem.h"
#include "base/text.h"
#include "base/when.h"
#include "cmd/cmd-common.h"
#include "mail/words.h"

#define SHOWN  40 /* characters of a query in a message */
#define SPACES " \t\n\v\f\r"

enum value { VALUE_TEXT, VALUE_AFTER, VALUE_BEFORE, VALUE_UNTIL, VALUE_ON, VALUE_WORD, VALUE_YES };

static const struct {
	const char *name;
	enum value value;
	enum search_kind kind;
} known[] = {
	{ "from", VALUE_TEXT, SEARCH_FROM },
	{ "to", VALUE_TEXT, SEARCH_TO },
	{ "delivered", VALUE_TEXT, SEARCH_DELIVERED },
	{ "subject", VALUE_TEXT, SEARCH_SUBJECT },
	{ "body", VALUE_TEXT, SEARCH_BODY },
	{ "filename", VALUE_TEXT, SEARCH_FILENAME },
	{ "rule", VALUE_TEXT, SEARCH_RULE },
	{ "account", VALUE_TEXT, SEARCH_ACCOUNT },
	{ "folder", VALUE_TEXT, SEARCH_FOLDER },
	{ "after", VALUE_AFTER, SEARCH_DATE },
	{ "before", VALUE_BEFORE, SEARCH_DATE },
	{ "until", VALUE_UNTIL, SEARCH_DATE },
	{ "on", VALUE_ON, SEARCH_DATE },
	{ "has", VALUE_WORD, SEARCH_HAS },
	{ "state", VALUE_WORD, SEARCH_STATE },
	{ "direction", VALUE_WORD, SEARCH_DIRECTION },
	{ "outcome", VALUE_WORD, SEARCH_OUTCOME },
	{ "flagged", VALUE_YES, SEARCH_HAS },
};

struct parser {
	const char *at;
	GTimeZone *zone;
	guint depth, nodes;
	GPtrArray *notes; /* of char *: what was passed over */
	GError **error;
};

static bool refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool
refuse(GError **error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, FAULT, FAULT_USAGE, text);
	return false;
}

/* --- arguments --- */

/* The filter that begins here, in any case of letters as header fields are; or -1. */
static int
known_filter(const char *text)
{
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		gsize size = strlen(known[i].name);
		if (g_ascii_strncasecmp(text, known[i].name, size) == 0 && text[size] == ':')
			return (int)i;
	}
	return -1;
}

static guint
count_filters(const char *text)
{
	guint count = 0;

	for (const char *p = text; *p != '\0'; p++)
		count += (p == text || strchr(" (-", p[-1]) != NULL) && known_filter(p) >= 0;
	return count;
}

static bool
has_space(const char *text)
{
	return strpbrk(text, " \t\n") != NULL;
}

/* Of a whole query that is one value for its blanks: words may have been meant to stand beside it.
 */
static char *
hint_of(const char *word, const char *value)
{
	gsize first = strcspn(value, SPACES);
	g_autofree char *shown = text_printable(word, SHOWN);
	g_autofree char *whole = text_printable(value, SHOWN);
	g_autofree char *begin = g_strndup(value, first);
	g_autofree char *ended = text_printable(begin, SHOWN);
	g_autofree char *rest = text_printable(value + first, SHOWN);
	int name = (int)(value - word);

	return g_strdup_printf(
	    "'%s' was taken as one value with its blanks, %.*s\"%s\"; quotes end a value before: "
	    "%.*s\"%s\"%s",
	    shown, name, word, whole, name, word, ended, rest);
}

/* With the quotes that the shell took away. */
static void
append_argument(GString *out, const char *argument, bool alone, GPtrArray *hints)
{
	g_autofree char *word = g_strstrip(g_strdup(argument));
	int filter = known_filter(word);
	const char *value = filter >= 0 ? strchr(word, ':') + 1 : word;
	bool plain = has_space(word) && strchr(word, '"') == NULL && strstr(word, " OR ") == NULL &&
		     strstr(word, " -") == NULL && word[0] != '-' && word[0] != '(';
	bool whole = plain && (value != word ? count_filters(word) == 1
					     : !alone && count_filters(word) == 0);

	if (out->len > 0)
		g_string_append_c(out, ' ');
	if (!whole)
		g_string_append(out, word);
	else
		g_string_append_printf(out, "%.*s\"%s\"", (int)(value - word), word, value);
	if (whole && alone && filter >= 0 && known[filter].value == VALUE_TEXT)
		g_ptr_array_add(hints, hint_of(word, value));
}

/* --- words --- */

static void
skip_space(struct parser *parser)
{
	while (g_ascii_isspace(*parser->at))
		parser->at++;
}

/* Up to a closing quote, a space, or a bracket that closes one of ours. */
static char *
take_value(struct parser *parser)
{
	const char *begin = parser->at;

	if (*begin == '"') {
		const char *end = strchr(begin + 1, '"');
		parser->at = end != NULL ? end + 1 : begin + strlen(begin);
		return g_strndup(begin + 1, (gsize)((end != NULL ? end : parser->at) - begin - 1));
	}
	while (*parser->at != '\0' && !g_ascii_isspace(*parser->at) &&
	       !(*parser->at == ')' && parser->depth > 0))
		parser->at++;
	return g_strndup(begin, (gsize)(parser->at - begin));
}

static bool
take_word(struct parser *parser, const char *word)
{
	gsize size = strlen(word);

	skip_space(parser);
	char behind = strncmp(parser->at, word, size) == 0 ? parser->at[size] : 'x';
	if (behind != '\0' && !g_ascii_isspace(behind) && !(behind == ')' && parser->depth > 0))
		return false;
	parser->at += size;
	return true;
}

/* --- values --- */

static const char *const has_words[] = { "attachment", "copy", "gone", "flag", NULL };

static bool
is_among(const char *const *const *tables, const char *word)
{
	for (; *tables != NULL; tables++) {
		if (g_strv_contains(*tables, word))
			return true;
	}
	return false;
}

static bool
word_holds(const char *name, enum search_kind kind, const char *word, GError **error)
{
	static const char *const *const has[] = { has_words, message_fact_words, part_fact_words,
		NULL };
	static const char *const *const state[] = { review_state_words, NULL };
	static const char *const *const direction[] = { direction_words, NULL };
	static const char *const *const outcome[] = { outcome_words, NULL };
	const char *const *const *tables = kind == SEARCH_HAS         ? has
					   : kind == SEARCH_STATE     ? state
					   : kind == SEARCH_DIRECTION ? direction
								      : outcome;

	if (is_among(tables, word))
		return true;
	g_autoptr(GString) list = g_string_new(NULL);
	for (; *tables != NULL; tables++) {
		g_autofree char *words = g_strjoinv(", ", (GStrv)*tables);
		g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", words);
	}
	return refuse(error, "%s:%s is unknown (known: %s)", name, word, list->str);
}

static struct search *
make_date(enum value value, const char *name, const char *text, struct parser *parser)
{
	gint64 from, to;

	if (!when_parse(text, parser->zone, &from, &to, parser->error)) {
		g_prefix_error(parser->error, "%s: ", name);
		return NULL;
	}
	switch (value) {
	case VALUE_AFTER:
		return search_date(from, G_MAXINT64);
	case VALUE_BEFORE:
		return search_date(G_MININT64, from);
	case VALUE_UNTIL:
		return search_date(G_MININT64, to);
	default:
		return search_date(from, to);
	}
}

static struct search *
make_filter(struct parser *parser, int index, const char *text)
{
	const char *name = known[index].name;

	if (text[0] == '\0') {
		refuse(parser->error, "%s: says nothing behind the colon", name);
		return NULL;
	}
	switch (known[index].value) {
	case VALUE_TEXT:
		return search_new(known[index].kind, text);
	case VALUE_WORD:
		return word_holds(name, known[index].kind, text, parser->error)
			   ? search_new(known[index].kind, text)
			   : NULL;
	case VALUE_YES:
		if (strcmp(text, "yes") == 0)
			return search_new(SEARCH_HAS, "flag");
		refuse(parser->error, "flagged:%s: write flagged:yes, or -flagged:yes", text);
		return NULL;
	case VALUE_AFTER:
	case VALUE_BEFORE:
	case VALUE_UNTIL:
	case VALUE_ON:
		break;
	}
	return make_date(known[index].value, name, text, parser);
}

/* "abc:" as a filter has it, and no address of the web. */
static gsize
filter_like(const char *text)
{
	gsize size = strspn(text, "abcdefghijklmnopqrstuvwxyz-_");

	return text[size] == ':' && strncmp(text + size, "://", 3) != 0 ? size : 0;
}

static void
refuse_filter(const char *text, gsize size, GError **error)
{
	const char *names[G_N_ELEMENTS(known) + 1] = { NULL };
	g_autofree char *name = g_strndup(text, size);

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		names[i] = known[i].name;
	const char *near = problem_did_you_mean(name, names);
	g_autofree char *list = g_strjoinv(": ", (GStrv)names);
	if (near != NULL)
		refuse(error, "unknown filter '%s:' (did you mean %s:?)", name, near);
	else
		refuse(
		    error, "unknown filter '%s:' (known: %s:; in quotes it is text)", name, list);
}

/* --- what says nothing --- */

static void pass_over(struct parser *parser, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
pass_over(struct parser *parser, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *note = g_strdup_vprintf(format, args);
	va_end(args);
	if (g_ptr_array_find_with_equal_func(parser->notes, note, g_str_equal, NULL))
		g_free(note);
	else
		g_ptr_array_add(parser->notes, note);
}

static bool
says_nothing(const struct search *search)
{
	return search->kind == SEARCH_ALL_OF && search->children->len == 0;
}

/* --- the tree --- */

static struct search *parse_any(struct parser *parser);

static struct search *
parse_group(struct parser *parser)
{
	parser->at++;
	parser->depth++;
	struct search *search = parse_any(parser);
	parser->depth--;
	skip_space(parser);
	if (search != NULL && *parser->at == ')')
		parser->at++;
	if (search != NULL && says_nothing(search))
		pass_over(parser, "'( )' has nothing in it and was passed over");
	return search;
}

static struct search *
parse_item(struct parser *parser)
{
	if (*parser->at == '(')
		return parse_group(parser);
	int index = known_filter(parser->at);
	gsize size = filter_like(parser->at);
	if (index < 0 && size > 0) {
		refuse_filter(parser->at, size, parser->error);
		return NULL;
	}
	if (index >= 0)
		parser->at += strlen(known[index].name) + 1;
	g_autofree char *text = take_value(parser);
	return index >= 0 ? make_filter(parser, index, text) : search_new(SEARCH_WORDS, text);
}

/* Takes search. Turned round, what finds nothing would find all messages. */
static struct search *
turn_round(struct parser *parser, const char *begin, struct search *search)
{
	bool nothing = says_nothing(search) || search_is_vain(search);
	struct search *turned = search_new(nothing ? SEARCH_ALL_OF : SEARCH_NOT, NULL);

	if (nothing) {
		g_autofree char *text = g_strndup(begin, (gsize)(parser->at - begin));
		g_autofree char *shown = text_printable(g_strstrip(text), SHOWN);
		pass_over(parser, "'%s' leaves no message out and was passed over", shown);
		search_free(search);
	} else {
		search_add(turned, search);
	}
	return turned;
}

/* A list without children: it says nothing. */
static struct search *
parse_one(struct parser *parser)
{
	const char *begin = parser->at;
	bool turned = false;

	if (++parser->nodes > SEARCH_NODES_MAX || parser->depth > SEARCH_DEPTH_MAX) {
		refuse(parser->error,
		    "a search has at most %d words and %d brackets within one "
		    "another",
		    SEARCH_NODES_MAX, SEARCH_DEPTH_MAX);
		return NULL;
	}
	while (take_word(parser, "NOT") || (*parser->at == '-' && (guchar)parser->at[1] > ' ')) {
		parser->at += *parser->at == '-';
		turned = !turned;
	}
	struct search *search = parse_item(parser);
	return turned && search != NULL ? turn_round(parser, begin, search) : search;
}

static bool
at_end(struct parser *parser)
{
	skip_space(parser);
	return *parser->at == '\0' || (*parser->at == ')' && parser->depth > 0);
}

/* What says nothing is left out. */
static void
add_saying(struct search *list, struct search *one)
{
	if (says_nothing(one))
		search_free(one);
	else
		search_add(list, one);
}

static const char one_side[] = "'%s' has nothing on one side of it and was passed over";

static struct search *
parse_all(struct parser *parser)
{
	g_autoptr(search) all = search_new(SEARCH_ALL_OF, NULL);
	bool joined = false; /* by an AND, to what comes */

	while (!at_end(parser)) {
		const char *before = parser->at;
		if (take_word(parser, "AND")) {
			if (all->children->len == 0 || joined)
				pass_over(parser, one_side, "AND");
			joined = true;
			continue;
		}
		if (take_word(parser, "OR") || take_word(parser, "|")) {
			parser->at = before;
			break;
		}
		struct search *one = parse_one(parser);
		if (one == NULL)
			return NULL;
		add_saying(all, one);
		joined = false;
	}
	if (joined)
		pass_over(parser, one_side, "AND");
	return g_steal_pointer(&all);
}

static struct search *
parse_any(struct parser *parser)
{
	g_autoptr(search) any = search_new(SEARCH_ANY_OF, NULL);
	guint sides = 0;

	do {
		struct search *all = parse_all(parser);
		if (all == NULL)
			return NULL;
		sides++;
		add_saying(any, all);
	} while (take_word(parser, "OR") || take_word(parser, "|"));
	if (any->children->len < sides && sides > 1)
		pass_over(parser, one_side, "OR");
	if (any->children->len == 1)
		return g_ptr_array_steal_index(any->children, 0);
	if (any->children->len == 0)
		return search_new(SEARCH_ALL_OF, NULL);
	return g_steal_pointer(&any);
}

/* NULL after a FAULT_USAGE; an empty text finds all. */
static struct search *
parse(struct parser *parser, const char *text)
{
	g_autoptr(search) search = parse_any(parser);

	if (search == NULL || !says_nothing(search) || text[strspn(text, SPACES)] == '\0')
		return g_steal_pointer(&search);
	g_autofree char *shown = text_printable(text, SHOWN);
	refuse(parser->error,
	    "nothing to look for in '%s': %s (no query at all finds all messages)", shown,
	    (const char *)parser->notes->pdata[0]);
	return NULL;
}

struct filters *
filters_new(const char *const *words, GTimeZone *zone, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) hints = g_ptr_array_new_with_free_func(g_free);
	bool alone = words[0] == NULL || words[1] == NULL;

	for (guint i = 0; words[i] != NULL; i++) {
		if (!g_utf8_validate(words[i], -1, NULL)) {
			refuse(error, "a word is not UTF-8");
			return NULL;
		}
		append_argument(text, words[i], alone, hints);
	}
	struct parser parser = { .at = text->str, .zone = zone, .notes = notes, .error = error };
	struct search *search = parse(&parser, text->str);
	if (search == NULL)
		return NULL;
	struct filters *filters = g_new0(struct filters, 1);
	filters->search = search;
	filters->notes = g_steal_pointer(&notes);
	filters->hints = g_steal_pointer(&hints);
	filters->query.search = search;
	filters->query.notes = filters->notes;
	filters->query.whole = true;
	return filters;
}

struct filters *
filters_of_query(const char *query, GTimeZone *zone, GError **error)
{
	g_auto(GStrv) words = g_strsplit(query, "\n", -1);

	if (query[strspn(query, SPACES)] != '\0')
		return filters_new((const char *const *)words, zone, error);
	refuse(error, "--query says nothing: words as for flagpost search are wanted");
	return NULL;
}

static void
tell(const GPtrArray *lines, const char *command)
{
	for (guint i = 0; i < lines->len; i++) {
		fprintf(stderr, "flagpost %s: ", command);
		cmd_put(stderr, lines->pdata[i], 0);
		fputc('\n', stderr);
	}
}

void
filters_tell(const struct filters *filters, const char *command)
{
	tell(filters->hints, command);
	tell(filters->notes, command);
}

void
filters_free(struct filters *filters)
{
	if (filters == NULL)
		return;
	search_free(filters->search);
	g_ptr_array_unref(filters->notes);
	g_ptr_array_unref(filters->hints);
	g_free(filters);
}
