/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/names.h"

#include <string.h>

/* Names of so many letters are looked for within longer words too; shorter ones as words alone. */
#define WITHIN_MIN 4

/* RFC 2142, and what else mailboxes are called that are nobody's own. */
static const char *const offices[] = { "abuse", "account", "accounting", "accounts", "admin",
	"administrator", "all", "archive", "billing", "board", "bounces", "career", "contact",
	"corp", "corporate", "daemon", "department", "dept", "desk", "example", "finance",
	"flagpost", "ftp", "group", "help", "helpdesk", "hostmaster", "hr", "info", "invoice",
	"invoices", "it", "jobs", "journal", "legal", "list", "mail", "mailer", "mailbox",
	"marketing", "news", "newsletter", "no", "noc", "noreply", "notifications", "office",
	"officer", "orders", "outbound", "person", "postmaster", "press", "privacy", "purchase",
	"reception", "recruiting", "reply", "report", "reports", "root", "sales", "scanner",
	"security", "service", "shop", "staff", "support", "system", "team", "test", "the",
	"usenet", "user", "uucp", "web", "webmaster", "www" };

struct names {
	GHashTable *words;
	guint longest; /* bytes */
	bool full;
};

struct names *
names_new(void)
{
	struct names *names = g_new0(struct names, 1);

	names->words = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return names;
}

void
names_free(struct names *names)
{
	if (names == NULL)
		return;
	g_hash_table_unref(names->words);
	g_free(names);
}

/* Lower case, wide and styled letters as plain ones, without marks and invisible characters. */
static char *
fold(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *lower = g_utf8_casefold(valid, -1);
	g_autofree char *apart = g_utf8_normalize(lower, -1, G_NORMALIZE_ALL);
	GString *out = g_string_new(NULL);

	for (const char *p = apart; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		GUnicodeType type = g_unichar_type(c);
		if (!g_unichar_ismark(c) && type != G_UNICODE_FORMAT && type != G_UNICODE_CONTROL)
			g_string_append_unichar(out, g_unichar_tolower(c));
	}
	return g_string_free(out, FALSE);
}

struct word {
	const char *start;
	gsize size; /* bytes */
	guint letters;
	bool mixed; /* of more than one alphabet */
};

/* The next run of letters; digits part words, as in "anna2". */
static bool
next_word(const char **at, struct word *out)
{
	const char *p = *at;
	GUnicodeScript script = G_UNICODE_SCRIPT_COMMON;

	while (*p != '\0' && !g_unichar_isalpha(g_utf8_get_char(p)))
		p = g_utf8_next_char(p);
	*out = (struct word){ .start = p };
	for (; *p != '\0' && g_unichar_isalpha(g_utf8_get_char(p)); p = g_utf8_next_char(p)) {
		GUnicodeScript now = g_unichar_get_script(g_utf8_get_char(p));
		out->mixed |= script != G_UNICODE_SCRIPT_COMMON && now != script &&
			      now != G_UNICODE_SCRIPT_COMMON;
		script = now;
		out->letters++;
	}
	out->size = (gsize)(p - out->start);
	*at = p;
	return out->letters > 0;
}

static bool
is_office(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(offices); i++) {
		if (strcmp(offices[i], word) == 0)
			return true;
	}
	return false;
}

void
names_add(struct names *names, const char *text)
{
	g_autofree char *folded = fold(text);
	const char *at = folded;
	struct word word;

	while (!names->full && next_word(&at, &word)) {
		if (word.letters < 2 || word.letters > NAMES_WORD)
			continue;
		char *name = g_strndup(word.start, word.size);
		if (is_office(name)) {
			g_free(name);
			continue;
		}
		names->longest = MAX(names->longest, (guint)word.size);
		g_hash_table_add(names->words, name);
		names->full = g_hash_table_size(names->words) >= NAMES_MAX;
	}
}

static bool
is_known(const struct names *names, const char *start, gsize size)
{
	char name[NAMES_WORD * 6 + 1];

	if (size > names->longest || size >= sizeof name)
		return false;
	memcpy(name, start, size);
	name[size] = '\0';
	return g_hash_table_contains(names->words, name);
}

/* A name stands in it, whole or within: "Schmidts", "annaschmidt". */
static bool
is_name(const struct names *names, const struct word *word)
{
	const char *end = word->start + word->size;

	if (word->letters > NAMES_WORD || word->mixed || is_known(names, word->start, word->size))
		return true;
	for (const char *from = word->start; from < end; from = g_utf8_next_char(from)) {
		guint letters = 0;
		for (const char *to = from; to < end;) {
			to = g_utf8_next_char(to);
			if (++letters >= WITHIN_MIN && is_known(names, from, (gsize)(to - from)))
				return true;
		}
	}
	return false;
}

bool
names_stand_in(const struct names *names, const char *text)
{
	g_autofree char *folded = fold(text);
	const char *at = folded;
	struct word word;

	if (names->full)
		return true;
	while (next_word(&at, &word)) {
		if (is_name(names, &word))
			return true;
	}
	return false;
}
