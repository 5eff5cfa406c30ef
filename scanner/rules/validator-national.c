/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers of persons whose rules are ranges, letters or tables of their own.
 */
#include <string.h>

#include "rules/validator-inside.h"

/* Social Security Administration: ranges that were never given, and numbers of advertisements. */
bool
validator_ssn(const void *row, const char *value)
{
	static const char *const printed[] = { "078051120", "219099999", "457555462", "123456789" };

	(void)row;
	if (strlen(value) != 9 || !validator_is_digits(value) || validator_is_one_repeated(value))
		return false;
	guint area = validator_number(value, 0, 3);
	if (area == 0 || area == 666 || area >= 900 || validator_number(value, 3, 2) == 0 ||
	    validator_number(value, 5, 4) == 0)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(printed); i++) {
		if (strcmp(printed[i], value) == 0)
			return false;
	}
	return true;
}

/* Internal Revenue Service: the groups of individual taxpayer numbers. */
bool
validator_itin(const void *row, const char *value)
{
	(void)row;
	if (strlen(value) != 9 || !validator_is_digits(value) || value[0] != '9')
		return false;
	guint group = validator_number(value, 3, 2);
	return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
	       (group >= 90 && group <= 92) || group >= 94;
}

/* Internal Revenue Service: prefixes of employer numbers that no campus gives out. */
bool
validator_ein(const void *row, const char *value)
{
	static const guint8 unused[] = { 0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96,
		97 };

	(void)row;
	if (strlen(value) != 9 || !validator_is_digits(value) || validator_is_one_repeated(value))
		return false;
	guint prefix = validator_number(value, 0, 2);
	return memchr(unused, (int)prefix, sizeof(unused)) == NULL;
}

/* HM Revenue and Customs, NIM39110. */
bool
validator_nino(const void *row, const char *value)
{
	static const char *const never[] = { "BG", "GB", "KN", "NK", "NT", "TN", "ZZ" };

	(void)row;
	if (!validator_fits("aannnnnna", value) || strchr("DFIQUV", value[0]) != NULL ||
	    strchr("DFIQUVO", value[1]) != NULL || strchr("ABCD", value[8]) == NULL)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(never); i++) {
		if (strncmp(never[i], value, 2) == 0)
			return false;
	}
	return true;
}

/* Spanish DNI and NIE (Real Decreto 1553/2005): the letter is a rest of 23; X, Y, Z are 0, 1, 2. */
bool
validator_dni(const void *row, const char *value)
{
	static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
	g_autofree char *digits = g_strdup(value);

	(void)row;
	if (strlen(value) != 9)
		return false;
	if (strchr("XYZ", value[0]) != NULL)
		digits[0] = (char)('0' + (value[0] - 'X'));
	if (!validator_fits("nnnnnnnna", digits) || strncmp(digits, "00000000", 8) == 0)
		return false;
	return letters[validator_number(digits, 0, 8) % 23] == value[8];
}

/* Italian tax code (D.M. 12 March 1974): odd places by a table; letters may replace digits. */
static bool
has_italian_form(const char *value)
{
	static const char stand_ins[] = "LMNPQRSTUV";
	static const guint8 digits[] = { 6, 7, 9, 10, 12, 13, 14 };
	char plain[17];

	if (strlen(value) != 16)
		return false;
	memcpy(plain, value, sizeof(plain));
	for (gsize i = 0; i < G_N_ELEMENTS(digits); i++) {
		const char *at = strchr(stand_ins, plain[digits[i]]);
		if (at != NULL)
			plain[digits[i]] = (char)('0' + (at - stand_ins));
	}
	if (!validator_fits("aaaaaannannannna", plain) || strchr("ABCDEHLMPRST", plain[8]) == NULL)
		return false;
	guint day = validator_number(plain, 9, 2);
	return (day >= 1 && day <= 31) || (day >= 41 && day <= 71);
}

bool
validator_codice_fiscale(const void *row, const char *value)
{
	static const guint8 odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8,
		12, 14, 16, 10, 22, 25, 24, 23 };
	guint sum = 0;

	(void)row;
	if (!has_italian_form(value))
		return false;
	for (guint i = 0; i < 15; i++) {
		guint one = (guint)(g_ascii_isdigit(value[i]) ? value[i] - '0' : value[i] - 'A');
		sum += i % 2 == 0 ? odd[one] : one;
	}
	return value[15] == (char)('A' + sum % 26);
}

/* Finnish identity code; the sign of the century is lost when it is '-' or '+', else a letter. */
bool
validator_hetu(const void *row, const char *value)
{
	static const char checks[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
	static const struct validator_day day = { "DDMMYY", 0, 0, { 0 }, 12 };
	gsize length = strlen(value);
	char digits[10] = { 0 };

	(void)row;
	if ((length != 10 && length != 11) ||
	    (length == 11 && strchr("ABCDEFUVWXY", value[6]) == NULL))
		return false;
	memcpy(digits, value, 6);
	memcpy(digits + 6, value + length - 4, 3);
	if (!validator_is_digits(digits) || !validator_is_day(&day, digits))
		return false;
	guint number = validator_number(digits, 0, 9);
	return validator_number(digits, 6, 3) >= 2 && checks[number % 31] == value[length - 1];
}

/* Danish CPR number: the sum of eleven does not hold for all since 2007, so the day is all. */
bool
validator_cpr(const void *row, const char *value)
{
	static const struct validator_day day = { "DDMMYY", 0, 0, { 0 }, 12 };

	(void)row;
	return strlen(value) == 10 && validator_is_digits(value) && validator_is_day(&day, value);
}

/* Czech and Slovak birth number: nine digits before 1954, then ten that 11 divides. */
bool
validator_birth_number(const void *row, const char *value)
{
	static const struct validator_day day = { "YYMMDD", 0, 0, { 20, 50, 70, 0 }, 12 };
	gsize length = strlen(value);

	(void)row;
	if ((length != 9 && length != 10) || !validator_is_digits(value) ||
	    !validator_is_day(&day, value) || validator_is_one_repeated(value))
		return false;
	if (length == 9)
		return validator_number(value, 0, 2) < 54 && validator_number(value, 6, 3) != 0;
	guint rest = validator_number(value, 0, 9) % 11;
	return rest % 10 == (guint)(value[9] - '0');
}

/* Verhoeff's scheme over the dihedral group of order 10, for Aadhaar (UIDAI). */
static guint
dihedral(guint a, guint b)
{
	if (a < 5)
		return b < 5 ? (a + b) % 5 : 5 + (a + b - 5) % 5;
	return b < 5 ? 5 + (a - 5 + 5 - b) % 5 : (a - 5 + 10 - b) % 5;
}

bool
validator_aadhaar(const void *row, const char *value)
{
	static const guint8 turn[] = { 1, 5, 7, 6, 2, 8, 3, 0, 9, 4 };
	guint check = 0;

	(void)row;
	if (strlen(value) != 12 || !validator_is_digits(value) || value[0] < '2')
		return false;
	for (guint i = 0; i < 12; i++) {
		guint digit = (guint)(value[11 - i] - '0');
		for (guint k = 0; k < i % 8; k++)
			digit = turn[digit];
		check = dihedral(check, digit);
	}
	return check == 0;
}

/* Indian GSTIN: state, the PAN of the holder, entity, a letter, check character modulo 36. */
bool
validator_gstin(const void *row, const char *value)
{
	static const char symbols[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	guint sum = 0;

	(void)row;
	if (!validator_fits("nnaaaaannnnaxxx", value) || strchr("ABCFGHJLPT", value[5]) == NULL)
		return false;
	guint state = validator_number(value, 0, 2);
	if (state == 0 || (state > 38 && state != 97 && state != 99))
		return false;
	for (guint i = 0; i < 14; i++) {
		guint product = (guint)(strchr(symbols, value[i]) - symbols) * (i % 2 + 1);
		sum += product / 36 + product % 36;
	}
	return symbols[(36 - sum % 36) % 36] == value[14];
}

/* ISO 9362: the country is all that can be wrong. Codes of ISO 3166-1 and XK. */
bool
validator_bic(const void *row, const char *value)
{
	static const char codes[] =
	    "ADAEAFAGAIALAMAOARATAUAWAZBABBBDBEBFBGBHBIBJBMBNBOBRBSBTBWBYBZCACDCFCGCHCICKCLCMCNCO"
	    "CRCUCVCWCYCZDEDJDKDMDODZECEEEGERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGTGUGWGY"
	    "HKHNHRHTHUIDIEILIMINIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMC"
	    "MDMEMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPR"
	    "PSPTPWPYQARERORSRURWSASBSCSDSESGSHSISKSLSMSNSOSRSSSTSVSYSZTCTDTGTHTJTKTLTMTNTOTRTTTV"
	    "TWTZUAUGUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";
	gsize length = strlen(value);

	(void)row;
	if (length != 8 && length != 11)
		return false;
	for (gsize i = 0; i + 1 < sizeof(codes) - 1; i += 2) {
		if (strncmp(codes + i, value + 4, 2) == 0)
			return true;
	}
	return false;
}
