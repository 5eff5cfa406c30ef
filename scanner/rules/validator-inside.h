/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_RULES_VALIDATOR_INSIDE_H
#define FLAGPOST_RULES_VALIDATOR_INSIDE_H
/*
 * validator_inside - the families behind the table of validator.c, and what they share. Each
 * check has the form of struct validator's and never reads behind the end of value.
 */
#include <glib.h>
#include <stdbool.h>

bool validator_is_digits(const char *value);                      /* nothing else, and not empty */
bool validator_is_one_repeated(const char *value);                /* 0000000000 passes many sums */
guint validator_number(const char *value, guint at, guint count); /* of digits that are there */

/*
 * A day that may be: `form` holds D, M, Y, two of each or four Y, and stands at `at` of value,
 * which is long enough. A year of two digits is of the last or of this century. days_extra is
 * what coordination numbers add to the day, months_extra what centuries add to the month.
 */
struct validator_day {
	const char *form; /* "YYMMDD" */
	guint8 at;
	guint8 days_extra;      /* 60 of Sweden */
	guint8 months_extra[6]; /* 20, 40, 50 ...; ends with 0 */
	guint8 months;          /* 12; Austria counts to 15 */
};
bool validator_is_day(const struct validator_day *day, const char *value);

/* --- validator-luhn: ISO/IEC 7812-1, annex B --- */
struct luhn_row {
	guint8 lengths[3];  /* allowed ones; ends with 0 */
	const char *prefix; /* put in front before the sum, or NULL: "80840" */
	const char *first;  /* what the first character may be, or NULL */
	const char *third;  /* the same of the third, or NULL */
	bool has_letters;   /* A is 10 ... Z is 35, as two digits */
	const struct validator_day *day,
	    *long_day; /* of the first and the second length; or NULL */
};
bool validator_luhn(const void *row, const char *value); /* row NULL: any length from 2 */
bool validator_card(const void *row, const char *value); /* issuer and length as well */

/* --- validator-weights: digits times weights, one rest, one check character --- */
enum weights_flag {
	WEIGHTS_DIGIT_SUM = 1 << 0,   /* of each product */
	WEIGHTS_LETTERS_TWO = 1 << 1, /* a letter stands for two digits, A for 01 */
};
struct weights_row {
	const char *weights; /* a letter each: a 0, b 1, c 2 ... as far as needed */
	guint8 modulus;
	guint8 check_at; /* where the check character stands */
	guint8 flags;
	const char *checks; /* by rest; '-' for a rest that no number has; NULL: the rest is 0 */
};
struct weights_set {
	guint8 length;
	const char *values; /* what stands for 0, 1, 2 ...; NULL: digits, then letters from 10 */
	const char *form;   /* a class each character: see validator_fits; NULL: digits alone */
	const struct validator_day *day;   /* or NULL */
	const struct weights_row *rows[3]; /* all must hold; ends with NULL */
	bool (*also)(const char *value);   /* or NULL */
};
bool validator_weights(const void *set, const char *value);
/* n digit, a letter, x either; any other character itself. Of the same length. */
bool validator_fits(const char *form, const char *value);
extern const struct weights_set weights_aba, weights_nhs, weights_bsn, weights_pesel, weights_fnr,
    weights_svnr, weights_nif, weights_cnp, weights_egn, weights_mynumber, weights_cpf,
    weights_cnpj, weights_tfn, weights_abn, weights_cusip, weights_sedol, weights_dea, weights_ahv,
    weights_rvnr, weights_vin, weights_kimlik, weights_curp, weights_resident, weights_rrn;

/* --- validator-mod97: ISO/IEC 7064 --- */
bool validator_mod97(const void *row, const char *value);
bool validator_iban(const void *row, const char *value);
bool validator_lei(const void *row, const char *value);
bool validator_nir(const void *row, const char *value);
bool validator_be_national(const void *row, const char *value);
bool validator_idnr(const void *row, const char *value);
bool validator_oib(const void *row, const char *value);

/* --- validator-national: what no table of weights says --- */
bool validator_ssn(const void *row, const char *value);
bool validator_itin(const void *row, const char *value);
bool validator_ein(const void *row, const char *value);
bool validator_nino(const void *row, const char *value);
bool validator_dni(const void *row, const char *value);
bool validator_codice_fiscale(const void *row, const char *value);
bool validator_hetu(const void *row, const char *value);
bool validator_cpr(const void *row, const char *value);
bool validator_birth_number(const void *row, const char *value);
bool validator_aadhaar(const void *row, const char *value);
bool validator_gstin(const void *row, const char *value);
bool validator_bic(const void *row, const char *value);

/* --- validator-text: what is looked at as it stands --- */
bool validator_mrz(const void *row, const char *value);
bool validator_track(const void *row, const char *value);
bool validator_secret(const void *row, const char *value);
bool validator_token(const void *row, const char *value);
bool validator_crc_token(const void *row, const char *value);
bool validator_jwt(const void *row, const char *value);

/* --- validator-wallet: addresses of crypto currencies --- */
bool validator_base58(const void *row, const char *value);
bool validator_bech32(const void *row, const char *value);
bool validator_eip55(const void *row, const char *value);

#endif
