/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_SENDER_H
#define FLAGPOST_DELIVER_SENDER_H
/*
 * sender - libcurl's part of sending: the way to the server, TLS, the login, the envelope.
 *
 * Blocks; runs in the mailer alone. One connection serves all recipients of a message.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "deliver/smtp.h"

#define SENDER_CONNECT_MS 30000  /* TCP, TLS and greeting */
#define SENDER_ANSWER_MS  60000  /* to each of our commands */
#define SENDER_SEND_MS    300000 /* all of it, for one recipient */

struct sender;

/* Opens the secret too. NULL after FAULT_CONFIG. smtp must outlive it. */
struct sender *sender_new(const struct smtp *smtp, GError **error);
void sender_free(struct sender *sender);
AUTO_DEFINE(sender, sender_free)

/*
 * Sends size bytes from the beginning of fd, as they are: lines end in CRLF already. *text is a
 * sentence for people (owned), "" when sent.
 */
enum smtp_state sender_send(
    struct sender *sender, const char *to, int fd, guint64 size, char **text);

#endif
