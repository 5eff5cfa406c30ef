/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_WORKER_ADDRESSES_H
#define FLAGPOST_WORKER_ADDRESSES_H
/*
 * addresses - the mailboxes of one address header (RFC 5322 section 3.4), groups included.
 *
 * GMime finds the structure; names and odd local parts go through our decoder of encoded words
 * afterwards, so that nothing in an encoded word can become structure.
 */
#include <glib.h>
#include <stdbool.h>

#include "mail/address.h"
#include "worker/charset.h"

/* The role of a header ("To", "x-original-to"); false when it names no people. */
bool addresses_role(const char *header, enum address_role *role);

/*
 * Adds the mailboxes of a raw value to list (of struct address), until it has max. False when
 * there were more. GMime must have been set up (dissect_new does).
 */
bool addresses_add(
    struct charset *charset, enum address_role role, const char *raw, guint64 max, GPtrArray *list);

#endif
