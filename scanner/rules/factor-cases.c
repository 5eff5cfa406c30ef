/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters beyond ASCII as bytes, in all their cases. PCRE2 itself is asked which those are,
 * so that no other table of Unicode comes into it.
 */
#include "rules/factor-tree.h"

#include <string.h>

#include "rules/pattern.h"

struct factor_cases {
	char *cased;       /* all characters that have another case */
	GHashTable *known; /* gunichar -> GArray of gunichar: the other cases */
	GHashTable *odd;   /* char *: bytes of characters that no factor has, as \xHH */
};

static void
free_array(void *data)
{
	g_array_unref(data);
}

struct factor_cases *
factor_cases_new(void)
{
	struct factor_cases *cases = g_new0(struct factor_cases, 1);

	cases->known = g_hash_table_new_full(NULL, NULL, NULL, free_array);
	cases->odd = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_hash_table_add(cases->odd, g_strdup("\\xc5\\xbf"));
	g_hash_table_add(cases->odd, g_strdup("\\xe2\\x84\\xaa"));
	return cases;
}

void
factor_cases_free(struct factor_cases *cases)
{
	if (cases == NULL)
		return;
	g_free(cases->cased);
	g_hash_table_unref(cases->known);
	g_hash_table_unref(cases->odd);
	g_free(cases);
}

/* A title, a letter, a roman number, a letter in a circle: nothing else has a case. */
static void
find_cased(struct factor_cases *cases)
{
	g_autoptr(GString) all = g_string_new(NULL);
	g_autoptr(GString) cased = g_string_new(NULL);

	for (gunichar c = 0x80; c < 0x110000; c++) {
		if (c < 0xd800 || c > 0xdfff)
			g_string_append_unichar(all, c);
	}
	g_autoptr(GArray) found =
	    pattern_characters("[\\p{L&}\\p{Nl}\\p{So}\\x{345}]", false, all->str, all->len);
	for (gunichar c = 'A'; c <= 'z'; c++)
		g_string_append_unichar(cased, c);
	for (guint i = 0; i < found->len; i++)
		g_string_append_unichar(cased, g_array_index(found, gunichar, i));
	cases->cased = g_string_free(g_steal_pointer(&cased), FALSE);
}

static const GArray *
others(struct factor_cases *cases, gunichar c)
{
	GArray *found = g_hash_table_lookup(cases->known, GUINT_TO_POINTER(c));

	if (found != NULL)
		return found;
	if (cases->cased == NULL)
		find_cased(cases);
	g_autofree char *expression = g_strdup_printf("\\x{%x}", c);
	found = pattern_characters(expression, true, cases->cased, strlen(cases->cased));
	g_hash_table_insert(cases->known, GUINT_TO_POINTER(c), found);
	return found;
}

static char *
escaped(const char *bytes, int length)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (int i = 0; i < length; i++)
		g_string_append_printf(out, "\\x%02x", (guchar)bytes[i]);
	return g_strdup(out->str);
}

/* Some case is shorter, or a letter of ASCII: then this one is the odd one. */
static void
add_any(GPtrArray *out)
{
	struct node *node = node_new(NODE_ANY);

	g_ptr_array_add(out, node);
}

void
factor_add_character(
    struct factor_cases *cases, gunichar c, bool ignore_case, GPtrArray *out, guint *odd)
{
	char own[6], other[6];
	int length = g_unichar_to_utf8(c, own);
	struct byte_set sets[6] = { 0 };
	const GArray *found = ignore_case ? others(cases, c) : NULL;

	for (int k = 0; k < length; k++)
		set_add(&sets[k], (guchar)own[k]);
	for (guint i = 0; found != NULL && i < found->len; i++) {
		int size = g_unichar_to_utf8(g_array_index(found, gunichar, i), other);
		if (size < length) {
			add_any(out);
			return;
		}
		for (int k = 0; k < size && size == length; k++)
			set_add(&sets[k], (guchar)other[k]);
		if (size > length) {
			g_hash_table_add(cases->odd, escaped(other, size));
			*odd |= FACTOR_ODD_CASES;
		}
	}
	for (int k = 0; k < length; k++) {
		struct node *node = node_new(NODE_SET);
		node->set = sets[k];
		g_ptr_array_add(out, node);
	}
}

static gint
by_text(gconstpointer a, gconstpointer b)
{
	return strcmp(a, b);
}

char *
factor_cases_odd(const struct factor_cases *cases)
{
	GList *all = g_list_sort(g_hash_table_get_keys(cases->odd), by_text);
	GString *out = g_string_new(NULL);

	for (const GList *at = all; at != NULL; at = at->next)
		g_string_append_printf(out, "%s%s", out->len > 0 ? "|" : "", (char *)at->data);
	g_list_free(all);
	return g_string_free(out, FALSE);
}

char *
factor_odd_digits(void)
{
	g_autoptr(GString) all = g_string_new(NULL);
	GString *out = g_string_new(NULL);
	char bytes[6];

	for (gunichar c = 0x80; c < 0x110000; c++) {
		if (c < 0xd800 || c > 0xdfff)
			g_string_append_unichar(all, c);
	}
	g_autoptr(GArray) digits = pattern_characters("\\d", false, all->str, all->len);
	/* They come ten in a row: one set for those that differ in their last byte alone. */
	for (guint i = 0, next; i < digits->len; i = next) {
		gunichar c = g_array_index(digits, gunichar, i), last = c;
		for (next = i + 1; next < digits->len; next++, last++) {
			if (g_array_index(digits, gunichar, next) != last + 1 ||
			    (last + 1) / 64 != c / 64)
				break;
		}
		int length = g_unichar_to_utf8(c, bytes);
		g_autofree char *head = escaped(bytes, length - 1);
		g_string_append_printf(out, "%s%s[\\x%02x-\\x%02x]", i > 0 ? "|" : "", head,
		    0x80 | (c & 0x3f), 0x80 | (last & 0x3f));
	}
	return g_string_free(out, FALSE);
}
