/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_POP3_H
#define FLAGPOST_FETCHERS_POP3_H
/*
 * pop3 - one pass over a POP3 account (RFC 1939), shared by the files pop3*.c.
 *
 *	pop3.c        commands and their answers; the table pop3_protocol
 *	pop3-list.c   what is there: STAT, UIDL and LIST; which messages are new
 *
 * Only CAPA, STAT, UIDL, LIST, RETR and QUIT are ever sent, never DELE.
 */
#include <glib.h>
#include <stdbool.h>

#include "fetchers/body.h"
#include "fetchers/dots.h"
#include "fetchers/session.h"

#define POP3_DEPTH        64   /* RETR commands under way, where PIPELINING is offered */
#define POP3_LINE_MAX     4096 /* bytes; RFC 2449 section 4 says 512 */
#define POP3_UIDL_MAX     128  /* bytes; RFC 1939 says 70, longer ones are seen */
#define POP3_MESSAGES_MAX 1000000
#define POP3_LISTING_MAX  (8 * 1000 * 1000) /* lines of one listing */

enum pop3_command { POP3_CAPA, POP3_STAT, POP3_UIDL, POP3_LIST, POP3_RETR };

/* A message in the maildrop; its number is its place in the list, from 1. */
struct pop3_entry {
	char *uidl;        /* NULL: none */
	guint64 announced; /* LIST; 0: not said */
	bool repeated;     /* an earlier message has the same UIDL */
	char *uid;         /* under which it is recorded; NULL: not known (yet) */
};

struct pop3 {
	struct session *session;
	GArray *commands; /* of struct pop3_sent, under way, in order */
	GString *line;
	bool in_listing; /* the lines of a CAPA, UIDL or LIST answer */
	guint lines;     /* of the listing */
	bool in_body;
	enum dots dots;
	struct body body;

	bool pipelining;
	bool begun;
	guint64 count;     /* STAT */
	GArray *entries;   /* of struct pop3_entry */
	GHashTable *known; /* UIDs that the store has; borrowed strings */
	GHashTable *given; /* UIDs given out in this pass; borrowed from entries */
	GArray *wanted;    /* of guint: indexes into entries, to be retrieved */
	guint next;        /* the first of them not yet asked for */
};

struct pop3_sent {
	enum pop3_command command;
	guint index; /* of POP3_RETR: into entries */
};

/* pop3-list.c */
bool pop3_list_stat(struct pop3 *pop3, const char *text, GError **error);
void pop3_list_uidl(struct pop3 *pop3, const char *line);
void pop3_list_size(struct pop3 *pop3, const char *line);
void pop3_list_done(struct pop3 *pop3); /* fills wanted; says what is odd */
/* The uid of what was retrieved, by its digest where the UIDL does not do. NULL when the store
 * has it already. */
const char *pop3_list_name(struct pop3 *pop3, guint index, const char *digest);
/* The UIDs on the server when they are not those that the store will have; else NULL. */
GStrv pop3_list_present(const struct pop3 *pop3);
void pop3_entry_clear(gpointer entry);

#endif
