/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_MAILER_H
#define FLAGPOST_DELIVER_MAILER_H
/*
 * mailer - the process that sends one message, as the rest of the program sees it.
 *
 * `flagpost mailer`, exec'ed for each message, socket on descriptor 3: it alone opens the
 * password of [smtp], so that the parent, which lives long, never holds it. It sees no store and
 * no configuration but that section. Every recipient gets a transaction of its own, so that
 * each has an outcome of its own and nobody gets the message twice.
 *
 *	mailer_start -> mailer_receive until MAILER_END -> mailer_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "deliver/smtp.h"

#define MAILER_FD             3
#define MAILER_RECIPIENTS_MAX 100

struct mailer;

struct mailer_result {
	const char *to; /* the mailer's, while it lives */
	enum smtp_state state;
	char *text; /* one sentence; "" when sent */
};

enum mailer_event {
	MAILER_NOTHING, /* not yet */
	MAILER_DONE,    /* with one recipient */
	MAILER_END,     /* with all */
};

/* message: the bytes to send, lines ending in CRLF; stays the caller's. */
struct mailer *mailer_start(
    const struct smtp *smtp, const char *const *to, int message, GError **error);
int mailer_fd(const struct mailer *mailer);
/* When it is beyond its time (monotonic): mailer_receive then gives up on it. */
gint64 mailer_deadline(const struct mailer *mailer);
/*
 * Waits at most timeout_ms. Every recipient gets exactly one result, in order, whatever the
 * process does: those that it leaves open, or lies about, are SMTP_LOST. text is the caller's.
 */
enum mailer_event mailer_receive(struct mailer *mailer, int timeout_ms, struct mailer_result *out);
void mailer_free(struct mailer *mailer); /* kills and reaps */
AUTO_DEFINE(mailer, mailer_free)

/* The body of the hidden `mailer` subcommand. Returns the exit code. */
int mailer_main(int argc, char **argv);

#endif
