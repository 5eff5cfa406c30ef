/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_ACCOUNT_H
#define FLAGPOST_MAIL_ACCOUNT_H
/*
 * account - one mail account as configured: where, as whom, which folders, how often, why.
 *
 * Never holds a password: only the place of one. daemon/config fills it, it crosses to the
 * fetcher as a GVariant, and the fetcher alone opens the secret.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

enum account_protocol {
	PROTOCOL_IMAP,
	PROTOCOL_POP3,
	/* On this machine: no server, no TLS, nobody logs in. */
	PROTOCOL_MAILDIR,
	PROTOCOL_MBOX,
	PROTOCOL_EML, /* a folder of messages, one a file */
	PROTOCOL_TAR, /* a plain tar file of messages */
};
enum account_tls { TLS_IMPLICIT, TLS_STARTTLS }; /* there is no mode without TLS */
enum account_keep { KEEP_ALL, KEEP_HITS, KEEP_HEADERS, KEEP_NONE };

/* What proves who we are: a password, or a token that is asked for with ... */
enum account_auth {
	AUTH_PASSWORD,
	AUTH_OAUTH_CLIENT,  /* the client's own secret (RFC 6749 section 4.4) */
	AUTH_OAUTH_REFRESH, /* a refresh token that somebody's consent gave (section 6) */
	AUTH_OAUTH_SERVICE, /* an assertion signed with a key (RFC 7523) */
};
enum account_mechanism {
	MECHANISM_AUTO, /* the best of those the server offers */
	MECHANISM_PLAIN,
	MECHANISM_LOGIN,
	MECHANISM_CRAM_MD5,
	MECHANISM_SCRAM, /* where libcurl has it */
	MECHANISM_XOAUTH2,
	MECHANISM_OAUTHBEARER,
};

extern const char *const account_protocol_words[]; /* "imap", "pop3", "maildir", ... */
extern const char *const account_keep_words[];
extern const char *const account_auth_words[];      /* "password", "oauth-client", ... */
extern const char *const account_mechanism_words[]; /* "auto", "plain", ... */

#define ACCOUNT_TYPE          "(ssuusussssassutsuu(ssssssssss)t)"
#define ACCOUNT_SEPARATOR_MAX 8 /* bytes */

struct account {
	char *name; /* of the section: "hq" */
	char *url;  /* "imaps://mail.corp.example:993", as written */
	enum account_protocol protocol;
	enum account_tls tls;
	char *host; /* the path, for mail on this machine */
	guint port;
	char *user;          /* who logs in; with a token, whose mailbox it is */
	char *password_file; /* path, or "" */
	char *credential;    /* name of a systemd credential, or "" */
	char *ca_file;       /* path, or "" for the system's */
	GStrv folders;       /* globs; a leading '!' excludes; default "*" */
	char *group;         /* "" for none */
	enum account_keep keep;
	guint64 every_seconds;
	char *purpose;
	enum account_auth auth;
	enum account_mechanism mechanism;
	char *act_as;           /* the mailbox's owner, for one login to many; or "" */
	char *master_separator; /* "*": log in as act_as*user; "": act_as is the authzid */
	char *pinned_key;       /* "sha256//..." and no authority instead of ca_file, or "" */
	char *token_url;        /* https, where tokens come from; "" without OAuth, as are these: */
	char *client_id;
	char *scope;
	char *key_file;           /* PEM, for assertions */
	char *refresh_token_file; /* the first one, by people */
	char *token_file;         /* the newest one, by us */
	char *template;           /* the account that a list of mailboxes made this one of, or "" */
	guint64 commands_a_minute; /* sent to its server, over all its connections; 0: any number */
	/*
	 * These do not cross, since the parent sees to them: whether connections are kept on its
	 * folders, how many there may be at once, and how much may come in a day (0: no limit).
	 * And, for messages, where it is configured.
	 */
	bool watch;
	guint64 connections;
	guint64 bytes_a_day;
	bool canary; /* a message of our own a day */
	char *file;
	guint line;
};

struct account *account_new(const char *name); /* with defaults: folders *, keep hits, 10 min */
void account_free(struct account *account);
AUTO_DEFINE(account, account_free)
/* NULL when it is not in form, as for account_get. */
struct account *account_copy(const struct account *account);

/*
 * Takes url apart into protocol, tls, host and port: imap, imaps, pop3 or pop3s, a host name
 * or address, an optional port, nothing else (no user, password, path or query: FAULT_CONFIG
 * says which). imap:// and pop3:// mean STARTTLS and STLS, required. maildir, mbox, eml and tar
 * take an absolute path: maildir:///var/mail/journal.
 */
bool account_set_url(struct account *account, const char *url, GError **error);
bool account_is_local(const struct account *account);
/*
 * One that `import` made: "import/NAME" of mail on this machine. What is not there any more is no
 * evidence of a deletion, and files are no longer being written to.
 */
#define ACCOUNT_IMPORT "import/"
bool account_is_import(const struct account *account);

/* True when the globs include the folder (UTF-8 name). INBOX is compared without case. */
bool account_wants_folder(const struct account *account, const char *folder);

GVariant *account_put(const struct account *account); /* floating */
struct account *account_get(GVariant *variant, GError **error);

#endif
