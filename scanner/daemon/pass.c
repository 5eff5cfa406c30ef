/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pass - see pass.h. Holds descriptors of other processes and the store; no network, no parsing.
 */
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "daemon/copies.h"
#include "daemon/inventory.h"
#include "daemon/pass-parts.h"

static void
pass_account_free(struct pass_account *row)
{
	g_free(row->account);
	g_free(row->state);
	g_free(row->text);
	g_free(row);
}

struct pass_account *
pass_row(struct pass *pass, const char *account)
{
	struct pass_account *row = g_hash_table_lookup(pass->by_name, account);

	if (row != NULL)
		return row;
	row = g_new0(struct pass_account, 1);
	row->account = g_strdup(account);
	row->state = g_strdup("");
	row->text = g_strdup("");
	row->done = true;
	g_ptr_array_add(pass->rows, row);
	g_hash_table_insert(pass->by_name, row->account, row);
	return row;
}

static void
row_restart(struct pass_account *row)
{
	char *account = row->account; /* its key in by_name as well */

	g_free(row->state);
	g_free(row->text);
	*row = (struct pass_account){
		.account = account,
		.state = g_strdup(""),
		.text = g_strdup(""),
	};
}

bool
pass_row_has_gap(const struct pass_account *row)
{
	return !g_str_equal(row->state, "ok") || row->folders_failed > 0 || row->failed > 0 ||
	       row->unscannable > 0;
}

static void
receipt_move(struct intake_receipt *from, struct intake_receipt *by)
{
	guint messages = MIN(from->messages, by->messages);
	guint64 bytes = MIN(from->bytes, by->bytes);

	from->messages -= messages;
	from->bytes -= bytes;
	by->messages -= messages;
	by->bytes -= bytes;
}

static void
say_workers(struct pass *pass)
{
	if (!pass->said_workers && *crew_sandbox(pass->crew) != '\0')
		log_info("workers: %s", crew_sandbox(pass->crew));
	pass->said_workers |= *crew_sandbox(pass->crew) != '\0';
}

static void
pass_committed(const struct intake_receipt *receipt, void *data)
{
	struct pass *pass = data;
	struct intake_receipt credit = *receipt, settled = *receipt;

	say_workers(pass);

	receipt_move(&pass->unsettled, &settled);
	/* What came from a fetcher that is gone opens nobody's window. */
	receipt_move(&pass->stale, &credit);
	if (pass->fetcher != NULL && credit.messages > 0) {
		fetcher_credit(pass->fetcher, credit.messages, credit.bytes);
		fetcher_flush(pass->fetcher);
		pass_watch(pass);
	}
	if (pass->setup.progress != NULL)
		pass->setup.progress(pass->rows, pass->setup.data);
	for (guint i = 0; i < pass->rows->len; i++) {
		struct pass_account *row = g_ptr_array_index(pass->rows, i);
		if (!row->done || !row->started)
			continue;
		row->started = false;
		pass->under_way--;
		if (pass->setup.ended != NULL)
			pass->setup.ended(row, pass->setup.data);
	}
}

static gboolean
pass_beats(void *data)
{
	struct pass *pass = data;

	if (pass_error(pass) == NULL)
		pulse_beat(pass->pulse, clock_now(), g_get_monotonic_time(), &pass->error);
	return G_SOURCE_CONTINUE;
}

static bool
pass_begin(struct pass *pass, GError **error)
{
	const struct config *config = pass->setup.config;
	gint64 now = clock_now();

	pass->store = copies_open_store(config, error);
	if (pass->store == NULL)
		return false;
	if (!inventory_record(
		pass->store, config, pass->setup.sources, pass->setup.ruleset, now, error) ||
	    !store_run_begin(pass->store, pass->setup.command, ruleset_digest(pass->setup.ruleset),
		now, &pass->run, error))
		return false;
	pass->crew =
	    crew_start(pass->setup.sources, &config->limits, &config->reading, config->workers);
	struct intake_setup setup = {
		.config = config,
		.ruleset = pass->setup.ruleset,
		.crew = pass->crew,
		.store = pass->store,
		.run = pass->run,
		.rows = pass->by_name,
		.committed = pass_committed,
		.data = pass,
	};
	pass->intake = intake_new(&setup);
	pass->pulse = pulse_new(pass->store, pass->run, pass->rows, error);
	if (pass->pulse == NULL)
		return false;
	pass->beat = g_timeout_add_seconds(PULSE_S, pass_beats, pass);
	return pass_need_fetcher(pass, error);
}

struct pass *
pass_open(const struct pass_setup *setup, GError **error)
{
	struct pass *pass = g_new0(struct pass, 1);

	pass->setup = *setup;
	pass->by_name = g_hash_table_new(g_str_hash, g_str_equal);
	pass->admission = admission_new(setup->config->limits.connections_at_once,
	    setup->config->limits.connections_per_server);
	pass->rows = g_ptr_array_new_with_free_func((GDestroyNotify)pass_account_free);
	if (pass_begin(pass, error))
		return pass;
	g_ptr_array_unref(pass_close(pass, error != NULL ? fault_exit_code(*error) : FAULT_IO));
	return NULL;
}

bool
pass_wait(struct pass *pass, GError **error)
{
	if (!crew_wait(pass->crew, error))
		return false;
	say_workers(pass);
	return true;
}

/* Of accounts whose end was not awaited. */
static void
rows_finish(const struct pass *pass)
{
	for (guint i = 0; i < pass->rows->len; i++) {
		struct pass_account *row = g_ptr_array_index(pass->rows, i);
		if (row->done)
			continue;
		g_free(row->state);
		row->state = g_strdup(fetch_account_state_words[FETCH_AWAY]);
		g_free(row->text);
		row->text =
		    g_strdup(pass->stopped ? "stopped before all was fetched and recorded, as asked"
					   : "ended before all was fetched and recorded");
	}
}

GPtrArray *
pass_close(struct pass *pass, int exit_code)
{
	GPtrArray *rows = pass->rows;
	g_autoptr(GError) error = NULL;

	rows_finish(pass);
	g_clear_handle_id(&pass->watch, g_source_remove);
	g_clear_handle_id(&pass->beat, g_source_remove);
	g_clear_pointer(&pass->pulse, pulse_free);
	g_clear_pointer(&pass->fetcher, fetcher_free);
	/* The intake's items are waited for by tasks of the crew: the crew goes first. */
	g_clear_pointer(&pass->crew, crew_free);
	g_clear_pointer(&pass->intake, intake_free);
	if (pass->run != 0 &&
	    !store_run_end(pass->store, pass->run, exit_code, clock_now(), &error))
		log_error("end the run: %s", error->message);
	g_clear_pointer(&pass->store, store_close);
	admission_free(pass->admission);
	g_hash_table_destroy(pass->by_name);
	g_clear_error(&pass->error);
	g_free(pass);
	return rows;
}

bool
pass_start(struct pass *pass, const struct account *account, GError **error)
{
	struct pass_account *row = pass_row(pass, account->name);

	row_restart(row);
	row->started = true;
	pass->under_way++;
	intake_expect(pass->intake);
	admission_add(pass->admission, account);
	pass_admit(pass);
	if (pass->error == NULL)
		return true;
	g_propagate_error(error, g_error_copy(pass->error));
	return false;
}

void
pass_reserve(struct pass *pass, const struct account *account, guint count)
{
	admission_reserve(pass->admission, account, count);
}

bool
pass_listen(struct pass *pass, const struct account *account, const char *role, GError **error)
{
	if (!pass_need_fetcher(pass, error))
		return false;
	fetcher_watch(pass->fetcher, account, role);
	pass_watch(pass);
	return true;
}

void
pass_stop(struct pass *pass)
{
	g_autoptr(GPtrArray) waiting = admission_take_back(pass->admission);

	pass->stopped = true;
	for (guint i = 0; i < waiting->len; i++) {
		const struct account *account = g_ptr_array_index(waiting, i);
		pass_end_early(pass, pass_row(pass, account->name), FETCH_AWAY,
		    "stopped before its turn, as asked");
	}
	if (pass->fetcher == NULL)
		return;
	fetcher_stop(pass->fetcher);
	fetcher_flush(pass->fetcher);
	pass_watch(pass);
}

guint
pass_under_way(const struct pass *pass)
{
	return pass->under_way;
}

bool
pass_note(struct pass *pass, const char *word, const char *text, GError **error)
{
	if (!store_begin(pass->store, error))
		return false;
	if (store_note(pass->store, "", "", word, text, clock_now(), pass->run, error) &&
	    store_commit(pass->store, error))
		return true;
	store_rollback(pass->store);
	return false;
}

const GError *
pass_error(struct pass *pass)
{
	if (pass->error == NULL && intake_error(pass->intake) != NULL)
		pass->error = g_error_copy(intake_error(pass->intake));
	if (pass->error == NULL && crew_is_broken(pass->crew))
		g_set_error(&pass->error, FAULT, FAULT_BUG,
		    "no scan worker starts any more (the log says how they ended)");
	return pass->error;
}

const GPtrArray *
pass_rows(const struct pass *pass)
{
	return pass->rows;
}
