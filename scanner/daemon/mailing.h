/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_MAILING_H
#define FLAGPOST_DAEMON_MAILING_H
/*
 * mailing - one report on its way by mail to the persons of its section.
 *
 *	mailing_new -> mailing_start -> mailing_step until it is over -> mailing_trouble
 *
 * May be started again: only those who have not got it are tried then, with the same message.
 * Keeps nothing of the configuration or the report it was made from.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "reports/report.h"

/* Attachments beyond it stay on the server, and the text says so: bytes before base64. */
#define MAILING_ATTACHED_MAX (16 * 1024 * 1024)

struct mailing;

/* Somebody is named for the daily report, and a server; else FAULT_CONFIG. */
bool mailing_is_wanted(const struct config *config, GError **error);

/*
 * Composes the message for the persons of which: the summary and, where it says so, the page, and
 * the table when formats has csv.
 */
struct mailing *mailing_of(const struct config *config, const struct config_report *which,
    const struct report *report, const char *const *formats, GError **error);
/* For those of the daily one. */
struct mailing *mailing_new(const struct config *config, const struct report *report,
    const char *const *formats, GError **error);
void mailing_free(struct mailing *mailing); /* ends a try under way */
AUTO_DEFINE(mailing, mailing_free)

/* "weekly": of the section of the report. */
const char *mailing_name(const struct mailing *mailing);
/* "Sunday, 22 November 2026" */
const char *mailing_period(const struct mailing *mailing);

/* One try for those who have not got it. */
bool mailing_start(struct mailing *mailing, GError **error);
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
