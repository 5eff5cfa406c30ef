/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_INTAKE_H
#define FLAGPOST_DAEMON_INTAKE_H
/*
 * intake - a message's life between the fetcher and the store, in order.
 *
 * What the fetcher reports is queued as it comes; messages go to the crew at once, several at a
 * time, but are recorded in the order of arrival. So a folder's position never passes a message
 * that is not recorded, and a folder's end is recorded after all that came before it.
 *
 * A batch closes by count, by bytes or by time: copies appended, volume synced, then one
 * transaction. Only then does the fetcher get its credit back.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/crew.h"
#include "fetchers/fetch.h"
#include "rules/ruleset.h"
#include "store/store.h"

#define INTAKE_BATCH_MESSAGES 256
#define INTAKE_BATCH_BYTES    (16u * 1024 * 1024)
#define INTAKE_BATCH_MS       250

struct intake;

/* What was committed, once a batch. messages and bytes are those that the fetcher waits for. */
struct intake_receipt {
	guint messages;
	guint64 bytes;
};

struct intake_setup {
	const struct config *config;
	const struct ruleset *ruleset;
	struct crew *crew;
	struct store *store;
	gint64 run;
	GHashTable *rows; /* account -> struct pass_account (daemon.h): kept up to date */
	void (*committed)(const struct intake_receipt *receipt, void *data);
	void *data;
};

/* All of setup is borrowed and must outlive the intake. */
struct intake *intake_new(const struct intake_setup *setup);
void intake_free(struct intake *intake); /* what was not committed is fetched again next time */
AUTO_DEFINE(intake, intake_free)

/*
 * An account will be read: one event ACCOUNT_END comes for each call. While any is awaited, ends
 * share a commit, and its fsync, with what comes within INTAKE_BATCH_MS; after the last one nothing
 * waits.
 */
void intake_expect(struct intake *intake);
/* Takes what the event owns and clears it. */
void intake_event(struct intake *intake, struct fetch_event *event);
bool intake_is_idle(const struct intake *intake); /* nothing queued, nothing uncommitted */

/* The first error of the store or the vault. After it nothing is recorded any more. */
const GError *intake_error(const struct intake *intake);

#endif
