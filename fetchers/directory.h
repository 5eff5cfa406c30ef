/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_DIRECTORY_H
#define FLAGPOST_FETCHERS_DIRECTORY_H
/*
 * directory - who is in a group, by a directory server (LDAP, RFC 4511; Active Directory).
 *
 * `flagpost directory`, exec'ed for each group, socket on descriptor 3: it alone opens the
 * password, speaks to the server and links nothing that holds mail or a store. What it says is
 * believed no more than a server: addresses are checked and counted here once more.
 *
 *	directory_ask_new -> directory_ask_receive until it is true -> directory_ask_free
 *
 * A group is asked for as a whole or not at all: half of it would be worse than none.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/limits.h"

#define DIRECTORY_FD 3

/* [directory.NAME], and what [group.NAME] asks of it. Never holds a password. */
struct directory {
	char *name;  /* of the directory */
	char *group; /* [group.NAME]; "" in a [directory] itself */
	char *host;  /* from the URL, as are the two below */
	guint port;
	bool starttls; /* ldap://: STARTTLS, required; there is no mode without TLS */
	char *user;    /* name to bind as; "": nobody */
	char *password_file, *credential;
	char *ca_file;    /* path, or "" for the system's */
	char *base;       /* distinguished name below which people are */
	char *members_of; /* distinguished name of a group, its groups included; "": all of base */
	char *filter;     /* of people (RFC 4515); "": all */
	GStrv attributes; /* that hold addresses */
	guint64 entries;  /* limits: entries that are looked at, ... */
	guint64 bytes;    /* ... bytes of addresses, ... */
	guint64 seconds;  /* ... and all of it */
	/* The parent's alone; they do not cross. */
	guint64 every_seconds, stale_seconds;
	char *file;
	guint line;
};

struct directory *directory_new(void);
struct directory *directory_copy(const struct directory *directory);
void directory_free(struct directory *directory);
AUTO_DEFINE(directory, directory_free)

/* ldaps:// (636) or ldap:// (389), a host, perhaps a port, nothing else; else FAULT_CONFIG. */
bool directory_set_url(struct directory *directory, const char *url, GError **error);
/* NULL, or why a text is no distinguished name (RFC 4514), or no filter (RFC 4515); static. */
const char *directory_wrong_with_name(const char *text);
const char *directory_wrong_with_filter(const char *text);
/* The address in a value such as "SMTP:anna@corp.example" or "anna@corp.example", or NULL. */
const char *directory_address(const char *value);
/* A digest of all that decides who is meant: an answer to another question is none. Owned. */
char *directory_digest(const struct directory *directory);
/* Why this program cannot ask any, or NULL; static. */
const char *directory_lacking(void);

/* What came of it. */
struct directory_answer {
	GStrv members;   /* of addresses; sorted, in lower case, each once */
	guint64 people;  /* entries with an address */
	guint64 without; /* entries that are people and have none */
	guint64 away;    /* members that this server does not have (another domain, or removed) */
	guint64 groups;  /* groups within the group */
};
void directory_answer_clear(struct directory_answer *answer);

struct directory_ask;

struct directory_ask *directory_ask_new(const struct directory *directory, GError **error);
int directory_ask_fd(const struct directory_ask *ask);
gint64 directory_ask_deadline(const struct directory_ask *ask); /* monotonic */
/* True when it is over: *out is the caller's to clear, or *error is set. */
bool directory_ask_receive(
    struct directory_ask *ask, int timeout_ms, struct directory_answer *out, GError **error);
void directory_ask_free(struct directory_ask *ask); /* kills and reaps */
AUTO_DEFINE(directory_ask, directory_ask_free)

/* The body of the hidden `directory` subcommand. Returns the exit code. */
int directory_main(int argc, char **argv);

#endif
