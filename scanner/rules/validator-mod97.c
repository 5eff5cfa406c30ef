/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The systems of ISO/IEC 7064 and their kin: rests of the whole number, not of a weighted sum.
 */
#include <string.h>

#include "rules/validator-inside.h"

/* The rest of a number in which letters stand for 10 to 35, begun at `from` and gone round. */
static guint
rest_of(const char *value, gsize from, guint modulus)
{
	gsize length = strlen(value);
	guint rest = 0;

	for (gsize i = 0; i < length; i++) {
		char c = value[(i + from) % length];
		guint one = (guint)(g_ascii_isdigit(c) ? c - '0' : c - 'A' + 10);
		rest = (rest * (one > 9 ? 100 : 10) + one) % modulus;
	}
	return rest;
}

bool
validator_mod97(const void *row, const char *value)
{
	(void)row;
	return strlen(value) >= 5 && rest_of(value, 4, 97) == 1;
}

/* ISO 13616: the account number of each country, by the register that SWIFT keeps. */
static const struct country {
	char code[3];
	char bban[12]; /* runs of n digits, a letters, c either */
} countries[] = {
	{ "AD", "8n12c" },
	{ "AE", "19n" },
	{ "AL", "8n16c" },
	{ "AT", "16n" },
	{ "AZ", "4a20c" },
	{ "BA", "16n" },
	{ "BE", "12n" },
	{ "BG", "4a6n8c" },
	{ "BH", "4a14c" },
	{ "BI", "23n" },
	{ "BR", "23n1a1c" },
	{ "BY", "4c4n16c" },
	{ "CH", "5n12c" },
	{ "CR", "18n" },
	{ "CY", "8n16c" },
	{ "CZ", "20n" },
	{ "DE", "18n" },
	{ "DJ", "23n" },
	{ "DK", "14n" },
	{ "DO", "4c20n" },
	{ "EE", "16n" },
	{ "EG", "25n" },
	{ "ES", "20n" },
	{ "FI", "14n" },
	{ "FK", "2a12n" },
	{ "FO", "14n" },
	{ "FR", "10n11c2n" },
	{ "GB", "4a14n" },
	{ "GE", "2a16n" },
	{ "GI", "4a15c" },
	{ "GL", "14n" },
	{ "GR", "7n16c" },
	{ "GT", "24c" },
	{ "HR", "17n" },
	{ "HU", "24n" },
	{ "IE", "4a14n" },
	{ "IL", "19n" },
	{ "IQ", "4a15n" },
	{ "IS", "22n" },
	{ "IT", "1a10n12c" },
	{ "JO", "4a4n18c" },
	{ "KW", "4a22c" },
	{ "KZ", "3n13c" },
	{ "LB", "4n20c" },
	{ "LC", "4a24c" },
	{ "LI", "5n12c" },
	{ "LT", "16n" },
	{ "LU", "3n13c" },
	{ "LV", "4a13c" },
	{ "LY", "21n" },
	{ "MC", "10n11c2n" },
	{ "MD", "20c" },
	{ "ME", "18n" },
	{ "MK", "3n10c2n" },
	{ "MN", "16n" },
	{ "MR", "23n" },
	{ "MT", "4a5n18c" },
	{ "MU", "4a19n3a" },
	{ "NI", "4a20n" },
	{ "NL", "4a10n" },
	{ "NO", "11n" },
	{ "OM", "3n16c" },
	{ "PK", "4a16c" },
	{ "PL", "24n" },
	{ "PS", "4a21c" },
	{ "PT", "21n" },
	{ "QA", "4a21c" },
	{ "RO", "4a16c" },
	{ "RS", "18n" },
	{ "RU", "14n15c" },
	{ "SA", "2n18c" },
	{ "SC", "4a20n3a" },
	{ "SD", "14n" },
	{ "SE", "20n" },
	{ "SI", "15n" },
	{ "SK", "20n" },
	{ "SM", "1a10n12c" },
	{ "SO", "19n" },
	{ "ST", "21n" },
	{ "SV", "4a20n" },
	{ "TL", "19n" },
	{ "TN", "20n" },
	{ "TR", "6n16c" },
	{ "UA", "6n19c" },
	{ "VA", "18n" },
	{ "VG", "4a16n" },
	{ "XK", "16n" },
	{ "YE", "4a4n18c" },
};

static bool
has_runs(const char *runs, const char *value)
{
	while (*runs != '\0') {
		char *kind;
		guint64 count = g_ascii_strtoull(runs, &kind, 10);
		for (; count > 0; count--, value++) {
			bool digit = g_ascii_isdigit(*value), letter = g_ascii_isupper(*value);
			if (!(*kind == 'n' ? digit : *kind == 'a' ? letter : digit || letter))
				return false;
		}
		runs = kind + 1;
	}
	return *value == '\0';
}

bool
validator_iban(const void *row, const char *value)
{
	/* Check digits are 98 minus a rest: 00, 01 and 99 come of none. */
	if (strlen(value) < 15 || !g_ascii_isdigit(value[2]) || !g_ascii_isdigit(value[3]))
		return false;
	guint check = validator_number(value, 2, 2);
	if (check < 2 || check > 98)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(countries); i++) {
		if (strncmp(countries[i].code, value, 2) == 0)
			return has_runs(countries[i].bban, value + 4) &&
			       validator_mod97(row, value);
	}
	return false;
}

/* ISO 17442: twenty characters, the last two check digits. */
bool
validator_lei(const void *row, const char *value)
{
	(void)row;
	return validator_fits("xxxxxxxxxxxxxxxxxxnn", value) && rest_of(value, 0, 97) == 1 &&
	       !validator_is_digits(value);
}

/* French NIR (INSEE): Corsica's 2A and 2B count as 19 and 18. */
bool
validator_nir(const void *row, const char *value)
{
	g_autofree char *digits = g_strdup(value);
	guint64 number = 0;

	(void)row;
	if (strlen(value) != 15)
		return false;
	if (value[6] == 'A' || value[6] == 'B') {
		if (value[5] != '2')
			return false;
		digits[5] = '1';
		digits[6] = value[6] == 'A' ? '9' : '8';
	}
	if (!validator_is_digits(digits) || strchr("123478", digits[0]) == NULL)
		return false;
	guint month = validator_number(digits, 3, 2);
	if (month == 0 || (month > 12 && month < 20) || (month > 42 && month < 50))
		return false;
	for (guint i = 0; i < 13; i++)
		number = number * 10 + (guint64)(digits[i] - '0');
	return 97 - number % 97 == validator_number(digits, 13, 2);
}

/* Belgian national number: births from 2000 on count with a 2 in front; bis numbers add to months.
 */
bool
validator_be_national(const void *row, const char *value)
{
	static const struct validator_day day = { "YYMMDD", 0, 0, { 20, 40, 0 }, 12 };
	guint64 number = 0;

	(void)row;
	if (strlen(value) != 11 || !validator_is_digits(value) || !validator_is_day(&day, value))
		return false;
	for (guint i = 0; i < 9; i++)
		number = number * 10 + (guint64)(value[i] - '0');
	guint check = validator_number(value, 9, 2);
	return 97 - number % 97 == check ||
	       97 - (number + G_GUINT64_CONSTANT(2000000000)) % 97 == check;
}

/* ISO/IEC 7064 MOD 11,10. */
static bool
is_mod_11_10(const char *value)
{
	gsize length = strlen(value);
	guint product = 10;

	for (gsize i = 0; i + 1 < length; i++) {
		guint sum = (product + (guint)(value[i] - '0')) % 10;
		product = (sum == 0 ? 10 : sum) * 2 % 11;
	}
	return (11 - product) % 10 == (guint)(value[length - 1] - '0');
}

/* German tax number (BZSt): of the first ten digits one comes twice or thrice, the others once. */
bool
validator_idnr(const void *row, const char *value)
{
	guint counts[10] = { 0 }, twice = 0, thrice = 0;

	(void)row;
	if (strlen(value) != 11 || !validator_is_digits(value) || value[0] == '0')
		return false;
	for (guint i = 0; i < 10; i++)
		counts[value[i] - '0']++;
	for (guint i = 0; i < 10; i++) {
		if (counts[i] > 3)
			return false;
		twice += counts[i] == 2;
		thrice += counts[i] == 3;
	}
	return twice + thrice == 1 && is_mod_11_10(value);
}

/* Croatian personal number. */
bool
validator_oib(const void *row, const char *value)
{
	(void)row;
	return strlen(value) == 11 && validator_is_digits(value) &&
	       !validator_is_one_repeated(value) && is_mod_11_10(value);
}
