/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of names, and what the families share.
 */
#include "rules/validator.h"

#include <string.h>

#include "rules/token.h"
#include "rules/validator-inside.h"

bool
validator_is_digits(const char *value)
{
	return value[0] != '\0' && strspn(value, "0123456789") == strlen(value);
}

bool
validator_is_one_repeated(const char *value)
{
	return strspn(value, (const char[]){ value[0], '\0' }) == strlen(value);
}

guint
validator_number(const char *value, guint at, guint count)
{
	guint number = 0;

	for (guint i = at; i < at + count; i++)
		number = number * 10 + (guint)(value[i] - '0');
	return number;
}

/* What stands in a value where form has a letter; 0 when it has none. */
static guint
field(const char *form, char letter, const char *value)
{
	const char *at = strchr(form, letter);

	return at == NULL ? 0
			  : validator_number(value, (guint)(at - form),
				(guint)strspn(at, (const char[]){ letter, '\0' }));
}

bool
validator_is_day(const struct validator_day *day, const char *value)
{
	static const guint8 lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	guint date = field(day->form, 'D', value + day->at);
	guint month = field(day->form, 'M', value + day->at);
	guint year = field(day->form, 'Y', value + day->at), extra = 0;

	for (guint i = 0; i < G_N_ELEMENTS(day->months_extra); i++) {
		if (day->months_extra[i] != 0 && month > day->months_extra[i])
			extra = MAX(extra, day->months_extra[i]);
	}
	month -= extra;
	if (day->days_extra > 0 && date > day->days_extra)
		date -= day->days_extra;
	if (strstr(day->form, "YYYY") != NULL && (year < 1850 || year > 2099))
		return false;
	if (month < 1 || month > day->months || date < 1)
		return false;
	return date <= (month > 12 ? 31 : lengths[month - 1]);
}

static const struct validator_day sweden = { "YYMMDD", 0, 60, { 0 }, 12 };
static const struct validator_day sweden_long = { "YYYYMMDD", 0, 60, { 0 }, 12 };
static const struct validator_day plain_ymd = { "YYMMDD", 0, 0, { 0 }, 12 };
static const struct validator_day plain_dmy = { "DDMMYY", 0, 0, { 0 }, 12 };

static const struct luhn_row luhn_npi = { { 10, 0 }, "80840", "12", NULL, false, NULL, NULL };
static const struct luhn_row luhn_imei = { { 15, 0 }, NULL, NULL, NULL, false, NULL, NULL };
static const struct luhn_row luhn_sin = { { 9, 0 }, NULL, "12345679", NULL, false, NULL, NULL };
static const struct luhn_row luhn_isin = { { 12, 0 }, NULL, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", NULL,
	true, NULL, NULL };
static const struct luhn_row luhn_za = { { 13, 0 }, NULL, NULL, NULL, false, &plain_ymd, NULL };
static const struct luhn_row luhn_amka = { { 11, 0 }, NULL, NULL, NULL, false, &plain_dmy, NULL };
static const struct luhn_row luhn_se = { { 10, 12, 0 }, NULL, NULL, NULL, false, &sweden,
	&sweden_long };

#define LUHN(word, help, row)                                                                      \
	{                                                                                          \
		word, help, validator_luhn, row, false                                             \
	}
#define WEIGHTS(word, help, set)                                                                   \
	{                                                                                          \
		word, help, validator_weights, &(set), false                                       \
	}
#define PLAIN(word, help, check)                                                                   \
	{                                                                                          \
		word, help, check, NULL, false                                                     \
	}
#define VERBATIM(word, help, check)                                                                \
	{                                                                                          \
		word, help, check, NULL, true                                                      \
	}

/* clang-format off */
const struct validator validators[] = {
	WEIGHTS("us-aba", "US bank routing numbers: American Bankers Association", weights_aba),
	PLAIN("in-aadhaar", "Indian residents: UIDAI, Verhoeff's scheme", validator_aadhaar),
	WEIGHTS("au-abn", "Australian businesses: Australian Business Register", weights_abn),
	VERBATIM("base58check", "Bitcoin and kin: Base58Check", validator_base58),
	PLAIN("be-national", "Belgian residents: Royal Decree of 3 April 1984", validator_be_national),
	VERBATIM("bech32", "Bitcoin and kin: BIP 173, BIP 350", validator_bech32),
	WEIGHTS("bg-egn", "Bulgarian citizens: GRAO", weights_egn),
	PLAIN("bic", "banks: ISO 9362, the country alone", validator_bic),
	WEIGHTS("br-cnpj", "Brazilian companies: Receita Federal, IN 2229/2024", weights_cnpj),
	WEIGHTS("br-cpf", "Brazilian tax payers: Receita Federal", weights_cpf),
	LUHN("ca-sin", "Canadian residents: Service Canada", &luhn_sin),
	PLAIN("card", "payment cards: ISO/IEC 7812-1 and the issuers' ranges", validator_card),
	WEIGHTS("ch-ahv", "Swiss insured persons: AHVV article 133, EAN-13", weights_ahv),
	WEIGHTS("cn-resident", "Chinese residents: GB 11643, ISO/IEC 7064 MOD 11-2", weights_resident),
	VERBATIM("crc-token", "GitHub, npm: CRC-32 in base 62", validator_crc_token),
	WEIGHTS("cusip", "securities: ANSI X9.6", weights_cusip),
	PLAIN("cz-birth", "Czech and Slovak residents: Act 133/2000, Act 301/1995", validator_birth_number),
	PLAIN("de-idnr", "German tax payers: BZSt, ISO/IEC 7064 MOD 11,10", validator_idnr),
	WEIGHTS("de-rvnr", "German insured persons: VKVV section 2", weights_rvnr),
	PLAIN("dk-cpr", "Danish residents: the day of birth", validator_cpr),
	WEIGHTS("us-dea", "US prescribers: Drug Enforcement Administration", weights_dea),
	VERBATIM("eip55", "Ethereum: EIP-55 where letters are mixed", validator_eip55),
	PLAIN("es-dni", "Spanish residents: Real Decreto 1553/2005", validator_dni),
	PLAIN("fi-hetu", "Finnish residents: Digital and Population Data Services Agency", validator_hetu),
	PLAIN("fr-nir", "French insured persons: INSEE", validator_nir),
	LUHN("gr-amka", "Greek insured persons: Luhn and the day of birth", &luhn_amka),
	PLAIN("hr-oib", "Croatian persons: ISO/IEC 7064 MOD 11,10", validator_oib),
	PLAIN("iban", "bank accounts: ISO 13616 with each country's form", validator_iban),
	LUHN("imei", "phones: 3GPP TS 23.003, annex B", &luhn_imei),
	PLAIN("in-gstin", "Indian tax payers: GSTN, modulus 36", validator_gstin),
	LUHN("isin", "securities: ISO 6166", &luhn_isin),
	PLAIN("it-codice-fiscale", "Italian tax payers: D.M. of 12 March 1974", validator_codice_fiscale),
	WEIGHTS("jp-mynumber", "Japanese residents: ordinance 85 of 2014", weights_mynumber),
	VERBATIM("jwt", "web tokens: RFC 7519", validator_jwt),
	WEIGHTS("kr-rrn", "Korean residents: the day of birth", weights_rrn),
	PLAIN("lei", "legal entities: ISO 17442", validator_lei),
	LUHN("luhn", "any number: ISO/IEC 7812-1, annex B", NULL),
	PLAIN("mod97", "any IBAN: ISO 13616, without the country's form", validator_mod97),
	VERBATIM("mrz", "passports, identity cards: ICAO 9303", validator_mrz),
	WEIGHTS("mx-curp", "Mexican residents: RENAPO", weights_curp),
	WEIGHTS("uk-nhs", "UK patients: NHS Data Dictionary", weights_nhs),
	WEIGHTS("nl-bsn", "Dutch residents: the proof of eleven", weights_bsn),
	WEIGHTS("no-fnr", "Norwegian residents: Skatteetaten", weights_fnr),
	LUHN("us-npi", "US care providers: CMS, Luhn behind 80840", &luhn_npi),
	WEIGHTS("pl-pesel", "Polish residents: the PESEL register", weights_pesel),
	WEIGHTS("pt-nif", "Portuguese tax payers: Decreto-Lei 14/2013", weights_nif),
	WEIGHTS("ro-cnp", "Romanian citizens: Law 105/1996", weights_cnp),
	LUHN("se-personnummer", "Swedish residents: Skatteverket, SKV 704", &luhn_se),
	VERBATIM("secret", "passwords: two kinds of characters, no usual word", validator_secret),
	WEIGHTS("sedol", "securities: London Stock Exchange", weights_sedol),
	WEIGHTS("at-svnr", "Austrian insured persons: ASVG section 31", weights_svnr),
	WEIGHTS("au-tfn", "Australian tax payers: Australian Taxation Office", weights_tfn),
	VERBATIM("token", "keys of services: random, and no placeholder", validator_token),
	WEIGHTS("tr-kimlik", "Turkish citizens: Law 5490", weights_kimlik),
	VERBATIM("track", "stripes of cards: ISO/IEC 7813", validator_track),
	PLAIN("uk-nino", "UK insured persons: HMRC NIM39110", validator_nino),
	PLAIN("us-ein", "US employers: prefixes of the IRS", validator_ein),
	PLAIN("us-itin", "US tax payers: groups of the IRS", validator_itin),
	PLAIN("us-ssn", "US residents: ranges of the SSA", validator_ssn),
	WEIGHTS("vin", "vehicles: ISO 3779, 49 CFR 565.15", weights_vin),
	LUHN("za-id", "South African residents: Luhn and the day of birth", &luhn_za),
	{ NULL, NULL, NULL, NULL, false },
};
/* clang-format on */

const struct validator *
validator_find(const char *word)
{
	for (const struct validator *one = validators; one->word != NULL; one++) {
		if (strcmp(one->word, word) == 0)
			return one;
	}
	return NULL;
}

const char **
validator_words(void)
{
	const char **words = g_new0(const char *, G_N_ELEMENTS(validators));

	for (guint i = 0; validators[i].word != NULL; i++)
		words[i] = validators[i].word;
	return words;
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
		else if (!(c < 0x80 && strchr("-./+", (int)c) != NULL) && !g_unichar_isspace(c)) {
			g_string_free(out, TRUE);
			return NULL;
		}
	}
	return g_string_free(out, FALSE);
}

char *
validator_value(const struct validator *validator, const char *text, gsize size)
{
	if (validator == NULL)
		return token_fold(text, size);
	if (size > VALIDATOR_VALUE_MAX)
		return NULL;
	g_autofree char *value =
	    validator->is_verbatim ? g_strndup(text, size) : validator_digits(text, size);
	if (value == NULL || value[0] == '\0' || !validator->check(validator->row, value))
		return NULL;
	return g_steal_pointer(&value);
}
