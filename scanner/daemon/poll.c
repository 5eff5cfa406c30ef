/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * poll - one pass over accounts, all at once, until each has ended.
 */
#include <glib-unix.h>

#include "base/fault.h"
#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/directories.h"
#include "daemon/pass.h"

#define POLL_STOP_MS 20000 /* for what is fetched to be scanned and recorded */

struct poll {
	struct pass *pass;
	const struct pass_options *options;
	guint give_up; /* source id, once asked to stop; 0: none */
	bool stopping;
	bool ended; /* whatever is under way */
};

static gboolean
poll_give_up(void *data)
{
	struct poll *poll = data;

	poll->give_up = 0;
	poll->ended = true;
	return G_SOURCE_REMOVE;
}

/* Who asks twice does not wait: what is not recorded then is fetched again, as after a crash. */
static gboolean
poll_stop(void *data)
{
	struct poll *poll = data;

	poll->ended = poll->stopping;
	if (poll->stopping)
		return G_SOURCE_CONTINUE;
	poll->stopping = true;
	log_warning("stopping: what is fetched is being recorded");
	pass_stop(poll->pass);
	poll->give_up = g_timeout_add(POLL_STOP_MS, poll_give_up, poll);
	return G_SOURCE_CONTINUE;
}

static bool
poll_wants(const struct pass_options *options, const char *account)
{
	return options->accounts == NULL || *options->accounts == NULL ||
	       g_strv_contains(options->accounts, account);
}

static bool
poll_accounts(struct poll *poll, const struct config *config, GError **error)
{
	for (guint i = 0; i < config->accounts->len; i++) {
		const struct account *account = g_ptr_array_index(config->accounts, i);
		if (poll_wants(poll->options, account->name) &&
		    !pass_start(poll->pass, account, error))
			return false;
	}
	while (pass_under_way(poll->pass) > 0 && !poll->ended) {
		g_main_context_iteration(NULL, TRUE);
		if (pass_error(poll->pass) != NULL) {
			g_propagate_error(error, g_error_copy(pass_error(poll->pass)));
			return false;
		}
	}
	return true;
}

static bool
rows_have_gap(const GPtrArray *rows)
{
	for (guint i = 0; i < rows->len; i++)
		if (pass_row_has_gap(g_ptr_array_index(rows, i)))
			return true;
	return false;
}

static void
poll_note(const char *word, const char *text, void *data)
{
	g_autoptr(GError) error = NULL;

	log_warning("%s", text);
	if (!pass_note(data, word, text, &error))
		log_error("note that %s: %s", text, error->message);
}

int
daemon_poll(const struct config *config, const struct sources *sources,
    const struct ruleset *ruleset, const struct pass_options *options, GPtrArray **rows,
    GError **error)
{
	struct pass_setup setup = {
		.config = config,
		.sources = sources,
		.ruleset = ruleset,
		.command = options->command != NULL ? options->command : "poll",
		.progress = options->progress,
		.data = options->data,
	};
	struct poll poll = { .pass = pass_open(&setup, error), .options = options };
	GError *failure = NULL;
	int exit_code;

	*rows = NULL;
	if (poll.pass == NULL)
		return fault_exit_code(error != NULL ? *error : NULL);
	directories_note(config, poll_note, poll.pass);
	if (options->failing != NULL)
		poll_note(DAEMON_RULES_FAIL, options->failing, poll.pass);
	guint interrupt = g_unix_signal_add(SIGINT, poll_stop, &poll);
	guint terminate = g_unix_signal_add(SIGTERM, poll_stop, &poll);
	if (poll_accounts(&poll, config, &failure))
		exit_code = rows_have_gap(pass_rows(poll.pass)) ? DAEMON_EXIT_GAPS : 0;
	else
		exit_code = fault_exit_code(failure);
	g_source_remove(interrupt);
	g_source_remove(terminate);
	g_clear_handle_id(&poll.give_up, g_source_remove);
	*rows = pass_close(poll.pass, exit_code);
	if (failure != NULL)
		g_propagate_error(error, failure);
	return exit_code;
}
