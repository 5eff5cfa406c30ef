/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_CHORES_H
#define FLAGPOST_DAEMON_CHORES_H
/*
 * chores - what the service has done once a day or once a month by processes of its own, which hold
 * what they need and are gone afterwards:
 *
 *	archive create --automatic    from the 1st on, with [archive] monthly = yes; it alone opens
 *	                              the password
 *	purge --automatic             once a day, with [retention.NAME], behind the day's
 *verification
 *	rules compare --automatic     once a day, behind the day's verification: a sample of kept
 *	                              mail with the prefilter and without
 *	audit stamp --automatic       once a day, with [ledger] tsa: the first thing of a day, so
 *	                              that all of the day before is under it
 *	dkim ask --automatic          at every look, with [dkim] keys = yes
 *	copies rewrite --automatic    once a day, with [general] encrypt_copies or compress_after
 *
 * Lives on the default main context. Looks when it begins and every CHORES_LOOK_S; what failed is a
 * note of the report and is tried again after CHORES_AGAIN_S. No chore holds up another, or a pass.
 */
#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/post.h"

#define CHORES_LOOK_S  (10 * 60)
#define CHORES_CHECK_S 1 /* between looks at a verification that is under way */
#define CHORES_AGAIN_S (60 * 60)

/* Whether the day's share of copies has been verified. */
typedef bool chores_checked(void *data);

struct chores;

struct chores *chores_new(post_note *note, chores_checked *checked, void *data);
/* By this configuration from now on; it must live until the next call. */
void chores_follow(struct chores *chores, const struct config *config);
/* The day's verification has begun: looks as soon as it is done. */
void chores_await_check(struct chores *chores);
/* Processes under way go on by themselves. */
void chores_free(struct chores *chores);
AUTO_DEFINE(chores, chores_free)

#endif
