/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_PASS_H
#define FLAGPOST_DAEMON_PASS_H
/*
 * pass - fetcher, crew, intake and store joined: what `poll` does once and `run` again and again.
 *
 *	pass_open -> pass_start (account) ... -> iterate the default main context -> pass_close
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/daemon.h"
#include "rules/ruleset.h"

struct pass;

struct pass_setup {
	const struct config *config;
	const struct sources *sources;
	const struct ruleset *ruleset;
	const char *command;     /* recorded with the run: "poll", "run" */
	pass_progress *progress; /* after each commit; NULL: none */
	/* After the last commit of an account's pass; NULL: none. The row is borrowed. */
	void (*ended)(const struct pass_account *row, void *data);
	/* What is watched: NEWS and WATCH_END, and LOST when it all ended; NULL: nothing is. */
	void (*watch)(const struct fetch_event *event, void *data);
	void *data;
};

/* Opens the store, begins a run, starts the fetcher. All of setup is borrowed. */
struct pass *pass_open(const struct pass_setup *setup, GError **error);
/*
 * Starts the workers, which otherwise wait for mail to come, and waits for one to be ready: for an
 * error before anything is fetched.
 */
bool pass_wait(struct pass *pass, GError **error);
/* Ends the run with an exit code and everything that pass_open started. Returns the rows. */
GPtrArray *pass_close(struct pass *pass, int exit_code);

/*
 * Starts a pass over an account, or has it wait while limits.connections_at_once others are under
 * way. account must outlive the pass.
 */
bool pass_start(struct pass *pass, const struct account *account, GError **error);
/* So many connections to the account's server will be kept by pass_listen; said before any start.
 */
void pass_reserve(struct pass *pass, const struct account *account, guint count);
/* Keeps a connection on a folder of the account, as fetcher_watch does. */
bool pass_listen(
    struct pass *pass, const struct account *account, const char *role, GError **error);
/* Asks all passes to end early, and all connections that are kept. What was fetched is still
 * recorded. */
void pass_stop(struct pass *pass);
guint pass_under_way(const struct pass *pass); /* accounts started and not ended */
/* Records something of our own that the next report must say. */
bool pass_note(struct pass *pass, const char *word, const char *text, GError **error);
/* An error after which no pass can go on: store, vault, or no scan worker starts. NULL: none. */
const GError *pass_error(struct pass *pass);
const GPtrArray *pass_rows(const struct pass *pass); /* of struct pass_account, by name */

/* True when a row holds something that was not fetched or not looked at. */
bool pass_row_has_gap(const struct pass_account *row);

#endif
