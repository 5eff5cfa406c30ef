/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The fetcher process: one event loop over all accounts. It reads from servers only while the
 * parent keeps up, so what is under way stays within the window.
 */
#include "fetchers/fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/process.h"
#include "fetchers/connection.h"
#include "fetchers/oauth.h"
#include "fetchers/pace.h"
#include "fetchers/protocol.h"
#include "fetchers/session.h"
#include "fetchers/sockets.h"
#include "fetchers/tls.h"

#define PUMP_BYTES   (512 * 1024) /* from one server before the others have their turn */
#define WIRE_BACKLOG (256 * 1024) /* bytes of frames the parent has not taken yet */
#define LINGER_MS    2000         /* for a server to take our farewell */
#define IDLE_MS      60000
#define OTHER_FILES  128 /* the parent's own, and what one read may bring beyond the window */
#define WINDOW_MIN   4

/* One account on its way: connecting, in dialogue, or saying goodbye. */
struct pass {
	struct session *session;
	struct connection *connection; /* NULL: not even begun, or waits for a token */
	guint token;                   /* its number; 0: none */
	bool retried;                  /* with another token, since the server refused one */
	bool started;                  /* logged in */
	bool more;                     /* the server may have sent more than we read */
	gint64 looked;                 /* when we last looked whether the server sent something */
	guint polled;                  /* its socket's number when we last waited; 0: none */
	gint64 goodbye;                /* when to hang up, once the session is done; 0 before */
};

struct serve {
	struct wire *wire;
	CURLM *multi;
	struct sockets *sockets;
	CURLSH *share; /* TLS sessions */
	struct oauth *oauth;
	GPtrArray *passes; /* of struct pass */
	GHashTable *paces; /* account name -> struct pace */
	bool set_up;
	struct limits limits;
	char *spool_folder;
	guint window;   /* messages */
	guint messages; /* sent and not committed */
	guint64 bytes;
	bool was_shut;
	bool ended; /* the parent is gone */
};

static void
pass_free(struct serve *serve, struct pass *pass)
{
	if (pass->connection != NULL)
		curl_multi_remove_handle(serve->multi, connection_easy(pass->connection));
	connection_free(pass->connection);
	session_free(pass->session);
	g_free(pass);
}

static void
emit(void *data, struct fetch_event *event)
{
	struct serve *serve = data;

	if (event->kind == FETCH_EVENT_MESSAGE) {
		serve->messages++;
		serve->bytes += event->message.size;
	}
	protocol_queue(serve->wire, event);
}

static bool
is_window_open(const struct serve *serve)
{
	return serve->messages < serve->window && serve->bytes < FETCH_WINDOW_BYTES &&
	       wire_pending(serve->wire) < WIRE_BACKLOG;
}

/* The parent's frames */

static struct pass *
add_pass(struct serve *serve, struct account *account, GPtrArray *states)
{
	struct pass *pass = g_new0(struct pass, 1);

	pass->session =
	    session_new(account, states, &serve->limits, serve->spool_folder, emit, serve);
	g_ptr_array_add(serve->passes, pass);
	return pass;
}

/* One for all connections of the account, however many passes it lives through. */
static struct pace *
pace_of(struct serve *serve, const struct account *account)
{
	struct pace *pace = g_hash_table_lookup(serve->paces, account->name);

	if (account->commands_a_minute == 0)
		return NULL;
	if (pace == NULL) {
		pace = g_new0(struct pace, 1);
		pace_init(pace, account->commands_a_minute, g_get_monotonic_time());
		g_hash_table_insert(serve->paces, g_strdup(account->name), pace);
	}
	return pace;
}

static bool
on_account(struct serve *serve, GVariant *body, GError **error)
{
	GPtrArray *states = NULL;
	struct fetch_task task;
	struct account *account = protocol_get_account(body, &states, &task, error);

	if (account == NULL)
		return false;
	struct pass *pass = add_pass(serve, account, states);
	pass->session->task = task;
	pass->session->pace = pace_of(serve, account);
	if (account_is_local(account)) {
		pass->started = true;
		pass->more = true;
		session_start(pass->session, NULL);
	}
	return true;
}

static bool
on_watch(struct serve *serve, GVariant *body, GError **error)
{
	g_autofree char *role = NULL;
	struct account *account = protocol_get_watch(body, &role, error);

	if (account == NULL)
		return false;
	struct pass *pass = add_pass(serve, account, g_ptr_array_new());
	pass->session->watch = g_steal_pointer(&role);
	pass->session->pace = pace_of(serve, account);
	if (account->protocol != PROTOCOL_IMAP)
		session_finish(pass->session, FETCH_PROTOCOL, "only IMAP can be watched");
	return true;
}

static void
on_credit(struct serve *serve, GVariant *body)
{
	guint32 messages;
	guint64 bytes;

	g_variant_get(body, "(ut)", &messages, &bytes);
	serve->messages -= MIN(messages, serve->messages);
	serve->bytes -= MIN(bytes, serve->bytes);
}

static void
on_stop(struct serve *serve)
{
	for (guint i = 0; i < serve->passes->len; i++) {
		struct pass *pass = serve->passes->pdata[i];
		session_stop(pass->session);
	}
}

static bool
on_frame(struct serve *serve, const struct wire_frame *frame, GError **error)
{
	if (frame->kind == PROTOCOL_SETUP && !serve->set_up) {
		serve->set_up = true;
		return protocol_get_setup(frame->body, &serve->limits, &serve->spool_folder, error);
	}
	if (frame->kind == PROTOCOL_ACCOUNT && serve->set_up)
		return on_account(serve, frame->body, error);
	if (frame->kind == PROTOCOL_WATCH && serve->set_up)
		return on_watch(serve, frame->body, error);
	if (frame->kind == PROTOCOL_CREDIT)
		on_credit(serve, frame->body);
	else if (frame->kind == PROTOCOL_STOP)
		on_stop(serve);
	else {
		g_set_error(
		    error, FAULT, FAULT_BUG, "fetcher: frame %u out of its order", frame->kind);
		return false;
	}
	return true;
}

static bool
take_frames(struct serve *serve, GError **error)
{
	for (;;) {
		struct wire_frame frame;
		enum wire_result result = wire_receive(serve->wire, &frame, error);
		if (result == WIRE_AGAIN)
			return true;
		if (result == WIRE_EOF)
			serve->ended = true;
		if (result != WIRE_FRAME)
			return result == WIRE_EOF;
		bool fine = on_frame(serve, &frame, error);
		wire_frame_clear(&frame);
		if (!fine)
			return false;
	}
}

/* Servers */

/* What logs in with a token begins when there is one. */
static void
begin(struct serve *serve, struct pass *pass)
{
	const struct account *account = pass->session->account;
	struct oauth_token token = { 0 };
	g_autoptr(GError) error = NULL;

	if (account->auth != AUTH_PASSWORD) {
		enum oauth_progress progress = oauth_token(serve->oauth, account, &token);
		if (progress == OAUTH_FAILED)
			session_break(pass->session, token.state, token.why, false);
		if (progress != OAUTH_TOKEN)
			return;
		pass->token = token.number;
	}
	pass->connection =
	    connection_new(account, &serve->limits, token.text, serve->share, &error);
	if (pass->connection != NULL)
		curl_multi_add_handle(serve->multi, connection_easy(pass->connection));
	else
		session_break(pass->session, FETCH_CONFIG, error->message, false);
}

static void
begin_waiting(struct serve *serve)
{
	for (guint i = 0; i < serve->passes->len; i++) {
		struct pass *pass = serve->passes->pdata[i];
		if (pass->connection == NULL && !pass->started && !pass->session->done)
			begin(serve, pass);
	}
}

/* The next turn connects anew. */
static void
disconnect(struct serve *serve, struct pass *pass)
{
	curl_multi_remove_handle(serve->multi, connection_easy(pass->connection));
	g_clear_pointer(&pass->connection, connection_free);
	pass->started = false;
	pass->more = false;
}

/* A token may be revoked before its time: another one is tried, once. */
static bool
is_tried_again(struct serve *serve, struct pass *pass)
{
	if (pass->token == 0 || pass->retried ||
	    !oauth_refused(serve->oauth, pass->session->account, pass->token))
		return false;
	disconnect(serve, pass);
	pass->retried = true;
	return true;
}

static void
on_connected(struct serve *serve, CURL *easy, CURLcode result)
{
	for (guint i = 0; i < serve->passes->len; i++) {
		struct pass *pass = serve->passes->pdata[i];
		g_autofree char *text = NULL;
		if (pass->connection == NULL || connection_easy(pass->connection) != easy ||
		    pass->started || pass->session->done)
			continue;
		enum fetch_account_state state =
		    connection_outcome(pass->connection, result, &text);
		if (state == FETCH_OK) {
			pass->started = true;
			pass->more = true;
			session_start(pass->session,
			    connection_link(pass->connection, pass->session->watch != NULL));
		} else if (state != FETCH_LOGIN || !is_tried_again(serve, pass)) {
			session_wait(pass->session, connection_wait(pass->connection));
			session_break(pass->session, state, text, false);
		}
	}
}

static void
drive_connecting(struct serve *serve)
{
	int left;
	const CURLMsg *message;

	while ((message = curl_multi_info_read(serve->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;
		if (!oauth_done(serve->oauth, easy, result))
			on_connected(serve, easy, result);
	}
	begin_waiting(serve);
}

/* Few bytes when few messages are wanted, since they may be small ones. */
static gsize
pump_budget(const struct serve *serve)
{
	return MIN(PUMP_BYTES, (gsize)(serve->window - serve->messages) * 1024);
}

/* Reads from the servers in turn, as long as the window is open. */
static void
pump(struct serve *serve)
{
	gint64 now = g_get_monotonic_time();
	bool shut = !is_window_open(serve);

	for (guint i = 0; i < serve->passes->len; i++) {
		struct pass *pass = serve->passes->pdata[i];
		if (!pass->started)
			continue;
		if (pass->session->done) {
			session_pump(pass->session, 0);
			continue;
		}
		/* While we do not read, the server's silence is ours. */
		bool rests = pass->session->resting != 0;
		if (!rests && (shut || serve->was_shut))
			session_forgive(pass->session, now);
		/* Its socket was asked: of many that are silent each would cost a call otherwise.
		 */
		if (!pass->more && !session_wants_write(pass->session))
			continue;
		if (shut)
			continue;
		pass->more = session_pump(pass->session, pump_budget(serve));
		pass->looked = g_get_monotonic_time();
		shut = !is_window_open(serve);
	}
	serve->was_shut = shut;
}

static bool
is_over(struct pass *pass, gint64 now)
{
	if (!pass->session->done)
		return false;
	if (!pass->started)
		return true;
	if (pass->goodbye == 0)
		pass->goodbye = now + LINGER_MS * 1000;
	return !session_wants_write(pass->session) || now >= pass->goodbye;
}

/* A server is silent as of when we looked: others may have kept us busy since. */
static gint64
check_time(struct pass *pass, gint64 now)
{
	bool rests = pass->session->resting != 0;

	return session_check_time(
	    pass->session, rests ? now : MAX(pass->looked, pass->session->mark));
}

/* Looks after the time limits; returns when to do so again. */
static gint64
tidy(struct serve *serve)
{
	gint64 now = g_get_monotonic_time(), next = now + IDLE_MS * 1000;

	next = MIN(next, oauth_due(serve->oauth));
	for (guint i = serve->passes->len; i-- > 0;) {
		struct pass *pass = serve->passes->pdata[i];
		/* Not within MIN, which would ask twice: a session that wants another connection
		 * would be taken for one that is silent again. */
		gint64 again = pass->started && !pass->session->done ? check_time(pass, now) : next;
		next = MIN(next, again);
		if (pass->session->stranded && pass->started)
			disconnect(serve, pass);
		if (is_over(pass, now)) {
			g_ptr_array_remove_index_fast(serve->passes, i);
			pass_free(serve, pass);
		} else if (pass->session->done) {
			next = MIN(next, pass->goodbye);
		}
	}
	return next;
}

/* Waiting */

/* A server is read when its socket says so; one that was not read dry has more anyway. */
static void
note_ready(struct serve *serve)
{
	gint64 now = g_get_monotonic_time();

	for (guint i = 0; i < serve->passes->len; i++) {
		struct pass *pass = serve->passes->pdata[i];
		if (pass->polled == 0)
			continue;
		pass->more |= sockets_is_ready(serve->sockets, pass->polled);
		pass->looked = now;
	}
}

static void
wait_for_something(struct serve *serve, gint64 until)
{
	bool open = is_window_open(serve), more = false;
	gint64 left = until - g_get_monotonic_time();

	sockets_begin(serve->sockets);
	sockets_add(serve->sockets, wire_fd(serve->wire), true, wire_pending(serve->wire) > 0);
	for (guint i = 0; i < serve->passes->len; i++) {
		struct pass *pass = serve->passes->pdata[i];
		pass->polled = 0;
		if (!pass->started)
			continue;
		bool write = session_wants_write(pass->session);
		bool read = open && !pass->session->done;
		guint number = 0;
		if (pass->connection != NULL && (read || write))
			number = sockets_add(
			    serve->sockets, connection_fd(pass->connection), read, write);
		pass->polled = read ? number : 0;
		more |= read && pass->more;
	}
	/* TLS may hold bytes back that no socket shows: what was not read dry is read first. */
	sockets_wait(serve->sockets, more || left <= 0 ? 0 : left / 1000 + 1);
	note_ready(serve);
}

static bool
serve_run(struct serve *serve, GError **error)
{
	while (!serve->ended) {
		if (!take_frames(serve, error))
			return false;
		drive_connecting(serve);
		pump(serve);
		gint64 until = tidy(serve);
		/* A parent that is gone shows when reading. */
		if (!wire_flush(serve->wire, NULL))
			serve->ended = true;
		if (!serve->ended)
			wait_for_something(serve, until);
	}
	return true;
}

/* Messages under way are open files, here and in the parent, which has the same limit. */
static guint
window_messages(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur >= FETCH_WINDOW_MESSAGES + OTHER_FILES)
		return FETCH_WINDOW_MESSAGES;
	guint room = limit.rlim_cur > OTHER_FILES ? (guint)limit.rlim_cur - OTHER_FILES : 0;
	return MAX(room, WINDOW_MIN);
}

int
fetcher_main(int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	struct serve serve = { .passes = g_ptr_array_new() };

	(void)argc;
	(void)argv;
	log_open("fetcher", LOG_LEVEL_WARNING);
	process_shut_in();
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return FAULT_BUG;
	limits_default(&serve.limits);
	serve.window = window_messages();
	serve.spool_folder = g_strdup(g_get_tmp_dir());
	serve.multi = curl_multi_init();
	serve.sockets = sockets_new(serve.multi);
	serve.share = tls_share_new();
	serve.paces = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	serve.oauth = oauth_new(serve.multi, serve.share);
	serve.wire = wire_new(FETCH_FD, &fetch_protocol);
	if (!serve_run(&serve, &error))
		log_error("%s", error->message);
	for (guint i = 0; i < serve.passes->len; i++)
		pass_free(&serve, serve.passes->pdata[i]);
	g_ptr_array_unref(serve.passes);
	g_hash_table_destroy(serve.paces);
	oauth_free(serve.oauth);
	sockets_free(serve.sockets);
	curl_multi_cleanup(serve.multi);
	curl_share_cleanup(serve.share);
	wire_free(serve.wire);
	g_free(serve.spool_folder);
	curl_global_cleanup();
	return fault_exit_code(error);
}
