/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_PLACEMENT_H
#define FLAGPOST_MAIL_PLACEMENT_H
/*
 * placement - where a message lies on a server: account, folder, UIDVALIDITY, UID.
 *
 * For POP3 the folder is "INBOX", uidvalidity is 0 and uid is what fetchers/known.h makes of UIDL,
 * size and header; for mail on this machine fetchers/local.h says what it is.
 */
#include <glib.h>

struct placement {
	char *account;
	char *folder; /* UTF-8 */
	guint32 uidvalidity;
	char *uid;
	gint64 internal_date; /* microseconds UTC, or MESSAGE_NO_DATE */
	char *server_flags;   /* "\\Seen \\Answered", or "" */
	/* Gmail's X-GM-EXT-1; "" or NULL elsewhere. */
	char *labels;    /* one a line, UTF-8 */
	char *server_id; /* X-GM-MSGID */
	char *thread_id; /* X-GM-THRID */
};

void placement_clear(struct placement *placement); /* frees the strings, not the struct */

#endif
