/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Names that every file system takes, that say what is in the file, and that cannot leave the
 * folder: letters and digits of ASCII and a few signs.
 */
#include <string.h>

#include "base/clock.h"
#include "cmd/bundle-parts.h"

#define SENDER_MAX     32 /* bytes of a name */
#define ID_DIGITS      12
#define EXTENSION_MAX  12
#define ATTACHMENT_MAX 60

/* Letters and digits of ASCII, and a few signs that mean nothing to anybody; one blank for others.
 */
static char *
plain(const char *text, gsize max)
{
	g_autofree char *ascii = g_str_to_ascii(text, "C");
	GString *out = g_string_new(NULL);

	for (const char *p = ascii; *p != '\0' && out->len < max; p++) {
		bool kept = g_ascii_isalnum(*p) || strchr("@._-+", *p) != NULL;
		if (kept)
			g_string_append_c(out, *p);
		else if (out->len > 0 && out->str[out->len - 1] != ' ')
			g_string_append_c(out, ' ');
	}
	g_strstrip(out->str);
	out->len = strlen(out->str);
	return g_string_free(out, FALSE);
}

gint64
bundle_time(const struct view_message *message)
{
	return message->date != MESSAGE_NO_DATE ? message->date : message->seen;
}

char *
bundle_local(const struct view_message *message, GTimeZone *zone, const char *form)
{
	g_autofree char *local = clock_local(bundle_time(message), zone);
	g_autoptr(GDateTime) utc =
	    g_date_time_new_from_unix_utc(bundle_time(message) / G_USEC_PER_SEC);
	g_autoptr(GDateTime) at = utc != NULL ? g_date_time_to_timezone(utc, zone) : NULL;
	char *out = at != NULL ? g_date_time_format(at, form) : NULL;

	/* A year that no calendar has. */
	return out != NULL ? out : g_strndup(local, 10);
}

char *
bundle_name(const struct view_message *message, GTimeZone *zone)
{
	g_autofree char *clock = bundle_local(message, zone, "%H%M%S");
	g_autofree char *from = plain(message->from, SENDER_MAX);
	gsize room =
	    BUNDLE_NAME_MAX - strlen(clock) - strlen(from) - ID_DIGITS - strlen("  -  - .eml");
	g_autofree char *subject = plain(message->subject, room);

	return g_strdup_printf("%s %s - %s - %.*s.eml", clock, from[0] != '\0' ? from : "nobody",
	    subject[0] != '\0' ? subject : "no subject", ID_DIGITS, message->sha256);
}

/* Some systems take dots and blanks off the end of a name, and with them what hides an extension.
 */
static void
trim_end(char *name)
{
	gsize size = strlen(name);

	while (size > 0 && (name[size - 1] == '.' || name[size - 1] == ' '))
		name[--size] = '\0';
}

/* A name that is too long loses its middle: its extension says what opens it. */
char *
bundle_attachment_name(const struct part *part, guint number)
{
	g_autofree char *whole = plain(part->name, G_MAXSIZE);
	trim_end(whole);
	char *dot = strrchr(whole, '.');
	g_autofree char *extension = g_strdup(dot != NULL ? dot + 1 : "");
	if (dot != NULL)
		*dot = '\0';
	if (strlen(extension) > EXTENSION_MAX)
		extension[EXTENSION_MAX] = '\0';
	if (strlen(whole) > ATTACHMENT_MAX)
		whole[ATTACHMENT_MAX] = '\0';
	trim_end(whole);
	trim_end(extension);
	return g_strdup_printf("%02u %s%s%s%s", number, whole[0] != '\0' ? whole : "without a name",
	    extension[0] != '\0' ? "." : "", extension,
	    attachment_is_unsafe(part, extension) ? BUNDLE_UNSAFE : "");
}

char *
bundle_rule_name(const char *rule, const char *digest)
{
	g_autofree char *name = plain(rule, BUNDLE_NAME_MAX - ID_DIGITS - strlen("-.ini"));

	return g_strdup_printf("%s-%.*s.ini", name, ID_DIGITS, digest);
}
