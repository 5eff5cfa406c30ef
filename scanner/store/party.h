/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_PARTY_H
#define FLAGPOST_STORE_PARTY_H
/*
 * party - who a message is from and for, as the search knows it to the letter: whole addresses, and
 * domains with all that they lie below.
 *
 * The index has them as tokens, digests of what they stand for, so that no address can pass for
 * another. They are made of the rows of `address` alone. Messages at or below search_state.parties
 * are not in it yet: those of a store that is older than all this.
 */
#include <glib.h>
#include <stdbool.h>

#include "store/database.h"

#define PARTY_LEVELS 32 /* of one domain: "c.example" has two */

enum party_kind {
	PARTY_OWN,  /* an address that wrote or got it, in ASCII lower case; not of Reply-To */
	PARTY_FROM, /* domains */
	PARTY_TO,   /* real recipients too */
	PARTY_DELIVERED,
	PARTY_KINDS,
};

/* As an expression of store/block-expr.h. NULL for a domain that has too many levels, or none. */
char *party_match(enum party_kind kind, const char *text);

/* Tokens of one mailbox behind what out has, with blanks between them. role: enum address_role. */
void party_append(GString *out, guint role, const char *address);

/* Older messages, at most n of those that are not in it. *left: there are more. */
bool party_backfill(struct database *database, guint n, bool *left, GError **error);

#endif
