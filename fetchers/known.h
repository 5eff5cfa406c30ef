/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_FETCHERS_KNOWN_H
#define FLAGPOST_FETCHERS_KNOWN_H
/*
 * known - the messages of a maildrop that the store has, and which of them is meant by what a
 * POP3 server shows now.
 *
 * The UID of a record is NAME/SIZE/HEAD: the UIDL (or "sha256:" and the digest, or both with a
 * '#' between), the size that LIST said, the digest of head.h. SIZE and HEAD may be empty; a UID
 * of another form is a name alone. A record is claimed by one message at most: two messages are
 * never taken for one.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"

struct known;

struct known *known_new(const char *const *uids); /* copied; NULL: none */
void known_free(struct known *known);
AUTO_DEFINE(known, known_free)

/* The UID for a name; size 0 and head "" are not said. Owned by the caller. */
char *known_uid(const char *name, guint64 size, const char *head);

/* Each claims a record that is free and returns its UID (borrowed), or NULL. */
const char *known_claim_name(struct known *known, const char *name, guint64 size);
const char *known_claim_head(struct known *known, guint64 size, const char *head);

/* A record of that name exists, of another size. */
bool known_has_other(const struct known *known, const char *name, guint64 size);
/* A free record of that size has a digest of its header: asking for the header may find it. */
bool known_may_have(const struct known *known, guint64 size);
/* The UIDL was seen on several messages at once. */
bool known_is_doubled(const struct known *known, const char *uidl);
/* The store has this very UID. */
bool known_has_uid(const struct known *known, const char *uid);
/* The store has it from now on. */
void known_add(struct known *known, const char *uid);
/* All are free again. */
void known_release(struct known *known);

#endif
