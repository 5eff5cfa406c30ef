/* SPDX-License-Identifier: GPL-3.0-or-later */
/* date - see date.h. */
#include "worker/date.h"

#include <string.h>

#include "mail/message.h"

#define WORDS_MAX 64 /* looked at; a date has eight, and programs add comments */
#define WORD_MAX  16
#define NONE      (-1)

struct parsed {
	int day, month, year, hour, minute, second;
	int zone; /* minutes east of UTC */
};

/* RFC 5322 section 4.3. */
static const struct {
	const char *name;
	int minutes;
} zones[] = { { "ut", 0 }, { "utc", 0 }, { "gmt", 0 }, { "z", 0 }, { "est", -300 }, { "edt", -240 },
	{ "cst", -360 }, { "cdt", -300 }, { "mst", -420 }, { "mdt", -360 }, { "pst", -480 },
	{ "pdt", -420 } };

/* The number of at most max digits at the start of a word; NONE for none. *at moves behind it. */
static int
number(const char **at, guint max)
{
	int value = 0;
	guint n = 0;

	for (; n < max && g_ascii_isdigit(**at); n++)
		value = value * 10 + g_ascii_digit_value(*(*at)++);
	return n > 0 && !g_ascii_isdigit(**at) ? value : NONE;
}

/* RFC 5322 section 4.3: two digits are 1950 to 2049, three are since 1900. */
static void
take_number(struct parsed *out, const char *word)
{
	gsize digits = strlen(word);
	int value = number(&word, 4);

	if (value == NONE || *word != '\0')
		return;
	if (out->day == NONE && digits <= 2)
		out->day = value;
	else if (out->year == NONE && digits >= 2)
		out->year = digits == 2   ? value + (value < 50 ? 2000 : 1900)
			    : digits == 3 ? value + 1900
					  : value;
}

static void
take_zone(struct parsed *out, const char *word)
{
	int sign = word[0] == '-' ? -1 : 1, value;

	if (word[0] == '+' || word[0] == '-') {
		word++;
		value = number(&word, 4);
		if (value != NONE && *word == '\0' && value % 100 < 60)
			out->zone = sign * (value / 100 * 60 + value % 100);
		return;
	}
	if (g_ascii_strcasecmp(word, "pm") == 0 && out->hour < 12)
		out->hour += 12;
	else if (g_ascii_strcasecmp(word, "am") == 0 && out->hour == 12)
		out->hour = 0;
	for (gsize i = 0; i < G_N_ELEMENTS(zones); i++) {
		if (g_ascii_strcasecmp(zones[i].name, word) == 0)
			out->zone = zones[i].minutes;
	}
}

/* Also with the zone right behind it; a fraction of a second is let go. */
static bool
take_time(struct parsed *out, const char *word)
{
	out->hour = number(&word, 2);
	if (*word++ != ':')
		return false;
	out->minute = number(&word, 2);
	out->second = 0;
	if (*word == ':') {
		word++;
		out->second = number(&word, 2);
	}
	if (strchr("+-", *word) != NULL && *word != '\0')
		take_zone(out, word);
	else if (*word != '\0' && *word != '.')
		return false;
	/* RFC 5322 allows a leap second; a GDateTime does not. */
	out->second = MIN(out->second, 59);
	return out->hour >= 0 && out->hour < 24 && out->minute >= 0 && out->minute < 60 &&
	       out->second >= 0;
}

static int
month_of(const char *word)
{
	static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (strlen(word) < 3)
		return NONE;
	for (int i = 0; i < 12; i++) {
		if (g_ascii_strncasecmp(word, months + 3 * i, 3) == 0)
			return i + 1;
	}
	return NONE;
}

static void
take_word(struct parsed *out, const char *word)
{
	struct parsed time = *out;

	if (out->hour == NONE && strchr(word, ':') != NULL) {
		if (take_time(&time, word))
			*out = time;
	} else if (out->hour != NONE &&
		   (word[0] == '+' || word[0] == '-' || g_ascii_isalpha(word[0]))) {
		take_zone(out, word);
	} else if (g_ascii_isdigit(word[0])) {
		take_number(out, word);
	} else if (out->month == NONE) {
		out->month = month_of(word);
	}
}

/* Behind comments (which nest), blanks and commas. */
static const char *
skip(const char *raw)
{
	guint depth = 0;

	for (; *raw != '\0'; raw++) {
		if (*raw == '(')
			depth++;
		else if (*raw == ')' && depth > 0)
			depth--;
		else if (depth == 0 && strchr(" \t\r\n,", *raw) == NULL)
			break;
	}
	return raw;
}

/* 2026-11-22T09:02:05Z, which is no mail's form and stands in some. */
static gint64
of_iso(const char *raw)
{
	g_autofree char *word = g_strndup(raw, strcspn(raw, " \t\r\n("));
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) date = g_date_time_new_from_iso8601(word, utc);

	return date != NULL ? g_date_time_to_unix(date) * G_USEC_PER_SEC : MESSAGE_NO_DATE;
}

gint64
date_parse(const char *raw)
{
	struct parsed parsed = { NONE, NONE, NONE, NONE, NONE, NONE, 0 };
	bool dashes = false;

	raw = skip(raw);
	if (strspn(raw, "0123456789") == 4 && raw[4] == '-')
		return of_iso(raw);
	for (guint n = 0; n < WORDS_MAX && *raw != '\0'; n++, raw = skip(raw)) {
		gsize size = strcspn(raw, " \t\r\n,(");
		char word[WORD_MAX];
		/* 22-Nov-2026, as some programs write it. */
		gsize dash =
		    g_ascii_isalnum(*raw) && parsed.hour == NONE ? strcspn(raw, "-") : size;
		dashes = dash < size;
		size = MIN(size, dash);
		g_strlcpy(word, raw, MIN(size + 1, sizeof word));
		take_word(&parsed, word);
		raw += size + dashes;
	}
	if (parsed.day == NONE || parsed.month == NONE || parsed.year == NONE)
		return MESSAGE_NO_DATE;
	/* A day whose time cannot be read is a day all the same. */
	if (parsed.hour == NONE)
		parsed.hour = parsed.minute = parsed.second = 0;
	g_autoptr(GDateTime) date = g_date_time_new_utc(
	    parsed.year, parsed.month, parsed.day, parsed.hour, parsed.minute, parsed.second);
	if (date == NULL)
		return MESSAGE_NO_DATE;
	return (g_date_time_to_unix(date) - parsed.zone * G_GINT64_CONSTANT(60)) * G_USEC_PER_SEC;
}
