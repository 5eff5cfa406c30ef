/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pass-connect - accounts handed to the fetcher, each when it is its turn: as it is then, with what
 * is known of its folders, what of its budget is left, and its canary.
 */
#include "base/clock.h"
#include "base/log.h"
#include "daemon/budget.h"
#include "daemon/canary.h"
#include "daemon/pass-parts.h"

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
	pass_say_budget(pass, row, &text);
	admission_done(pass->admission, account);
	pass_end_early(pass, row, FETCH_WAITING, text);
	return true;
}

void
pass_admit(struct pass *pass)
{
	const struct account *account;

	while (pass->error == NULL && (account = admission_next(pass->admission)) != NULL)
		pass_connect(pass, account, &pass->error);
}
