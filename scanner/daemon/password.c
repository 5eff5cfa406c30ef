/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password - see password.h. */
#include "daemon/password.h"

#include <stdbool.h>

#if FLAGPOST_ZXCVBN
#include <zxcvbn.h>
#endif

#define NAME_MIN 3 /* letters of a word that is known */

static guint
count_classes(const char *password)
{
	bool small = false, capital = false, digit = false, other = false;

	for (const char *at = password; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (g_unichar_islower(c))
			small = true;
		else if (g_unichar_isupper(c))
			capital = true;
		else if (g_unichar_isdigit(c))
			digit = true;
		else
			other = true;
	}
	return (guint)small + capital + digit + other;
}

static guint
count_distinct(const char *password)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

	for (const char *at = password; *at != '\0'; at = g_utf8_next_char(at))
		g_hash_table_add(seen, GUINT_TO_POINTER(g_utf8_get_char(at)));
	return g_hash_table_size(seen);
}

/* --- guesses --- */

#if FLAGPOST_ZXCVBN

/* Their words in lower case: NULL-terminated. */
static GPtrArray *
known_words(const char *const *names)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);

	for (; names != NULL && *names != NULL; names++) {
		g_autofree char *lower = g_utf8_strdown(*names, -1);
		const char *at = lower;
		while (*at != '\0') {
			const char *from = at;
			while (g_unichar_isalnum(g_utf8_get_char(at)))
				at = g_utf8_next_char(at);
			if (at - from >= NAME_MIN)
				g_ptr_array_add(words, g_strndup(from, (gsize)(at - from)));
			if (*at != '\0')
				at = g_utf8_next_char(at);
		}
	}
	g_ptr_array_add(words, NULL);
	return words;
}

const char *
password_bits_trouble(void)
{
	return NULL;
}

/* As many bits as it takes to guess it. */
static guint
guess_bits(const char *password, const char *const *names)
{
	g_autoptr(GPtrArray) words = known_words(names);
	double bits = ZxcvbnMatch(password, (const char **)words->pdata, NULL);

	return bits > 0 ? (guint)bits : 0;
}

#else

const char *
password_bits_trouble(void)
{
	return "this program was built without libzxcvbn";
}

static guint
guess_bits(const char *password, const char *const *names)
{
	(void)password;
	(void)names;
	return G_MAXUINT;
}

#endif

/* --- */

char *
password_trouble(
    const char *password, const struct password_policy *policy, const char *const *names)
{
	if (!g_utf8_validate(password, -1, NULL))
		return g_strdup("the password is not UTF-8");
	for (const char *at = password; *at != '\0'; at++)
		if (g_ascii_iscntrl(*at))
			return g_strdup("the password has a control character in it");
	if ((guint)g_utf8_strlen(password, -1) < policy->length)
		return g_strdup_printf(
		    "the password is shorter than %u characters", policy->length);
	if (count_classes(password) < policy->classes)
		return g_strdup_printf(
		    "the password is weak: %u of small letters, capitals, digits "
		    "and other signs must be in it",
		    policy->classes);
	if (count_distinct(password) < MIN(PASSWORD_DISTINCT, policy->length))
		return g_strdup("the password is weak: it repeats a few characters");
	guint bits = policy->bits > 0 ? guess_bits(password, names) : G_MAXUINT;
	return bits >= policy->bits
		   ? NULL
		   : g_strdup_printf(
			 "the password is weak: 2^%u guesses find it, and 2^%u are wanted; words, "
			 "names, dates, rows of keys and repeats are guessed first: take more "
			 "words "
			 "that do not belong together, or signs by chance",
			 bits, policy->bits);
}
