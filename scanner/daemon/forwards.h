/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_FORWARDS_H
#define FLAGPOST_DAEMON_FORWARDS_H
/*
 * forwards - messages that a rule with `[action] forward = PERSON` flags are mailed to that person,
 * each with its exact copy: once a message and person, not again when the same leak of it is
 * flagged anew, and only where the person may see it.
 *
 *	forwards_new -> forwards_follow for each configuration and rule set
 *	-> forwards_wake when flags may be new -> forwards_free
 *
 * How far it is stands in DATA_DIR/forwards: a restart forgets nothing. It begins with the flags
 * that come once a rule forwards. A kill at the wrong moment may send a copy twice, and loses none.
 * Lives on the default main context.
 */
#include <glib.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/post.h"
#include "rules/ruleset.h"

#define FORWARDS_AN_HOUR 100 /* mails; what is beyond goes later */
#define FORWARDS_WAITING 20  /* mails in the outbox: they are held in memory, with their copies */

/* Words of notes. */
#define FORWARDS_REFUSED "not-forwarded"
#define FORWARDS_HELD    "forwards-wait"

struct forwards;

/* post: its mails go there; borrowed, like all of follow, until the next call. */
struct forwards *forwards_new(struct post *post, post_note *note, void *data);
void forwards_follow(
    struct forwards *forwards, const struct config *config, const struct ruleset *ruleset);
void forwards_wake(struct forwards *forwards);
void forwards_free(struct forwards *forwards);
AUTO_DEFINE(forwards, forwards_free)

/* Why a person of this name can get no copy at all; NULL: he can. */
char *forwards_lacking(const struct config *config, const char *person);

#endif
