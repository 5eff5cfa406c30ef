/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A trie over word numbers: many phrases that begin alike cost no more than one. */
#include "rules/phrases.h"

#define ROOT 0u

struct node {
	bool is_end;
	guint entry; /* of the phrase that ends here */
};

struct phrases {
	GArray *nodes;     /* of struct node; the first is the root */
	GHashTable *edges; /* gint64 * (node, word) -> index of the next node */
	GArray *firsts;    /* of guint32: a bit for each word with which a phrase begins */
};

static gint64
edge(guint node, guint32 word)
{
	return (gint64)((guint64)node << 32 | word);
}

struct phrases *
phrases_new(void)
{
	struct phrases *phrases = g_new0(struct phrases, 1);
	struct node root = { false, 0 };

	phrases->nodes = g_array_new(FALSE, FALSE, sizeof(struct node));
	g_array_append_val(phrases->nodes, root);
	phrases->firsts = g_array_new(FALSE, TRUE, sizeof(guint32));
	phrases->edges = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return phrases;
}

void
phrases_free(struct phrases *phrases)
{
	if (phrases == NULL)
		return;
	g_array_unref(phrases->nodes);
	g_array_unref(phrases->firsts);
	g_hash_table_unref(phrases->edges);
	g_free(phrases);
}

/* The node behind node by way of word; ROOT when there is none: no edge leads back to it. */
static guint
follow(const struct phrases *phrases, guint node, guint32 word)
{
	gint64 key = edge(node, word);

	return GPOINTER_TO_UINT(g_hash_table_lookup(phrases->edges, &key));
}

static void
note_first(struct phrases *phrases, guint32 word)
{
	if (word / 32 >= phrases->firsts->len)
		g_array_set_size(phrases->firsts, word / 32 + 1);
	g_array_index(phrases->firsts, guint32, word / 32) |= 1u << (word % 32);
}

/* Nearly every word of a text begins no phrase of a list: told without a look-up. */
static bool
is_first(const struct phrases *phrases, guint32 word)
{
	return word / 32 < phrases->firsts->len &&
	       (g_array_index(phrases->firsts, guint32, word / 32) >> (word % 32) & 1) != 0;
}

bool
phrases_add(struct phrases *phrases, struct vocabulary *vocabulary, const char *text, guint entry)
{
	g_autoptr(GArray) words = vocabulary_add(vocabulary, text);
	guint node = ROOT;

	for (guint i = 0; i < words->len; i++) {
		guint32 word = g_array_index(words, guint32, i);
		guint next = follow(phrases, node, word);
		if (i == 0)
			note_first(phrases, word);
		if (next == ROOT) {
			struct node fresh = { false, 0 };
			gint64 key = edge(node, word);
			next = phrases->nodes->len;
			g_array_append_val(phrases->nodes, fresh);
			g_hash_table_insert(
			    phrases->edges, g_memdup2(&key, sizeof(key)), GUINT_TO_POINTER(next));
		}
		node = next;
	}
	struct node *end = &g_array_index(phrases->nodes, struct node, node);
	if (node != ROOT && !end->is_end)
		*end = (struct node){ true, entry };
	return node != ROOT;
}

/* The longest phrase at tokens[at], as a number of tokens; 0 for none. */
static guint
longest_at(const struct phrases *phrases, const GArray *tokens, guint at, guint *entry)
{
	guint32 first = g_array_index(tokens, struct token, at).index;
	guint node = ROOT, count = 0;

	for (guint i = at; i < tokens->len; i++) {
		const struct token *token = &g_array_index(tokens, struct token, i);
		if (token->index != first + (i - at))
			break;
		node = follow(phrases, node, token->id);
		if (node == ROOT)
			break;
		const struct node *reached = &g_array_index(phrases->nodes, struct node, node);
		if (reached->is_end) {
			count = i - at + 1;
			*entry = reached->entry;
		}
	}
	return count;
}

bool
phrases_next(
    const struct phrases *phrases, const GArray *tokens, guint *at, guint *count, guint *entry)
{
	for (; *at < tokens->len; (*at)++) {
		if (!is_first(phrases, g_array_index(tokens, struct token, *at).id))
			continue;
		*count = longest_at(phrases, tokens, *at, entry);
		if (*count > 0)
			return true;
	}
	return false;
}
