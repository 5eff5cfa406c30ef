/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Must never wait: many sessions share one process and one thread.
 */
#include "fetchers/session.h"

#include <stdarg.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "mail/message.h"

#define READ_BYTES    32768 /* TLS hands over at most 16 KiB at a time */
#define TRICKLE_BYTES 1024  /* fewer within seconds_of_silence amid an answer: as good as silent */
#define QUOTE_CHARS   200
#define STEP_BYTES    1024

struct session *
session_new(struct account *account, GPtrArray *states, const struct limits *limits,
    const char *spool_folder, session_emit *emit, void *data)
{
	struct session *session = g_new0(struct session, 1);

	session->account = account;
	session->states = states;
	session->limits = limits;
	session->spool_folder = spool_folder;
	session->emit = emit;
	session->emit_data = data;
	session->protocol = account_is_local(account)            ? &local_protocol
			    : account->protocol == PROTOCOL_POP3 ? &pop3_protocol
								 : &imap_protocol;
	session->task.bytes = FETCH_ANY_BYTES;
	session->out = g_string_new(NULL);
	g_queue_init(&session->held);
	session->started = g_get_monotonic_time();
	session->mark = session->started;
	return session;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	if (session->dialogue != NULL)
		session->protocol->close(session->dialogue);
	account_free(session->account);
	g_ptr_array_unref(session->states);
	g_free(session->watch);
	g_string_free(session->out, TRUE);
	g_queue_clear_full(&session->held, g_free);
	fetch_task_clear(&session->task);
	g_free(session);
}

char *
session_quote(const char *text)
{
	return text_printable(text, QUOTE_CHARS);
}

/* Commands leave in the order in which they were said, as fast as their pace allows. */
static void
release(struct session *session, gint64 now)
{
	while (!g_queue_is_empty(&session->held) &&
	       (session->pace == NULL || pace_take(session->pace, now))) {
		g_autofree char *command = g_queue_pop_head(&session->held);
		g_string_append(session->out, command);
	}
}

void
session_say(struct session *session, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	g_queue_push_tail(&session->held, g_strdup_vprintf(format, args));
	va_end(args);
	release(session, g_get_monotonic_time());
}

void
session_unsay(struct session *session)
{
	g_queue_clear_full(&session->held, g_free);
	g_string_truncate(session->out, 0);
}

guint64
session_left(const struct session *session)
{
	if (session->task.bytes == FETCH_ANY_BYTES)
		return FETCH_ANY_BYTES;
	return session->task.bytes - MIN(session->total, session->task.bytes);
}

const struct fetch_state *
session_state(const struct session *session, const char *folder)
{
	for (guint i = 0; i < session->states->len; i++) {
		const struct fetch_state *state = session->states->pdata[i];
		if (strcmp(state->folder, folder) == 0)
			return state;
	}
	return NULL;
}

void
session_wait(struct session *session, guint64 seconds)
{
	guint32 bounded = (guint32)MIN(seconds, SESSION_WAIT_MAX_S);

	session->end.retry_after = MAX(session->end.retry_after, bounded);
}

/* Events */

static void
emit(struct session *session, struct fetch_event *event)
{
	bool of_watch = event->kind == FETCH_EVENT_NEWS || event->kind == FETCH_EVENT_WATCH_END;

	/* What a pass would say the passes say. */
	if (session->watch == NULL || of_watch)
		session->emit(session->emit_data, event);
	fetch_event_clear(event);
}

void
session_emit_note(struct session *session, const char *folder, const char *word, const char *text)
{
	struct fetch_event event = { .kind = FETCH_EVENT_NOTE };

	event.note.account = g_strdup(session->account->name);
	event.note.folder = g_strdup(folder);
	event.note.word = g_strdup(word);
	event.note.text = g_strdup(text);
	emit(session, &event);
}

void
session_emit_folder(
    struct session *session, enum fetch_event_kind kind, const struct fetch_folder *folder)
{
	struct fetch_event event = { .kind = kind, .folder = *folder };

	event.folder.account = g_strdup(session->account->name);
	event.folder.folder = g_strdup(folder->folder);
	event.folder.role = g_strdup(folder->role != NULL ? folder->role : "");
	event.folder.text = g_strdup(folder->text != NULL ? folder->text : "");
	event.folder.present = g_strdupv(folder->present);
	if (kind == FETCH_EVENT_FOLDER_END)
		session->end.folders++;
	emit(session, &event);
}

void
session_emit_rest(
    struct session *session, const char *folder, guint32 uidvalidity, guint32 from, guint32 upto)
{
	struct fetch_event event = { .kind = FETCH_EVENT_REST };

	event.rest.account = g_strdup(session->account->name);
	event.rest.folder = g_strdup(folder);
	event.rest.uidvalidity = uidvalidity;
	event.rest.from = from;
	event.rest.upto = upto;
	emit(session, &event);
}

void
session_emit_message(struct session *session, struct fetch_event *event)
{
	g_free(event->message.placement.account);
	event->message.placement.account = g_strdup(session->account->name);
	session->end.messages++;
	session->end.bytes += event->message.size;
	emit(session, event);
}

void
session_emit_failure(struct session *session, const struct placement *where, const char *reason,
    const char *text, bool again)
{
	struct fetch_event event = { .kind = FETCH_EVENT_FAILED };
	struct placement *placement = &event.failure.placement;

	*placement = *where;
	placement->account = g_strdup(session->account->name);
	placement->folder = g_strdup(where->folder);
	placement->uid = g_strdup(where->uid != NULL ? where->uid : "");
	placement->server_flags = g_strdup(where->server_flags != NULL ? where->server_flags : "");
	event.failure.reason = g_strdup(reason);
	event.failure.text = g_strdup(text);
	event.failure.again = again;
	emit(session, &event);
}

static void
emit_watch(struct session *session, enum fetch_event_kind kind, enum fetch_account_state state,
    const char *text)
{
	struct fetch_event event = { .kind = kind };

	event.watch.account = g_strdup(session->account->name);
	event.watch.role = g_strdup(session->watch);
	event.watch.state = state;
	event.watch.text = g_strdup(text);
	event.watch.retry_after = session->end.retry_after;
	emit(session, &event);
}

static void
say_farewell(struct session *session)
{
	if (session->dialogue == NULL || session->protocol->farewell == NULL)
		return;
	if (session->resting != 0)
		session->protocol->wake(session->dialogue);
	/* Nothing else is wanted any more, and who leaves does not wait for it. */
	g_queue_clear_full(&session->held, g_free);
	g_string_append_printf(session->out, "%s\r\n", session->protocol->farewell);
}

void
session_finish(struct session *session, enum fetch_account_state state, const char *text)
{
	struct fetch_event event = { .kind = FETCH_EVENT_ACCOUNT_END };

	if (session->done)
		return;
	session->done = true;
	say_farewell(session);
	if (session->watch != NULL) {
		emit_watch(session, FETCH_EVENT_WATCH_END, state, text);
		return;
	}
	event.account_end = session->end;
	event.account_end.received = session->total;
	event.account_end.account = g_strdup(session->account->name);
	event.account_end.state = state;
	event.account_end.text = g_strdup(text);
	event.account_end.milliseconds =
	    (guint64)(g_get_monotonic_time() - session->started) / 1000;
	emit(session, &event);
}

void
session_break(struct session *session, enum fetch_account_state state, const char *text, bool cut)
{
	if (session->done)
		return;
	if (session->dialogue != NULL && session->task.kind == FETCH_PASS && session->watch == NULL)
		session->protocol->abandon(session->dialogue, text, cut);
	session_finish(session, state, text);
}

void
session_stop(struct session *session)
{
	session_break(session, FETCH_AWAY, "stopped before the end, as asked", false);
}

/* Bytes */

void
session_start(struct session *session, struct link *link)
{
	session->link = link;
	session->stranded = false;
	session_forgive(session, g_get_monotonic_time());
	if (session->pace != NULL)
		pace_charge(session->pace, SESSION_LOGIN_COMMANDS);
	if (session->dialogue == NULL)
		session->dialogue = session->protocol->open(session);
}

bool
session_wants_write(const struct session *session)
{
	return session->out->len > 0;
}

static bool
flush(struct session *session, GError **error)
{
	while (session->out->len > 0) {
		gssize n =
		    session->link->send(session->link, session->out->str, session->out->len, error);
		if (n < 0)
			return false;
		if (n == 0)
			break;
		g_string_erase(session->out, 0, n);
	}
	return true;
}

/* A small message costs a step as well. */
static bool
pump_steps(struct session *session, gsize budget)
{
	for (gsize used = 0; !session->done && used < budget;)
		used += session->protocol->step(session->dialogue) + STEP_BYTES;
	session_forgive(session, g_get_monotonic_time());
	return !session->done;
}

/* An answer has ended: silence begins anew. */
static void
answered(struct session *session, gint64 now)
{
	session->mark = now;
	session->received = 0;
}

/* One message may cross the line; a server that goes on and on did not say how large they are. */
static bool
is_within_budget(const struct session *session, GError **error)
{
	guint64 over = session->total - MIN(session->total, session->task.bytes);

	if (over <= 2 * session->limits->message)
		return true;
	g_set_error(error, FAULT, FAULT_DATA,
	    "the server sent far more than it announced: %" G_GUINT64_FORMAT
	    " bytes beyond the day's budget",
	    over);
	return false;
}

bool
session_pump(struct session *session, gsize budget)
{
	if (session->protocol->step != NULL)
		return pump_steps(session, budget);
	guint8 bytes[READ_BYTES];
	g_autoptr(GError) error = NULL;
	bool fed = true;
	gsize used = 0;

	while (flush(session, &error) && !session->done) {
		if (used >= budget)
			return true;
		gssize n = session->link->receive(session->link, bytes, sizeof(bytes), &error);
		if (n <= 0)
			break;
		used += (gsize)n;
		session->received += (guint64)n;
		session->total += (guint64)n;
		session->spanned += (guint64)n;
		fed = session->protocol->feed(session->dialogue, bytes, (gsize)n, &error);
		if (!fed || !is_within_budget(session, &error))
			break;
	}
	if (used > 0 && !session->protocol->is_inside(session->dialogue))
		answered(session, g_get_monotonic_time());
	if (error != NULL && !session->done)
		session_break(session,
		    g_error_matches(error, FAULT, FAULT_DATA) ? FETCH_PROTOCOL : FETCH_AWAY,
		    error->message, fed);
	if (error != NULL)
		session_unsay(session);
	return false;
}

void
session_forgive(struct session *session, gint64 now)
{
	answered(session, now);
	session->span = now;
	session->spanned = 0;
}

void
session_rest(struct session *session)
{
	session->resting = g_get_monotonic_time();
}

void
session_news(struct session *session)
{
	session->news = true;
}

static gint64
in_us(guint64 seconds)
{
	return (gint64)seconds * G_USEC_PER_SEC;
}

/* When to ask again: for NEWS that is held back, or for a rest that must end. */
static gint64
check_rest(struct session *session, gint64 now)
{
	gint64 end = session->resting + (gint64)SESSION_REST_MS * 1000;

	if (now >= end) {
		session->resting = 0;
		session_forgive(session, now);
		session->protocol->wake(session->dialogue);
		end = now + in_us(session->limits->seconds_of_silence);
	}
	gint64 due = session->told + (gint64)SESSION_NEWS_MS * 1000;
	if (!session->news || now < due)
		return session->news ? MIN(end, due) : end;
	session->news = false;
	session->told = now;
	emit_watch(session, FETCH_EVENT_NEWS, FETCH_OK, "");
	return end;
}

/* What it sends are answers, but so few that the pass would never end. */
static bool
is_dripping(struct session *session, gint64 now)
{
	if (now - session->span < in_us(session->limits->seconds_of_trickle))
		return false;
	if (session->spanned < FETCH_TRICKLE_BYTES)
		return true;
	session->span = now;
	session->spanned = 0;
	return false;
}

gint64
session_check_time(struct session *session, gint64 now)
{
	gint64 limit = in_us(session->limits->seconds_of_silence);

	release(session, now);
	if (!g_queue_is_empty(&session->held)) {
		/* It may be silent because we are. */
		session_forgive(session, now);
		return pace_next(session->pace, now);
	}
	if (session->resting != 0 && !session->done)
		return check_rest(session, now);
	if (!session->done && is_dripping(session, now)) {
		g_autofree char *text = g_strdup_printf("the server sent %" G_GUINT64_FORMAT
							" bytes within %" G_GUINT64_FORMAT " s",
		    session->spanned, session->limits->seconds_of_trickle);
		session_break(session, FETCH_AWAY, text, true);
		return now;
	}
	if (session->done || now - session->mark < limit)
		return session->mark + limit;
	if (session->received >= TRICKLE_BYTES) {
		answered(session, now);
		return now + limit;
	}
	if (session->protocol->resume != NULL && session->protocol->resume(session->dialogue)) {
		session->link = NULL;
		session->stranded = true;
		return now;
	}
	g_autofree char *text =
	    g_strdup_printf("the server sent %" G_GUINT64_FORMAT " bytes within %" G_GUINT64_FORMAT
			    " s, and we were waiting for it",
		session->received, session->limits->seconds_of_silence);
	session_break(session, FETCH_AWAY, text, true);
	return now;
}
