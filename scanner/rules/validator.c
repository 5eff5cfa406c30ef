/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/validator.h"

#include <string.h>

/* Sixteen zeros pass Luhn and are no card. */
static bool
is_one_digit_repeated(const char *digits)
{
	return strspn(digits, (const char[]){ digits[0], '\0' }) == strlen(digits);
}

/* ISO/IEC 7812-1, annex B. */
static bool
check_luhn(const char *digits)
{
	gsize length = strlen(digits);
	guint sum = 0;

	if (length < 2 || strspn(digits, "0123456789") != length || is_one_digit_repeated(digits))
		return false;
	for (gsize i = 0; i < length; i++) {
		guint digit = (guint)(digits[length - 1 - i] - '0');
		if (i % 2 == 1)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* ISO 13616 (IBAN): the first four characters go to the end, letters count from 10. */
static bool
check_mod97(const char *digits)
{
	gsize length = strlen(digits);
	guint rest = 0;

	if (length < 5)
		return false;
	for (gsize i = 0; i < length; i++) {
		char c = digits[(i + 4) % length];
		guint value = (guint)(g_ascii_isdigit(c) ? c - '0' : c - 'A' + 10);
		rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
	}
	return rest == 1;
}

const struct validator validators[] = {
	{ "luhn", "payment cards: ISO/IEC 7812-1", check_luhn },
	{ "mod97", "IBAN: ISO 13616", check_mod97 },
	{ NULL, NULL, NULL },
};

const struct validator *
validator_find(const char *word)
{
	for (const struct validator *one = validators; one->word != NULL; one++) {
		if (strcmp(one->word, word) == 0)
			return one;
	}
	return NULL;
}

char *
validator_digits(const char *text, gsize size)
{
	GString *out = g_string_new(NULL);

	for (const char *p = text; p < text + size; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		int digit = g_unichar_digit_value(c);
		if (digit >= 0)
			g_string_append_c(out, (char)('0' + digit));
		else if (c < 0x80 && g_ascii_isalpha((char)c))
			g_string_append_c(out, g_ascii_toupper((char)c));
		else if (c != '-' && c != '.' && !g_unichar_isspace(c)) {
			g_string_free(out, TRUE);
			return NULL;
		}
	}
	return g_string_free(out, FALSE);
}
