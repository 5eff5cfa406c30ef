/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * [review]: the share of mail without a flag that people look at, and how much of it a day at most.
 */
#include <string.h>

#include "daemon/config-parts.h"

#define A_DAY     200
#define A_DAY_MAX 10000
#define PPM_ALL   1000000 /* 100 % */
#define DECIMALS  4       /* behind the point of a percentage: one in a million */

static const char *const review_keys[] = { "sample", "at_most", "password", NULL };

/* "0.5 %", "0.5%" or "0.5", as parts of a million; 0: it is none of these. */
static guint
parse_percent(const char *value)
{
	g_autofree char *text = g_strdup(value);
	guint64 whole = 0, part = 0;

	if (g_str_has_suffix(text, "%"))
		text[strlen(text) - 1] = '\0';
	g_strchomp(text);
	char *point = strchr(text, '.');
	if (point != NULL) {
		*point++ = '\0';
		gsize digits = strlen(point);
		if (digits > DECIMALS ||
		    !g_ascii_string_to_unsigned(point, 10, 0, 9999, &part, NULL))
			return 0;
		for (; digits < DECIMALS; digits++)
			part *= 10;
	}
	if (!g_ascii_string_to_unsigned(text, 10, 0, 100, &whole, NULL))
		return 0;
	guint64 ppm = whole * (PPM_ALL / 100) + part;
	return ppm <= PPM_ALL ? (guint)ppm : 0;
}

void
config_read_review(
    struct config *config, const struct ini_section *section, struct problems *problems)
{
	const struct ini_entry *sample = ini_entry(section, "sample");
	guint64 at_most = A_DAY;

	ini_check_keys(section, review_keys, problems);
	config_refuse_password(section, problems);
	ini_uint(section, "at_most", 1, A_DAY_MAX, &at_most, problems);
	config->review.at_most = (guint)at_most;
	if (sample == NULL) {
		ini_problem(section, NULL, 0, problems,
		    "write sample = 0.5 %, or remove the section",
		    "[review] names no share of mail");
		return;
	}
	config->review.sample_ppm = parse_percent(sample->value);
	if (config->review.sample_ppm == 0)
		ini_problem(section, sample, 0, problems, "write sample = 0.5 %",
		    "sample: a percentage from 0.0001 to 100 is wanted");
}
