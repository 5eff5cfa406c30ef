/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * connect - logs in to every account and out again, many at once. Opens no store and fetches
 * nothing: what else a fetcher may send is dropped unread.
 */
#include <glib-unix.h>

#include "base/fault.h"
#include "daemon/daemon.h"

/* At the same time: a list of mailboxes may be ten thousand, and its server has limits of its own.
 */
#define CONNECT_AT_ONCE 64

struct connect {
	struct fetcher *fetcher;
	const GPtrArray *accounts;
	GPtrArray *rows; /* of struct connect_account, one for each account that was begun */
	guint under_way;
	bool lost;
	guint watch;
	GIOCondition watched;
};

static void
connect_account_free(struct connect_account *row)
{
	g_free(row->account);
	g_free(row->text);
	g_free(row);
}

static void
connect_ended(struct connect *connect, struct fetch_account_end *end)
{
	for (guint i = 0; i < connect->rows->len; i++) {
		struct connect_account *row = g_ptr_array_index(connect->rows, i);
		if (!g_str_equal(row->account, end->account))
			continue;
		row->state = end->state;
		row->milliseconds = end->milliseconds;
		g_free(row->text);
		row->text = g_steal_pointer(&end->text);
		connect->under_way--;
	}
}

static void
connect_begin(struct connect *connect)
{
	while (
	    connect->under_way < CONNECT_AT_ONCE && connect->rows->len < connect->accounts->len) {
		const struct account *account =
		    g_ptr_array_index(connect->accounts, connect->rows->len);
		struct connect_account *row = g_new0(struct connect_account, 1);
		row->account = g_strdup(account->name);
		row->text = g_strdup("");
		g_ptr_array_add(connect->rows, row);
		connect->under_way++;
		const struct fetch_task check = { FETCH_CHECK, FETCH_ANY_BYTES, NULL };
		fetcher_poll(connect->fetcher, account, NULL, &check);
	}
}

static void connect_watch(struct connect *connect);

static gboolean
connect_ready(G_GNUC_UNUSED int fd, G_GNUC_UNUSED GIOCondition condition, void *data)
{
	struct connect *connect = data;
	struct fetch_event event;

	fetcher_flush(connect->fetcher);
	do {
		fetcher_receive(connect->fetcher, &event);
		if (event.kind == FETCH_EVENT_ACCOUNT_END)
			connect_ended(connect, &event.account_end);
		connect->lost = event.kind == FETCH_EVENT_LOST;
		bool more = event.kind != FETCH_EVENT_NONE && !connect->lost;
		fetch_event_clear(&event);
		if (!more)
			break;
	} while (connect->under_way > 0);
	if (!connect->lost)
		connect_begin(connect);
	if (!connect->lost)
		connect_watch(connect);
	return g_source_is_destroyed(g_main_current_source()) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static void
connect_watch(struct connect *connect)
{
	GIOCondition wanted = G_IO_IN | G_IO_HUP | G_IO_ERR;

	if (fetcher_wants_write(connect->fetcher))
		wanted |= G_IO_OUT;
	if (connect->watch != 0 && connect->watched == wanted)
		return;
	g_clear_handle_id(&connect->watch, g_source_remove);
	connect->watch =
	    g_unix_fd_add(fetcher_fd(connect->fetcher), wanted, connect_ready, connect);
	connect->watched = wanted;
}

GPtrArray *
daemon_connect(const struct config *config, GError **error)
{
	struct connect connect = { .accounts = config->accounts };

	/* Nothing is fetched, so nothing is spooled: any folder does. */
	connect.fetcher = fetcher_spawn(&config->limits, g_get_tmp_dir(), error);
	if (connect.fetcher == NULL)
		return NULL;
	connect.rows = g_ptr_array_new_with_free_func((GDestroyNotify)connect_account_free);
	connect_begin(&connect);
	connect_watch(&connect);
	while (connect.under_way > 0 && !connect.lost)
		g_main_context_iteration(NULL, TRUE);
	g_clear_handle_id(&connect.watch, g_source_remove);
	fetcher_free(connect.fetcher);
	if (!connect.lost)
		return connect.rows;
	g_set_error(error, FAULT, FAULT_BUG, "the fetcher process ended unexpectedly");
	g_ptr_array_unref(connect.rows);
	return NULL;
}
