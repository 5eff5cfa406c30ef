/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/look-alike.h"

#include <string.h>

#define LENGTH_MIN 5 /* characters of a first label that one changed character still resembles */

/* What one sees for what stands there (from the confusables of Unicode TS 39). */
static gunichar
seen_as(gunichar c)
{
	static const struct {
		gunichar c;
		char seen;
	} table[] = { { '0', 'o' }, { '1', 'l' }, { 'i', 'l' }, { '3', 'e' }, { '5', 's' },
		{ '8', 'b' }, { 0x430, 'a' }, { 0x435, 'e' }, { 0x43e, 'o' }, { 0x440, 'p' },
		{ 0x441, 'c' }, { 0x443, 'y' }, { 0x445, 'x' }, { 0x455, 's' }, { 0x456, 'l' },
		{ 0x458, 'j' }, { 0x4bb, 'h' }, { 0x501, 'd' }, { 0x51b, 'q' }, { 0x51d, 'w' },
		{ 0x3b1, 'a' }, { 0x3b9, 'l' }, { 0x3bd, 'v' }, { 0x3bf, 'o' }, { 0x3c1, 'p' },
		{ 0x3c5, 'u' }, { 0x131, 'l' }, { 0x142, 'l' }, { 0x144, 'n' }, { 0xe0, 'a' },
		{ 0xe1, 'a' }, { 0xe8, 'e' }, { 0xe9, 'e' }, { 0xed, 'l' }, { 0xf3, 'o' },
		{ 0xf6, 'o' }, { 0xfa, 'u' }, { 0xfc, 'u' } };

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		if (table[i].c == c)
			return (guchar)table[i].seen;
	}
	return c;
}

static char *
skeleton(const char *domain)
{
	GString *out = g_string_new(NULL);

	for (const char *p = domain; *p != '\0'; p = g_utf8_next_char(p))
		g_string_append_unichar(out, seen_as(g_utf8_get_char(p)));
	g_string_replace(out, "rn", "m", 0);
	g_string_replace(out, "vv", "w", 0);
	return g_string_free(out, FALSE);
}

/* Exactly one character put in, left out or changed, or two neighbours swapped. */
static bool
differs_by_one(const char *a, const char *b)
{
	gsize length_a = strlen(a), length_b = strlen(b), head = 0, tail = 0;

	if (length_a > length_b)
		return differs_by_one(b, a);
	if (length_b - length_a > 1 || strcmp(a, b) == 0)
		return false;
	while (head < length_a && a[head] == b[head])
		head++;
	while (tail < length_a - head && a[length_a - 1 - tail] == b[length_b - 1 - tail])
		tail++;
	gsize left = length_a - head - tail, right = length_b - head - tail;
	if (left <= 1 && right <= 1)
		return true;
	return left == 2 && right == 2 && a[head] == b[head + 1] && a[head + 1] == b[head];
}

static guint
labels(const char *domain)
{
	guint count = 1;

	for (; *domain != '\0'; domain++)
		count += *domain == '.';
	return count;
}

/* The last labels of domain, as many as there are in other; all when it has fewer. */
static const char *
same_depth(const char *domain, const char *other)
{
	guint surplus = labels(domain), wanted = labels(other);

	for (; surplus > wanted; surplus--)
		domain = strchr(domain, '.') + 1;
	return domain;
}

static bool
is_alike(const char *domain, const char *entry)
{
	if (differs_by_one(domain, entry) && strcspn(entry, ".") >= LENGTH_MIN)
		return true;
	g_autofree char *left = skeleton(domain);
	g_autofree char *right = skeleton(entry);
	return strcmp(left, right) == 0;
}

const struct list_entry *
look_alike_find(const struct list *list, const char *domain)
{
	g_autofree char *unicode = g_hostname_to_unicode(domain);
	const GPtrArray *entries = list_entries(list);

	if (domain[0] == '\0' || list_find_domain(list, domain, true) != NULL)
		return NULL;
	for (guint i = 0; i < entries->len; i++) {
		const struct list_entry *entry = g_ptr_array_index(entries, i);
		if (strchr(entry->folded, '@') != NULL)
			continue;
		const char *tail = same_depth(unicode != NULL ? unicode : domain, entry->folded);
		if (is_alike(tail, entry->folded))
			return entry;
	}
	return NULL;
}
