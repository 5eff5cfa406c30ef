/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_FETCH_H
#define FLAGPOST_FETCHERS_FETCH_H
/*
 * fetch - the fetcher process as the rest of the program sees it.
 *
 * One process holds the passwords and the network: `flagpost fetcher`, exec'ed, socket on
 * descriptor 3. It serves many accounts at once from one event loop. It sees no store and
 * opens no message: it hands over (placement, descriptor) pairs and plain facts. It leaves
 * mailboxes as found: EXAMINE and BODY.PEEK[] only, never DELE. A canary is the one exception.
 *
 * To the fetcher:   SETUP, ACCOUNT, WATCH, CREDIT, STOP
 * From the fetcher: FOLDER_BEGIN, REST, MESSAGE, FAILED, NOTE, FOLDER_END, ACCOUNT_END; NEWS,
 * WATCH_END For one account they come in that order (notes at any time); accounts interleave.
 *
 * New UIDs of a folder come in rising order: whenever one was given, each lower one that is
 * there was given or has failed - but for the range that REST names, which is still to come and
 * comes from its upper end down, in slices of rising order. Those of `retry` come after them. A UID
 * that failed with "no-answer" may still come as a message in the same pass.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/limits.h"
#include "base/wire.h"
#include "mail/account.h"
#include "mail/placement.h"

#define FETCH_FD 3
/* What may be under way between the fetcher and the store, not yet committed. */
#define FETCH_WINDOW_MESSAGES 1024
#define FETCH_WINDOW_BYTES    (32u * 1024 * 1024)
#define FETCH_TOKEN_MS        30000 /* for the endpoint that hands out tokens */
/* Whole answers that drip in do not count as silence; a pass that lives on less than that in
 * limits.seconds_of_trickle ends. */
#define FETCH_TRICKLE_BYTES (64u * 1024)

/* What the store knows of a folder: where to go on. */
#define FETCH_STATE_TYPE "(suuuutauasuuau)"
struct fetch_state {
	char *folder;
	guint32 uidvalidity; /* 0: never seen */
	guint32 last_uid;    /* all UIDs up to it are recorded, or stand in retry, or in the rest */
	guint32 present;     /* placements of this UIDVALIDITY not known to be gone, and what failed
				for good */
	guint32 uidnext;     /* as fetch_folder had it when a pass last left no gap; else 0 */
	guint64 modseq;
	GArray *retry; /* of guint32: UIDs up to last_uid that failed and may succeed now */
	GStrv uidls;   /* POP3: all recorded UIDLs of the folder; NULL for IMAP */
	/* Above from and up to upto not all was read when the last pass ended; 0, 0: no such range.
	 */
	guint32 rest_from, rest_upto;
	GArray *rest_done; /* of guint32: those of it that are recorded or failed */
};

struct fetch_message {
	struct placement placement;
	guint64 announced; /* RFC822.SIZE or LIST; 0 when not said. A hint, not a fact */
	guint64 size;      /* bytes behind fd */
	bool draft;        /* the folder holds drafts (\Drafts, or its name says so) */
	int fd;            /* read-only; owned by the receiver */
};

/* Why a message was not fetched; `again` says whether the next poll is to try again. */
struct fetch_failure {
	struct placement placement; /* uid "" when even that is unknown */
	char *reason; /* "over-limit", "no-answer", "wrong-size", "cut-off", "spool" */
	char *text;   /* for people */
	bool again;
};

enum fetch_folder_state { FETCH_FOLDER_OK, FETCH_FOLDER_FAILED };

struct fetch_folder {
	char *account;
	char *folder;
	char *role; /* RFC 6154 without the backslash, lower case: "sent", "drafts"; "inbox"; "" */
	guint32 uidvalidity;
	guint64 server_count; /* messages on the server at the end of the pass */
	/* Of a PLAN alone: what they come to, and whether that was reckoned from some of them. */
	guint64 bytes;
	bool estimated;
	guint64 waiting; /* of those, left for later passes: the day's budget is used */
	/*
	 * IMAP, at the end of a pass: all below uidnext, and all changes up to modseq (RFC 7162),
	 * are recorded. 0: unknown, or something is missing. A folder whose numbers on the server
	 * equal these is not opened by the next pass.
	 */
	guint32 uidnext;
	guint64 modseq;
	bool uidvalidity_changed;
	bool has_present; /* present is the full list of what is there now */
	GStrv present;    /* UIDs (or UIDLs) on the server, asked when the counts did not agree;
			     for IMAP only after a second answer that agrees */
	enum fetch_folder_state state;
	char *text; /* why it failed, or "" */
};

enum fetch_account_state {
	FETCH_OK,
	FETCH_AWAY,     /* not reached, or broke off */
	FETCH_TLS,      /* certificate, no STARTTLS offered, handshake */
	FETCH_LOGIN,    /* refused */
	FETCH_PROTOCOL, /* the server speaks nonsense */
	FETCH_CONFIG,   /* password file missing or too open */
	FETCH_TOKEN,    /* no token to log in with: refused, revoked, or a nonsense answer */
	FETCH_WAITING,  /* all went well, and the budget was used before all was read */
};
extern const char *const fetch_account_state_words[]; /* "ok", "away", "tls", ... */

struct fetch_account_end {
	char *account;
	enum fetch_account_state state;
	char *text; /* one sentence for people; "" when ok */
	guint32 folders;
	guint64 messages, bytes;
	guint64
	    received; /* from the server behind the login: bytes, and all that stood around them */
	guint64 milliseconds;
	guint32 retry_after; /* seconds the server wants to be left alone; 0: it did not say */
};

/*
 * Of what is new in a folder, the UIDs above from and up to upto are still to come, and all else up
 * to upto is settled. 0, 0: none are.
 */
struct fetch_rest {
	char *account;
	char *folder;
	guint32 uidvalidity;
	guint32 from, upto;
};

/*
 * Something that the report must say. Words:
 *
 *	uidvalidity-changed, no-uidvalidity  all is found again by its bytes
 *	too-many-folders, unreadable-folder  not all folders were read: none counts as gone
 *	unasked-answer, round-count,
 *	phantom-uid                          the server's answers are odd
 *	unsure-count                         two lists of what is there differ: none counts as gone
 *	server-alert                         its own words for people (RFC 3501 section 7.1)
 *	no-uidl, repeated-uidl               POP3 messages known by header and size, or by digest
 *	recycled-uidl                        UIDLs that stood for other messages: none is relied on
 *	renumbered-uidl                      messages found again under another UIDL
 *	lost-answers                         pipelined commands got no answer: once more, one by one
 *	not-read                             entries of a local folder that are no regular files
 *	canary-planted, canary-refused       what became of the task's canary
 *	unsettled                            local files that were written to just now: next pass
 */
struct fetch_note {
	char *account;
	char *folder; /* "" for the account */
	char *word;
	char *text;
};

/* A folder on which a connection is kept open (IDLE, RFC 2177). */
struct fetch_watch {
	char *account;
	char *role;                     /* of the folder: "inbox", "sent", "drafts" */
	enum fetch_account_state state; /* these of WATCH_END; ok: there is no such folder */
	char *text;
	guint32 retry_after; /* as of fetch_account_end */
};

enum fetch_event_kind {
	FETCH_EVENT_NONE,
	FETCH_EVENT_FOLDER_BEGIN, /* folder: account, folder, role, uidvalidity; server_count = to
				     come */
	FETCH_EVENT_REST,
	FETCH_EVENT_MESSAGE,
	FETCH_EVENT_FAILED,
	FETCH_EVENT_NOTE,
	FETCH_EVENT_FOLDER_END,
	FETCH_EVENT_ACCOUNT_END,
	FETCH_EVENT_NEWS, /* watch: something came since the last one, or before it was watched */
	FETCH_EVENT_WATCH_END,
	FETCH_EVENT_LOST, /* the process is gone or lied; no more events */
};

struct fetch_event {
	enum fetch_event_kind kind;
	union {
		struct fetch_message message;
		struct fetch_failure failure;
		struct fetch_folder folder;
		struct fetch_rest rest;
		struct fetch_account_end account_end;
		struct fetch_note note;
		struct fetch_watch watch;
	};
};

void fetch_event_clear(struct fetch_event *event);
void fetch_state_free(struct fetch_state *state);

/* What is to be done with an account. */
enum fetch_task_kind {
	FETCH_PASS,
	/* What lies there, in the order of fetching: a FOLDER_BEGIN and FOLDER_END each, with
	 * bytes. No message comes. */
	FETCH_PLAN,
};
#define FETCH_ANY_BYTES G_MAXUINT64
struct fetch_task {
	enum fetch_task_kind kind;
	/*
	 * Once so many bytes came from the server, no further message is asked for: the one that
	 * crosses the line comes whole, whatever its size, so that none waits for ever.
	 */
	guint64 bytes;
	/* IMAP, or NULL: a message that is appended to INBOX in the end, unless something waits. */
	char *canary;
};
void fetch_task_clear(struct fetch_task *task);

/* The parent's end. Spawning raises our own limit of open files: a window is that many. */
struct fetcher;
struct fetcher *fetcher_spawn(
    const struct limits *limits, const char *spool_folder, GError **error);
int fetcher_fd(const struct fetcher *fetcher);
bool fetcher_wants_write(const struct fetcher *fetcher);
/*
 * Starts a task over an account. states: of struct fetch_state; NULL: none.
 */
void fetcher_poll(struct fetcher *fetcher, const struct account *account, const GPtrArray *states,
    const struct fetch_task *task);
/*
 * Keeps a connection on the account's folder of that role. NEWS comes when it stands, and whenever
 * something arrived (several arrivals may be one); in the end one WATCH_END. IMAP only.
 */
void fetcher_watch(struct fetcher *fetcher, const struct account *account, const char *role);
/* That many messages and bytes are committed: the window opens again. */
void fetcher_credit(struct fetcher *fetcher, guint messages, guint64 bytes);
/* Asks it to log out everywhere and to end its passes early (ACCOUNT_END still comes). */
void fetcher_stop(struct fetcher *fetcher);
bool fetcher_flush(struct fetcher *fetcher); /* false: lost */
/* Never blocks. What crossed is checked like network input. */
void fetcher_receive(struct fetcher *fetcher, struct fetch_event *out);
void fetcher_free(struct fetcher *fetcher); /* kills and reaps */

/* The body of the hidden `fetcher` subcommand. Returns the exit code. */
int fetcher_main(int argc, char **argv);

#endif
