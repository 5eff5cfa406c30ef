/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers that end with the check digit of ISO/IEC 7812-1, annex B, and the issuers of cards.
 */
#include <string.h>

#include "rules/validator-inside.h"

/* The digits of a value with letters written out: A is 1 0, Z is 3 5. NULL when it has others. */
static char *
spell(const char *prefix, const char *value, bool has_letters)
{
	GString *digits = g_string_new(prefix);

	for (const char *p = value; *p != '\0'; p++) {
		if (g_ascii_isdigit(*p))
			g_string_append_c(digits, *p);
		else if (has_letters && g_ascii_isupper(*p))
			g_string_append_printf(digits, "%d", *p - 'A' + 10);
		else {
			g_string_free(digits, TRUE);
			return NULL;
		}
	}
	return g_string_free(digits, FALSE);
}

static bool
is_luhn(const char *digits)
{
	gsize length = strlen(digits);
	guint sum = 0;

	for (gsize i = 0; i < length; i++) {
		guint digit = (guint)(digits[length - 1 - i] - '0');
		if (i % 2 == 1)
			digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

static bool
has_form(const struct luhn_row *row, const char *value)
{
	gsize length = strlen(value);
	const struct validator_day *day = length == row->lengths[0] ? row->day : row->long_day;
	bool fits = false;

	for (guint i = 0; i < G_N_ELEMENTS(row->lengths) && row->lengths[i] != 0; i++)
		fits = fits || length == row->lengths[i];
	if (!fits || (row->first != NULL && strchr(row->first, value[0]) == NULL) ||
	    (row->third != NULL && strchr(row->third, value[2]) == NULL))
		return false;
	return day == NULL || validator_is_day(day, value);
}

bool
validator_luhn(const void *row, const char *value)
{
	const struct luhn_row *luhn = row;
	g_autofree char *digits =
	    spell(luhn != NULL ? luhn->prefix : NULL, value, luhn != NULL && luhn->has_letters);

	if (digits == NULL || strlen(value) < 2 || validator_is_one_repeated(value))
		return false;
	return (luhn == NULL || has_form(luhn, value)) && is_luhn(digits);
}

/* Issuer identification numbers by their first digits; of the ranges that networks publish. */
static const struct issuer {
	guint from, to; /* of the first six digits */
	guint8 shortest, longest;
} issuers[] = {
	{ 400000, 499999, 13, 19 }, /* Visa: 13, 16, 19 */
	{ 510000, 559999, 16, 16 }, /* Mastercard */
	{ 222100, 272099, 16, 16 }, /* Mastercard, from 2017 */
	{ 340000, 349999, 15, 15 }, /* American Express */
	{ 370000, 379999, 15, 15 },
	{ 300000, 305999, 14, 19 }, /* Diners Club */
	{ 309500, 309599, 14, 19 },
	{ 360000, 369999, 14, 19 },
	{ 380000, 399999, 16, 19 },
	{ 352800, 358999, 16, 19 }, /* JCB */
	{ 601100, 601199, 16, 19 }, /* Discover */
	{ 644000, 659999, 16, 19 },
	{ 620000, 629999, 16, 19 }, /* UnionPay */
	{ 810000, 817199, 16, 19 },
	{ 220000, 220499, 16, 19 }, /* Mir */
	{ 500000, 509999, 12, 19 }, /* Maestro and national ones */
	{ 560000, 589999, 12, 19 },
	{ 600000, 601099, 12, 19 },
	{ 601200, 619999, 12, 19 },
	{ 630000, 643999, 12, 19 },
	{ 660000, 699999, 12, 19 },
};

bool
validator_card(const void *row, const char *value)
{
	gsize length = strlen(value);

	if (length < 12 || !validator_luhn(row, value))
		return false;
	guint head = validator_number(value, 0, 6);
	/* Visa has three lengths, no others. */
	if (value[0] == '4' && length != 13 && length != 16 && length != 19)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(issuers); i++) {
		if (head >= issuers[i].from && head <= issuers[i].to)
			return length >= issuers[i].shortest && length <= issuers[i].longest;
	}
	return false;
}
