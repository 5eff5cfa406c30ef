/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_STORE_RANDOM_WALK_H
#define FLAGPOST_TESTS_STORE_RANDOM_WALK_H
/*
 * random_walk - whether a message is what a search asks for, by its texts alone: no index, no SQL.
 */
#include "random-world.h"

#include "base/text.h"

static bool
fits(const char *word, const char *wanted, bool open_front, bool open_back)
{
	if (open_front && open_back)
		return strstr(word, wanted) != NULL;
	return open_front  ? g_str_has_suffix(word, wanted)
	       : open_back ? g_str_has_prefix(word, wanted)
			   : strcmp(word, wanted) == 0;
}

/* Words in a row somewhere in the column. */
static bool
column_has(const struct note *note, guint column, GStrv words, bool open_front, bool open_back)
{
	GStrv all = note->columns[column];
	guint n = g_strv_length(words), size = g_strv_length(all);

	for (guint i = 0; i + n <= size; i++) {
		guint j = 0;
		while (j < n &&
		       fits(all[i + j], words[j], open_front && j == 0, open_back && j + 1 == n))
			j++;
		if (j == n)
			return true;
	}
	return false;
}

static bool
columns_have(const struct note *note, guint columns, GStrv words, bool front, bool back)
{
	for (guint i = 0; i < INDEX_COLUMNS; i++) {
		if ((columns & (1u << i)) != 0 && column_has(note, i, words, front, back))
			return true;
	}
	return false;
}

static bool
is_long(const char *word)
{
	return g_utf8_strlen(word, -1) >= 3;
}

/* Of body, subject, names, people: as a person who types it means it. */
static bool
has_words(const struct note *note, guint columns, const char *text)
{
	bool open, front = text[0] == '*', back = g_str_has_suffix(text, "*");
	g_auto(GStrv) words = terms_query(text, SEARCH_WORDS_MAX, &open);

	if (words[0] == NULL)
		return false;
	bool single = words[1] == NULL;
	if (open || (back && !(single && front)))
		return columns_have(note, columns, words, false, true);
	return columns_have(note, columns, words, front && single && is_long(words[0]),
	    back && single && is_long(words[0]));
}

/* Of a field: any part of a word, or words in a row of which the last may go on. */
static bool
has_field(const struct note *note, guint columns, const char *text)
{
	bool open;
	g_auto(GStrv) words = terms_query(text, SEARCH_WORDS_MAX, &open);

	if (words[0] == NULL)
		return false;
	bool single = words[1] == NULL, within = single && !open && is_long(words[0]);
	bool back = open || is_long(words[g_strv_length(words) - 1]);
	return columns_have(note, columns, words, within, back);
}

static bool
is_address(const char *address, const char *text)
{
	const char *at = strchr(address, '@');

	if (at == NULL)
		return false;
	if (text[0] != '@')
		return strstr(address, text) != NULL;
	return strcmp(at, text) == 0 ||
	       (g_str_has_suffix(at, text + 1) && at[strlen(at) - strlen(text)] == '.');
}

static bool
has_party(const struct note *note, guint columns, const char *text)
{
	bool is = (columns & (1u << INDEX_SENDER)) != 0 && is_address(note->from, text);

	is = is || ((columns & (1u << INDEX_RECIPIENTS)) != 0 && is_address(note->to, text));
	is = is || ((columns & (1u << INDEX_DELIVERED)) != 0 && is_address(note->delivered, text));
	return is && (text[0] == '@' || has_field(note, columns, text));
}

/* places: whether who asks sees folders at all. */
static bool
matches(const struct note *note, const struct search *search, bool places)
{
	static const guint people[] = { [SEARCH_FROM] = 1u << INDEX_SENDER,
		[SEARCH_TO] = 1u << INDEX_RECIPIENTS | 1u << INDEX_DELIVERED,
		[SEARCH_DELIVERED] = 1u << INDEX_DELIVERED };
	bool all = true, any = false;

	for (guint i = 0; i < search->children->len; i++) {
		bool one = matches(note, search->children->pdata[i], places);
		all = all && one;
		any = any || one;
	}
	switch (search->kind) {
	case SEARCH_ALL_OF:
		return all;
	case SEARCH_ANY_OF:
		return any;
	case SEARCH_NOT:
		return !any;
	case SEARCH_WORDS:
		return has_words(note, (1u << INDEX_COLUMNS) - 1, search->text);
	case SEARCH_BODY:
		return has_words(note, 1u << INDEX_BODY | 1u << INDEX_FILES, search->text);
	case SEARCH_SUBJECT:
		return has_field(note, 1u << INDEX_SUBJECT, search->text);
	case SEARCH_FROM:
	case SEARCH_TO:
	case SEARCH_DELIVERED:
		return has_party(note, people[search->kind], search->text);
	case SEARCH_FILENAME:
		return strchr(search->text, '*') == NULL
			   ? has_field(note, 1u << INDEX_NAMES, search->text)
			   : note->file[0] != '\0' && text_glob(search->text, note->file);
	case SEARCH_FOLDER:
		return places && text_glob(search->text, note->folder);
	case SEARCH_RULE:
		return note->flagged && text_glob(search->text, "competitor");
	case SEARCH_HAS:
		return strcmp(search->text, "flag") == 0 ? note->flagged : note->file[0] != '\0';
	case SEARCH_DATE:
		return note->time >= search->from && note->time < search->to;
	default:
		g_assert_not_reached();
	}
}

#endif
