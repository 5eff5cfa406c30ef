/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_MAIL_ADDRESS_H
#define FLAGPOST_MAIL_ADDRESS_H
/*
 * address - one mailbox of a message's address headers, as rules see it (RFC 5322 section 3.4).
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

enum address_role {
	ADDRESS_FROM,
	ADDRESS_SENDER,
	ADDRESS_REPLY_TO,
	ADDRESS_TO,
	ADDRESS_CC,
	ADDRESS_BCC,
	ADDRESS_DELIVERED, /* the real recipient: Delivered-To, X-Original-To, Envelope-To, ... */
};

extern const char *const address_role_words[]; /* "from", "sender", ... NULL-terminated */

struct address {
	enum address_role role;
	char *name;    /* display name, decoded; "" when there is none */
	char *address; /* local@domain as written, decoded; never NULL */
	char *domain;  /* folded to lower case, without a final dot; "" when there is none */
};

/* name may be NULL. Text that is not UTF-8 gets U+FFFD. The domain is cut out at the last '@'. */
struct address *address_new(enum address_role role, const char *name, const char *address);
void address_free(struct address *address);
AUTO_DEFINE(address, address_free)

/* To, Cc, Bcc and delivered count as recipients. */
bool address_is_recipient(const struct address *address);

/* True when domain is one of domains or lies below one of them ("x.corp.example"). */
bool domain_is_among(const char *domain, const char *const *domains);

#endif
