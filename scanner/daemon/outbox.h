/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_OUTBOX_H
#define FLAGPOST_DAEMON_OUTBOX_H
/*
 * outbox - mails of ours that somebody has not got yet, on disk: DATA_DIR/outbox/ID.eml is the
 * message, ID.state what mailing_put says of it. Durable when a function returns, 0600.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/mailing.h"

#define OUTBOX_MAILS_MAX 200

/* A name that no other mail has. */
char *outbox_id(const struct mailing *mailing);

/* The message, then what is known of it; FAULT_RETRY when OUTBOX_MAILS_MAX lie there already. */
bool outbox_put(
    const char *data_dir, const char *id, const struct mailing *mailing, GError **error);
/* How far it came, anew. */
bool outbox_mark(
    const char *data_dir, const char *id, const struct mailing *mailing, GError **error);
void outbox_remove(const char *data_dir, const char *id);

/*
 * Calls take for each, the oldest first; it takes mailing over. One that cannot be read is given
 * with a reason instead, and put aside as ID.damaged.
 */
typedef void outbox_take(
    const char *id, struct mailing *mailing, const GError *reason, gpointer data);
bool outbox_each(const char *data_dir, outbox_take *take, gpointer data, GError **error);

/* Without reading messages. Times 0: none waits. */
struct outbox_sum {
	guint waiting;
	gint64 oldest, next; /* made; tried again */
};
bool outbox_sum(const char *data_dir, struct outbox_sum *out, GError **error);

#endif
