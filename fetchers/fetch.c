/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parent's end. The fetcher talks to hostile servers all day: what it sends is believed no
 * more than they are. One lie ends it.
 */
#include "fetchers/fetch.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fault.h"
#include "base/io.h"
#include "base/log.h"
#include "base/process.h"
#include "fetchers/protocol.h"

#define OPEN_FILES 16384

struct fetcher {
	pid_t pid;
	struct wire *wire;
	GHashTable *polled;  /* account name -> folder begun and not ended ("": none) */
	GHashTable *watched; /* "account\nrole" */
	bool lost;
};

/* Messages under way are open descriptors on both sides, up to FETCH_WINDOW_MESSAGES. */
static void
allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= OPEN_FILES)
		return;
	limit.rlim_cur = MIN(limit.rlim_max, OPEN_FILES);
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		log_warning("open files: stays at the limit: %s", g_strerror(errno));
}

struct fetcher *
fetcher_spawn(const struct limits *limits, const char *spool_folder, GError **error)
{
	int fds[2];
	pid_t pid;

	allow_many_files();
	if (!wire_pair(fds, error))
		return NULL;
	if (!process_start("fetcher", fds[1], FETCH_FD, &pid, error)) {
		io_close(&fds[0]);
		io_close(&fds[1]);
		return NULL;
	}
	io_close(&fds[1]);
	struct fetcher *fetcher = g_new0(struct fetcher, 1);
	fetcher->pid = pid;
	fetcher->wire = wire_new(fds[0], &fetch_protocol);
	fetcher->polled = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	fetcher->watched = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	wire_queue(fetcher->wire, PROTOCOL_SETUP, protocol_put_setup(limits, spool_folder), -1);
	fetcher_flush(fetcher);
	return fetcher;
}

int
fetcher_fd(const struct fetcher *fetcher)
{
	return wire_fd(fetcher->wire);
}

bool
fetcher_wants_write(const struct fetcher *fetcher)
{
	return wire_pending(fetcher->wire) > 0;
}

void
fetcher_poll(struct fetcher *fetcher, const struct account *account, const GPtrArray *states,
    const struct fetch_task *task)
{
	g_hash_table_replace(fetcher->polled, g_strdup(account->name), g_strdup(""));
	wire_queue(
	    fetcher->wire, PROTOCOL_ACCOUNT, protocol_put_account(account, states, task), -1);
	fetcher_flush(fetcher);
}

static char *
watch_key(const char *account, const char *role)
{
	return g_strconcat(account, "\n", role, NULL);
}

void
fetcher_watch(struct fetcher *fetcher, const struct account *account, const char *role)
{
	g_hash_table_add(fetcher->watched, watch_key(account->name, role));
	wire_queue(fetcher->wire, PROTOCOL_WATCH, protocol_put_watch(account, role), -1);
	fetcher_flush(fetcher);
}

void
fetcher_credit(struct fetcher *fetcher, guint messages, guint64 bytes)
{
	wire_queue(
	    fetcher->wire, PROTOCOL_CREDIT, g_variant_new("(ut)", (guint32)messages, bytes), -1);
	fetcher_flush(fetcher);
}

void
fetcher_stop(struct fetcher *fetcher)
{
	wire_queue(fetcher->wire, PROTOCOL_STOP, g_variant_new("()"), -1);
	fetcher_flush(fetcher);
}

static void
lose(struct fetcher *fetcher, const GError *error)
{
	if (!fetcher->lost && error != NULL)
		log_error("%s", error->message);
	fetcher->lost = true;
}

bool
fetcher_flush(struct fetcher *fetcher)
{
	g_autoptr(GError) error = NULL;

	/* A peer that is gone is noticed by the reader, after all that it still said. */
	if (!fetcher->lost && !wire_flush(fetcher->wire, &error))
		log_debug("fetcher: %s", error->message);
	return !fetcher->lost && error == NULL;
}

/* Events come for accounts that were asked for, and in the order that fetch.h promises. */

static const char *
account_of(const struct fetch_event *event)
{
	switch (event->kind) {
	case FETCH_EVENT_MESSAGE:
		return event->message.placement.account;
	case FETCH_EVENT_FAILED:
		return event->failure.placement.account;
	case FETCH_EVENT_FOLDER_BEGIN:
	case FETCH_EVENT_FOLDER_END:
		return event->folder.account;
	case FETCH_EVENT_REST:
		return event->rest.account;
	case FETCH_EVENT_NOTE:
		return event->note.account;
	case FETCH_EVENT_ACCOUNT_END:
		return event->account_end.account;
	default:
		return "";
	}
}

/* The folder that must be open for the event; NULL: it does not matter, "": none. */
static const char *
folder_of(const struct fetch_event *event)
{
	switch (event->kind) {
	case FETCH_EVENT_MESSAGE:
		return event->message.placement.folder;
	case FETCH_EVENT_FAILED:
		return event->failure.placement.folder;
	case FETCH_EVENT_FOLDER_END:
		return event->folder.folder;
	case FETCH_EVENT_REST:
		return event->rest.folder;
	case FETCH_EVENT_NOTE:
		return NULL;
	default:
		return "";
	}
}

static bool
is_watched(struct fetcher *fetcher, const struct fetch_event *event, GError **error)
{
	g_autofree char *key = watch_key(event->watch.account, event->watch.role);

	if (!g_hash_table_contains(fetcher->watched, key)) {
		g_set_error(error, FAULT, FAULT_DATA, "fetcher: news that nobody waits for");
		return false;
	}
	if (event->kind == FETCH_EVENT_WATCH_END)
		g_hash_table_remove(fetcher->watched, key);
	return true;
}

static bool
is_in_order(struct fetcher *fetcher, const struct fetch_event *event, GError **error)
{
	if (event->kind == FETCH_EVENT_NEWS || event->kind == FETCH_EVENT_WATCH_END)
		return is_watched(fetcher, event, error);
	const char *account = account_of(event);
	const char *open = g_hash_table_lookup(fetcher->polled, account);
	const char *wanted = folder_of(event);

	if (open == NULL || (wanted != NULL && strcmp(open, wanted) != 0)) {
		g_set_error(error, FAULT, FAULT_DATA, "fetcher: event %d out of its order",
		    (int)event->kind);
		return false;
	}
	if (event->kind == FETCH_EVENT_FOLDER_BEGIN || event->kind == FETCH_EVENT_FOLDER_END)
		g_hash_table_replace(fetcher->polled, g_strdup(account),
		    g_strdup(event->kind == FETCH_EVENT_FOLDER_BEGIN ? event->folder.folder : ""));
	if (event->kind == FETCH_EVENT_ACCOUNT_END)
		g_hash_table_remove(fetcher->polled, account);
	return true;
}

void
fetcher_receive(struct fetcher *fetcher, struct fetch_event *out)
{
	g_autoptr(GError) error = NULL;
	struct wire_frame frame = { .fd = -1 };

	*out = (struct fetch_event){ .kind = FETCH_EVENT_LOST };
	if (fetcher->lost)
		return;
	switch (wire_receive(fetcher->wire, &frame, &error)) {
	case WIRE_AGAIN:
		out->kind = FETCH_EVENT_NONE;
		return;
	case WIRE_FRAME:
		break;
	default:
		lose(fetcher, error);
		return;
	}
	bool fine = protocol_get_event(&frame, out, &error) && is_in_order(fetcher, out, &error);
	wire_frame_clear(&frame);
	if (fine)
		return;
	lose(fetcher, error);
	fetch_event_clear(out);
	out->kind = FETCH_EVENT_LOST;
}

void
fetcher_free(struct fetcher *fetcher)
{
	if (fetcher == NULL)
		return;
	wire_free(fetcher->wire);
	process_end(fetcher->pid);
	g_hash_table_destroy(fetcher->polled);
	g_hash_table_destroy(fetcher->watched);
	g_free(fetcher);
}
