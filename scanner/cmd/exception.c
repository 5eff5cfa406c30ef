/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/exception.h"

#include <string.h>

#include "base/clock.h"

#define DAYS       90 /* after which somebody looks again */
#define PEOPLE_MAX 20
#define DIGITS     12 /* of the digest */

/* Values of rule files hold no blanks, quotes or comment signs of mail: such an address is left
 * out.
 */
static bool
is_plain(const char *text)
{
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr("@._+-", *p) == NULL)
			return false;
	}
	return text[0] != '\0';
}

static const char *
domain_of(const char *address)
{
	const char *at = strrchr(address, '@');

	return at != NULL ? at + 1 : "";
}

/* Domains of recipients that are not the author's own. */
static void
put_domains(GString *out, const struct view_message *message)
{
	g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	guint written = 0;

	for (guint i = 0; message->to[i] != NULL && written < PEOPLE_MAX; i++) {
		g_autofree char *domain = g_ascii_strdown(domain_of(message->to[i]), -1);
		if (!is_plain(domain) ||
		    g_ascii_strcasecmp(domain, domain_of(message->from)) == 0 ||
		    !g_hash_table_add(known, g_strdup(domain)))
			continue;
		g_string_append_printf(
		    out, "%s%s", written == 0 ? "recipient_domains = " : ", ", domain);
		written++;
	}
	if (written > 0)
		g_string_append_c(out, '\n');
}

char *
exception_text(const struct view_flag *flag, const char *person, gint64 today)
{
	const struct view_message *message = flag->message;
	GString *out = g_string_new(NULL);
	g_autofree char *end = clock_iso(today + DAYS * G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC);

	end[strlen("2026-11-22")] = '\0';
	g_string_append_printf(out,
	    "# If such mail is always harmless: behind the rule in the file of %s.\n"
	    "[except.flag-%" G_GINT64_FORMAT "]\n"
	    "reason = write why this mail may go\n"
	    "approved_by = %s\n"
	    "expires = %s\n",
	    flag->flag->rule, flag->id, is_plain(person) ? person : "write who says so", end);
	if (is_plain(message->from))
		g_string_append_printf(out, "senders = %s\n", message->from);
	put_domains(out, message);
	g_string_append_printf(out,
	    "# And the test that keeps it true, with the next free number. Its mail:\n"
	    "#   flagpost show %.*s --raw > tests/flag-%" G_GINT64_FORMAT ".eml\n"
	    "[test.N]\n"
	    "expect = pass\n"
	    "message = tests/flag-%" G_GINT64_FORMAT ".eml\n",
	    DIGITS, message->sha256, flag->id, flag->id);
	return g_string_free(out, FALSE);
}
