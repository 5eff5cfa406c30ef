/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_MAILING_H
#define FLAGPOST_DAEMON_MAILING_H
/*
 * mailing - one message of ours on its way to its readers.
 *
 *	mailing_new -> mailing_start -> mailing_step until it is over -> mailing_check
 *
 * May be started again: only those who have not got it are tried then, with the same message. What
 * it is and how far it came can be written down (mailing_put) and taken up again (mailing_get) by
 * another process. Keeps nothing of the configuration.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"

#define MAILING_TYPE "(ussxxua(ssbus))"

struct mailing;

/*
 * name: "daily", of whatever it comes from; what: "the report of Sunday, 22 November 2026".
 * persons: of struct config_person. message: sealed bytes; NULL when it could not be made, and
 * trouble says why: then nobody is tried.
 */
struct mailing *mailing_new(const char *name, const char *what, const GPtrArray *persons,
    GBytes *message, const GError *trouble);
void mailing_free(struct mailing *mailing); /* ends a try under way */
AUTO_DEFINE(mailing, mailing_free)

const char *mailing_name(const struct mailing *mailing);
const char *mailing_what(const struct mailing *mailing);
bool mailing_has_message(const struct mailing *mailing);

/* When it was made, and when it is tried again (microseconds); how many tries failed. */
gint64 mailing_made(const struct mailing *mailing);
gint64 mailing_next(const struct mailing *mailing);
guint mailing_tries(const struct mailing *mailing);
void mailing_failed(struct mailing *mailing, gint64 next);
void mailing_hurry(struct mailing *mailing, gint64 next); /* no failure, another time */

GVariant *mailing_put(const struct mailing *mailing);   /* floating; all but the message */
GBytes *mailing_message(const struct mailing *mailing); /* as it is sent; stays the mailing's */
/* NULL after FAULT_DATA. */
struct mailing *mailing_get(GVariant *variant, GBytes *message, GError **error);

/* One try for those who have not got it. */
bool mailing_start(struct mailing *mailing, const struct smtp *smtp, GError **error);
bool mailing_under_way(const struct mailing *mailing);
/* To be waited on while under way; and until when at the latest (monotonic). */
int mailing_fd(const struct mailing *mailing);
gint64 mailing_deadline(const struct mailing *mailing);
/* Takes what the mailer said, waiting at most timeout_ms. True when the try is over. */
bool mailing_step(struct mailing *mailing, int timeout_ms);
/* Waits for the end of the try. */
void mailing_wait(struct mailing *mailing);

/* Names of persons, joined; "" for none. */
char *mailing_reached(const struct mailing *mailing);
char *mailing_missed(const struct mailing *mailing);
/* Why those were missed; false with the first one's fault when somebody was. */
bool mailing_check(const struct mailing *mailing, GError **error);

#endif
