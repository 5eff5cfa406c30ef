/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/token.h"

#include <string.h>

#include "base/text.h"

#define HINT_BITS (1u << 19)

struct vocabulary {
	const struct vocabulary *base;
	GHashTable *ids; /* char * -> GUINT_TO_POINTER(id) */
	guint32 *hints; /* HINT_BITS: of a word that is in ids the bit is set; NULL: ids is empty */
	guint32 last;   /* id given last */
};

/* Of the bytes that are more than separators of ASCII. */
enum kind { BETWEEN, WORD, BEYOND };

static const guint8 kinds[256] = {
	['0' ... '9'] = WORD, ['A' ... 'Z'] = WORD, ['a' ... 'z'] = WORD, [0x80 ... 0xff] = BEYOND
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
	g_free(vocabulary->hints);
	g_free(vocabulary);
}

char *
token_fold(const char *text, gsize size)
{
	if (text_ascii(text, size) == size)
		return g_ascii_strdown(text, (gssize)size);
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

/* A word that holds characters beyond ASCII, or may: p is where it begins at the earliest. */
static const char *
next_wide_word(const char *p, const char *end, gsize *length, bool *ascii)
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

const char *
token_next_word(const char *p, const char *end, gsize *length, bool *ascii)
{
	while (p < end && kinds[(guchar)*p] == BETWEEN)
		p++;
	const char *start = p;
	while (p < end && kinds[(guchar)*p] == WORD)
		p++;
	if (p < end && kinds[(guchar)*p] == BEYOND)
		return next_wide_word(start, end, length, ascii);
	*length = (gsize)(p - start);
	*ascii = true;
	return p > start ? start : NULL;
}

bool
token_fold_word(const char *word, gsize length, bool ascii, char *out)
{
	if (length > TOKEN_BYTES_MAX)
		return false;
	if (ascii) {
		for (gsize i = 0; i < length; i++)
			out[i] = (char)(word[i] | (word[i] >= 'A' && word[i] <= 'Z' ? 0x20 : 0));
		out[length] = '\0';
		return true;
	}
	g_autofree char *folded = token_fold(word, length);
	return g_strlcpy(out, folded, TOKEN_BYTES_MAX + 1) <= TOKEN_BYTES_MAX;
}

/*
 * The same for a word of ASCII and for its folded form: in letters and digits of ASCII nothing but
 * their case is in the bit that is set. Of its beginning, its end and its length alone, since to
 * pass each byte through a sum is what a text's words would cost most.
 */
static guint32
hint_of(const char *word, gsize length)
{
	guint32 head, tail;

	if (length >= sizeof(head)) {
		memcpy(&head, word, sizeof(head));
		memcpy(&tail, word + length - sizeof(tail), sizeof(tail));
	} else {
		head = (guchar)word[0];
		tail = (guchar)word[length / 2] | (guint32)(guchar)word[length - 1] << 8;
	}
	guint32 sum = (head | 0x20202020u) * 0x9e3779b1u;
	sum = (sum ^ sum >> 15 ^ (tail | 0x20202020u)) * 0x85ebca6bu + (guint32)length * 31;
	return (sum ^ sum >> 13) % HINT_BITS;
}

/* Nearly no word of a text is in a list: most end here, before they are folded. */
static bool
is_hinted(const struct vocabulary *vocabulary, guint32 hint)
{
	return vocabulary->hints != NULL && (vocabulary->hints[hint / 32] >> (hint % 32) & 1) != 0;
}

static guint32
find(const struct vocabulary *vocabulary, const char *word)
{
	guint32 hint = hint_of(word, strlen(word));

	for (; vocabulary != NULL; vocabulary = vocabulary->base) {
		if (!is_hinted(vocabulary, hint))
			continue;
		gpointer id = g_hash_table_lookup(vocabulary->ids, word);
		if (id != NULL)
			return GPOINTER_TO_UINT(id);
	}
	return 0;
}

static guint32
add(struct vocabulary *vocabulary, const char *word)
{
	guint32 hint = hint_of(word, strlen(word));

	if (vocabulary->hints == NULL)
		vocabulary->hints = g_new0(guint32, HINT_BITS / 32);
	vocabulary->hints[hint / 32] |= 1u << (hint % 32);
	g_hash_table_insert(vocabulary->ids, g_strdup(word), GUINT_TO_POINTER(++vocabulary->last));
	return vocabulary->last;
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
		if (id == 0)
			id = add(vocabulary, folded);
		g_array_append_val(out, id);
	}
	return out;
}

static bool
any_hinted(const struct vocabulary *vocabulary, guint32 hint)
{
	for (; vocabulary != NULL; vocabulary = vocabulary->base) {
		if (is_hinted(vocabulary, hint))
			return true;
	}
	return false;
}

/*
 * The words of a text that are ASCII. Byte by byte each would cost the processor two wrong guesses,
 * at its beginning and at its end; so a block of bytes is told apart at once, without a branch.
 */
#define BLOCK 64

struct words {
	const char *from; /* nothing before it is left to be read */
	const char *end;
	const char *block; /* the bits are of the bytes from here on */
	guint64 inside;    /* letters and digits of ASCII */
	guint64 beyond;    /* what is not ASCII */
};

/* The top bits of eight bytes that have no other, side by side. */
static guint64
top_bits(guint64 bytes)
{
	return (bytes >> 7) * G_GUINT64_CONSTANT(0x0102040810204080) >> 56;
}

static void
words_load(struct words *words, const char *from)
{
	const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101), tops = ones << 7;
	char last[BLOCK] = { 0 };
	const char *bytes = from;

	words->from = words->block = from;
	words->inside = words->beyond = 0;
	if (words->end - from < BLOCK) {
		memcpy(last, from, (gsize)(words->end - from));
		bytes = last;
	}
	for (guint i = 0; i < BLOCK; i += 8) {
		guint64 eight;
		memcpy(&eight, bytes + i, 8);
		eight = GUINT64_FROM_LE(eight);
		/* Each sum has the top bit of a byte from the first of its range on, and from the
		 * one behind its last on; seven bits are too few to reach the next byte. */
		guint64 low = eight & ~tops, small = low | ones * 0x20;
		guint64 digits = (low + ones * (0x80 - '0')) & ~(low + ones * (0x7f - '9'));
		guint64 letters = (small + ones * (0x80 - 'a')) & ~(small + ones * (0x7f - 'z'));
		words->inside |= top_bits((digits | letters) & ~eight & tops) << i;
		words->beyond |= top_bits(eight & tops) << i;
	}
}

static guint
first_bit(guint64 bits)
{
	return bits != 0 ? (guint)__builtin_ctzll(bits) : BLOCK;
}

static gsize
length_of_word(const char *word, const char *end)
{
	const char *p = word;

	while (p < end && kinds[(guchar)*p] == WORD)
		p++;
	return (gsize)(p - word);
}

/* NULL: none to the end, or none before something beyond ASCII, which may be part of one. */
static const char *
words_next(struct words *words, gsize *length)
{
	for (;;) {
		guint start = first_bit(words->inside);
		if (start > first_bit(words->beyond))
			return NULL;
		if (start == BLOCK && words->end - words->block <= BLOCK)
			return NULL;
		guint stop = start + first_bit(~(words->inside >> start % BLOCK));
		/* One that goes on behind the block is looked at from its first byte. */
		if (start > 0 && stop >= BLOCK) {
			words_load(words, words->block + start);
			continue;
		}
		const char *word = words->block + start;
		*length = stop < BLOCK ? stop - start : length_of_word(word, words->end);
		const char *behind = word + *length;
		if (behind < words->end && kinds[(guchar)*behind] == BEYOND)
			return NULL;
		words->from = behind;
		if (stop < BLOCK)
			words->inside &= G_MAXUINT64 << stop;
		else
			words_load(words, behind);
		return word;
	}
}

/* As token_next_word, and passes over words of ASCII that no list has; they count in *index. */
static const char *
next_likely_word(const struct vocabulary *vocabulary, struct words *words, guint32 *index,
    gsize *length, bool *ascii)
{
	const char *word;

	for (; (word = words_next(words, length)) != NULL; (*index)++) {
		*ascii = true;
		if (any_hinted(vocabulary, hint_of(word, *length)))
			return word;
	}
	word = token_next_word(words->from, words->end, length, ascii);
	if (word != NULL)
		words_load(words, word + *length);
	return word;
}

GArray *
vocabulary_read(const struct vocabulary *vocabulary, const char *text, gsize size)
{
	GArray *out = g_array_new(FALSE, FALSE, sizeof(struct token));
	struct words words = { .end = text + MIN(size, G_MAXUINT32) };
	char folded[TOKEN_BYTES_MAX + 1];
	const char *word;
	gsize length;
	bool ascii;

	/* What a message brings with it is most often nothing. */
	while (vocabulary->base != NULL && vocabulary->hints == NULL)
		vocabulary = vocabulary->base;
	words_load(&words, text);
	for (guint32 index = 0;
	     (word = next_likely_word(vocabulary, &words, &index, &length, &ascii)) != NULL;
	     index++) {
		if (!token_fold_word(word, length, ascii, folded))
			continue;
		guint32 id = find(vocabulary, folded);
		if (id == 0)
			continue;
		struct token token = { id, index, (guint32)(word - text), (guint32)length };
		g_array_append_val(out, token);
	}
	return out;
}
