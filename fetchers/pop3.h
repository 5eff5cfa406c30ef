/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_POP3_H
#define FLAGPOST_FETCHERS_POP3_H
/*
 * pop3 - one pass over a POP3 account (RFC 1939), shared by the files pop3*.c.
 *
 *	pop3.c        commands and their answers; the table pop3_protocol
 *	pop3-list.c   what is there: STAT, UIDL and LIST; which messages are new
 *	pop3-body.c   RETR and TOP: messages, and headers alone
 *
 * Only CAPA, STAT, UIDL, LIST, TOP, RETR and QUIT are ever sent, never DELE.
 *
 * A message is known by its UIDL and its size together (known.h). A UIDL that cannot be relied
 * on - missing, on several messages, equal to the message's number, on another message than
 * before - is no name: the header (TOP) and the size find what is known, else the message is
 * retrieved and its digest is the name.
 */
#include <glib.h>
#include <stdbool.h>

#include "fetchers/body.h"
#include "fetchers/dots.h"
#include "fetchers/head.h"
#include "fetchers/known.h"
#include "fetchers/session.h"

#define POP3_DEPTH        64   /* commands under way, where PIPELINING is offered */
#define POP3_LINE_MAX     4096 /* bytes; RFC 2449 section 4 says 512 */
#define POP3_UIDL_MAX     128  /* bytes; RFC 1939 says 70, longer ones are seen */
#define POP3_MESSAGES_MAX 1000000
#define POP3_LISTING_MAX  (8 * 1000 * 1000) /* lines of one listing */

enum pop3_command { POP3_CAPA, POP3_STAT, POP3_UIDL, POP3_LIST, POP3_TOP, POP3_RETR };

/* A message in the maildrop; its number is its place in the list, from 1. */
struct pop3_entry {
	char *uidl;        /* NULL: none */
	guint64 announced; /* LIST; 0: not said */
	bool repeated;     /* another message has the same UIDL */
	bool doubted;      /* its UIDL is not relied on */
	bool refused;      /* RETR was refused once */
	char *uid;         /* under which it is recorded; NULL: not known (yet) */
};

struct pop3 {
	struct session *session;
	GArray *commands; /* of struct pop3_sent, under way, in order */
	GString *line;
	bool in_listing; /* the lines of a CAPA, UIDL or LIST answer */
	guint lines;     /* of the listing */
	bool in_body;    /* of TOP or RETR */
	enum dots dots;
	struct body body;
	struct head head;

	bool pipelining;
	bool pipelined;      /* a command went out behind one without an answer */
	bool one_by_one;     /* such a command got no answer: none goes out so any more */
	bool no_top;         /* TOP was refused */
	bool begun;          /* FOLDER_BEGIN was said */
	bool settled;        /* what is wanted is known */
	guint64 count;       /* STAT */
	guint64 octets;      /* the same */
	GArray *entries;     /* of struct pop3_entry */
	struct known *known; /* what the store has, and what was given in this pass */
	GHashTable *given;   /* UIDs of entries; borrowed from entries */
	GArray *doubtful;    /* of guint: indexes into entries, to be asked for their header */
	guint next_doubtful;
	GArray *wanted; /* of guint: indexes into entries, to be retrieved */
	guint next;     /* the first of them not yet asked for */
	guint64 coming; /* bytes of those that were asked for, as LIST says */
	bool spent;     /* the day's budget: no more are asked for */
	guint renumbered, recycled;
};

struct pop3_sent {
	enum pop3_command command;
	guint index; /* of POP3_TOP and POP3_RETR: into entries */
};

/* pop3.c: asks for what may be under way at once, or ends the pass. */
void pop3_advance(struct pop3 *pop3);

/* pop3-body.c */
void pop3_body_begin(struct pop3 *pop3);
gssize pop3_body_feed(struct pop3 *pop3, const guint8 *bytes, gsize size, GError **error);
void pop3_body_refused(struct pop3 *pop3, struct pop3_sent sent, const char *said);
void pop3_body_cut(struct pop3 *pop3); /* the connection broke */

/* pop3-list.c */
bool pop3_list_stat(struct pop3 *pop3, const char *text, GError **error);
void pop3_list_plan(struct pop3 *pop3); /* STAT is all that a plan takes */
void pop3_list_uidl(struct pop3 *pop3, const char *line);
void pop3_list_size(struct pop3 *pop3, const char *line);
/* The listings are complete: fills wanted and doubtful. */
void pop3_list_done(struct pop3 *pop3);
/* The header of an entry is there ("": none). */
void pop3_list_head(struct pop3 *pop3, guint index, const char *head);
/* No header is under way any more: says what is odd, sorts wanted. */
void pop3_list_settle(struct pop3 *pop3);
/* Its UID can only be told by its digest. */
bool pop3_list_needs_digest(const struct pop3 *pop3, guint index);
/* The UID of what was retrieved, by its digest where the UIDL does not do. NULL when the store
 * has it already. */
const char *pop3_list_name(struct pop3 *pop3, guint index, const char *digest, const char *head);
/* For a failure: as much of the UID as is known; NULL: nothing. Owned by the caller. */
char *pop3_list_failed(struct pop3 *pop3, guint index);
/* The UIDs on the server; NULL when not all of them are known. */
GStrv pop3_list_present(const struct pop3 *pop3);
void pop3_entry_clear(gpointer entry);

#endif
