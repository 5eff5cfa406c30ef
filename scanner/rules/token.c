/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/token.h"

#include <string.h>

struct vocabulary {
	const struct vocabulary *base;
	GHashTable *ids; /* char * -> GUINT_TO_POINTER(id) */
	guint32 last;    /* id given last */
};

struct vocabulary *
vocabulary_new(const struct vocabulary *base)
{
	struct vocabulary *vocabulary = g_new0(struct vocabulary, 1);

	vocabulary->base = base;
	vocabulary->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	vocabulary->last = base != NULL ? base->last : 0;
	return vocabulary;
}

void
vocabulary_free(struct vocabulary *vocabulary)
{
	if (vocabulary == NULL)
		return;
	g_hash_table_unref(vocabulary->ids);
	g_free(vocabulary);
}

char *
token_fold(const char *text, gsize size)
{
	g_autofree char *composed = g_utf8_normalize(text, (gssize)size, G_NORMALIZE_NFKC);

	if (composed == NULL)
		return g_strndup(text, size);
	g_autofree char *folded = g_utf8_casefold(composed, -1);
	return g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC);
}

static bool
is_word_of_its_own(gunichar c)
{
	switch (g_unichar_get_script(c)) {
	case G_UNICODE_SCRIPT_HAN:
	case G_UNICODE_SCRIPT_HIRAGANA:
	case G_UNICODE_SCRIPT_KATAKANA:
	case G_UNICODE_SCRIPT_THAI:
	case G_UNICODE_SCRIPT_LAO:
	case G_UNICODE_SCRIPT_KHMER:
	case G_UNICODE_SCRIPT_MYANMAR:
		return true;
	default:
		return false;
	}
}

const char *
token_next_word(const char *p, const char *end, gsize *length, bool *ascii)
{
	const char *start = NULL;

	*ascii = true;
	for (; p < end; p = g_utf8_next_char(p)) {
		if ((guchar)*p < 0x80) {
			if (g_ascii_isalnum(*p))
				start = start != NULL ? start : p;
			else if (start != NULL)
				break;
			continue;
		}
		gunichar c = g_utf8_get_char(p);
		if (!g_unichar_isalnum(c) && !(start != NULL && g_unichar_ismark(c))) {
			if (start != NULL)
				break;
			continue;
		}
		bool alone = is_word_of_its_own(c);
		if (alone && start != NULL)
			break;
		*ascii = false;
		start = start != NULL ? start : p;
		if (alone) {
			p = g_utf8_next_char(p);
			break;
		}
	}
	*length = start != NULL ? (gsize)(p - start) : 0;
	return start;
}

bool
token_fold_word(const char *word, gsize length, bool ascii, char *out)
{
	if (length > TOKEN_BYTES_MAX)
		return false;
	if (ascii) {
		for (gsize i = 0; i < length; i++)
			out[i] = g_ascii_tolower(word[i]);
		out[length] = '\0';
		return true;
	}
	g_autofree char *folded = token_fold(word, length);
	return g_strlcpy(out, folded, TOKEN_BYTES_MAX + 1) <= TOKEN_BYTES_MAX;
}

static guint32
find(const struct vocabulary *vocabulary, const char *word)
{
	for (; vocabulary != NULL; vocabulary = vocabulary->base) {
		gpointer id = g_hash_table_lookup(vocabulary->ids, word);
		if (id != NULL)
			return GPOINTER_TO_UINT(id);
	}
	return 0;
}

GArray *
vocabulary_add(struct vocabulary *vocabulary, const char *entry)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(guint32));
	const char *end = entry + strlen(entry);
	char folded[TOKEN_BYTES_MAX + 1];
	gsize length;
	bool ascii;

	for (const char *p = entry; (p = token_next_word(p, end, &length, &ascii)) != NULL;
	     p += length) {
		if (!token_fold_word(p, length, ascii, folded)) {
			g_array_set_size(out, 0);
			break;
		}
		guint32 id = find(vocabulary, folded);
		if (id == 0) {
			id = ++vocabulary->last;
			g_hash_table_insert(
			    vocabulary->ids, g_strdup(folded), GUINT_TO_POINTER(id));
		}
		g_array_append_val(out, id);
	}
	return out;
}

GArray *
vocabulary_read(const struct vocabulary *vocabulary, const char *text, gsize size)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct token));
	const char *end = text + MIN(size, G_MAXUINT32);
	char folded[TOKEN_BYTES_MAX + 1];
	guint32 index = 0;
	gsize length;
	bool ascii;

	for (const char *p = text; (p = token_next_word(p, end, &length, &ascii)) != NULL;
	     p += length, index++) {
		if (!token_fold_word(p, length, ascii, folded))
			continue;
		guint32 id = find(vocabulary, folded);
		if (id == 0)
			continue;
		struct token token = { id, index, (guint32)(p - text), (guint32)length };
		g_array_append_val(out, token);
	}
	return out;
}
