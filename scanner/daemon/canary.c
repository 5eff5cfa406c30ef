/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "daemon/canary.h"

#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/fault.h"

#define NAMED    "flagpost-canary."
#define DUE_MORE 60 /* seconds that a pass may take */

bool
canary_is_named(const char *message_id)
{
	return g_str_has_prefix(message_id, NAMED);
}

char *
canary_message_id(const struct account *account, const char *token)
{
	return g_strdup_printf(NAMED "%s@%s", token, account->host);
}

/* Whatever a user is called, it must not become a header field. */
static bool
is_plain_address(const char *text)
{
	const char *at = strchr(text, '@');

	for (const char *p = text; *p != '\0'; p++) {
		if (p != at && !g_ascii_isalnum(*p) && strchr("._+-", *p) == NULL)
			return false;
	}
	return at != NULL && at > text && at[1] != '\0';
}

char *
canary_text(const struct account *account, const char *token, gint64 made)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	const char *owner = account->act_as[0] != '\0' ? account->act_as : account->user;
	g_autofree char *address =
	    is_plain_address(owner) ? g_strdup(owner) : g_strdup_printf("canary@%s", account->host);
	g_autofree char *id = canary_message_id(account, token);
	g_autofree char *day = clock_iso(made);
	g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(made / G_USEC_PER_SEC);
	int weekday = utc != NULL ? g_date_time_get_day_of_week(utc) : 1;
	int month = utc != NULL ? g_date_time_get_month(utc) : 1;

	/* RFC 5322 section 3.3; "2026-11-22T09:02:05Z" has the numbers. */
	return g_strdup_printf(
	    "Date: %s, %.2s %s %.4s %.8s +0000\r\nFrom: Flagpost <%s>\r\nTo: <%s>\r\n"
	    "Subject: Flagpost canary of %.10s\r\nMessage-ID: <%s>\r\nX-Flagpost-Canary: %s\r\n"
	    "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
	    "Flagpost put this message here to prove that the mail of this mailbox is read.\r\n"
	    "Nothing needs to be done, and it may be deleted.\r\n",
	    days[weekday - 1], day + 8, months[month - 1], day, day + 11, address, address, day, id,
	    token);
}

static bool
make_token(char token[33], GError **error)
{
	guint8 bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != (gssize)sizeof(bytes)) {
		g_set_error(error, FAULT, FAULT_IO, "canary: the system gives no random bytes");
		return false;
	}
	for (gsize i = 0; i < sizeof(bytes); i++)
		g_snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

char *
canary_next(struct store *store, const struct account *account, GTimeZone *zone, gint64 now,
    bool *late, GError **error)
{
	struct store_canary canary;
	gint64 today, tomorrow;
	char sha256[DIGEST_HEX];

	*late = false;
	if (!account->canary || !store_canary_get(store, account->name, &canary, error))
		return NULL;
	*late = canary.planted != 0 && canary.seen == 0 && now > canary.due;
	clock_day(now, zone, &today, &tomorrow);
	if (canary.day == today && canary.planted != 0)
		return NULL;
	if (canary.day != today) {
		canary = (struct store_canary){ .day = today, .made = now };
		if (!make_token(canary.token, error))
			return NULL;
	}
	guint64 wait = MAX(3 * account->every_seconds + DUE_MORE, CANARY_DUE_LEAST_S);
	canary.due = now + (gint64)wait * G_USEC_PER_SEC;
	g_autofree char *text = canary_text(account, canary.token, canary.made);
	g_autofree char *id = canary_message_id(account, canary.token);
	digest_bytes(text, strlen(text), sha256);
	if (!store_canary_put(store, account->name, &canary, id, sha256, error))
		return NULL;
	return g_steal_pointer(&text);
}
