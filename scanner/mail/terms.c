/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Works through text of any length in pieces: what is allocated does not grow with it.
 */
#include "mail/terms.h"

#include <string.h>

#include "base/text.h"

#define PIECE_MAX  1024 /* bytes that are normalised together */
#define TOKEN_ROOM (TERMS_WORD_MAX + 8)

struct splitter {
	GString *out;
	gsize max;
	gsize word;     /* bytes of the word at the end of out; 0: none is open */
	gunichar run;   /* the last character of a run without spaces; 0: there is none */
	guint run_size; /* characters of it */
	guint breaks;   /* line breaks since */
	bool cut;
};

/* Scripts whose words have no space between them, or, in Korean, endings that stick to them. */
static bool
is_dense(gunichar c)
{
	if (c < 0x0e00)
		return false;
	switch (g_unichar_get_script(c)) {
	case G_UNICODE_SCRIPT_HAN:
	case G_UNICODE_SCRIPT_HIRAGANA:
	case G_UNICODE_SCRIPT_KATAKANA:
	case G_UNICODE_SCRIPT_BOPOMOFO:
	case G_UNICODE_SCRIPT_HANGUL:
	case G_UNICODE_SCRIPT_THAI:
	case G_UNICODE_SCRIPT_LAO:
	case G_UNICODE_SCRIPT_KHMER:
	case G_UNICODE_SCRIPT_MYANMAR:
		return true;
	default:
		return c == 0x30fc; /* the mark of a long vowel belongs to two scripts */
	}
}

static bool
is_word(gunichar c)
{
	return g_unichar_isalnum(c) || g_unichar_ismark(c);
}

/* Accents, and what nobody sees. */
static bool
is_nothing(gunichar c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f) ||
	       g_unichar_type(c) == G_UNICODE_FORMAT;
}

static bool
begin_token(struct splitter *splitter)
{
	GString *out = splitter->out;

	if (out->len + TOKEN_ROOM > splitter->max) {
		splitter->cut = true;
		return false;
	}
	if (out->len > 0 && out->str[out->len - 1] != ' ')
		g_string_append_c(out, ' ');
	return true;
}

static void
end_run(struct splitter *splitter)
{
	if (splitter->run != 0 && begin_token(splitter))
		g_string_append_unichar(splitter->out, splitter->run);
	splitter->run = 0;
	splitter->run_size = 0;
	splitter->breaks = 0;
}

static void
add_dense(struct splitter *splitter, gunichar c)
{
	splitter->word = 0;
	splitter->breaks = 0;
	if (splitter->run != 0) {
		if (!begin_token(splitter))
			return;
		g_string_append_unichar(splitter->out, splitter->run);
		g_string_append_unichar(splitter->out, c);
	}
	splitter->run = c;
	splitter->run_size++;
}

static void
add_letter(struct splitter *splitter, gunichar c)
{
	char bytes[6];
	gsize size = (gsize)g_unichar_to_utf8(c, bytes);

	if (splitter->run != 0)
		end_run(splitter);
	if (splitter->word == 0 || splitter->word + size > TERMS_WORD_MAX) {
		if (!begin_token(splitter))
			return;
		splitter->word = 0;
	}
	g_string_append_len(splitter->out, bytes, (gssize)size);
	splitter->word += size;
}

static void
add_other(struct splitter *splitter, gunichar c)
{
	splitter->word = 0;
	if (splitter->run == 0 || c == '\r')
		return;
	if (c != '\n' || ++splitter->breaks > 1)
		end_run(splitter);
}

/* The letter under its accents; what such scripts write above or below is no accent. */
static gunichar
plain_letter(gunichar c)
{
	gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];

	if (c < 0xc0 || c >= 0x2000 ||
	    g_unichar_fully_decompose(c, FALSE, parts, G_N_ELEMENTS(parts)) == 0)
		return c;
	return parts[0];
}

static char *
fold_piece(const char *text, gsize size)
{
	g_autofree char *composed = g_utf8_normalize(text, (gssize)size, G_NORMALIZE_NFKC);
	g_autofree char *folded = composed != NULL ? g_utf8_casefold(composed, -1) : NULL;
	char *out = folded != NULL ? g_utf8_normalize(folded, -1, G_NORMALIZE_NFKC) : NULL;

	return out != NULL ? out : g_strdup("");
}

static void
add_piece(struct splitter *splitter, const char *text, gsize size)
{
	g_autofree char *folded = fold_piece(text, size);

	for (const char *p = folded; *p != '\0' && !splitter->cut; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (is_nothing(c))
			continue;
		if (is_dense(c) && is_word(c))
			add_dense(splitter, c);
		else if (is_word(c))
			add_letter(splitter, plain_letter(c));
		else
			add_other(splitter, c);
	}
}

/* Bytes up to the next space, at most PIECE_MAX of whole characters. */
static gsize
piece_size(const char *text, gsize size)
{
	gsize n = 0;

	while (n < size && n <= PIECE_MAX && !g_ascii_isspace(text[n]) && text[n] != '\0')
		n++;
	return n > PIECE_MAX ? text_cut(text, n, PIECE_MAX) : n;
}

static void
split(struct splitter *splitter, const char *text, gsize size)
{
	for (gsize at = 0; at < size && !splitter->cut;) {
		guchar c = (guchar)text[at];
		if (c >= 0x80) {
			gsize n = piece_size(text + at, size - at);
			add_piece(splitter, text + at, n);
			at += MAX(n, 1);
			continue;
		}
		if (g_ascii_isalnum(c))
			add_letter(splitter, (gunichar)g_ascii_tolower((char)c));
		else
			add_other(splitter, c);
		at++;
	}
}

bool
terms_append(GString *out, const char *text, gsize size, gsize max)
{
	struct splitter splitter = { .out = out, .max = max };

	split(&splitter, text, size);
	end_run(&splitter);
	return !splitter.cut;
}

GStrv
terms_query(const char *text, guint max, bool *open)
{
	g_autoptr(GString) out = g_string_new(NULL);
	struct splitter splitter = { .out = out, .max = (gsize)max * TOKEN_ROOM };

	split(&splitter, text, strlen(text));
	*open = splitter.run_size == 1;
	if (splitter.run_size == 1)
		end_run(&splitter);
	g_auto(GStrv) words = g_strsplit(out->str, " ", -1);
	GStrv tokens = g_new0(char *, max + 1);
	guint n = 0;
	for (guint i = 0; words[i] != NULL && n < max; i++) {
		if (words[i][0] != '\0')
			tokens[n++] = g_strdup(words[i]);
	}
	return tokens;
}

char *
terms_fold(const char *text)
{
	if (g_str_is_ascii(text))
		return g_ascii_strdown(text, -1);

	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *folded = fold_piece(valid, strlen(valid));
	GString *out = g_string_sized_new(strlen(folded));
	for (const char *p = folded; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (!is_nothing(c))
			g_string_append_unichar(out, plain_letter(c));
	}
	return g_string_free(out, FALSE);
}
