/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_NOTICES_H
#define FLAGPOST_DAEMON_NOTICES_H
/*
 * notices - severe flags are mailed at once to the persons of [notify]: an incident once, all that
 * is new in one mail, and no more mails an hour than at_most. What is beyond waits, and goes
 * together in the next one.
 *
 *	notices_new -> notices_follow for each configuration -> notices_wake when flags may be new
 *	-> notices_free
 *
 * How far it is, and when mails went out, stands in DATA_DIR/notices: a restart forgets nothing. It
 * begins with the flags that come once [notify] is there. Lives on the default main context.
 */
#include <glib.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/post.h"
#include "rules/ruleset.h"

#define NOTICES_SHOWN 20 /* incidents in one mail; the others are counted */

struct notices;

/* post: its mails go there; borrowed, like all of follow, until the next call. */
struct notices *notices_new(struct post *post, post_note *note, void *data);
void notices_follow(
    struct notices *notices, const struct config *config, const struct ruleset *ruleset);
void notices_wake(struct notices *notices);
void notices_free(struct notices *notices);
AUTO_DEFINE(notices, notices_free)

#endif
