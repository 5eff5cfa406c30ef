/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ways - see ways.h. Never decodes more than its caller has room for. */
#include "worker/ways.h"

#include <string.h>

#include "worker/decode.h"

#define LOOKS_LEAST 32 /* letters of base64 that are no chance */
#define LOOKS_MOST  (1024 * 1024)

static const struct {
	const char *word;
	enum way way;
} hints[] = {
	{ "base64", WAY_BASE64 },
	{ "quoted-printable", WAY_QUOTED },
	{ "quotedprintable", WAY_QUOTED },
	{ "uue", WAY_UU },
};

/* The ways that a value which is no encoding by the book may mean. */
static guint
ways_hinted(const char *lower)
{
	g_autoptr(GString) dense = g_string_new(NULL);
	guint ways = 0;

	for (const char *p = lower; *p != '\0'; p++)
		if (g_ascii_isalnum(*p) || (*p == '-' && dense->len > 0))
			g_string_append_c(dense, *p);
	for (gsize i = 0; i < G_N_ELEMENTS(hints); i++)
		if (strstr(dense->str, hints[i].word) != NULL)
			ways |= 1u << hints[i].way;
	if (strstr(dense->str, "base-64") != NULL)
		ways |= 1u << WAY_BASE64;
	return ways;
}

static bool
looks_quoted(const char *begin, const char *end)
{
	const char *limit = MIN(end, begin + LOOKS_MOST);

	for (const char *at = begin;
	     (at = memchr(at, '=', (gsize)(limit - at))) != NULL && limit - at > 2; at++)
		if (at[1] == '\n' || (at[1] == '\r' && at[2] == '\n') ||
		    (g_ascii_isxdigit(at[1]) && g_ascii_isxdigit(at[2])))
			return true;
	return false;
}

/* What the bytes themselves say, where no header says it well. */
static guint
ways_by_look(const char *begin, const char *end)
{
	guint ways = 0;

	if (ways_looks_base64(begin, end))
		ways |= 1u << WAY_BASE64;
	if (looks_quoted(begin, end))
		ways |= 1u << WAY_QUOTED;
	if (end - begin > 10 &&
	    (memcmp(begin, "begin ", 6) == 0 ||
		memmem(begin, (gsize)(MIN(end - begin, LOOKS_MOST)), "\nbegin ", 7) != NULL))
		ways |= 1u << WAY_UU;
	return ways;
}

static enum way
way_of(enum decode_kind kind)
{
	switch (kind) {
	case DECODE_BASE64:
		return WAY_BASE64;
	case DECODE_QUOTED:
	case DECODE_WORD_Q:
		return WAY_QUOTED;
	case DECODE_UU:
		return WAY_UU;
	case DECODE_NONE:
		break;
	}
	return WAY_PLAIN;
}

enum decode_kind
ways_kind(enum way way)
{
	static const enum decode_kind kinds[N_WAYS] = { DECODE_NONE, DECODE_BASE64, DECODE_QUOTED,
		DECODE_UU, DECODE_BASE64, DECODE_BASE64, DECODE_BASE64 };

	return kinds[way];
}

guint
ways_declared(
    const GPtrArray *encodings, const char *begin, const char *end, enum way *first, bool *odd)
{
	guint ways = 0;

	*first = WAY_PLAIN;
	*odd = false;
	for (guint i = 0; i < encodings->len; i++) {
		enum decode_kind kind;
		g_autofree char *lower = g_ascii_strdown(encodings->pdata[i], -1);
		g_strstrip(lower);
		guint meant = 0;
		if (decode_by_name(lower, &kind)) {
			meant = 1u << way_of(kind);
		} else {
			/* The word that walk goes by, first; then whatever else it may mean. */
			g_autofree char *word = g_strndup(lower, strcspn(lower, "; \t\r\n("));
			bool known = decode_by_name(word, &kind) && *word != '\0';
			meant = ways_hinted(lower) | 1u << way_of(kind);
			*odd = *odd || !known || meant != 1u << way_of(kind);
			if (!known)
				meant |= ways_by_look(begin, end);
		}
		if (i == 0)
			*first = way_of(kind);
		else if ((meant & ~ways) != 0 && ways != 0)
			*odd = true;
		ways |= meant;
	}
	return ways != 0 ? ways : 1u << WAY_PLAIN;
}

static bool
is_digit(char c)
{
	return g_ascii_isalnum(c) || c == '+' || c == '/';
}

bool
ways_looks_base64(const char *begin, const char *end)
{
	const char *limit = MIN(end, begin + LOOKS_MOST);
	gsize digits = 0, line = 0, upper = 0, lower = 0, other = 0;
	bool padded = false;

	for (const char *at = begin; at < limit; at++) {
		if (*at == '\n' || *at == '\r') {
			line = 0;
			continue;
		}
		if (*at == '=') {
			padded = true;
			continue;
		}
		/* Words, or data behind the end. */
		if (padded || !is_digit(*at))
			return false;
		line++;
		digits++;
		upper += g_ascii_isupper(*at);
		lower += g_ascii_islower(*at);
		other += !g_ascii_isalpha(*at);
	}
	/* One long word is none, nor is a row of digits or of hexadecimal. */
	return digits >= LOOKS_LEAST && upper * 8 > digits && lower * 8 > digits && other > 0 &&
	       (digits % 4 == 0 || padded || limit < end);
}

/* What a decoder of that habit sees of one line. */
static void
add_line(enum way way, const char *at, gsize size, GString *out)
{
	gsize text = size;

	while (text > 0 && strchr(" \t\r\n=", at[text - 1]) != NULL && at[text - 1] != '\0')
		text--;
	for (gsize i = 0; i < text && way == WAY_LINES; i++)
		if (!is_digit(at[i]))
			return;
	for (gsize i = 0; i < size; i++) {
		if (way == WAY_DENSE && at[i] == '=')
			continue;
		if (way == WAY_URL && (at[i] == '-' || at[i] == '_'))
			g_string_append_c(out, at[i] == '-' ? '+' : '/');
		else
			g_string_append_c(out, at[i]);
	}
}

static GByteArray *
run(enum decode_kind kind, const char *bytes, gsize size, bool *irregular)
{
	GByteArray *out = g_byte_array_new();
	struct decode decode;

	decode_begin(&decode, kind);
	if (size > 0)
		decode_add(&decode, bytes, size, out);
	decode_end(&decode, out);
	*irregular = kind == DECODE_BASE64 && (decode.junk > 0 || decode.restarted);
	return out;
}

GByteArray *
ways_decode(enum way way, const char *begin, const char *end, gsize max, bool *irregular)
{
	static const enum decode_kind kinds[N_WAYS] = { DECODE_NONE, DECODE_BASE64, DECODE_QUOTED,
		DECODE_UU, DECODE_BASE64, DECODE_BASE64, DECODE_BASE64 };
	gsize size = (gsize)(end - begin);

	*irregular = false;
	if (size > max)
		return NULL;
	if (way < WAY_DENSE)
		return run(kinds[way], begin, size, irregular);
	g_autoptr(GString) seen = g_string_sized_new(size + 1);
	while (begin < end) {
		const char *stop = memchr(begin, '\n', (gsize)(end - begin));
		const char *next = stop != NULL ? stop + 1 : end;
		add_line(way, begin, (gsize)(next - begin), seen);
		begin = next;
	}
	return run(kinds[way], seen->str, seen->len, irregular);
}
