/* SPDX-License-Identifier: GPL-3.0-or-later */
/* redeliver - see redeliver.h. Sends nothing: that is the mailer's. */
#include "deliver/redeliver.h"

#include <string.h>

#include "base/fault.h"
#include "deliver/smtp.h"

static bool
check(const char *address, GError **error)
{
	const char *wrong = smtp_check_address(address);

	if (wrong == NULL)
		return true;
	g_autofree char *shown = g_strescape(address, NULL);
	g_set_error(error, FAULT, FAULT_CONFIG, "the address '%s' %s", shown, wrong);
	return false;
}

/* RFC 5322 section 3.3; names of days and months are English whatever the locale is. */
static char *
date_text(gint64 date)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(date / G_USEC_PER_SEC);

	return g_strdup_printf("%s, %d %s %04d %02d:%02d:%02d +0000",
	    days[g_date_time_get_day_of_week(utc) - 1], g_date_time_get_day_of_month(utc),
	    months[g_date_time_get_month(utc) - 1], g_date_time_get_year(utc),
	    g_date_time_get_hour(utc), g_date_time_get_minute(utc), g_date_time_get_second(utc));
}

static bool
add_fields(const struct redeliver *redeliver, GByteArray *out, GError **error)
{
	g_autofree char *date = date_text(redeliver->date);
	g_autoptr(GString) to = g_string_new(NULL);
	const char *domain = strrchr(redeliver->from, '@');

	if (!check(redeliver->from, error))
		return false;
	for (guint i = 0; redeliver->to[i] != NULL; i++) {
		if (!check(redeliver->to[i], error))
			return false;
		g_string_append_printf(to, "%s%s", i > 0 ? ",\r\n " : "", redeliver->to[i]);
	}
	g_autofree char *fields =
	    g_strdup_printf("Resent-Date: %s\r\nResent-From: %s\r\nResent-To: %s\r\n"
			    "Resent-Message-ID: <redelivered.%s%s>\r\n" REDELIVER_MARK ": %s\r\n",
		date, redeliver->from, to->str, redeliver->token, domain, redeliver->sha256);
	g_byte_array_append(out, (const guint8 *)fields, (guint)strlen(fields));
	return true;
}

/* With a CR before each LF that has none. */
static bool
add_lines(GByteArray *out, const guint8 *data, gsize size)
{
	bool changed = false;

	for (gsize at = 0; at < size;) {
		const guint8 *end = memchr(data + at, '\n', size - at);
		gsize line = end != NULL ? (gsize)(end - data) - at : size - at;
		g_byte_array_append(out, data + at, (guint)line);
		at += line;
		if (end == NULL)
			break;
		bool bare = line == 0 || data[at - 1] != '\r';
		changed |= bare;
		g_byte_array_append(out, (const guint8 *)"\r\n" + !bare, bare ? 2 : 1);
		at++;
	}
	return changed;
}

GBytes *
redeliver_message(const struct redeliver *redeliver, GBytes *copy, bool *changed, GError **error)
{
	g_autoptr(GByteArray) out = g_byte_array_new();
	gsize size;
	const guint8 *data = g_bytes_get_data(copy, &size);

	if (size > G_MAXUINT32 / 4) {
		g_set_error(error, FAULT, FAULT_DATA, "too large to be sent by mail");
		return NULL;
	}
	if (!add_fields(redeliver, out, error))
		return NULL;
	*changed = add_lines(out, data, size);
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

bool
redeliver_is_marked(GBytes *copy)
{
	static const char mark[] = REDELIVER_MARK ":";
	gsize size;
	const char *data = g_bytes_get_data(copy, &size);

	for (gsize at = 0; at < size;) {
		const char *end = memchr(data + at, '\n', size - at);
		gsize next = end != NULL ? (gsize)(end - data) + 1 : size;
		if (data[at] == '\n' || (data[at] == '\r' && next == at + 2))
			return false;
		if (next - at > strlen(mark) &&
		    g_ascii_strncasecmp(data + at, mark, strlen(mark)) == 0)
			return true;
		at = next;
	}
	return false;
}
