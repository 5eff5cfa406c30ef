/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done with a file once it is read: look-up, problems at the right place, and strict
 * converters. None of them guesses: "on", "010" and "10MB" are problems, not values.
 */
#include <string.h>

#include "base/ini.h"

#define KIB (G_GUINT64_CONSTANT(1) << 10)
#define MIB (G_GUINT64_CONSTANT(1) << 20)
#define GIB (G_GUINT64_CONSTANT(1) << 30)

struct unit {
	char letter;
	guint64 factor;
};

/* Largest first; ends with a factor of 0. */
static const struct unit size_units[] = { { 'G', GIB }, { 'M', MIB }, { 'k', KIB }, { 0, 0 } };
static const struct unit time_units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 },
	{ 0, 0 } };

const struct ini_entry *
ini_entry(const struct ini_section *section, const char *key)
{
	return g_hash_table_lookup(section->index, key);
}

const char *
ini_get(const struct ini_section *section, const char *key)
{
	const struct ini_entry *entry = ini_entry(section, key);

	return entry != NULL ? entry->value : NULL;
}

static void
add_problem(const struct ini_section *section, const struct ini_entry *entry, gsize offset,
    struct problems *problems, enum problem_level level, const char *mend, const char *text)
{
	guint line = entry != NULL ? entry->line : section->line;
	guint column = entry != NULL ? entry->column + (guint)offset : 1;
	g_autofree char *source = ini_line(section->ini, line);

	problems_add(
	    problems, level, ini_name(section->ini), line, column, source, mend, "%s", text);
}

void
ini_problem(const struct ini_section *section, const struct ini_entry *entry, gsize offset,
    struct problems *problems, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	add_problem(section, entry, offset, problems, PROBLEM_ERROR, mend, text);
}

void
ini_warning(const struct ini_section *section, const struct ini_entry *entry,
    struct problems *problems, const char *mend, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_autofree char *text = g_strdup_vprintf(format, args);
	va_end(args);
	add_problem(section, entry, 0, problems, PROBLEM_WARNING, mend, text);
}

/* "pattern.*" knows "pattern.1", but neither "pattern" nor "pattern.". */
static bool
key_matches(const char *key, const char *known)
{
	gsize stem = strlen(known);

	if (!g_str_has_suffix(known, ".*"))
		return strcmp(key, known) == 0;
	return strncmp(key, known, stem - 1) == 0 && key[stem - 1] != '\0';
}

/* The known keys as they could have been meant: "pattern.*" with the key's own number. */
static GPtrArray *
meant(const char *key, const char *const *known)
{
	GPtrArray *candidates = g_ptr_array_new_with_free_func(g_free);
	const char *dot = strrchr(key, '.');

	for (; *known != NULL; known++) {
		char *candidate = g_strdup(*known);
		if (g_str_has_suffix(candidate, ".*")) {
			candidate[strlen(candidate) - 2] = '\0';
			char *numbered =
			    g_strconcat(candidate, dot != NULL && dot[1] ? dot : ".1", NULL);
			g_free(candidate);
			candidate = numbered;
		}
		g_ptr_array_add(candidates, candidate);
	}
	g_ptr_array_add(candidates, NULL);
	return candidates;
}

static void
report_unknown(const struct ini_section *section, const struct ini_entry *entry,
    const char *const *known, struct problems *problems)
{
	g_autoptr(GPtrArray) candidates = meant(entry->key, known);
	g_autofree char *source = ini_line(section->ini, entry->line);
	const char *near = problem_did_you_mean(entry->key, (const char *const *)candidates->pdata);
	g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near) : NULL;

	problems_add(problems, PROBLEM_ERROR, ini_name(section->ini), entry->line,
	    (guint)strspn(source, " \t") + 1, source, mend, "unknown key %s in [%s]", entry->key,
	    section->name);
}

void
ini_check_keys(
    const struct ini_section *section, const char *const *known, struct problems *problems)
{
	for (guint i = 0; i < section->entries->len; i++) {
		const struct ini_entry *entry = g_ptr_array_index(section->entries, i);
		bool found = false;
		for (const char *const *k = known; *k != NULL && !found; k++)
			found = key_matches(entry->key, *k);
		if (!found)
			report_unknown(section, entry, known, problems);
	}
}

bool
ini_choice(const struct ini_section *section, const char *key, const char *const *words, guint *out,
    struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL)
		return false;
	for (guint i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], entry->value) == 0) {
			*out = i;
			return true;
		}
	}
	const char *near = problem_did_you_mean(entry->value, words);
	g_autofree char *all = g_strjoinv(", ", (char **)words);
	g_autofree char *mend = near != NULL ? g_strdup_printf("did you mean %s?", near)
					     : g_strdup_printf("write one of: %s", all);
	ini_problem(section, entry, 0, problems, mend, "%s: '%s' is not known", key, entry->value);
	return false;
}

bool
ini_bool(const struct ini_section *section, const char *key, bool *out, struct problems *problems)
{
	static const char *const words[] = { "no", "yes", NULL };
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL)
		return false;
	for (guint i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], entry->value) == 0) {
			*out = i == 1;
			return true;
		}
	}
	ini_problem(
	    section, entry, 0, problems, "write yes or no", "%s is neither yes nor no", key);
	return false;
}

/* Reads digits, without sign, blanks or a leading zero, and stops behind them. */
static bool
take_digits(const char **at, guint64 *out)
{
	const char *p = *at;
	guint64 number = 0;

	if (!g_ascii_isdigit(*p) || (*p == '0' && g_ascii_isdigit(p[1])))
		return false;
	for (; g_ascii_isdigit(*p); p++) {
		if (!g_uint64_checked_mul(&number, number, 10) ||
		    !g_uint64_checked_add(&number, number, (guint64)g_ascii_digit_value(*p)))
			return false;
	}
	*at = p;
	*out = number;
	return true;
}

/* In the largest unit that divides it. */
static char *
print_amount(guint64 number, const struct unit *units)
{
	for (; units != NULL && units->factor != 0; units++) {
		if (number > 0 && number % units->factor == 0)
			return g_strdup_printf(
			    "%" G_GUINT64_FORMAT "%c", number / units->factor, units->letter);
	}
	return g_strdup_printf("%" G_GUINT64_FORMAT, number);
}

/* The three kinds of number: units NULL for plain ones. */
struct amount {
	const struct unit *units;
	bool needs_unit;
	const char *mend;
};

static bool
parse_amount(const char *text, const struct amount *amount, guint64 *out)
{
	guint64 number;

	if (!take_digits(&text, &number))
		return false;
	if (*text == '\0') {
		*out = number;
		return !amount->needs_unit;
	}
	for (const struct unit *u = amount->units; u != NULL && u->factor != 0; u++) {
		if (text[0] == u->letter && text[1] == '\0')
			return g_uint64_checked_mul(out, number, u->factor);
	}
	return false;
}

static bool
take_amount(const struct ini_section *section, const char *key, const struct amount *amount,
    guint64 min, guint64 max, guint64 *out, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, key);
	guint64 number;

	if (entry == NULL)
		return false;
	if (!parse_amount(entry->value, amount, &number)) {
		ini_problem(section, entry, 0, problems, amount->mend, "%s: not a %s", key,
		    amount->units == NULL ? "number"
		    : amount->needs_unit  ? "duration"
					  : "size");
		return false;
	}
	if (number < min || number > max) {
		g_autofree char *low = print_amount(min, amount->units);
		g_autofree char *high = print_amount(max, amount->units);
		g_autofree char *mend = g_strdup_printf("from %s to %s", low, high);
		ini_problem(section, entry, 0, problems, mend, "%s is out of range", key);
		return false;
	}
	*out = number;
	return true;
}

bool
ini_uint(const struct ini_section *section, const char *key, guint64 min, guint64 max, guint64 *out,
    struct problems *problems)
{
	static const struct amount plain = { NULL, false, "write digits only, such as 10" };

	return take_amount(section, key, &plain, min, max, out, problems);
}

bool
ini_size(const struct ini_section *section, const char *key, guint64 min, guint64 max, guint64 *out,
    struct problems *problems)
{
	static const struct amount size = { size_units, false,
		"write bytes, or a number with k, M or G, such as 100M" };

	return take_amount(section, key, &size, min, max, out, problems);
}

bool
ini_duration(const struct ini_section *section, const char *key, guint64 min, guint64 max,
    guint64 *out, struct problems *problems)
{
	static const struct amount duration = { time_units, true,
		"write a number with s, m, h or d, such as 10m" };

	return take_amount(section, key, &duration, min, max, out, problems);
}

bool
ini_list(const struct ini_section *section, const char *key, GStrv *out, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL)
		return false;
	g_auto(GStrv) items = g_strsplit(entry->value, ",", -1);
	gsize offset = 0;
	for (gsize i = 0; items[i] != NULL; i++) {
		gsize width = strlen(items[i]);
		if (*g_strstrip(items[i]) == '\0') {
			ini_problem(section, entry, offset, problems,
			    "leave out the needless comma", "%s: an empty item", key);
			return false;
		}
		offset += width + 1;
	}
	*out = g_steal_pointer(&items);
	return true;
}

static bool
parse_date(const char *text, guint32 *out)
{
	if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
		return false;
	for (gsize i = 0; i < 10; i++) {
		if (i != 4 && i != 7 && !g_ascii_isdigit(text[i]))
			return false;
	}
	guint year = (guint)g_ascii_strtoull(text, NULL, 10);
	guint month = (guint)g_ascii_strtoull(text + 5, NULL, 10);
	guint day = (guint)g_ascii_strtoull(text + 8, NULL, 10);
	if (!g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return false;
	GDate date;
	g_date_clear(&date, 1);
	g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	*out = g_date_get_julian(&date);
	return true;
}

bool
ini_date(
    const struct ini_section *section, const char *key, guint32 *out, struct problems *problems)
{
	const struct ini_entry *entry = ini_entry(section, key);

	if (entry == NULL)
		return false;
	if (parse_date(entry->value, out))
		return true;
	ini_problem(section, entry, 0, problems, "write YYYY-MM-DD, such as 2026-09-30",
	    "%s: not a date of the calendar", key);
	return false;
}
