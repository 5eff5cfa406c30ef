/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Servers that want to be left alone say so in words: a code (RFC 5530, RFC 9051 section 7.1), or a
 * sentence with a time in it. Going on against it gets accounts blocked.
 */
#include "fetchers/imap.h"

#include <string.h>

#define NEAR_BYTES 40

/* Codes without a time, and what we make of them. */
static const struct {
	const char *code;
	guint32 seconds;
	bool all;
} codes[] = {
	{ "[OVERQUOTA]", 3600, true },
	{ "[THROTTLED]", 300, true },
	{ "[LIMIT]", 300, false },
	{ "[UNAVAILABLE]", 60, false },
	{ "[INUSE]", 60, false },
};

/* Before a time, in any case. */
static const char *const phrases[] = { "back off", "backoff", "back-off", "throttle", "try again",
	"retry", "wait" };

static const struct {
	const char *word;
	guint64 per_unit, divisor; /* to seconds */
} units[] = {
	{ "milli", 1, 1000 },
	{ "ms", 1, 1000 },
	{ "m", 60, 1 },
	{ "h", 3600, 1 },
	{ "s", 1, 1 },
};

/* "299961 ms" anywhere in the text; a number without a unit counts seconds. 0: none */
static guint32
stated_time(const char *text)
{
	const char *at = strpbrk(text, "0123456789");
	char *end;

	/* Farther away it counts something else. */
	if (at == NULL || at - text > NEAR_BYTES)
		return 0;
	guint64 number = MIN(g_ascii_strtoull(at, &end, 10), G_MAXUINT32);
	end += strspn(end, " ");
	for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
		if (!g_str_has_prefix(end, units[i].word))
			continue;
		number = (number * units[i].per_unit + units[i].divisor - 1) / units[i].divisor;
		break;
	}
	return (guint32)MIN(number, SESSION_WAIT_MAX_S);
}

guint32
imap_wait_seconds(const char *text, bool *all)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);
	guint32 seconds = 0;

	*all = strstr(lower, "throttle") != NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(phrases) && seconds == 0; i++) {
		const char *found = strstr(lower, phrases[i]);
		if (found != NULL)
			seconds = stated_time(found + strlen(phrases[i]));
	}
	*all |= seconds > 0;
	for (gsize i = 0; i < G_N_ELEMENTS(codes); i++) {
		if (g_ascii_strncasecmp(text, codes[i].code, strlen(codes[i].code)) != 0)
			continue;
		*all |= codes[i].all;
		return seconds > 0 ? seconds : codes[i].seconds;
	}
	return seconds > 0 || !*all ? seconds : 300;
}

bool
imap_wait_heard(struct imap *imap, const char *text)
{
	bool all;
	guint32 seconds = imap_wait_seconds(text, &all);

	session_wait(imap->session, seconds);
	return all;
}

void
imap_wait_alert(struct imap *imap, const char *text)
{
	static const char key[] = "[ALERT]";

	/* RFC 3501 section 7.1: must be shown to people. */
	if (g_ascii_strncasecmp(text, key, strlen(key)) != 0 || imap->alerts >= IMAP_ALERTS_MAX)
		return;
	imap->alerts++;
	text += strlen(key);
	g_autofree char *said = session_quote(text + strspn(text, " "));
	session_emit_note(imap->session, "", "server-alert", said);
}
