/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_HISTORY_H
#define FLAGPOST_STORE_HISTORY_H
/*
 * history - what was recorded before a message: who wrote to whom, what it answers, what was sent
 * encrypted shortly before. Of a view that sees all; what is not committed is not in it.
 */
#include "mail/address.h"
#include "store/view.h"

#define HISTORY_MAILS_MAX 5000

/* Takes nothing. False ends the walk, without an error. */
typedef bool history_address(const char *address, void *data);
/* All addresses of all mail but drafts, as they were written; the same one comes as often as it
 * stands. */
bool history_addresses(struct view *view, history_address *each, void *data, GError **error);

/* One recorded mail. */
struct history_mail {
	char *message_id;
	gint64 date;          /* of the Date header, else when it came */
	GPtrArray *addresses; /* of struct address */
};
void history_mail_free(struct history_mail *mail);

/* Mails with this Message-ID: of struct history_mail. */
GPtrArray *history_by_message_id(struct view *view, const char *message_id, GError **error);
/* The latest HISTORY_MAILS_MAX mails with an encrypted attachment, the latest first. */
GPtrArray *history_encrypted(struct view *view, GError **error);

#endif
