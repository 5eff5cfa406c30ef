/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is looked at as it stands in the text: zones that machines read, secrets, tokens.
 */
#include <string.h>

#include "rules/validator-inside.h"
#include "rules/validator.h"

/* --- ICAO 9303: machine readable zones --- */

/* Part 3, section 4.9: weights 7 3 1, `<` is 0, letters count from 10. */
static guint
mrz_sum(const char *text, gsize count, guint *place)
{
	static const guint8 weights[] = { 7, 3, 1 };
	guint sum = 0;

	for (gsize i = 0; i < count; i++) {
		char c = text[i];
		guint value = g_ascii_isdigit(c) ? (guint)(c - '0')
			      : c == '<'         ? 0
						 : (guint)(c - 'A' + 10);
		sum += value * weights[(*place)++ % 3];
	}
	return sum;
}

static bool
mrz_holds(const char *text, gsize count, char check)
{
	guint place = 0;

	return mrz_sum(text, count, &place) % 10 == (guint)(check - '0') && g_ascii_isdigit(check);
}

/* The last lines of passports and of cards with two lines differ in length alone. */
static bool
is_two_lines(const char *line, gsize length)
{
	guint place = 0;

	if (!mrz_holds(line, 9, line[9]) || !mrz_holds(line + 13, 6, line[19]) ||
	    !mrz_holds(line + 21, 6, line[27]))
		return false;
	guint sum = mrz_sum(line, 10, &place);
	sum += mrz_sum(line + 13, 7, &place);
	sum += mrz_sum(line + 21, length - 22, &place);
	return sum % 10 == (guint)(line[length - 1] - '0');
}

static bool
is_three_lines(const char *first, const char *second)
{
	guint place = 0;

	if (!mrz_holds(first + 5, 9, first[14]) || !mrz_holds(second, 6, second[6]) ||
	    !mrz_holds(second + 8, 6, second[14]))
		return false;
	guint sum = mrz_sum(first + 5, 25, &place);
	sum += mrz_sum(second, 7, &place);
	sum += mrz_sum(second + 8, 7, &place);
	sum += mrz_sum(second + 18, 11, &place);
	return sum % 10 == (guint)(second[29] - '0');
}

bool
validator_mrz(const void *row, const char *value)
{
	g_autoptr(GString) text = g_string_new(NULL);

	(void)row;
	for (const char *p = value; *p != '\0'; p++) {
		if (g_ascii_isupper(*p) || g_ascii_isdigit(*p) || *p == '<')
			g_string_append_c(text, *p);
		else if (!g_ascii_isspace(*p) && *p != '>' && *p != '|')
			return false;
	}
	switch (text->len) {
	case 88:
		return is_two_lines(text->str + 44, 44);
	case 72:
		return is_two_lines(text->str + 36, 36);
	case 90:
		return is_three_lines(text->str, text->str + 30);
	default:
		return false;
	}
}

/* --- ISO/IEC 7813: what the stripe of a card holds --- */

bool
validator_track(const void *row, const char *value)
{
	const char *start = value + strcspn(value, "0123456789");
	gsize length = strspn(start, "0123456789 ");
	const char *end = strpbrk(start + length, "^=");
	g_autofree char *number = validator_digits(start, length);

	(void)row;
	if (end == NULL || number == NULL || !validator_card(NULL, number))
		return false;
	/* Track 1 has the name between two marks, track 2 has none. */
	const char *date = *end == '^' ? strchr(end + 1, '^') : end;
	if (date == NULL || strspn(date + 1, "0123456789") < 4)
		return false;
	guint month = validator_number(date + 1, 2, 2);
	return month >= 1 && month <= 12;
}

/* --- secrets --- */

/* What stands for a secret in documents, forms and questions. */
static const char *const placeholders[] = { "example", "xxxx", "****", "....", "1234567", "abcdef",
	"changeme", "your", "placeholder", "redacted", "dummy", "sample", "insert", "<", NULL };

static bool
is_placeholder(const char *text)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);

	for (guint i = 0; placeholders[i] != NULL; i++) {
		if (strstr(lower, placeholders[i]) != NULL)
			return true;
	}
	return false;
}

static guint
distinct_of(const char *text)
{
	bool seen[256] = { false };
	guint count = 0;

	for (const char *p = text; *p != '\0'; p++) {
		count += !seen[(guchar)*p];
		seen[(guchar)*p] = true;
	}
	return count;
}

/* The longest stretch of one character. */
static guint
run_of(const char *text)
{
	guint longest = 0, run = 0;

	for (const char *p = text; *p != '\0'; p++) {
		run = p > text && p[-1] == *p ? run + 1 : 1;
		longest = MAX(longest, run);
	}
	return longest;
}

/*
 * Random text of n characters has many different ones: a third of n, or twelve, are fewer than
 * chance gives but for one in a million, and more than words of filling have.
 */
static bool
looks_random(const char *text)
{
	gsize length = strlen(text);

	return length >= 8 && distinct_of(text) >= MIN(12, length / 3 + 2) && run_of(text) < 5 &&
	       !is_placeholder(text);
}

/* The prefix is a part of what is weighed: it says nothing against a token. */
bool
validator_token(const void *row, const char *value)
{
	(void)row;
	return looks_random(value);
}

/*
 * GitHub's and npm's tokens: thirty characters, and their CRC-32 in base 62 as six more, behind a
 * prefix that ends with an underscore.
 */
bool
validator_crc_token(const void *row, const char *value)
{
	static const char symbols[] =
	    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *tail = strrchr(value, '_');
	guint32 crc = G_MAXUINT32;

	(void)row;
	if (tail == NULL || strlen(++tail) != 36)
		return false;
	for (guint i = 0; i < 30; i++) {
		crc ^= (guchar)tail[i];
		for (guint bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	crc = ~crc;
	for (guint i = 35; i >= 30; i--, crc /= 62) {
		if (tail[i] != symbols[crc % 62])
			return false;
	}
	return true;
}

/* RFC 7519: the first part is a JSON object that names an algorithm. */
bool
validator_jwt(const void *row, const char *value)
{
	g_autofree char *head = g_strndup(value, strcspn(value, "."));
	gsize size = 0;

	(void)row;
	g_strdelimit(head, "-", '+');
	g_strdelimit(head, "_", '/');
	g_autofree char *padded = g_strconcat(head, &"===="[(strlen(head) + 3) % 4 + 1], NULL);
	g_autofree guchar *json = g_base64_decode(padded, &size);
	g_autofree char *text = g_strndup((const char *)json, size);
	return text[0] == '{' && strstr(text, "\"alg\"") != NULL && looks_random(value);
}

/*
 * What is said behind "password:": letters of two kinds at least, and none of the words that
 * follow it in ordinary sentences. The value is the last word of the match.
 */
bool
validator_secret(const void *row, const char *value)
{
	static const char *const words[] = { "protected", "required", "reset", "expired",
		"incorrect", "null", "none", "true", "false", "undefined", "getpass", "hidden",
		"http", "@", "password", "passwort", "kennwort", NULL };
	const char *last = value;
	guint lower = 0, upper = 0, digit = 0, other = 0;

	(void)row;
	for (const char *p = value; *p != '\0'; p++) {
		if (g_ascii_isspace(*p))
			last = p + 1;
	}
	/* "pw=secret" has no blank. */
	if (last == value || strpbrk(value, " \t\n") == NULL)
		last = strpbrk(value, ":=") != NULL ? strpbrk(value, ":=") + 1 : value;
	last += strspn(last, "\"'");
	gsize length = strcspn(last, "\"'");
	g_autofree char *secret = g_strndup(last, length);
	g_autofree char *folded = g_ascii_strdown(secret, -1);
	for (guint i = 0; words[i] != NULL; i++) {
		if (strstr(folded, words[i]) != NULL)
			return false;
	}
	for (const char *p = secret; *p != '\0'; p++) {
		lower += g_ascii_islower(*p) != 0;
		upper += g_ascii_isupper(*p) != 0;
		digit += g_ascii_isdigit(*p) != 0;
		other += !g_ascii_isalnum(*p);
	}
	guint kinds = (lower > 0) + (upper > 0) + (digit > 0) + (other > 0);
	/* "Monday." and "Thanks!" are words; a capital at the start alone is no second kind. */
	if (digit == 0 && (other <= 1 || kinds < 3) && !(upper > 1 && lower > 1))
		return false;
	return length >= 6 && length <= 64 && kinds >= 2 && !is_placeholder(secret);
}
