/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_SESSION_H
#define FLAGPOST_FETCHERS_SESSION_H
/*
 * session - one pass over one account, whatever its protocol: bytes from the server in, events
 * out. It knows nothing of sockets: a link carries the bytes, so tests play servers with tables.
 *
 *	session_new -> session_start -> session_pump whenever the link is ready -> session_free
 *
 * Every session ends with exactly one ACCOUNT_END, and every folder begun with a FOLDER_END.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"
#include "fetchers/fetch.h"
#include "fetchers/pace.h"
#include "mail/account.h"

/* How long a server may say nothing while it watches: less than the 29 minutes of RFC 2177, since
 * some servers, and boxes on the way, lose patience after ten. */
#define SESSION_REST_MS (9 * 60 * 1000)
#define SESSION_NEWS_MS 250 /* NEWS comes no more often */

/* Drained rather than kept: beyond it the connection is given up (a literal bomb). */
#define SESSION_DRAIN_MAX      (G_GUINT64_CONSTANT(1) << 30)
#define SESSION_WAIT_MAX_S     (24 * 3600)
#define SESSION_LOGIN_COMMANDS 3 /* what the login counts for, where commands are counted */

/* A byte stream to a server. Neither function waits. */
struct link {
	/* Bytes moved; 0: nothing now; -1 after an error: it is gone. */
	gssize (*receive)(struct link *link, void *data, gsize size, GError **error);
	gssize (*send)(struct link *link, const void *data, gsize size, GError **error);
	/* "IMAP4rev1 IDLE ...", as it came with the answer to the login; NULL: it did not. */
	const char *abilities;
};

/* Called with each event; may take the descriptor (set it to -1). The session clears the rest. */
typedef void session_emit(void *data, struct fetch_event *event);

struct session;

/* One protocol's dialogue. The functions queue commands with session_say. */
struct session_protocol {
	void *(*open)(struct session *session);
	bool (*feed)(void *dialogue, const guint8 *bytes, gsize size, GError **error);
	/* Instead of feed, where there is no server: does a piece of work. Returns the bytes that
	 * went through. */
	gsize (*step)(void *dialogue);
	/* Ends the quiet that it asked for with session_rest: its time is over. NULL: never asks.
	 */
	void (*wake)(void *dialogue);
	bool (*is_inside)(void *dialogue); /* an answer has begun and not ended */
	/* The server fell silent: true when another connection may help, over which the dialogue
	 * then begins anew (its first command is the only one queued). NULL: never. */
	bool (*resume)(void *dialogue);
	/* The pass ends here, before its time: ends what was begun. cut: the connection broke. */
	void (*abandon)(void *dialogue, const char *why, bool cut);
	const char *farewell; /* the command that closes; NULL: none */
	void (*close)(void *dialogue);
};
extern const struct session_protocol imap_protocol, pop3_protocol, local_protocol;

struct session {
	struct account *account; /* owned */
	GPtrArray *states;       /* of struct fetch_state; owned */
	const struct limits *limits;
	const char *spool_folder;
	struct link *link; /* borrowed */
	session_emit *emit;
	void *emit_data;

	const struct session_protocol *protocol;
	void *dialogue;
	GString *out; /* commands not yet sent */
	gint64 started;
	gint64 mark;      /* when the current silence began; monotonic */
	guint64 received; /* bytes since mark */
	gint64 span;      /* when the current seconds_of_trickle began */
	guint64 spanned;  /* bytes since span */
	struct fetch_task
	    task;          /* owned; set before the start; a pass without a budget, unless set */
	guint64 total;     /* bytes that the server sent in all */
	struct pace *pace; /* of its commands, borrowed; set before the start; NULL: none */
	GQueue held;       /* of char *: commands whose time has not come */
	bool stranded;     /* wants session_start with another link */
	/* A session that watches one folder, of this role; set before the start. Else NULL. Of its
	 * events only NEWS and, instead of ACCOUNT_END, WATCH_END are emitted. Owned. */
	char *watch;
	gint64 resting; /* since when the server may be silent; 0: it may not */
	gint64 told;    /* when NEWS was emitted */
	bool news;      /* NEWS is to be emitted */
	bool done;      /* ACCOUNT_END was emitted */
	struct fetch_account_end end;
};

/* Takes account and states. */
struct session *session_new(struct account *account, GPtrArray *states, const struct limits *limits,
    const char *spool_folder, session_emit *emit, void *data);
void session_free(struct session *session);

/* Logged in: the dialogue begins, or goes on when it was stranded. link must outlive it; NULL where
 * there is no server. */
void session_start(struct session *session, struct link *link);

/*
 * Sends what waits and reads until the link has nothing or about budget bytes went through.
 * True when there may be more to read at once.
 */
bool session_pump(struct session *session, gsize budget);
bool session_wants_write(const struct session *session);

/*
 * Ends it, or leaves it stranded, when the server was silent, or trickled amid an answer, for
 * limits.seconds_of_silence; ends it when the server sent less than FETCH_TRICKLE_BYTES within
 * limits.seconds_of_trickle.
 * Emits NEWS; ends a rest after SESSION_REST_MS. Returns the time at which to ask again
 * (monotonic).
 */
gint64 session_check_time(struct session *session, gint64 now);
/* The clock starts anew: we were the ones who did not read. */
void session_forgive(struct session *session, gint64 now);

/* Ends the pass early. */
void session_stop(struct session *session);

/* For protocols and for failures before the dialogue: emits ACCOUNT_END once. */
void session_finish(struct session *session, enum fetch_account_state state, const char *text);
/* The same, but with what was begun abandoned first; cut: the connection broke. */
void session_break(
    struct session *session, enum fetch_account_state state, const char *text, bool cut);

/* For protocols that watch: the server is silent from now on unless something comes. */
void session_rest(struct session *session);
void session_news(struct session *session);

/* For protocols. Each call of session_say is one command. */
void session_say(struct session *session, const char *format, ...) G_GNUC_PRINTF(2, 3);
void session_unsay(struct session *session); /* what was said and not sent */
/* What the server may still send of the day's budget; FETCH_ANY_BYTES without one. */
guint64 session_left(const struct session *session);
const struct fetch_state *session_state(const struct session *session, const char *folder);
void session_emit_note(
    struct session *session, const char *folder, const char *word, const char *text);
void session_emit_folder(struct session *session, enum fetch_event_kind kind,
    const struct fetch_folder *folder); /* copied; account is filled in */
/* See struct fetch_rest. */
void session_emit_rest(
    struct session *session, const char *folder, guint32 uidvalidity, guint32 from, guint32 upto);
/* Takes the event's content; a message's descriptor too. Fills in the account. */
void session_emit_message(struct session *session, struct fetch_event *event);
/* The server wants to be left alone for that long; not above SESSION_WAIT_MAX_S. */
void session_wait(struct session *session, guint64 seconds);
/* uid may be "". */
void session_emit_failure(struct session *session, const struct placement *where,
    const char *reason, const char *text, bool again);

/* What a server said, fit to be shown: one line, printable, not long. */
char *session_quote(const char *text);

#endif
