/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/quote.h"

#include <string.h>

#include "base/text.h"

#define ELLIPSIS "…"

/* Shorter pieces of a secret at an excerpt's edge are told by chance, not by the secret. */
#define EDGE_MIN 3

static char *
match_of(const struct hit *hit)
{
	gsize size = strlen(hit->excerpt);
	gsize start = MIN(hit->excerpt_start, size);

	return g_strndup(hit->excerpt + start, MIN(hit->excerpt_length, size - start));
}

/* The ends of it stay, as far as the share leaves any. */
static char *
mask_share(const char *text, guint percent)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	glong length = g_utf8_strlen(valid, -1), at = 0;
	glong shown = length * (100 - (glong)MIN(percent, 100)) / 100;
	GString *out = g_string_new(NULL);

	for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p), at++) {
		bool stays = at < (shown + 1) / 2 || at >= length - shown / 2;
		g_string_append_unichar(out, stays ? g_utf8_get_char(p) : '*');
	}
	return g_string_free(out, FALSE);
}

char *
quote_mask(const char *text, int mask)
{
	if (mask == QUOTE_CLEAR)
		return g_strdup(text);
	return mask == QUOTE_MASKED ? text_mask(text) : mask_share(text, (guint)mask);
}

static void
append_masked(GString *out, const char *text, gsize size, int mask)
{
	g_autofree char *piece = g_strndup(text, size);
	g_autofree char *masked = quote_mask(piece, mask);

	g_string_append(out, masked);
}

static void
mask_whole(char **text, const char *secret, int mask)
{
	gsize size = strlen(secret);
	const char *p = *text;

	if (strstr(p, secret) == NULL)
		return;
	GString *out = g_string_new(NULL);
	for (const char *at; (at = strstr(p, secret)) != NULL; p = at + size) {
		g_string_append_len(out, p, at - p);
		append_masked(out, at, size, mask);
	}
	g_string_append(out, p);
	g_free(*text);
	*text = g_string_free(out, FALSE);
}

static void
star(GString *out, const char *text, gsize size)
{
	for (const char *p = text; p < text + size; p = g_utf8_next_char(p))
		g_string_append_c(out, '*');
}

/* The context begins with the end of secret, behind the ellipsis. */
static void
mask_head(char **text, const char *secret)
{
	const char *lead = g_str_has_prefix(*text, ELLIPSIS) ? *text + strlen(ELLIPSIS) : *text;

	for (const char *tail = secret; strlen(tail) >= EDGE_MIN; tail = g_utf8_next_char(tail)) {
		if (!g_str_has_prefix(lead, tail))
			continue;
		GString *out = g_string_new_len(*text, lead - *text);
		star(out, tail, strlen(tail));
		g_string_append(out, lead + strlen(tail));
		g_free(*text);
		*text = g_string_free(out, FALSE);
		return;
	}
}

/* The context ends with the beginning of secret, before the ellipsis. */
static void
mask_tail(char **text, const char *secret)
{
	gsize size = strlen(*text);
	gsize end = g_str_has_suffix(*text, ELLIPSIS) ? size - strlen(ELLIPSIS) : size;

	for (gsize n = MIN(strlen(secret), end); n >= EDGE_MIN; n--) {
		if (memcmp(*text + end - n, secret, n) != 0 || ((guchar)secret[n] & 0xc0) == 0x80)
			continue;
		GString *out = g_string_new_len(*text, (gssize)(end - n));
		star(out, secret, n);
		g_string_append(out, *text + end);
		g_free(*text);
		*text = g_string_free(out, FALSE);
		return;
	}
}

/* Bits, one for each three bytes that follow one another in a secret: most contexts have none of
 * them, and need not be held against fifty secrets. */
#define TRIPLES 65536

struct held {
	guint32 triples[TRIPLES / 32];
};

/* The bits of a secret's first and last three bytes. */
struct ends {
	guint first, last;
};

struct quoter {
	int mask;
	GPtrArray *secrets; /* of char *: each match once, as far as chance does not make it */
	GArray *ends;       /* of struct ends, for each of them */
	struct held all;    /* what stands in any of them */
	GHashTable *known;  /* the secrets by their text */
	GPtrArray *matches; /* of a message, when they are all; what its flags share. Else NULL */
};

G_STATIC_ASSERT(EDGE_MIN == 3);

static guint
triple(const char *p)
{
	const guchar *at = (const guchar *)p;

	return ((at[0] << 16 | at[1] << 8 | at[2]) * 2654435761u) >> 16;
}

static void
held_note(struct held *held, const char *text)
{
	gsize size = strlen(text);

	for (gsize i = 0; i + EDGE_MIN <= size; i++) {
		guint bit = triple(text + i);
		held->triples[bit / 32] |= 1u << bit % 32;
	}
}

static bool
held_has(const struct held *held, guint bit)
{
	return (held->triples[bit / 32] & 1u << bit % 32) != 0;
}

/* False: no secret stands in text, nor an end of one at its edge. */
static bool
may_hold(const struct quoter *quoter, const char *text)
{
	gsize size = strlen(text);

	for (gsize i = 0; i + EDGE_MIN <= size; i++) {
		if (held_has(&quoter->all, triple(text + i)))
			return true;
	}
	return false;
}

static void
add_secret(struct quoter *quoter, const char *text)
{
	/* Asked before it is added: to add a text again would put this one in its place. */
	if (strlen(text) < EDGE_MIN || g_hash_table_contains(quoter->known, text))
		return;
	char *secret = g_strdup(text);
	g_hash_table_add(quoter->known, secret);
	held_note(&quoter->all, secret);
	g_ptr_array_add(quoter->secrets, secret);
}

/* Of two that hold one another the longer one first: else its end would be left in clear. */
static gint
compare_lengths(gconstpointer a, gconstpointer b)
{
	gsize left = strlen(*(char *const *)a), right = strlen(*(char *const *)b);

	return left != right ? (left < right ? 1 : -1)
			     : strcmp(*(char *const *)a, *(char *const *)b);
}

struct quoter *
quoter_new(const struct flag *flag, int mask)
{
	struct quoter *quoter = g_new0(struct quoter, 1);

	quoter->mask = mask;
	quoter->known = g_hash_table_new(g_str_hash, g_str_equal);
	quoter->secrets = g_ptr_array_new_with_free_func(g_free);
	quoter->ends = g_array_new(FALSE, FALSE, sizeof(struct ends));
	for (guint i = 0; mask != QUOTE_CLEAR && flag->matches != NULL && i < flag->matches->len;
	     i++)
		add_secret(quoter, g_ptr_array_index(flag->matches, i));
	guint shared = quoter->secrets->len;
	for (guint i = 0; mask != QUOTE_CLEAR && i < flag->hits->len; i++) {
		g_autofree char *secret = match_of(g_ptr_array_index(flag->hits, i));
		add_secret(quoter, secret);
	}
	/* One that holds what this flag alone has is for no other. */
	if (flag->matches != NULL && shared == quoter->secrets->len)
		quoter->matches = g_ptr_array_ref(flag->matches);
	g_ptr_array_sort(quoter->secrets, compare_lengths);
	for (guint i = 0; i < quoter->secrets->len; i++) {
		const char *secret = g_ptr_array_index(quoter->secrets, i);
		struct ends ends = { triple(secret), triple(secret + strlen(secret) - EDGE_MIN) };
		g_array_append_val(quoter->ends, ends);
	}
	return quoter;
}

void
quoter_free(struct quoter *quoter)
{
	if (quoter == NULL)
		return;
	g_hash_table_unref(quoter->known);
	g_clear_pointer(&quoter->matches, g_ptr_array_unref);
	g_ptr_array_unref(quoter->secrets);
	g_array_unref(quoter->ends);
	g_free(quoter);
}

/* Pseudonyms may have changed what a flag matched, so its own are looked at. */
static bool
serves(const struct quoter *quoter, const struct flag *flag, int mask)
{
	bool right =
	    flag->matches != NULL && flag->matches == quoter->matches && mask == quoter->mask;

	for (guint i = 0; right && mask != QUOTE_CLEAR && i < flag->hits->len; i++) {
		g_autofree char *secret = match_of(g_ptr_array_index(flag->hits, i));
		right = strlen(secret) < EDGE_MIN || g_hash_table_contains(quoter->known, secret);
	}
	return right;
}

struct quoter *
quoter_next(struct quoter *last, const struct flag *flag, int mask)
{
	if (last != NULL && serves(last, flag, mask))
		return last;
	quoter_free(last);
	return quoter_new(flag, mask);
}

/* before: what stands before a match, else behind it. */
static void
mask_context(const struct quoter *quoter, char **text, bool before)
{
	if (!may_hold(quoter, *text))
		return;
	/* A mail that many rules flag has thousands of secrets, of which a text has few. */
	g_autofree struct held *held = g_new0(struct held, 1);
	held_note(held, *text);
	for (guint i = 0; i < quoter->secrets->len; i++) {
		const char *secret = g_ptr_array_index(quoter->secrets, i);
		const struct ends *ends = &g_array_index(quoter->ends, struct ends, i);
		if (!held_has(held, ends->first) && !held_has(held, ends->last))
			continue;
		mask_whole(text, secret, quoter->mask);
		if (before)
			mask_head(text, secret);
		else
			mask_tail(text, secret);
	}
}

void
quoter_hit(const struct quoter *quoter, const struct hit *hit, struct quote *out)
{
	g_autofree char *match = match_of(hit);
	gsize start = MIN(hit->excerpt_start, strlen(hit->excerpt));

	out->before = g_strndup(hit->excerpt, start);
	out->match = quote_mask(match, quoter->mask);
	out->after = g_strdup(hit->excerpt + start + strlen(match));
	if (match[0] == '\0')
		return;
	mask_context(quoter, &out->before, true);
	mask_context(quoter, &out->after, false);
}

char *
quoter_text(const struct quoter *quoter, const struct hit *hit)
{
	struct quote quote;

	quoter_hit(quoter, hit, &quote);
	char *text = g_strconcat(quote.before, quote.match, quote.after, NULL);
	quote_clear(&quote);
	return text;
}

char *
quoter_subject(const struct quoter *quoter, const char *subject)
{
	char *text = g_strdup(subject);

	if (!may_hold(quoter, text))
		return text;
	for (guint i = 0; i < quoter->secrets->len; i++)
		mask_whole(&text, g_ptr_array_index(quoter->secrets, i), quoter->mask);
	return text;
}

void
quote_hit(const struct flag *flag, const struct hit *hit, int mask, struct quote *out)
{
	g_autoptr(quoter) quoter = quoter_new(flag, mask);

	quoter_hit(quoter, hit, out);
}

void
quote_clear(struct quote *quote)
{
	g_clear_pointer(&quote->before, g_free);
	g_clear_pointer(&quote->match, g_free);
	g_clear_pointer(&quote->after, g_free);
}

char *
quote_text(const struct flag *flag, const struct hit *hit, int mask)
{
	g_autoptr(quoter) quoter = quoter_new(flag, mask);

	return quoter_text(quoter, hit);
}

char *
quote_subject(const struct flag *flag, const char *subject, int mask)
{
	g_autoptr(quoter) quoter = quoter_new(flag, mask);

	return quoter_subject(quoter, subject);
}

char *
quote_among(GPtrArray *matches, const char *subject, int mask)
{
	g_autoptr(flag) none = flag_new("");

	none->matches = g_ptr_array_ref(matches);
	return quote_subject(none, subject, mask);
}

char *
quote_where(const struct hit *hit)
{
	g_autofree char *component = hit_component(hit);

	if (hit->name[0] != '\0' && hit->part[0] != '\0')
		return g_strdup_printf("%s: %s (part %s)", component, hit->name, hit->part);
	if (hit->name[0] != '\0')
		return g_strdup_printf("%s: %s", component, hit->name);
	if (hit->part[0] != '\0')
		return g_strdup_printf("%s (part %s)", component, hit->part);
	return g_steal_pointer(&component);
}
