/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_TESTS_FETCHERS_PLAYER_H
#define FLAGPOST_TESTS_FETCHERS_PLAYER_H
/*
 * player - plays a server's side of a dialogue to a session and writes down what comes of it.
 *
 * Tags and order of our commands are fixed, so a server is a text; it is played in pieces of
 * any size, and then the connection ends.
 */
#include <string.h>

#include "base/fault.h"
#include "base/io.h"
#include "fetchers/session.h"

struct player {
	struct link link;
	const char *script;
	gsize size, at, piece;
	bool silent;       /* at its end the script waits instead of hanging up */
	GString *commands; /* what we sent */
	GString *events;   /* what came out, a line each */
	GString *details;  /* what else was said: numbers of folders, labels, waits, notes */
	struct limits limits;
};

static gssize
player_receive(struct link *link, void *data, gsize size, GError **error)
{
	struct player *player = (struct player *)link;
	gsize n = MIN(MIN(size, player->piece), player->size - player->at);

	if (n == 0 && player->silent)
		return 0;
	if (n == 0) {
		g_set_error(error, FAULT, FAULT_AWAY, "the server closed the connection");
		return -1;
	}
	memcpy(data, player->script + player->at, n);
	player->at += n;
	return (gssize)n;
}

static gssize
player_send(struct link *link, const void *data, gsize size, GError **error)
{
	struct player *player = (struct player *)link;

	(void)error;
	g_string_append_len(player->commands, data, (gssize)size);
	return (gssize)size;
}

static void
player_placement(GString *out, const char *word, const struct placement *at)
{
	g_string_append_printf(out, "%s %s %u/%s", word, at->folder, at->uidvalidity, at->uid);
}

static void
player_folder(GString *out, const char *word, const struct fetch_folder *folder)
{
	g_string_append_printf(out, "%s %s (%s) %" G_GUINT64_FORMAT, word, folder->folder,
	    folder->role, folder->server_count);
	if (folder->uidvalidity_changed)
		g_string_append(out, " changed");
	if (folder->waiting > 0)
		g_string_append_printf(out, " waiting=%" G_GUINT64_FORMAT, folder->waiting);
	if (folder->has_present) {
		g_autofree char *list = g_strjoinv(",", folder->present);
		g_string_append_printf(out, " present=%s", list);
	}
	if (folder->state != FETCH_FOLDER_OK)
		g_string_append_printf(out, " failed: %s", folder->text);
}

static void
player_details(GString *out, const struct fetch_event *event)
{
	const struct placement *at = &event->message.placement;

	if (event->kind == FETCH_EVENT_FOLDER_END)
		g_string_append_printf(out, "%s %u/%" G_GUINT64_FORMAT "%s%s\n",
		    event->folder.folder, event->folder.uidnext, event->folder.modseq,
		    event->folder.state == FETCH_FOLDER_OK && *event->folder.text != '\0' ? ": "
											  : "",
		    event->folder.state == FETCH_FOLDER_OK ? event->folder.text : "");
	if (event->kind == FETCH_EVENT_ACCOUNT_END && event->account_end.retry_after > 0)
		g_string_append_printf(out, "wait %u\n", event->account_end.retry_after);
	if (event->kind == FETCH_EVENT_MESSAGE && at->labels != NULL && *at->server_id != '\0') {
		g_autofree char *labels = g_strescape(at->labels, "\\");
		g_string_append_printf(
		    out, "%s %s %s %s\n", at->uid, at->server_id, at->thread_id, labels);
	}
	if (event->kind == FETCH_EVENT_NOTE)
		g_string_append_printf(out, "%s: %s\n", event->note.word, event->note.text);
}

static void
player_emit(void *data, struct fetch_event *event)
{
	struct player *player = data;
	GString *out = player->events;

	player_details(player->details, event);
	switch (event->kind) {
	case FETCH_EVENT_MESSAGE: {
		g_autoptr(GBytes) bytes = io_read_fd(event->message.fd, 1 << 20, NULL);
		g_assert_nonnull(bytes);
		g_assert_cmpuint(g_bytes_get_size(bytes), ==, event->message.size);
		g_autofree char *text = g_strndup(
		    g_bytes_get_data(bytes, NULL) != NULL ? g_bytes_get_data(bytes, NULL) : "",
		    MIN(g_bytes_get_size(bytes), 60));
		g_autofree char *shown = g_strescape(text, NULL);
		player_placement(out, "message", &event->message.placement);
		g_string_append_printf(
		    out, " %s\"%s\"", event->message.draft ? "draft " : "", shown);
		break;
	}
	case FETCH_EVENT_FAILED:
		player_placement(out, "failed", &event->failure.placement);
		g_string_append_printf(
		    out, " %s%s", event->failure.reason, event->failure.again ? " again" : "");
		break;
	case FETCH_EVENT_FOLDER_BEGIN:
		player_folder(out, "begin", &event->folder);
		break;
	case FETCH_EVENT_REST:
		g_string_append_printf(
		    out, "rest %s %u:%u", event->rest.folder, event->rest.from, event->rest.upto);
		break;
	case FETCH_EVENT_FOLDER_END:
		player_folder(out, "end", &event->folder);
		break;
	case FETCH_EVENT_NOTE:
		g_string_append_printf(out, "note %s %s", event->note.folder, event->note.word);
		break;
	case FETCH_EVENT_ACCOUNT_END:
		g_string_append_printf(out, "account %s%s%s",
		    fetch_account_state_words[event->account_end.state],
		    *event->account_end.text != '\0' ? ": " : "", event->account_end.text);
		break;
	case FETCH_EVENT_NEWS:
		g_string_append_printf(out, "news %s", event->watch.role);
		break;
	case FETCH_EVENT_WATCH_END:
		g_string_append_printf(out, "watched %s %s%s%s", event->watch.role,
		    fetch_account_state_words[event->watch.state],
		    *event->watch.text != '\0' ? ": " : "", event->watch.text);
		if (event->watch.retry_after > 0)
			g_string_append_printf(out, " (%u)", event->watch.retry_after);
		break;
	default:
		g_assert_not_reached();
	}
	g_string_append_c(out, '\n');
}

/* A session that has not begun. */
static struct session *
player_session(struct player *player, enum account_protocol protocol, struct fetch_state *state,
    const char *script, gsize size, gsize piece)
{
	struct account *account = account_new("a");
	GPtrArray *states =
	    g_ptr_array_new_with_free_func((GDestroyNotify)(void *)fetch_state_free);

	*player = (struct player){ .script = script, .size = size, .piece = piece };
	player->link = (struct link){ .receive = player_receive, .send = player_send };
	player->commands = g_string_new(NULL);
	player->events = g_string_new(NULL);
	player->details = g_string_new(NULL);
	limits_default(&player->limits);
	player->limits.message = 1000;
	account->protocol = protocol;
	if (state != NULL)
		g_ptr_array_add(states, state);
	return session_new(account, states, &player->limits, g_get_tmp_dir(), player_emit, player);
}

/*
 * Plays script to a session over an account of that protocol. Takes state (may be NULL). The
 * result is in player->events and player->commands, to be released with player_clear.
 */
G_GNUC_UNUSED static void
player_run(struct player *player, enum account_protocol protocol, struct fetch_state *state,
    const char *script, gsize size, gsize piece)
{
	struct session *session = player_session(player, protocol, state, script, size, piece);

	session_start(session, &player->link);
	while (session_pump(session, 1000))
		;
	/* The connection has ended: so has the pass, whatever the server said. */
	g_assert_true(session->done);
	session_free(session);
}

G_GNUC_UNUSED static void
player_clear(struct player *player)
{
	g_string_free(player->commands, TRUE);
	g_string_free(player->events, TRUE);
	g_string_free(player->details, TRUE);
}

#endif
