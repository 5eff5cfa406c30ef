/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/filters.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/problem.h"

enum kind { KIND_TEXT, KIND_TIME, KIND_YES_NO, KIND_HAS };

static const struct {
	const char *name;
	enum kind kind;
	gsize offset; /* into struct view_query */
} known[] = {
	{ "from", KIND_TEXT, G_STRUCT_OFFSET(struct view_query, from) },
	{ "to", KIND_TEXT, G_STRUCT_OFFSET(struct view_query, to) },
	{ "subject", KIND_TEXT, G_STRUCT_OFFSET(struct view_query, subject) },
	{ "rule", KIND_TEXT, G_STRUCT_OFFSET(struct view_query, rule) },
	{ "account", KIND_TEXT, G_STRUCT_OFFSET(struct view_query, account) },
	{ "folder", KIND_TEXT, G_STRUCT_OFFSET(struct view_query, folder) },
	{ "after", KIND_TIME, G_STRUCT_OFFSET(struct view_query, after) },
	{ "before", KIND_TIME, G_STRUCT_OFFSET(struct view_query, before) },
	{ "flagged", KIND_YES_NO, G_STRUCT_OFFSET(struct view_query, flagged) },
	{ "has", KIND_HAS, G_STRUCT_OFFSET(struct view_query, gone) },
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

/* Quotes that a shell left in place: subject:"two words" given as one argument. */
static const char *
keep(struct filters *filters, const char *value)
{
	gsize length = strlen(value);
	bool quoted = length >= 2 && value[0] == '"' && value[length - 1] == '"';
	char *copy = quoted ? g_strndup(value + 1, length - 2) : g_strdup(value);

	g_ptr_array_add(filters->words, copy);
	return copy;
}

static bool
set_text(struct filters *filters, gsize index, const char *value, GError **error)
{
	const char **field = G_STRUCT_MEMBER_P(&filters->query, known[index].offset);

	if (*field != NULL)
		return refuse(error, "the filter %s: stands twice", known[index].name);
	*field = keep(filters, value);
	return true;
}

static bool
set_time(struct filters *filters, gsize index, const char *value, GTimeZone *zone, GError **error)
{
	gint64 *field = G_STRUCT_MEMBER_P(&filters->query, known[index].offset);

	if (*field != 0)
		return refuse(error, "the filter %s: stands twice", known[index].name);
	if (clock_parse(value, zone, field, error))
		return true;
	g_prefix_error(error, "%s: ", known[index].name);
	return false;
}

static bool
set_yes(struct filters *filters, const char *value, GError **error)
{
	if (strcmp(value, "yes") != 0)
		return refuse(error, "flagged:%s: only flagged:yes is known", value);
	filters->query.flagged = true;
	return true;
}

static bool
set_has(struct filters *filters, const char *value, GError **error)
{
	if (strcmp(value, "gone") != 0)
		return refuse(error, "has:%s: only has:gone is known", value);
	filters->query.gone = true;
	return true;
}

/* True when the text before the colon looks like a filter's name rather than like a subject. */
static bool
is_filter_like(const char *word, const char *colon)
{
	for (const char *p = word; p < colon; p++) {
		if (!g_ascii_islower(*p) && *p != '-' && *p != '_')
			return false;
	}
	return colon > word;
}

static bool
unknown_filter(const char *word, gsize length, GError **error)
{
	const char *names[G_N_ELEMENTS(known) + 1] = { NULL };
	g_autofree char *name = g_strndup(word, length);

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		names[i] = known[i].name;
	const char *near = problem_did_you_mean(name, names);
	g_autofree char *list = g_strjoinv(": ", (GStrv)names);
	if (near != NULL)
		return refuse(error, "unknown filter '%s:' (did you mean %s:?)", name, near);
	return refuse(error, "unknown filter '%s:' (known: %s:)", name, list);
}

static bool
add_word(struct filters *filters, const char *word, GTimeZone *zone, GError **error)
{
	const char *colon = strchr(word, ':');

	if (!g_utf8_validate(word, -1, NULL))
		return refuse(error, "a word is not UTF-8");
	if (colon == NULL || !is_filter_like(word, colon))
		return set_text(filters, 2, word, error);
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
		gsize length = strlen(known[i].name);
		if ((gsize)(colon - word) != length || strncmp(word, known[i].name, length) != 0)
			continue;
		if (colon[1] == '\0')
			return refuse(error, "%s says nothing behind the colon", word);
		if (known[i].kind == KIND_TEXT)
			return set_text(filters, i, colon + 1, error);
		if (known[i].kind == KIND_TIME)
			return set_time(filters, i, colon + 1, zone, error);
		if (known[i].kind == KIND_HAS)
			return set_has(filters, colon + 1, error);
		return set_yes(filters, colon + 1, error);
	}
	return unknown_filter(word, (gsize)(colon - word), error);
}

struct filters *
filters_new(const char *const *words, GTimeZone *zone, GError **error)
{
	struct filters *filters = g_new0(struct filters, 1);

	filters->words = g_ptr_array_new_with_free_func(g_free);
	for (; *words != NULL; words++) {
		if (!add_word(filters, *words, zone, error)) {
			filters_free(filters);
			return NULL;
		}
	}
	return filters;
}

void
filters_free(struct filters *filters)
{
	if (filters == NULL)
		return;
	g_ptr_array_unref(filters->words);
	g_free(filters);
}
