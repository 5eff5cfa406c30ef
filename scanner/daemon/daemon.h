/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_DAEMON_H
#define FLAGPOST_DAEMON_DAEMON_H
/*
 * daemon - passes over accounts: the fetcher, the crew and the store joined in one event loop.
 *
 * A message's life, in this order and no other: fetched, digested, scanned, verdict checked,
 * copied to the volume, synced, committed with its position, and only then credited.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "fetchers/fetch.h"
#include "rules/ruleset.h"

#define DAEMON_EXIT_GAPS 2 /* done, but something was not fetched or not looked at */

/* What a pass over one account came to. */
struct pass_account {
	char *account;
	char *state; /* fetch_account_state_words */
	char *text;
	guint folders, folders_failed;
	guint64 expected;                    /* new messages announced so far */
	guint64 messages;                    /* new, recorded */
	guint64 failed;                      /* not fetched */
	guint64 waiting;                     /* left for later passes: the budget is used */
	guint64 flags, flagged, not_checked; /* messages flagged; messages partial or unscannable */
	guint64 unscannable;
	guint64 bytes;
	guint64 retry_after; /* seconds the server wants to be left alone; 0: it did not say */
	gint64 begun, moved; /* wall clock: its pass began; something of it was recorded last */
	bool pulsed;         /* the store was told that it is under way */
	bool started;        /* under way, or waits for its turn */
	const struct account *config; /* borrowed; set while the fetcher has it */
	bool done;                    /* its end is recorded */
};

/* Called after each commit and at each account's end; rows: of struct pass_account. */
typedef void pass_progress(const GPtrArray *rows, void *data);

struct pass_options {
	const char *const *accounts; /* NULL: all */
	const char *command;         /* as it stands in the ledger; NULL: "poll" */
	const char *failing;         /* daemon_setup's */
	pass_progress *progress;     /* NULL: none */
	void *data;
};

/*
 * One pass now. Returns the exit code: 0, 2 with gaps, or that of the error. *rows (of struct
 * pass_account, by name) is the caller's also when accounts failed.
 */
int daemon_poll(const struct config *config, const struct sources *sources,
    const struct ruleset *ruleset, const struct pass_options *options, GPtrArray **rows,
    GError **error);

/* What the service works by. It owns all three; loaders leave NULL what they could not load. */
struct daemon_setup {
	struct config *config;
	struct sources *sources;
	struct ruleset *ruleset;
	const char *plain; /* why patterns are not prefiltered, static; NULL: they are */
	char *failing; /* that some of the rules' own tests fail, for the report; NULL: none does */
};

/* The word of what the report says of that. */
#define DAEMON_RULES_FAIL "rules-fail-tests"

void daemon_setup_free(struct daemon_setup *setup);
AUTO_DEFINE(daemon_setup, daemon_setup_free)

/*
 * Reads everything anew, on SIGHUP, and checks it; NULL after the log said what is wrong. May
 * iterate the default main context: the service goes on meanwhile.
 */
typedef struct daemon_setup *daemon_load(void *data);

/*
 * The service: passes by each account's interval until SIGTERM or SIGINT. Takes setup and what
 * load returns. Exit code.
 */
int daemon_run(struct daemon_setup *setup, daemon_load *load, void *data, GError **error);

#endif
