/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Never guesses: what could be two days is refused.
 */
#include "base/when.h"

#include <string.h>

#include "base/clock.h"
#include "base/fault.h"

#define TEXT_MAX 40 /* bytes */
#define WORDS    3
#define FORMS    "write 2026-05-30, 30.5.2026, May 30, 2026-05, yesterday or 7d"

static const char *const months[] = { "january", "february", "march", "april", "may", "june",
	"july", "august", "september", "october", "november", "december" };
static const char *const weekdays[] = { "monday", "tuesday", "wednesday", "thursday", "friday",
	"saturday", "sunday" };

/* What a text says of a day; 0: nothing. */
struct day {
	int year, month, day;
};

static gint64
micros(GDateTime *at)
{
	return g_date_time_to_unix(at) * G_USEC_PER_SEC;
}

/* Its first instant; false when there is no such day. */
static bool
midnight(const struct day *day, GTimeZone *zone, gint64 *out)
{
	g_autoptr(GDateTime) at =
	    clock_midnight(zone, day->year, MAX(day->month, 1), MAX(day->day, 1));

	if (at == NULL)
		return false;
	*out = micros(at);
	return true;
}

/* The day, month or year that begins at day. */
static bool
stretch(const struct day *day, GTimeZone *zone, gint64 *from, gint64 *to)
{
	g_autoptr(GDateTime) at =
	    g_date_time_new_utc(day->year, MAX(day->month, 1), MAX(day->day, 1), 0, 0, 0);

	if (at == NULL)
		return false;
	g_autoptr(GDateTime) end = g_date_time_add_full(
	    at, day->month == 0, day->month != 0 && day->day == 0, day->day != 0, 0, 0, 0);
	if (end == NULL)
		return false;
	const struct day next = { g_date_time_get_year(end), g_date_time_get_month(end),
		g_date_time_get_day_of_month(end) };
	return midnight(day, zone, from) && midnight(&next, zone, to);
}

/* The last one that has begun by now. */
static bool
without_year(struct day *day, GTimeZone *zone, gint64 *from, gint64 *to)
{
	gint64 now = clock_now(), begin;
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
	g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);

	/* February 29 may lie some years back. */
	day->year = g_date_time_get_year(local);
	for (guint i = 0; i < 9; i++, day->year--) {
		if (midnight(day, zone, &begin) && begin <= now)
			return stretch(day, zone, from, to);
	}
	return false;
}

static int
name_index(const char *word, const char *const *names, gsize n)
{
	gsize size = strlen(word);

	if (size > 3 && word[size - 1] == '.')
		size--;
	for (gsize i = 0; size >= 3 && i < n; i++) {
		if (size <= strlen(names[i]) && strncmp(word, names[i], size) == 0)
			return (int)i;
	}
	return -1;
}

/* Digits alone, at most four; "30.", "30," and "30th" are 30. */
static int
number(const char *word)
{
	gsize digits = strspn(word, "0123456789");
	static const char *const ends[] = { "", ".", ",", "st", "nd", "rd", "th", NULL };

	if (digits == 0 || digits > 4 || !g_strv_contains(ends, word + digits))
		return -1;
	return (int)g_ascii_strtoll(word, NULL, 10);
}

/* May 30, 30 May, May 2026, May 30 2026, 30. May 2026 */
static bool
parse_names(char **words, guint n, struct day *day)
{
	for (guint i = 0; i < n; i++) {
		int month = name_index(words[i], months, G_N_ELEMENTS(months)), value;
		if (month >= 0 && day->month == 0)
			day->month = month + 1;
		else if ((value = number(words[i])) < 0)
			return false;
		else if (value > 31 && day->year == 0)
			day->year = value;
		else if (value >= 1 && value <= 31 && day->day == 0)
			day->day = value;
		else
			return false;
	}
	return day->month != 0 && (day->year == 0 || day->year >= 1000);
}

/* Numbers between separators of one kind. */
static guint
split_numbers(const char *text, char separator, int out[3])
{
	guint n = 0;

	for (;; n++) {
		gsize digits = strspn(text, "0123456789");
		if (n == 3 || digits == 0 || digits > 4)
			return 0;
		out[n] = (int)g_ascii_strtoll(text, NULL, 10);
		text += digits;
		if (*text == '\0')
			return n + 1;
		if (*text++ != separator)
			return 0;
		if (*text == '\0' && separator == '.')
			return n + 1;
	}
}

enum numbers { NO_NUMBERS, NUMBERS, UNCLEAR };

static enum numbers
slashes(const int n[3], struct day *day)
{
	if (n[0] >= 1000) {
		*day = (struct day){ n[0], n[1], n[2] };
		return NUMBERS;
	}
	if (n[2] < 1000 || (n[0] <= 12 && n[1] <= 12 && n[0] != n[1]))
		return UNCLEAR;
	*day = n[0] > 12 ? (struct day){ n[2], n[1], n[0] } : (struct day){ n[2], n[0], n[1] };
	return NUMBERS;
}

static enum numbers
parse_numbers(const char *text, struct day *day)
{
	int n[3];
	guint count;

	if ((count = split_numbers(text, '.', n)) == 2 || (count == 3 && n[2] >= 1000)) {
		*day = (struct day){ count == 3 ? n[2] : 0, n[1], n[0] };
		return n[1] != 0 && n[0] != 0 ? NUMBERS : NO_NUMBERS;
	}
	if (count == 1 && n[0] >= 1000) {
		day->year = n[0];
		return NUMBERS;
	}
	if (split_numbers(text, '/', n) == 3)
		return slashes(n, day);
	count = split_numbers(text, '-', n);
	if (count < 2 || n[0] < 1000 || n[1] == 0 || (count == 3 && n[2] == 0))
		return NO_NUMBERS;
	*day = (struct day){ n[0], n[1], count == 3 ? n[2] : 0 };
	return NUMBERS;
}

static bool
parse_weekday(const char *text, GTimeZone *zone, gint64 *from, gint64 *to)
{
	int wanted = name_index(text, weekdays, G_N_ELEMENTS(weekdays));

	clock_day(clock_now(), zone, from, to);
	for (guint i = 0; wanted >= 0 && i < 7; i++) {
		g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(*from / G_USEC_PER_SEC);
		g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
		if (g_date_time_get_day_of_week(local) == wanted + 1)
			return true;
		clock_day(*from - 1, zone, from, to);
	}
	return false;
}

static bool
parse_word(const char *text, GTimeZone *zone, gint64 *from, gint64 *to)
{
	if (strcmp(text, "now") == 0) {
		*from = *to = clock_now();
		return true;
	}
	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		clock_day(clock_now(), zone, from, to);
		if (text[0] == 'y')
			clock_day(*from - 1, zone, from, to);
		return true;
	}
	return parse_weekday(text, zone, from, to);
}

/* What clock_parse reads beside days; a distance reaches until now. */
static bool
parse_instant(const char *text, GTimeZone *zone, gint64 *from, gint64 *to)
{
	gsize size = strlen(text), digits = strspn(text, "0123456789");
	g_autofree char *upper = g_ascii_strup(text, -1);
	bool distance = digits > 0 && digits <= 4 && digits + 1 == size;

	if (distance && text[digits] == 'w') {
		*from = clock_now() - g_ascii_strtoll(text, NULL, 10) * 7 * G_TIME_SPAN_DAY;
	} else if (!clock_parse(distance ? text : upper, zone, from, NULL)) {
		return false;
	}
	*to = distance ? clock_now() : *from + (size >= 19 ? G_USEC_PER_SEC : G_TIME_SPAN_MINUTE);
	return true;
}

static bool
parse_day(const char *text, GTimeZone *zone, gint64 *from, gint64 *to, enum numbers *numbers)
{
	g_auto(GStrv) split = g_strsplit_set(text, " _", WORDS + 1);
	guint n = g_strv_length(split);
	struct day day = { 0 };

	*numbers = parse_numbers(text, &day);
	if (*numbers != NUMBERS && (n > WORDS || !parse_names(split, n, &day)))
		return false;
	return day.year == 0 ? without_year(&day, zone, from, to) : stretch(&day, zone, from, to);
}

bool
when_parse(const char *text, GTimeZone *zone, gint64 *from, gint64 *to, GError **error)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	GTimeZone *where = zone != NULL ? zone : utc;
	g_autofree char *lower = g_ascii_strdown(text, -1);
	enum numbers numbers = NO_NUMBERS;

	g_strstrip(lower);
	if (strlen(lower) <= TEXT_MAX && g_utf8_validate(lower, -1, NULL) &&
	    (parse_word(lower, where, from, to) || parse_day(lower, where, from, to, &numbers) ||
		parse_instant(lower, where, from, to)))
		return true;
	if (numbers == UNCLEAR)
		g_set_error(error, FAULT, FAULT_USAGE,
		    "'%.40s' may be two days: write it as 2026-05-30", text);
	else
		g_set_error(error, FAULT, FAULT_USAGE, "'%.40s' is not a time: " FORMS, text);
	return false;
}
