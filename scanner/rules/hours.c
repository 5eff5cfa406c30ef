/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rules/hours.h"

#include <string.h>

#define MINUTES_A_DAY (24 * 60)

/* "HH:MM" up to and with 24:00. */
static bool
parse_time(const char *text, gsize size, guint *out)
{
	if (size != 5 || text[2] != ':' || !g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]) ||
	    !g_ascii_isdigit(text[3]) || !g_ascii_isdigit(text[4]))
		return false;
	guint hour = (guint)g_ascii_digit_value(text[0]) * 10 + (guint)g_ascii_digit_value(text[1]);
	guint minute =
	    (guint)g_ascii_digit_value(text[3]) * 10 + (guint)g_ascii_digit_value(text[4]);
	*out = hour * 60 + minute;
	return minute < 60 && *out <= MINUTES_A_DAY;
}

static bool
parse_range(const char *text, struct hours_range *out)
{
	const char *dash = strchr(text, '-');

	return dash != NULL && parse_time(text, (gsize)(dash - text), &out->from) &&
	       parse_time(dash + 1, strlen(dash + 1), &out->to) && out->from != out->to;
}

GArray *
hours_load(const struct builder *builder, const struct ini_section *section)
{
	g_auto(GStrv) items = NULL;

	if (!ini_list(section, "hours", &items, builder->problems))
		return NULL;
	GArray *hours = g_array_new(FALSE, FALSE, sizeof(struct hours_range));
	for (guint i = 0; items[i] != NULL; i++) {
		struct hours_range range;
		const struct ini_entry *entry = ini_entry(section, "hours");
		if (parse_range(items[i], &range))
			g_array_append_val(hours, range);
		else
			ini_problem(section, entry, builder_item_offset(entry->value, i),
			    builder->problems, "write 20:00-06:00", "not a range of hours");
	}
	return hours;
}

/* The zone at the end of a Date header: "+0200" in minutes; 0 where there is none. */
static int
zone_of(const char *date)
{
	for (const char *p = date; p != NULL && *p != '\0'; p++) {
		if ((*p != '+' && *p != '-') || p == date || !g_ascii_isspace(p[-1]))
			continue;
		if (strspn(p + 1, "0123456789") != 4)
			continue;
		int number = (int)g_ascii_strtoll(p + 1, NULL, 10);
		int minutes = number / 100 * 60 + number % 100;
		return *p == '-' ? -minutes : minutes;
	}
	return 0;
}

int
hours_of(const struct message *message, gint64 date)
{
	if (date == MESSAGE_NO_DATE)
		return -1;
	gint64 minutes = date / G_USEC_PER_SEC / 60 + zone_of(message_header(message, "Date"));
	return (int)((minutes % MINUTES_A_DAY + MINUTES_A_DAY) % MINUTES_A_DAY);
}

bool
hours_contain(const GArray *hours, int minute)
{
	for (guint i = 0; minute >= 0 && i < hours->len; i++) {
		const struct hours_range *range = &g_array_index(hours, struct hours_range, i);
		guint at = (guint)minute;
		bool after = at >= range->from, before = at < range->to;
		if (range->from < range->to ? after && before : after || before)
			return true;
	}
	return false;
}
