/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pass - see pass.h. Holds descriptors of other processes and the store; no network, no parsing.
 */
#include "daemon/pass.h"

#include <glib-unix.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "daemon/admission.h"
#include "daemon/budget.h"
#include "daemon/canary.h"
#include "daemon/copies.h"
#include "daemon/crew.h"
#include "daemon/intake.h"
#include "daemon/inventory.h"
#include "daemon/pulse.h"
#include "fetchers/fetch.h"
#include "store/store.h"

/* Events taken from the fetcher before the workers and the clock get a turn. */
#define PASS_EVENTS_A_TURN 64

struct pass {
	struct pass_setup setup;
	struct store *store;
	struct crew *crew;
	struct intake *intake;
	struct pulse *pulse;
	bool said_workers;       /* what confines them was logged */
	guint beat;              /* the timer of the pulse */
	struct fetcher *fetcher; /* NULL after it was lost, until the next pass_start */
	guint watch;
	GIOCondition watched;
	GPtrArray *rows;
	GHashTable *by_name; /* account -> its row, borrowed */
	guint under_way;
	bool stopped;                /* as asked */
	struct admission *admission; /* of those under_way: who waits, and whom the fetcher has */
	/* Received and not committed yet; and how much of it came from a fetcher that is lost. */
	struct intake_receipt unsettled, stale;
	gint64 run;
	GError *error;
};

static void
pass_account_free(struct pass_account *row)
{
	g_free(row->account);
	g_free(row->state);
	g_free(row->text);
	g_free(row);
}

static struct pass_account *
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

/* --- the fetcher --- */

static void pass_watch(struct pass *pass);
static void pass_admit(struct pass *pass);

/* What the fetcher will not say, or not any more. */
static void
pass_end_early(
    struct pass *pass, struct pass_account *row, enum fetch_account_state state, const char *why)
{
	struct fetch_event event = {
		.kind = FETCH_EVENT_ACCOUNT_END,
		.account_end = {
			.account = g_strdup(row->account),
			.state = state,
			.text = g_strdup(why),
		},
	};

	row->config = NULL;
	intake_event(pass->intake, &event);
}

/* Accounts that the lost fetcher had under way end like those of a server that went away. */
static void
fetcher_lost(struct pass *pass)
{
	log_error("the fetcher process ended unexpectedly");
	g_clear_handle_id(&pass->watch, g_source_remove);
	g_clear_pointer(&pass->fetcher, fetcher_free);
	pass->stale = pass->unsettled;
	for (guint i = 0; i < pass->rows->len; i++) {
		struct pass_account *row = g_ptr_array_index(pass->rows, i);
		if (row->config != NULL)
			pass_end_early(
			    pass, row, FETCH_AWAY, "the fetcher process ended unexpectedly");
	}
	admission_reset(pass->admission);
	if (pass->setup.watch != NULL)
		pass->setup.watch(
		    &(struct fetch_event){ .kind = FETCH_EVENT_LOST }, pass->setup.data);
	pass_admit(pass);
}

/* The fetcher knows how much it may take, the parent of what and until when. */
static void
say_budget(struct pass *pass, struct pass_account *row, char **text)
{
	const struct config *config = pass->setup.config;

	g_free(*text);
	*text = budget_text(row->config, config->zone, clock_now(), &row->retry_after);
}

static void
pass_account_ends(struct pass *pass, struct fetch_account_end *end)
{
	struct pass_account *row = pass_row(pass, end->account);

	row->retry_after = end->retry_after;
	if (end->state == FETCH_WAITING)
		say_budget(pass, row, &end->text);
	admission_done(pass->admission, row->config);
	row->config = NULL;
	pass_admit(pass);
}

static void
pass_event(struct pass *pass, struct fetch_event *event)
{
	if (event->kind == FETCH_EVENT_NEWS || event->kind == FETCH_EVENT_WATCH_END) {
		pass->setup.watch(event, pass->setup.data);
		fetch_event_clear(event);
		return;
	}
	if (event->kind == FETCH_EVENT_MESSAGE) {
		pass->unsettled.messages++;
		pass->unsettled.bytes += event->message.size;
	}
	if (event->kind == FETCH_EVENT_ACCOUNT_END) {
		pass_account_ends(pass, &event->account_end);
	}
	intake_event(pass->intake, event);
}

static gboolean
fetcher_ready(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct pass *pass = data;

	if (!fetcher_flush(pass->fetcher)) {
		fetcher_lost(pass);
		return G_SOURCE_REMOVE;
	}
	for (guint i = 0; i < PASS_EVENTS_A_TURN; i++) {
		struct fetch_event event = { .kind = FETCH_EVENT_NONE };
		fetcher_receive(pass->fetcher, &event);
		if (event.kind == FETCH_EVENT_NONE)
			break;
		if (event.kind == FETCH_EVENT_LOST) {
			fetcher_lost(pass);
			return G_SOURCE_REMOVE;
		}
		pass_event(pass, &event);
	}
	pass_watch(pass);
	return g_source_is_destroyed(g_main_current_source()) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
pass_watch(struct pass *pass)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;

	if (pass->fetcher == NULL)
		return;
	if (fetcher_wants_write(pass->fetcher))
		wanted |= G_IO_OUT;
	if (pass->watch != 0 && pass->watched == wanted)
		return;
	g_clear_handle_id(&pass->watch, g_source_remove);
	pass->watch = g_unix_fd_add(fetcher_fd(pass->fetcher), wanted, fetcher_ready, pass);
	pass->watched = wanted;
}

static bool
pass_need_fetcher(struct pass *pass, GError **error)
{
	if (pass->fetcher != NULL)
		return true;
	pass->fetcher =
	    fetcher_spawn(&pass->setup.config->limits, pass->setup.config->data_dir, error);
	if (pass->fetcher == NULL)
		return false;
	pass_watch(pass);
	return true;
}

/* --- commits --- */

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

/* --- begin --- */

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

/* --- public --- */

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

/* What is known of an account's folders, to go on from there. */
static bool
pass_hand_over(
    struct pass *pass, const struct account *account, const struct fetch_task *task, GError **error)
{
	g_autoptr(GPtrArray) folders =
	    store_folders(pass->store, account->name, account->protocol != PROTOCOL_IMAP, error);

	if (folders == NULL || !pass_need_fetcher(pass, error))
		return false;
	g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < folders->len; i++) {
		const struct store_folder *folder = g_ptr_array_index(folders, i);
		struct fetch_state *state = g_new0(struct fetch_state, 1);
		/* Borrowed: folders outlives the call. */
		*state = (struct fetch_state){
			.folder = folder->folder,
			.uidvalidity = folder->uidvalidity,
			.last_uid = folder->last_uid,
			.present = folder->present,
			.uidnext = folder->uidnext,
			.modseq = folder->modseq,
			.retry = folder->retry,
			.uidls = folder->uidls,
			.rest_from = folder->rest_from,
			.rest_upto = folder->rest_upto,
			.rest_done = folder->rest_done,
		};
		g_ptr_array_add(states, state);
	}
	fetcher_poll(pass->fetcher, account, states, task);
	fetcher_flush(pass->fetcher);
	pass_watch(pass);
	return true;
}

static bool
note_late_canary(struct pass *pass, const struct account *account, GError **error)
{
	static const char text[] = "the last canary was planted and not seen in time: mail of this "
				   "account may not be read";
	gint64 now = clock_now(), today, tomorrow;

	log_warning("account=%s: %s", account->name, text);
	clock_day(now, pass->setup.config->zone, &today, &tomorrow);
	if (!store_begin(pass->store, error))
		return false;
	if (store_note_once(pass->store, account->name, "INBOX", "canary-unseen", text, today, now,
		pass->run, error) &&
	    store_commit(pass->store, error))
		return true;
	store_rollback(pass->store);
	return false;
}

static bool
pass_take_canary(
    struct pass *pass, const struct account *account, struct fetch_task *task, GError **error)
{
	GError *failure = NULL;
	bool late;

	task->canary = canary_next(
	    pass->store, account, pass->setup.config->zone, clock_now(), &late, &failure);
	if (failure == NULL && late)
		note_late_canary(pass, account, &failure);
	if (failure == NULL)
		return true;
	g_propagate_error(error, failure);
	return false;
}

/* Hands an account to the fetcher as it is now, not as it was asked for. One whose budget is used
 * is not even connected. */
static bool
pass_connect(struct pass *pass, const struct account *account, GError **error)
{
	struct pass_account *row = pass_row(pass, account->name);
	struct fetch_task task = { .kind = FETCH_PASS };
	g_autofree char *text = NULL;

	if (!budget_left(
		pass->store, account, pass->setup.config->zone, clock_now(), &task.bytes, error))
		return false;
	row->config = account;
	row->begun = clock_now();
	if (task.bytes > 0) {
		bool handed = pass_take_canary(pass, account, &task, error) &&
			      pass_hand_over(pass, account, &task, error);
		fetch_task_clear(&task);
		return handed;
	}
	say_budget(pass, row, &text);
	admission_done(pass->admission, account);
	pass_end_early(pass, row, FETCH_WAITING, text);
	return true;
}

/* As many of those that wait as may be connected at once. */
static void
pass_admit(struct pass *pass)
{
	const struct account *account;

	while (pass->error == NULL && (account = admission_next(pass->admission)) != NULL)
		pass_connect(pass, account, &pass->error);
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
