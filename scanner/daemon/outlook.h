/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_OUTLOOK_H
#define FLAGPOST_DAEMON_OUTLOOK_H
/*
 * outlook - what the next pass has before it: how much lies on the servers, how much of it is kept,
 * and how long the rest takes at the budget. Logs in, asks for numbers, reads no message and writes
 * nothing; it runs beside the service. outlook_assume asks nobody.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "fetchers/fetch.h"

/* What is assumed of a line of which nothing is known yet. */
#define OUTLOOK_BYTES_A_SECOND (G_GUINT64_CONSTANT(2) << 20)

struct outlook_folder {
	char *folder, *role;
	guint64 messages, bytes;   /* there */
	bool estimated;            /* bytes: from a sample */
	guint64 kept;              /* of the messages: recorded, or failed for good */
	guint64 to_fetch, to_come; /* messages, and bytes */
	char *trouble;             /* what is not known, or "" */
};

struct outlook_account {
	char *account;
	enum fetch_account_state state;
	char *text;
	guint64 milliseconds;
	GPtrArray *folders; /* of struct outlook_folder, in the order of fetching */
	guint64 messages, bytes, to_fetch, to_come; /* sums */
	bool estimated;
	guint64 a_day;    /* its budget; 0: none */
	guint64 days;     /* at the budget, today included; 0 without one */
	guint64 a_second; /* of the line, as measured by its passes or assumed */
	bool measured;
	guint64 seconds; /* at the line */
};

/*
 * Accounts by name, in the order of the configuration; names NULL or empty: all. NULL when the
 * fetcher cannot work.
 */
GPtrArray *outlook_make(const struct config *config, const char *const *names, GError **error);

/* The same before anybody is asked: as if so many bytes were to come of each account. */
GPtrArray *outlook_assume(
    const struct config *config, const char *const *names, guint64 bytes, GError **error);

/* "41,210 messages, 9.3 GB, about 5 days at 2.0 GB a day" */
char *outlook_sum(const struct outlook_account *account);

#endif
