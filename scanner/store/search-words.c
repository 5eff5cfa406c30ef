/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Expressions of store/block-expr.h. Each word in them came out of mail/terms and stands in quotes:
 * it has letters and digits alone, so nothing that a person typed is ever read as syntax.
 */
#include <string.h>

#include "mail/terms-once.h"
#include "mail/terms.h"
#include "store/index.h"
#include "store/new-words.h"
#include "store/query.h"
#include "store/search-plan.h"
#include "store/vocabulary.h"

G_STATIC_ASSERT(SEARCH_WORDS_MAX <= TERMS_ONCE_PHRASE);

#define PART_MIN 3 /* characters of a part of a word: three neighbours */

void
plan_note(struct plan *plan, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	char *text = g_strdup_vprintf(format, list);
	va_end(list);
	if (g_ptr_array_find_with_equal_func(plan->notes, text, g_str_equal, NULL))
		g_free(text);
	else
		g_ptr_array_add(plan->notes, text);
}

/* --- words that have a part --- */

enum within { PART_WITHIN, PART_BEGIN, PART_END };

static bool
has_part(const char *word, const char *part, enum within where)
{
	switch (where) {
	case PART_BEGIN:
		return g_str_has_prefix(word, part);
	case PART_END:
		return g_str_has_suffix(word, part);
	case PART_WITHIN:
		break;
	}
	return strstr(word, part) != NULL;
}

/* What parts are looked for, and the words that were found. */
struct expansion {
	const char *part;
	guint kinds;
	enum within where;
	GPtrArray *words;
	GHashTable *seen; /* borrows them: new words may be among the settled ones too */
};

static bool
add_word(const char *word, guint kinds, void *user)
{
	struct expansion *expansion = user;

	if ((kinds & expansion->kinds) == 0 || !has_part(word, expansion->part, expansion->where) ||
	    g_hash_table_contains(expansion->seen, word))
		return true;
	char *copy = g_strdup(word);
	g_ptr_array_add(expansion->words, copy);
	g_hash_table_add(expansion->seen, copy);
	return expansion->words->len <= SEARCH_EXPAND;
}

/* Words of these kinds; NULL when there are more than SEARCH_EXPAND, or after an error. */
static GPtrArray *
expand(struct plan *plan, const char *part, guint kinds, enum within where)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
	struct expansion expansion = { part, kinds, where, words, seen };
	struct database *database = plan->context->database;
	GError **error = &plan->context->error;

	if (!new_words_within(database, part, add_word, &expansion, error))
		return NULL;
	bool right =
	    words->len > SEARCH_EXPAND ||
	    (where == PART_BEGIN ? vocabulary_begin(database, part, add_word, &expansion, error)
				 : vocabulary_within(database, part, add_word, &expansion, error));
	if (!right || words->len > SEARCH_EXPAND)
		return NULL;
	return g_steal_pointer(&words);
}

static char *
any_of(const GPtrArray *words)
{
	GString *out = g_string_new("(");

	for (guint i = 0; i < words->len; i++)
		g_string_append_printf(
		    out, "%s\"%s\"", i > 0 ? " OR " : "", (const char *)words->pdata[i]);
	g_string_append_c(out, ')');
	return g_string_free(out, FALSE);
}

/* One word, and those that it is a part of. */
static char *
one_word(struct plan *plan, const char *word, guint kinds, enum within where)
{
	if (g_utf8_strlen(word, -1) < PART_MIN)
		return where == PART_BEGIN ? g_strdup_printf("\"%s\" *", word)
					   : g_strdup_printf("\"%s\"", word);

	g_autoptr(GPtrArray) words = expand(plan, word, kinds, where);
	if (words != NULL && words->len > 0)
		return any_of(words);
	if (words == NULL && plan->context->error == NULL)
		plan_note(plan,
		    "'%s' is in more than %d words: it was looked for as a whole word; write more "
		    "of it",
		    word, SEARCH_EXPAND);
	return g_strdup_printf("\"%s\"", word);
}

static void
append_phrase(GString *out, const char *const *words, const char *last)
{
	g_string_append_c(out, '"');
	for (; words[1] != NULL; words++)
		g_string_append_printf(out, "%s ", words[0]);
	g_string_append_printf(out, "%s\"", last != NULL ? last : words[0]);
}

/* Several words in a row, the last of which may go on. */
static char *
phrase(struct plan *plan, const char *const *words, guint kinds)
{
	const char *last = words[g_strv_length((GStrv)words) - 1];
	GString *out = g_string_new("(");

	append_phrase(out, words, NULL);
	if (kinds != 0 && g_utf8_strlen(last, -1) >= PART_MIN) {
		g_autoptr(GPtrArray) more = expand(plan, last, kinds, PART_BEGIN);
		if (more == NULL && plan->context->error == NULL)
			plan_note(plan,
			    "more than %d words begin with '%s': it was looked for as a whole "
			    "word; write more of it",
			    SEARCH_EXPAND, last);
		for (guint i = 0; more != NULL && i < more->len; i++) {
			g_string_append(out, " OR ");
			append_phrase(out, words, more->pdata[i]);
		}
	}
	g_string_append_c(out, ')');
	return g_string_free(out, FALSE);
}

/* --- whole texts --- */

static GStrv
words_of(struct plan *plan, const char *text, bool *open)
{
	g_auto(GStrv) words = terms_query(text, SEARCH_WORDS_MAX + 1, open);
	guint n = g_strv_length(words);

	if (n == 0) {
		plan_note(plan, "'%s' has no letter and no digit: nothing is found by it", text);
		return NULL;
	}
	if (n > SEARCH_WORDS_MAX) {
		plan_note(plan, "only the first %d words of '%.40s...' were looked for",
		    SEARCH_WORDS_MAX, text);
		g_clear_pointer(&words[SEARCH_WORDS_MAX], g_free);
		*open = false;
	}
	return g_steal_pointer(&words);
}

static char *
open_phrase(const char *const *words)
{
	GString *out = g_string_new(NULL);

	append_phrase(out, words, NULL);
	g_string_append(out, " *");
	return g_string_free(out, FALSE);
}

char *
plan_words(struct plan *plan, const char *text)
{
	bool open, front = text[0] == '*', back = g_str_has_suffix(text, "*");
	g_auto(GStrv) words = words_of(plan, text, &open);
	const char *const *list = (const char *const *)words;

	if (words == NULL)
		return NULL;
	if (open || (back && (words[1] != NULL || !front)))
		return words[1] == NULL && !open ? one_word(plan, words[0], WORD_TEXT, PART_BEGIN)
						 : open_phrase(list);
	if (front && words[1] == NULL)
		return one_word(plan, words[0], WORD_TEXT, back ? PART_WITHIN : PART_END);
	return phrase(plan, list, 0);
}

char *
plan_field(struct plan *plan, const char *columns, guint kinds, const char *text)
{
	bool open;
	g_auto(GStrv) words = words_of(plan, text, &open);
	g_autofree char *match = NULL;

	if (words == NULL)
		return NULL;
	if (open)
		match = open_phrase((const char *const *)words);
	else if (words[1] == NULL && text[0] != '@')
		match = one_word(plan, words[0], kinds, PART_WITHIN);
	else
		match = phrase(plan, (const char *const *)words, text[0] == '@' ? 0 : kinds);
	return g_strdup_printf("%s : %s", columns, match);
}

/* --- globs over file names --- */

static bool
is_inside(const char *text, const char *at)
{
	return at > text && g_unichar_isalnum(g_utf8_get_char(g_utf8_prev_char(at)));
}

/* The words of one stretch: the first and the last may go on where a wild card is. */
static void
add_stretch(
    struct plan *plan, GString *out, guint kinds, const char *stretch, bool starts, bool ends)
{
	bool open;
	g_auto(GStrv) words = terms_query(stretch, SEARCH_WORDS_MAX, &open);
	guint n = g_strv_length(words);
	bool first = starts || !g_unichar_isalnum(g_utf8_get_char(stretch));
	bool last = ends || !is_inside(stretch, stretch + strlen(stretch));

	for (guint i = 0; i < n; i++) {
		bool from = i > 0 || first, to = i + 1 < n || last;
		g_autofree char *match = NULL;
		if (open || (!(from && to) && g_utf8_strlen(words[i], -1) < PART_MIN))
			continue;
		if (from && to) {
			match = g_strdup_printf("\"%s\"", words[i]);
		} else {
			enum within where = from ? PART_BEGIN : to ? PART_END : PART_WITHIN;
			g_autoptr(GPtrArray) more = expand(plan, words[i], kinds, where);
			if (more == NULL || more->len == 0)
				continue;
			match = any_of(more);
		}
		g_string_append_printf(out, "%s%s", out->len > 0 ? " AND " : "", match);
	}
}

char *
plan_glob(struct plan *plan, const char *columns, guint kinds, const char *glob)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *p = glob; *p != '\0';) {
		gsize size = strcspn(p, "*?");
		g_autofree char *stretch = g_strndup(p, size);
		if (size > 0)
			add_stretch(plan, out, kinds, stretch, p == glob, p[size] == '\0');
		p += size;
		p += strspn(p, "*?");
	}
	return out->len > 0 ? g_strdup_printf("%s : (%s)", columns, out->str) : g_strdup("");
}
