/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RFC 4155, with the quoting that can be taken back (mboxrd): a '>' before each line that is "From
 * " behind any number of them, also where there is none.
 */
#include <string.h>

#include "base/clock.h"
#include "cmd/bundle-parts.h"

static bool
begins_like_one(const char *line, gsize size)
{
	while (size > 0 && line[0] == '>') {
		line++;
		size--;
	}
	return size >= 5 && memcmp(line, "From ", 5) == 0;
}

GString *
bundle_mbox(const struct view_message *message, GBytes *bytes)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	g_autoptr(GDateTime) at =
	    g_date_time_new_from_unix_utc(bundle_time(message) / G_USEC_PER_SEC);
	gsize size;
	const char *data = g_bytes_get_data(bytes, &size);
	GString *out = g_string_sized_new(size + size / 64 + 64);

	g_string_append(out, "From MAILER-DAEMON ");
	if (at != NULL && g_date_time_get_year(at) >= 1970)
		g_string_append_printf(out, "%s %s %2d %02d:%02d:%02d %d\n",
		    days[g_date_time_get_day_of_week(at) - 1],
		    months[g_date_time_get_month(at) - 1], g_date_time_get_day_of_month(at),
		    g_date_time_get_hour(at), g_date_time_get_minute(at),
		    g_date_time_get_second(at), g_date_time_get_year(at));
	else
		g_string_append(out, "Thu Jan  1 00:00:00 1970\n");
	for (gsize from = 0; from < size;) {
		const char *end = memchr(data + from, '\n', size - from);
		gsize next = end != NULL ? (gsize)(end - data) + 1 : size;
		if (begins_like_one(data + from, next - from))
			g_string_append_c(out, '>');
		g_string_append_len(out, data + from, (gssize)(next - from));
		from = next;
	}
	if (size > 0 && data[size - 1] != '\n')
		g_string_append_c(out, '\n');
	g_string_append_c(out, '\n');
	return out;
}
