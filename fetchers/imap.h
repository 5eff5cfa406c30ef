/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_IMAP_H
#define FLAGPOST_FETCHERS_IMAP_H
/*
 * imap - one pass over an IMAP account (RFC 3501), shared by the files imap*.c.
 *
 *	imap.c          commands, tags, untagged answers; the table imap_protocol
 *	imap-ability.c  what the server can do, and how it is asked for its folders
 *	imap-list.c     LIST answers: names, roles, the order of the folders
 *	imap-status.c   STATUS answers: folders in which nothing happened are not opened
 *	imap-folder.c   one folder: EXAMINE, SEARCH, batches of FETCH
 *	imap-slice.c    much at once is read from the newest down
 *	imap-fetch.c    FETCH answers: bodies, and messages in the order of their UIDs
 *	imap-budget.c   a day's budget of bytes: sizes first, and what waits for the next day
 *	imap-canary.c   a message of our own, when it is asked for
 *	imap-plan.c     how much there is, before any of it is fetched
 *	imap-present.c  the count at the end; what is gone, and how sure that is
 *	imap-gmail.c    X-GM-EXT-1: labels
 *	imap-wait.c     alerts, and servers that want to be left alone
 *	imap-idle.c     IDLE, in a session that watches one folder
 *
 * Only CAPABILITY, ENABLE, LIST, STATUS, EXAMINE, UID SEARCH, UID FETCH with BODY.PEEK[], NOOP,
 * IDLE and LOGOUT are ever sent; and one APPEND to INBOX where a canary is asked for.
 */
#include <glib.h>
#include <stdbool.h>

#include "fetchers/body.h"
#include "fetchers/reader.h"
#include "fetchers/session.h"
#include "fetchers/token.h"
#include "fetchers/uidset.h"

#define IMAP_FOLDERS_MAX 20000
#define IMAP_UIDS_MAX    4000000 /* of one folder */
#define IMAP_BATCH       2000    /* UIDs asked for in one command, and one command at a time: */
/* Dovecot serves two FETCH commands at once and the younger one first, which costs the order. */
#define IMAP_SLICE        500 /* messages that are read in rising order, where there are more */
#define IMAP_ROUNDS       3   /* searches in one pass over a folder that grows meanwhile */
#define IMAP_HELD_MAX     256 /* messages kept back until those before them are settled */
#define IMAP_HELD_BYTES   (32u * 1024 * 1024)
#define IMAP_REFUSED_MAX  20      /* FETCH commands refused one after the other */
#define IMAP_UNTAGGED_MAX 2000000 /* answers to one command that are none of our business */
#define IMAP_VANISHED_MAX 100000  /* ranges of UIDs told to be gone; beyond it we ask */
#define IMAP_ALERTS_MAX   10      /* of one pass */

enum imap_command_kind {
	IMAP_CAPABILITY,
	IMAP_MEET, /* NOOP in its place */
	IMAP_ENABLE,
	IMAP_LIST,
	IMAP_STATUS,
	IMAP_EXAMINE,
	IMAP_SEARCH,
	IMAP_SIZES, /* UID FETCH of sizes alone */
	IMAP_FETCH,
	IMAP_NOOP,
	IMAP_PRESENT, /* UID SEARCH ALL, for the list of what is there */
	IMAP_CONFIRM, /* the same once more */
	IMAP_APPEND,
	IMAP_PLAN_OPEN,  /* EXAMINE, to ask for sizes */
	IMAP_PLAN_SIZES, /* FETCH of them */
	IMAP_OPEN,       /* EXAMINE, to watch */
	IMAP_IDLE,
};

struct imap_command {
	guint tag;
	enum imap_command_kind kind;
	guint folder;   /* index: answers for a folder that was given up are dropped */
	bool stale;     /* its answer is not wanted any more */
	guint from, to; /* of IMAP_FETCH: indexes into asked */
};

struct imap_folder {
	char *raw;  /* as the server wrote it */
	char *name; /* UTF-8; INBOX in capitals */
	char *role;
	bool draft;
	const char
	    *label_of; /* Gmail: the folder that has all its messages, which is read; or NULL */
};

/* What STATUS says of a folder (RFC 3501 section 7.2.4, RFC 7162 section 3.1.7). */
struct imap_numbers {
	guint64 messages, modseq;
	guint64 size; /* RFC 8438 */
	guint32 uidvalidity, uidnext;
	bool has_messages, has_size;
};

/* What the server says it can do, and what was switched on. */
struct imap_ability {
	bool enable;             /* RFC 5161 */
	bool extended;           /* LIST-EXTENDED, RFC 5258 */
	bool status;             /* LIST-STATUS, RFC 5819 */
	bool sizes;              /* STATUS=SIZE, RFC 8438 */
	bool roles;              /* SPECIAL-USE, RFC 6154 */
	bool condstore, qresync; /* RFC 7162 */
	bool utf8;               /* UTF8=ACCEPT, RFC 6855 */
	bool gmail;              /* X-GM-EXT-1 */
	bool idle;               /* RFC 2177 */
	bool qresync_on, utf8_on;
};

/* A UID that was asked for. */
struct imap_asked {
	guint32 uid;
	bool settled;
	bool excused;             /* reported as not answered, and still welcome */
	struct fetch_event *held; /* MESSAGE or FAILED; until its turn comes */
	guint64 size;             /* as the server says, where a budget asks for it; 0: unknown */
};

/* What FETCH says of one message. */
struct imap_item {
	guint32 uid; /* 0: not said */
	guint64 announced;
	gint64 internal_date;
	GString *flags;
	guint bodies;  /* BODY[] so many times: more than once says nothing */
	bool has_text; /* BODY[] was a string, not a literal that went by */
	GString *text;
	GString *labels;    /* Gmail; see mail/placement.h */
	bool is_draft;      /* a label says so */
	guint64 id, thread; /* Gmail; 0: not said */
};

/* The folder at hand. */
struct imap_pass {
	const struct fetch_state *state; /* or NULL */
	guint32 uidvalidity;
	guint32 uidnext; /* when it was opened; 0: not said */
	guint64 modseq;  /* likewise */
	guint64 exists;
	bool gap;      /* something is to be fetched again, or the numbers do not agree */
	bool resynced; /* opened with QRESYNC: VANISHED tells what is gone since */
	bool selected; /* EXAMINE was answered with OK */
	bool begun;    /* FOLDER_BEGIN was emitted */
	bool uidvalidity_changed;
	bool start_anew;    /* what the store knows is of no use here */
	bool grew;          /* EXISTS rose since the last search */
	bool missed;        /* a UID to be tried again is not there */
	bool said_unasked;  /* the note on answers for other UIDs is out */
	bool said_phantom;  /* likewise on UIDs that no message has */
	bool said_validity; /* the note on a UIDVALIDITY that changed meanwhile is out */
	guint32 last;       /* the highest UID asked for or recorded */
	guint rounds;
	guint64 handled; /* messages and failures emitted */
	GArray *found;   /* of guint32: the SEARCH answer so far */
	GArray *retry;   /* of guint32: to be asked for at the end */
	GArray *rest;    /* of guint32, rising: left for slices, which are taken from its end */
	guint32 rest_from, rest_upto; /* as the store was told: not read above from, up to upto */
	GArray *asked;                /* of struct imap_asked, by UID */
	guint next;                   /* the first that no command names yet */
	guint sized;                  /* below it sizes were asked for */
	bool spent;                   /* the budget is: nothing more is asked for */
	bool trying_again;            /* asked are those that failed before */
	guint64 waiting;              /* left for later passes */
	guint cursor;                 /* the first that is not emitted */
	GArray *again;                /* of struct imap_command: ranges to be asked once more */
	guint held;
	guint64 held_bytes;
	guint refused; /* FETCH commands refused since the last message */
	bool noop_sent, noop_done;
	GArray *first;    /* of guint32: the first list of what is there, while it is confirmed */
	GArray *vanished; /* of struct uidset_range: gone since the last pass */
};

/* The folder that is watched. */
#define IMAP_IDLE_LEAST_US  (5 * G_USEC_PER_SEC) /* ended by the server before: too early */
#define IMAP_IDLE_EARLY_MAX 3                    /* in a row */
struct imap_idle {
	bool stands;  /* the server said once that it watches */
	bool woken;   /* we ended it, so it may begin anew */
	bool removed; /* something went since EXISTS */
	guint early;
	guint64 exists;
};

/* Sizes of some of a folder's messages. */
struct imap_sample {
	guint n;
	guint64 bytes;
};

struct imap {
	struct session *session;
	struct reader *reader;
	GArray *commands; /* of struct imap_command, under way, in order */
	guint last_tag;
	bool synchronised;
	struct imap_ability ability;
	bool list_plain;    /* the extended LIST was refused */
	bool listed;        /* folders is complete */
	guint untagged;     /* since the last tagged answer */
	GPtrArray *folders; /* of struct imap_folder */
	GHashTable *names;  /* name (borrowed) -> folder */
	GHashTable *states; /* name (borrowed) -> struct fetch_state */
	GHashTable *status; /* name as the server wrote it -> struct imap_numbers */
	guint at;           /* the folder at hand */
	bool too_many;      /* folders; the note is out */
	bool can_open;      /* a folder was listed that can be opened, wanted or not */
	bool spent;         /* the budget is used: folders are only counted */
	bool rest_asked;    /* STATUS went out for them */
	bool waits;         /* something is left for later passes */
	bool planted;       /* APPEND went out */
	bool handed_over;   /* its message did */
	struct imap_sample sample;
	guint alerts;
	struct imap_pass pass;
	struct imap_idle idle;
	bool in_body; /* a literal goes into body */
	struct body body;
	guint32 ahead; /* the UID that stood before the literal, or 0 */
};

/* imap.c */
void imap_send(struct imap *imap, enum imap_command_kind kind, guint from, guint to,
    const char *format, ...) G_GNUC_PRINTF(5, 6);
guint imap_under_way(const struct imap *imap, enum imap_command_kind kind);
char *imap_quote(const char *text); /* a quoted string */

/* imap-ability.c */
void imap_ability_read(struct imap *imap, struct token *token); /* behind CAPABILITY or ENABLED */
/* What the login's answer told: no CAPABILITY is needed, which saves a round trip. */
void imap_ability_told(struct imap *imap, const char *words);
void imap_ability_ask(struct imap *imap); /* CAPABILITY was answered: ENABLE and LIST go out */
void imap_ability_listed(struct imap *imap, bool ok, const char *text);

/* imap-list.c */
void imap_list_answer(struct imap *imap, struct token *token);
/* A folder or a label for people, from the server's bytes; distinct where they are. */
char *imap_list_name(const struct imap *imap, const char *raw);
/* Sent, Drafts and INBOX before the others: what is likely to matter is read first. */
void imap_list_order(struct imap *imap);
void imap_folder_free(gpointer folder);
/* The role that a folder's name tells, "" for none: "drafts", "sent", "inbox". */
const char *imap_list_role(const char *name, const char *delimiter);

/* imap-status.c */
void imap_status_ask(
    struct imap *imap); /* LIST was answered: on with STATUS, or the first folder */
void imap_status_answer(struct imap *imap, struct token *token);
void imap_status_done(struct imap *imap); /* a STATUS command was answered */
/* Nothing happened in the folder at hand since the last pass: ended, from its numbers alone. */
bool imap_status_settles(struct imap *imap);

const struct imap_numbers *imap_status_numbers(
    const struct imap *imap, const struct imap_folder *folder); /* NULL: not told */
void imap_status_send(struct imap *imap, const struct imap_folder *folder);

/* imap-slice.c */
void imap_slice_resume(struct imap_pass *pass); /* what the last pass left, from its state */
bool imap_slice_lacks(
    const struct imap_pass *pass, guint32 uid); /* it is of that, and not recorded */
void imap_slice_begin(struct imap *imap); /* asked holds what is new: taken over where it is much */
/* Asks for the newest of what is left; what was asked for before is settled. False: none left. */
bool imap_slice_next(struct imap *imap);

/* imap-budget.c */
bool imap_budget_counts(const struct imap *imap); /* there is one */
void imap_budget_ask(struct imap *imap);          /* for the sizes of what comes next */
void imap_budget_size(struct imap *imap, const struct imap_item *item);
/* Index behind the last of asked that the budget has room for; pass.next: it is spent. */
guint imap_budget_upto(struct imap *imap);
void imap_budget_end(struct imap *imap); /* of the folder at hand, amid which it was spent */
/* It was spent before the folder at hand: ended from its numbers. False: they are asked for. */
bool imap_budget_settles(struct imap *imap);

/* imap-plan.c */
void imap_plan_start(struct imap *imap); /* LIST was answered */
void imap_plan_next(struct imap *imap);
void imap_plan_size(struct imap *imap, guint64 size);
void imap_plan_tagged(struct imap *imap, const struct imap_command *command);

/* imap-canary.c */
bool imap_canary_plant(struct imap *imap); /* all folders were read; false: there is none */
void imap_canary_ready(struct imap *imap); /* a continuation request */
void imap_canary_tagged(struct imap *imap, bool ok, const char *text);

/* imap-folder.c */
void imap_folder_open(struct imap *imap); /* the one at imap->at, or the end of the pass */
/* Emits the end of the folder at hand; present may be NULL. */
void imap_folder_end(
    struct imap *imap, enum fetch_folder_state state, const char *text, GStrv present);
void imap_folder_next(struct imap *imap);
void imap_folder_validity(struct imap *imap); /* says what is odd about UIDVALIDITY */
void imap_folder_tagged(
    struct imap *imap, const struct imap_command *command, bool ok, const char *text);
void imap_folder_exists(struct imap *imap, guint64 exists);
void imap_folder_expunge(struct imap *imap);
void imap_folder_revalidated(struct imap *imap, guint32 uidvalidity); /* while it is open */
void imap_ask_for(struct imap_pass *pass, const GArray *uids);        /* of guint32, rising */
bool imap_folder_search(struct imap *imap, struct token *token, GError **error);
void imap_folder_abandon(struct imap *imap, const char *why, bool cut);
void imap_pass_clear(struct imap_pass *pass);

/* imap-present.c */
void imap_present_finish(struct imap *imap); /* all was fetched: the count, and the end */
/* What is known to be there: recorded, or failed for good, before or in this pass. */
guint64 imap_present_expected(const struct imap_pass *pass);
void imap_present_answer(struct imap *imap, const struct imap_command *command, bool ok);
void imap_present_vanished(struct imap *imap, struct token *token); /* behind VANISHED */

/* imap-gmail.c */
void imap_gmail_choose(struct imap *imap); /* folders that are labels only are not read */
bool imap_gmail_read(
    const struct imap *imap, const char *key, struct token *token, struct imap_item *item);
void imap_gmail_count(struct imap *imap); /* a suspiciously round number is named */

/* imap-wait.c */
/* Text behind a tagged NO or BAD, or behind BYE. True when the account is to be left alone now. */
bool imap_wait_heard(struct imap *imap, const char *text);
/* Seconds that the text asks for, 0 for none; *all: it is about the account, not one command. */
guint32 imap_wait_seconds(const char *text, bool *all);
void imap_wait_alert(struct imap *imap, const char *text); /* the text of a status answer */

/* imap-idle.c: in a session that watches */
void imap_idle_start(struct imap *imap); /* LIST was answered */
void imap_idle_tagged(
    struct imap *imap, const struct imap_command *command, bool ok, const char *text);
void imap_idle_ready(struct imap *imap); /* a continuation request */
void imap_idle_exists(struct imap *imap, guint64 exists);
void imap_idle_removed(struct imap *imap); /* EXPUNGE or VANISHED */
void imap_idle_wake(void *dialogue);

/* imap-fetch.c */
bool imap_fetch_wants(struct imap *imap, const GString *text, guint64 size);
void imap_fetch_answer(struct imap *imap, struct token *token);
void imap_fetch_settle(struct imap *imap, guint from, guint to, const char *why);
void imap_fetch_flush(struct imap *imap); /* emits what has its turn */
void imap_fetch_cut(struct imap *imap);   /* the connection broke, perhaps within a body */
gint imap_asked_find(const struct imap *imap, guint32 uid); /* index into asked, or -1 */
/* "17-Jul-1996 02:44:25 -0700"; MESSAGE_NO_DATE when it is none. */
gint64 imap_date(const char *text);

#endif
