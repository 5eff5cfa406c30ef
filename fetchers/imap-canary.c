/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one write there is, and only when it is asked for: a message of our own is appended to INBOX
 * (RFC 3501 section 6.3.11) when all folders were read. APPEND opens no folder, so what is said of
 * EXAMINE holds. It comes as read mail: nobody is to take it for news.
 */
#include "fetchers/imap.h"

#include <string.h>

bool
imap_canary_plant(struct imap *imap)
{
	const char *text = imap->session->task.canary;

	if (text == NULL || *text == '\0' || imap->waits || imap->planted)
		return false;
	imap->planted = true;
	imap_send(imap, IMAP_APPEND, 0, 0, "APPEND \"INBOX\" (\\Seen) {%zu}", strlen(text));
	return true;
}

void
imap_canary_ready(struct imap *imap)
{
	if (imap_under_way(imap, IMAP_APPEND) == 0 || imap->handed_over)
		return;
	imap->handed_over = true;
	session_say(imap->session, "%s\r\n", imap->session->task.canary);
}

void
imap_canary_tagged(struct imap *imap, bool ok, const char *text)
{
	g_autofree char *said = session_quote(text);
	g_autofree char *why = g_strdup_printf("the server takes no canary: %s", said);

	if (ok && imap->handed_over)
		session_emit_note(imap->session, "INBOX", "canary-planted", "");
	else
		session_emit_note(imap->session, "INBOX", "canary-refused", why);
	session_finish(imap->session, FETCH_OK, "");
}
