/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/look-alike.h"

#include <libpsl.h>
#include <string.h>

#define SURPLUS_MAX 4 /* characters by which the same to the eye may be longer: rn for m */
#define LENGTH_MIN  5 /* characters of a first label that one changed character still resembles */

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
		{ 0x3c5, 'u' }, { 0x131, 'l' }, { 0x142, 'l' }, { 0xf8, 'o' }, { 0x111, 'd' },
		{ 0x43a, 'k' }, { 0x3ba, 'k' }, { 0x442, 't' }, { 0x3c4, 't' }, { 0x432, 'b' },
		{ 0x43c, 'm' }, { 0x43d, 'h' }, { 0x261, 'g' } };

	for (gsize i = 0; i < G_N_ELEMENTS(table); i++) {
		if (table[i].c == c)
			return (guchar)table[i].seen;
	}
	return c;
}

static char *
skeleton(const char *domain)
{
	g_autofree char *apart = g_utf8_normalize(domain, -1, G_NORMALIZE_NFD);
	GString *out = g_string_new(NULL);

	for (const char *p = apart != NULL ? apart : domain; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (!g_unichar_ismark(c))
			g_string_append_unichar(out, seen_as(c));
	}
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

/*
 * What somebody can register of a folded domain, in the letters that people see; all of it when it
 * lies under no known suffix.
 */
static char *
registrable(const char *domain)
{
	const char *own = psl_registrable_domain(psl_builtin(), domain);

	own = own != NULL ? own : domain;
	char *unicode = g_hostname_is_ascii_encoded(own) ? g_hostname_to_unicode(own) : NULL;
	return unicode != NULL ? unicode : g_strdup(own);
}

/* "rival.example.login.example" under "rival.example". */
static bool
begins_with(const char *domain, const char *entry)
{
	gsize length = strlen(entry);

	return strchr(entry, '.') != NULL && strncmp(domain, entry, length) == 0 &&
	       domain[length] == '.';
}

static bool
is_alike(const char *domain, const char *entry)
{
	glong more = g_utf8_strlen(domain, -1) - g_utf8_strlen(entry, -1);

	if (ABS(more) > SURPLUS_MAX)
		return false;
	if (differs_by_one(domain, entry) && strcspn(entry, ".") >= LENGTH_MIN)
		return true;
	g_autofree char *left = skeleton(domain);
	g_autofree char *right = skeleton(entry);
	return strcmp(left, right) == 0;
}

const struct list_entry *
look_alike_find(const struct list *list, const char *domain)
{
	const GPtrArray *entries = list_entries(list);

	if (domain[0] == '\0' || list_find_domain(list, domain, true) != NULL)
		return NULL;
	g_autofree char *own = registrable(domain);
	for (guint i = 0; i < entries->len; i++) {
		const struct list_entry *entry = g_ptr_array_index(entries, i);
		if (strchr(entry->folded, '@') != NULL)
			continue;
		g_autofree char *theirs = registrable(entry->folded);
		if (begins_with(domain, entry->folded) ||
		    (strcmp(own, theirs) != 0 && is_alike(own, theirs)))
			return entry;
	}
	return NULL;
}
