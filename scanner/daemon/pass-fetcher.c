/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pass-fetcher - the fetcher of a pass: started, watched, and what it says. One that is lost costs
 * the accounts that it had under way, no message.
 */
#include <glib-unix.h>

#include "base/clock.h"
#include "base/log.h"
#include "daemon/budget.h"
#include "daemon/pass-parts.h"

/* Events taken from the fetcher before the workers and the clock get a turn. */
#define PASS_EVENTS_A_TURN 64

void
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
void
pass_say_budget(struct pass *pass, struct pass_account *row, char **text)
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
		pass_say_budget(pass, row, &end->text);
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

void
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

bool
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
