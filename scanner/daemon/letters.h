/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_LETTERS_H
#define FLAGPOST_DAEMON_LETTERS_H
/*
 * letters - what is mailed to the people of the configuration, made into mailings: one message in
 * clear for all who have no key, and one for each who has a key, encrypted to it.
 *
 * Whose key is missing, expired or not to be used gets nothing in clear instead: his mailing has no
 * message, and mailing_check says why.
 */
#include <glib.h>
#include <stdbool.h>

#include "daemon/mailing.h"
#include "reports/report.h"

/* Attachments beyond it stay on the server, and the text says so: bytes before base64. */
#define LETTERS_ATTACHED_MAX (16 * 1024 * 1024)

/* Somebody is named for the report, and a server; else FAULT_CONFIG. */
bool letters_are_wanted(
    const struct config *config, const struct config_report *which, GError **error);

/*
 * A report for the persons of which: the summary and, where it says so, the page, and the table
 * when formats has csv. Of struct mailing, with a free function set; not empty.
 */
GPtrArray *letters_report(const struct config *config, const struct config_report *which,
    const struct report *report, const char *const *formats, GError **error);

/* A text alone. name: of what it comes from; what: "the notice of flags 3 to 5"; digest: of it. */
struct letters_notice {
	const char *name, *what, *subject, *text;
};
GPtrArray *letters_notice(const struct config *config, const GPtrArray *persons,
    const struct letters_notice *notice, GError **error);

/* A text with the exact copy of a message. */
struct letters_copy {
	const char *what, *subject, *text;
	const char *name; /* "3f9a01bc7d20.eml" */
	GBytes *copy;     /* at most LETTERS_ATTACHED_MAX; NULL: the text goes alone */
};
GPtrArray *letters_copy(const struct config *config, const GPtrArray *persons,
    const struct letters_copy *copy, GError **error);

#endif
