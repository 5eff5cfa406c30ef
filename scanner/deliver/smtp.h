/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_SMTP_H
#define FLAGPOST_DELIVER_SMTP_H
/*
 * smtp - the server that takes our own mail, as configured, and what an attempt to send came to.
 *
 * Never holds a password: only the place of one. daemon/config fills it, it crosses to the
 * mailer as a GVariant, and the mailer alone opens the secret.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

#define SMTP_TYPE        "(ssubsssss)"
#define SMTP_ADDRESS_MAX 254 /* bytes: RFC 5321 section 4.5.3.1.3, without the brackets */

struct smtp {
	char *url;  /* as written */
	char *host; /* from the URL, as are the two below */
	guint port;
	bool starttls; /* smtp://: STARTTLS, required; there is no mode without TLS */
	char *from;    /* address of the sender, also of the envelope: bounces go there */
	char *user;    /* "": no login */
	char *password_file;
	char *credential; /* name of a systemd credential, or "" */
	char *ca_file;    /* path, or "" for the system's */
	/* How long a mail is tried again before it is given up; does not cross. */
	guint64 keep_trying_s;
	/* Where it is configured, for messages; does not cross. */
	char *file;
	guint line;
};

struct smtp *smtp_new(void);
void smtp_free(struct smtp *smtp);
AUTO_DEFINE(smtp, smtp_free)

/* smtps:// (465) or smtp:// (587), a host, perhaps a port, nothing else; else FAULT_CONFIG. */
bool smtp_set_url(struct smtp *smtp, const char *url, GError **error);

/*
 * What keeps an address out of an envelope and a header, or NULL. libcurl before 8.20 hands line
 * breaks in one over to the server, so nothing but this stands between a name and a command.
 * Printable ASCII without blanks and brackets, a name and a domain.
 */
const char *smtp_check_address(const char *address);

GVariant *smtp_put(const struct smtp *smtp); /* floating */
struct smtp *smtp_get(GVariant *variant, GError **error);

enum smtp_state {
	SMTP_SENT,    /* the server took it over */
	SMTP_AWAY,    /* not reached, or broke off */
	SMTP_LATER,   /* refused for now: a code of 4xx */
	SMTP_TLS,     /* certificate, no STARTTLS offered, handshake */
	SMTP_LOGIN,   /* refused */
	SMTP_REFUSED, /* the sender, the recipient or the message: a code of 5xx */
	SMTP_CONFIG,  /* password or CA file missing, too open or broken */
	SMTP_LOST,    /* the mailer ended before it said */
	SMTP_STATES,
};
/* The exit code that a state means; 0 for SMTP_SENT. */
int smtp_state_fault(enum smtp_state state);

#endif
