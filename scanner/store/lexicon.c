/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of small sets, each as large as two cache lines. Never grows, and never looks further
 * than one set: words that somebody chose to share a hash drive out one another and nothing else.
 */
#include "store/lexicon.h"

#include <string.h>

#define SETS (1u << 17)
#define WAYS 4

struct entry {
	guint8 bits; /* 0: free */
	guint8 size;
	char text[LEXICON_WORD];
};
G_STATIC_ASSERT(sizeof(struct entry) == 32);

struct lexicon {
	guint32 seed;
	struct entry *entries; /* SETS * WAYS; NULL: nothing was learned, or there is no memory */
};

struct lexicon *
lexicon_new(void)
{
	struct lexicon *lexicon = g_new0(struct lexicon, 1);

	lexicon->seed = g_random_int();
	return lexicon;
}

void
lexicon_free(struct lexicon *lexicon)
{
	if (lexicon == NULL)
		return;
	g_free(lexicon->entries);
	g_free(lexicon);
}

void
lexicon_forget(struct lexicon *lexicon)
{
	g_clear_pointer(&lexicon->entries, g_free);
}

/* Its upper bits are the better mixed ones. */
static struct entry *
set_of(const struct lexicon *lexicon, const struct lexicon_word *word)
{
	return &lexicon->entries[(gsize)((word->hash ^ word->hash >> 15) % SETS) * WAYS];
}

/*
 * The end, the characters and the hash in one pass: FNV-1a, by Fowler, Noll and Vo. The
 * set is on its way from memory when the caller looks for the word, a few words later.
 */
bool
lexicon_next(const struct lexicon *lexicon, const char **at, struct lexicon_word *out)
{
	const char *p = *at;
	guint32 hash = lexicon->seed;
	gsize characters = 0;

	while (*p == ' ')
		p++;
	out->text = p;
	for (; *p != ' ' && *p != '\0'; p++) {
		guint8 byte = (guint8)*p;
		hash = (hash ^ byte) * 16777619u;
		characters += (byte & 0xc0) != 0x80;
	}
	*at = p;
	out->size = (gsize)(p - out->text);
	out->characters = characters;
	out->hash = hash;
	if (lexicon->entries != NULL)
		__builtin_prefetch(set_of(lexicon, out));
	return out->size > 0;
}

static struct entry *
entry_of(const struct lexicon *lexicon, const struct lexicon_word *word)
{
	if (lexicon->entries == NULL || word->size > LEXICON_WORD)
		return NULL;
	struct entry *set = set_of(lexicon, word);
	for (guint i = 0; i < WAYS; i++) {
		if (set[i].bits != 0 && set[i].size == word->size &&
		    memcmp(set[i].text, word->text, word->size) == 0)
			return &set[i];
	}
	return NULL;
}

guint8
lexicon_find(const struct lexicon *lexicon, const struct lexicon_word *word)
{
	const struct entry *entry = entry_of(lexicon, word);

	return entry != NULL ? entry->bits : 0;
}

/* The newest stands first, and the oldest of a full set goes. */
void
lexicon_learn(struct lexicon *lexicon, const struct lexicon_word *word, guint8 bits)
{
	if (word->size > LEXICON_WORD || word->size == 0)
		return;
	/* Pages that no word falls into are never touched. */
	if (lexicon->entries == NULL)
		lexicon->entries = g_try_malloc0_n((gsize)SETS * WAYS, sizeof(struct entry));
	if (lexicon->entries == NULL)
		return;
	struct entry *entry = entry_of(lexicon, word);
	if (entry != NULL) {
		entry->bits |= bits;
		return;
	}
	struct entry *set = set_of(lexicon, word);
	memmove(set + 1, set, (WAYS - 1) * sizeof *set);
	set->bits = bits;
	set->size = (guint8)word->size;
	memcpy(set->text, word->text, word->size);
}
