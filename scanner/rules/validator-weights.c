/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One engine for all numbers whose check character follows from a weighted sum. A row says which
 * weight each place has (a is 0, b is 1, c is 2 ...), what the sum is divided by, and which check
 * character each rest asks for.
 */
#include <string.h>

#include "rules/validator-inside.h"

#define PLAIN_VALUES "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* The check digit is the rest itself; what is missing to the modulus; with 10 and 11 as named. */
#define REST_10         "0123456789"
#define MISSING_10      "0987654321"
#define REST_11         "0123456789-"
#define MISSING_11      "0-987654321"
#define MISSING_11_ZERO "00987654321"

bool
validator_fits(const char *form, const char *value)
{
	for (; *form != '\0' && *value != '\0'; form++, value++) {
		bool fits = *form == 'n'   ? g_ascii_isdigit(*value)
			    : *form == 'a' ? g_ascii_isupper(*value)
			    : *form == 'x' ? g_ascii_isdigit(*value) || g_ascii_isupper(*value)
					   : *form == *value;
		if (!fits)
			return false;
	}
	return *form == *value;
}

/* The values of all characters; a letter that stands for two digits gives two. */
static bool
read_values(const struct weights_set *set, guint flags, const char *value, GByteArray *out)
{
	const char *values = set->values != NULL ? set->values : PLAIN_VALUES;

	for (const char *p = value; *p != '\0'; p++) {
		if ((flags & WEIGHTS_LETTERS_TWO) != 0 && g_ascii_isupper(*p)) {
			guint number = (guint)(*p - 'A' + 1);
			guint8 pair[2] = { (guint8)(number / 10), (guint8)(number % 10) };
			g_byte_array_append(out, pair, 2);
			continue;
		}
		const char *at = strchr(values, *p);
		if (at == NULL)
			return false;
		guint8 one = (guint8)(at - values);
		g_byte_array_append(out, &one, 1);
	}
	return true;
}

static bool
row_holds(const struct weights_set *set, const struct weights_row *row, const char *value)
{
	g_autoptr(GByteArray) values = g_byte_array_new();
	gsize count = strlen(row->weights);
	guint sum = 0;

	if (!read_values(set, row->flags, value, values) || values->len < count)
		return false;
	for (gsize i = 0; i < count; i++) {
		guint product = (guint)(row->weights[i] - 'a') * values->data[i];
		if ((row->flags & WEIGHTS_DIGIT_SUM) != 0)
			product = product / 10 + product % 10;
		sum += product;
	}
	guint rest = sum % row->modulus;
	if (row->checks == NULL)
		return rest == 0;
	return rest < strlen(row->checks) && row->checks[rest] == value[row->check_at];
}

bool
validator_weights(const void *set, const char *value)
{
	const struct weights_set *weights = set;

	if (strlen(value) != weights->length || validator_is_one_repeated(value))
		return false;
	if (weights->form != NULL ? !validator_fits(weights->form, value)
				  : !validator_is_digits(value))
		return false;
	if (weights->day != NULL && !validator_is_day(weights->day, value))
		return false;
	for (guint i = 0; i < G_N_ELEMENTS(weights->rows) && weights->rows[i] != NULL; i++) {
		if (!row_holds(weights, weights->rows[i], value))
			return false;
	}
	return weights->also == NULL || weights->also(value);
}

static const struct validator_day day_ymd = { "YYMMDD", 0, 0, { 0 }, 12 };
static const struct validator_day day_dmy_norway = { "DDMMYY", 0, 40, { 40, 80, 0 }, 12 };
static const struct validator_day day_pesel = { "YYMMDD", 0, 0, { 20, 40, 60, 80, 0 }, 12 };
static const struct validator_day day_austria = { "DDMMYY", 4, 0, { 0 }, 15 };
static const struct validator_day day_romania = { "YYMMDD", 1, 0, { 0 }, 12 };
static const struct validator_day day_bulgaria = { "YYMMDD", 0, 0, { 20, 40, 0 }, 12 };
static const struct validator_day day_germany = { "DDMMYY", 2, 50, { 0 }, 12 };
static const struct validator_day day_mexico = { "YYMMDD", 4, 0, { 0 }, 12 };
static const struct validator_day day_china = { "YYYYMMDD", 6, 0, { 0 }, 12 };

/* American Bankers Association: the first two digits name the Federal Reserve district. */
static bool
is_aba(const char *value)
{
	guint head = validator_number(value, 0, 2);

	return head <= 12 || (head >= 21 && head <= 32) || (head >= 61 && head <= 72) || head == 80;
}

static const struct weights_row aba = { "dhbdhbdh", 10, 8, 0, MISSING_10 };
const struct weights_set weights_aba = { 9, NULL, NULL, NULL, { &aba, NULL }, is_aba };

/* NHS Data Dictionary, NHS NUMBER. */
static const struct weights_row nhs = { "kjihgfedc", 11, 9, 0, MISSING_11 };
const struct weights_set weights_nhs = { 10, NULL, NULL, NULL, { &nhs, NULL }, NULL };

/* Dutch citizen service number ("elfproef"). */
static const struct weights_row bsn = { "jihgfedc", 11, 8, 0, REST_11 };
const struct weights_set weights_bsn = { 9, NULL, NULL, NULL, { &bsn, NULL }, NULL };

/* Polish register PESEL: the century is in the month. */
static const struct weights_row pesel = { "bdhjbdhjbd", 10, 10, 0, MISSING_10 };
const struct weights_set weights_pesel = { 11, NULL, NULL, &day_pesel, { &pesel, NULL }, NULL };

/* Norwegian birth number and D number. */
static const struct weights_row fnr_1 = { "dhgbijefc", 11, 9, 0, MISSING_11 };
static const struct weights_row fnr_2 = { "fedchgfedc", 11, 10, 0, MISSING_11 };
const struct weights_set weights_fnr = { 11, NULL, NULL, &day_dmy_norway, { &fnr_1, &fnr_2, NULL },
	NULL };

/* Austrian social insurance number: month 13 to 15 where days have run out. */
static bool
is_svnr(const char *value)
{
	return value[0] != '0';
}

static const struct weights_row svnr = { "dhjafiecbg", 11, 3, 0, REST_11 };
const struct weights_set weights_svnr = { 10, NULL, NULL, &day_austria, { &svnr, NULL }, is_svnr };

/* Portuguese tax number: the first digits say what kind of person it is. */
static bool
is_nif(const char *value)
{
	return strchr("1235689", value[0]) != NULL || g_str_has_prefix(value, "45") ||
	       value[0] == '7';
}

static const struct weights_row nif = { "jihgfedc", 11, 8, 0, MISSING_11_ZERO };
const struct weights_set weights_nif = { 9, NULL, NULL, NULL, { &nif, NULL }, is_nif };

/* Romanian personal number. */
static bool
is_cnp(const char *value)
{
	return value[0] != '0';
}

static const struct weights_row cnp = { "chjbegdfichj", 11, 12, 0, "01234567891" };
const struct weights_set weights_cnp = { 13, NULL, NULL, &day_romania, { &cnp, NULL }, is_cnp };

/* Bulgarian citizen number: 20 and 40 in the month are other centuries. */
static const struct weights_row egn = { "ceifkjhdg", 11, 9, 0, "01234567890" };
const struct weights_set weights_egn = { 10, NULL, NULL, &day_bulgaria, { &egn, NULL }, NULL };

/* Japanese individual number: ordinance of 2014, article 5. */
static const struct weights_row mynumber = { "gfedchgfedc", 11, 11, 0, MISSING_11_ZERO };
const struct weights_set weights_mynumber = { 12, NULL, NULL, NULL, { &mynumber, NULL }, NULL };

/* Brazil: persons; companies, whose first twelve places may be letters from 2026 on. */
#define BRAZIL_VALUES "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
static const struct weights_row cpf_1 = { "kjihgfedc", 11, 9, 0, MISSING_11_ZERO };
static const struct weights_row cpf_2 = { "lkjihgfedc", 11, 10, 0, MISSING_11_ZERO };
const struct weights_set weights_cpf = { 11, NULL, NULL, NULL, { &cpf_1, &cpf_2, NULL }, NULL };
static const struct weights_row cnpj_1 = { "fedcjihgfedc", 11, 12, 0, MISSING_11_ZERO };
static const struct weights_row cnpj_2 = { "gfedcjihgfedc", 11, 13, 0, MISSING_11_ZERO };
const struct weights_set weights_cnpj = { 14, BRAZIL_VALUES, "xxxxxxxxxxxxnn", NULL,
	{ &cnpj_1, &cnpj_2, NULL }, NULL };

/* Australian tax file number. */
static const struct weights_row tfn = { "bedhfigjk", 11, 8, 0, NULL };
const struct weights_set weights_tfn = { 9, NULL, NULL, NULL, { &tfn, NULL }, NULL };

/* CUSIP (ANSI X9.6), SEDOL (London Stock Exchange: no vowels). */
static const struct weights_row cusip = { "bcbcbcbc", 10, 8, WEIGHTS_DIGIT_SUM, MISSING_10 };
const struct weights_set weights_cusip = { 9, NULL, "nnnxxxxxn", NULL, { &cusip, NULL }, NULL };

static bool
is_sedol(const char *value)
{
	/* Those that begin with a digit are of the time before letters. */
	return strpbrk(value, "AEIOU") == NULL &&
	       (g_ascii_isupper(value[0]) || validator_is_digits(value));
}

static const struct weights_row sedol = { "bdbhdj", 10, 6, 0, MISSING_10 };
const struct weights_set weights_sedol = { 7, NULL, "xxxxxxn", NULL, { &sedol, NULL }, is_sedol };

/* Drug Enforcement Administration: two letters (or a letter and 9), seven digits. */
static const struct weights_row dea = { "aabcbcbc", 10, 8, 0, REST_10 };
const struct weights_set weights_dea = { 9, NULL, "axnnnnnnn", NULL, { &dea, NULL }, NULL };

/* Swiss insurance number: EAN-13 that begins with the country code 756. */
static const struct weights_row ahv = { "bdbdbdbdbdbd", 10, 12, 0, MISSING_10 };
const struct weights_set weights_ahv = { 13, NULL, "756nnnnnnnnnn", NULL, { &ahv, NULL }, NULL };

/* German pension insurance number (VKVV, section 2). */
static const struct weights_row rvnr = { "cbcfhbcbcbcb", 10, 11,
	WEIGHTS_DIGIT_SUM | WEIGHTS_LETTERS_TWO, REST_10 };
const struct weights_set weights_rvnr = { 12, NULL, "nnnnnnnnannn", &day_germany, { &rvnr, NULL },
	NULL };

/* Vehicle identification number (ISO 3779; check digit of 49 CFR 565.15). */
static const struct weights_row vin = { "ihgfedckajihgfedc", 11, 8, 0, "0123456789X" };
/* I, O and Q are no letters of it. */
static bool is_vin(const char *value);
const struct weights_set weights_vin = { 17, NULL, "xxxxxxxxxxxxxxxxx", NULL, { NULL }, is_vin };

static bool
is_vin(const char *value)
{
	/* What the letters A to Z stand for. */
	static const char letters[] = "12345678-12345-7-923456789";
	static const struct weights_set digits = { 17, NULL, NULL, NULL, { NULL }, NULL };
	char spelled[18] = { 0 };

	for (guint i = 0; i < 17; i++)
		spelled[i] = g_ascii_isupper(value[i]) ? letters[value[i] - 'A'] : value[i];
	spelled[8] = value[8];
	if (memchr(spelled, '-', 17) != NULL || !g_ascii_isdigit(value[16]))
		return false;
	return row_holds(&digits, &vin, spelled);
}

/* Turkish identity number: -1 is 9 modulo 10. */
static bool
is_kimlik(const char *value)
{
	return value[0] != '0';
}

static const struct weights_row kimlik_1 = { "hjhjhjhjh", 10, 9, 0, REST_10 };
static const struct weights_row kimlik_2 = { "bbbbbbbbbb", 10, 10, 0, REST_10 };
const struct weights_set weights_kimlik = { 11, NULL, NULL, NULL, { &kimlik_1, &kimlik_2, NULL },
	is_kimlik };

/* Mexican population register: 37 values, the letter behind N being one that ASCII lacks. */
#define CURP_VALUES "0123456789ABCDEFGHIJKLMN~OPQRSTUVWXYZ"
static bool
is_curp(const char *value)
{
	return strchr("HMX", value[10]) != NULL;
}

static const struct weights_row curp = { "srqponmlkjihgfedc", 10, 17, 0, MISSING_10 };
const struct weights_set weights_curp = { 18, CURP_VALUES, "aaaannnnnnaaaaaaxn", &day_mexico,
	{ &curp, NULL }, is_curp };

/* Chinese resident identity number (GB 11643, ISO/IEC 7064 MOD 11-2); the first two: province. */
static bool
is_resident(const char *value)
{
	guint province = validator_number(value, 0, 2);

	return (province >= 11 && province <= 65) || province == 71 ||
	       (province >= 81 && province <= 83);
}

static const struct weights_row resident = { "hjkfiecbgdhjkfiec", 11, 17, 0, "10X98765432" };
const struct weights_set weights_resident = { 18, NULL, "nnnnnnnnnnnnnnnnnx", &day_china,
	{ &resident, NULL }, is_resident };

/* Korean resident number: since October 2020 without a check digit, so the day is all there is. */
const struct weights_set weights_rrn = { 13, NULL, NULL, &day_ymd, { NULL }, NULL };

/* Australian business number. */
static bool
is_abn(const char *value)
{
	static const guint8 weights[] = { 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 };
	guint sum = 0;

	if (value[0] == '0')
		return false;
	for (guint i = 0; i < G_N_ELEMENTS(weights); i++)
		sum += weights[i] * (guint)(value[i] - (i == 0 ? '1' : '0'));
	return sum % 89 == 0;
}

const struct weights_set weights_abn = { 11, NULL, NULL, NULL, { NULL }, is_abn };
