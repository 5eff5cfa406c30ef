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

enum account_protocol { PROTOCOL_IMAP, PROTOCOL_POP3 };
enum account_tls { TLS_IMPLICIT, TLS_STARTTLS }; /* there is no mode without TLS */
enum account_keep { KEEP_ALL, KEEP_HITS, KEEP_HEADERS, KEEP_NONE };

extern const char *const account_keep_words[];

#define ACCOUNT_TYPE "(ssuusussssassuts)"

struct account {
	char *name; /* of the section: "hq" */
	char *url;  /* "imaps://mail.corp.example:993", as written */
	enum account_protocol protocol;
	enum account_tls tls;
	char *host;
	guint port;
	char *user;
	char *password_file; /* path, or "" */
	char *credential;    /* name of a systemd credential, or "" */
	char *ca_file;       /* path, or "" for the system's */
	GStrv folders;       /* globs; a leading '!' excludes; default "*" */
	char *group;         /* "" for none */
	enum account_keep keep;
	guint64 every_seconds;
	char *purpose;
	/* Where it is configured, for messages; does not cross. */
	char *file;
	guint line;
};

struct account *account_new(const char *name); /* with defaults: folders *, keep hits, 10 min */
void account_free(struct account *account);
AUTO_DEFINE(account, account_free)

/*
 * Takes url apart into protocol, tls, host and port: imap, imaps, pop3 or pop3s, a host name
 * or address, an optional port, nothing else (no user, password, path or query: FAULT_CONFIG
 * says which). imap:// and pop3:// mean STARTTLS and STLS, required.
 */
bool account_set_url(struct account *account, const char *url, GError **error);

/* True when the globs include the folder (UTF-8 name). INBOX is compared without case. */
bool account_wants_folder(const struct account *account, const char *folder);

GVariant *account_put(const struct account *account); /* floating */
struct account *account_get(GVariant *variant, GError **error);

#endif
