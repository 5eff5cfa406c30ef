/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_MAILBOXES_H
#define FLAGPOST_WORKER_MAILBOXES_H
/*
 * mailboxes - the mailboxes of one address header by our own code alone, for messages on which
 * everything else ended. Coarser than addresses: it may take a comment for a name, but no address
 * is lost.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/address.h"
#include "worker/charset.h"

/* As addresses_add. */
bool mailboxes_add(
    struct charset *charset, enum address_role role, const char *raw, guint64 max, GPtrArray *list);

#endif
