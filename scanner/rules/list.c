/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/list.h"

#include <string.h>

struct list {
	char *title;
	bool has_lines;      /* a file: entries are told by line */
	GPtrArray *entries;  /* of struct list_entry */
	GHashTable *by_text; /* folded -> struct list_entry */
	struct phrases *phrases;
};

static void
entry_free(gpointer data)
{
	struct list_entry *entry = data;

	g_free(entry->text);
	g_free(entry->folded);
	g_free(entry);
}

static struct list *
list_new(char *title)
{
	struct list *list = g_new0(struct list, 1);

	list->title = title;
	list->entries = g_ptr_array_new_with_free_func(entry_free);
	list->by_text = g_hash_table_new(g_str_hash, g_str_equal);
	return list;
}

void
list_free(struct list *list)
{
	if (list == NULL)
		return;
	phrases_free(list->phrases);
	g_hash_table_unref(list->by_text);
	g_ptr_array_unref(list->entries);
	g_free(list->title);
	g_free(list);
}

char *
domain_fold(const char *domain)
{
	char *folded = token_fold(domain, strlen(domain));

	if (!g_hostname_is_non_ascii(folded))
		return folded;
	char *ascii = g_hostname_to_ascii(folded);
	if (ascii == NULL)
		return folded;
	g_free(folded);
	return ascii;
}

char *
address_fold(const char *address)
{
	const char *at = strrchr(address, '@');

	if (at == NULL)
		return token_fold(address, strlen(address));
	g_autofree char *local = token_fold(address, (gsize)(at - address));
	g_autofree char *domain = domain_fold(at + 1);
	return g_strconcat(local, "@", domain, NULL);
}

/* text must be valid UTF-8. Of equal entries the first one counts. */
static void
add(struct list *list, const char *text, guint line)
{
	struct list_entry *entry = g_new0(struct list_entry, 1);
	const char *bare = text;

	if (g_str_has_prefix(bare, "*."))
		bare += 2;
	else if (bare[0] == '@')
		bare += 1;
	entry->text = g_strdup(text);
	bool is_domain = strpbrk(bare, "@ ") == NULL;
	entry->folded = is_domain ? domain_fold(bare) : address_fold(bare);
	entry->line = line;
	g_ptr_array_add(list->entries, entry);
	if (!g_hash_table_contains(list->by_text, entry->folded))
		g_hash_table_insert(list->by_text, entry->folded, entry);
}

static void
add_line(struct list *list, const char *path, char *text, gsize size, guint line,
    struct problems *problems)
{
	const char *broken = NULL;

	if (!g_utf8_validate(text, (gssize)size, &broken)) {
		problems_add(problems, PROBLEM_ERROR, path, line, (guint)(broken - text) + 1, NULL,
		    "save the file as UTF-8", "the line is not UTF-8");
		return;
	}
	if (size > LIST_ENTRY_MAX) {
		problems_add(problems, PROBLEM_ERROR, path, line, LIST_ENTRY_MAX + 1, NULL, NULL,
		    "an entry has at most %d bytes", LIST_ENTRY_MAX);
		return;
	}
	g_strstrip(text);
	if (text[0] != '\0' && text[0] != '#')
		add(list, text, line);
}

struct list *
list_parse(const char *name, const char *path, GBytes *text, struct problems *problems)
{
	struct list *list = list_new(g_strconcat("list ", name, NULL));
	gsize size;
	const char *data = g_bytes_get_data(text, &size);
	const char *end = data + size;
	guint line = 0;

	list->has_lines = true;
	if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		data += 3;
	while (data < end) {
		const char *newline = memchr(data, '\n', (gsize)(end - data));
		gsize length = (gsize)((newline != NULL ? newline : end) - data);
		g_autofree char *copy = g_strndup(data, length);
		add_line(list, path, copy, length, ++line, problems);
		data += length + (newline != NULL ? 1 : 0);
	}
	return list;
}

struct list *
list_from_lines(const char *title, const char *const *lines)
{
	struct list *list = list_new(g_strdup(title));

	for (guint i = 0; lines != NULL && lines[i] != NULL; i++) {
		g_autofree char *valid = g_utf8_make_valid(lines[i], -1);
		add(list, g_strstrip(valid), i + 1);
	}
	return list;
}

const GPtrArray *
list_entries(const struct list *list)
{
	return list->entries;
}

const struct list_entry *
list_find(const struct list *list, const char *folded)
{
	return g_hash_table_lookup(list->by_text, folded);
}

const struct list_entry *
list_find_domain(const struct list *list, const char *domain, bool subdomains)
{
	const struct list_entry *entry = NULL;

	while (*domain != '\0' && (entry = list_find(list, domain)) == NULL && subdomains) {
		const char *dot = strchr(domain, '.');
		if (dot == NULL)
			break;
		domain = dot + 1;
	}
	return entry;
}

const struct list_entry *
list_find_address(const struct list *list, const char *address, const char *domain, bool subdomains)
{
	const struct list_entry *entry = list_find(list, address);

	return entry != NULL ? entry : list_find_domain(list, domain, subdomains);
}

char *
list_describe(const struct list *list, const struct list_entry *entry)
{
	if (list->has_lines)
		return g_strdup_printf("%s, line %u", list->title, entry->line);
	return g_strdup(list->title[0] != '\0' ? list->title : entry->text);
}

void
list_make_phrases(struct list *list, struct vocabulary *vocabulary)
{
	if (list->phrases != NULL)
		return;
	list->phrases = phrases_new();
	for (guint i = 0; i < list->entries->len; i++) {
		const struct list_entry *entry = g_ptr_array_index(list->entries, i);
		phrases_add(list->phrases, vocabulary, entry->text, i);
	}
}

const struct phrases *
list_phrases(const struct list *list)
{
	return list->phrases;
}
