/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_POST_H
#define FLAGPOST_DAEMON_POST_H
/*
 * post - the service's way to mail what it has to say: from an outbox on disk, one mail at a time,
 * tried again for days, also by a service that was started meanwhile, and with a note of what
 * failed.
 *
 *	post_new -> post_follow for each configuration -> post_send ... -> post_free
 *
 * Lives on the default main context; never blocks on a network. A kill between the server's answer
 * and ours may send a mail twice, with the same Message-ID; it never loses one.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/mailing.h"

#define POST_RETRY_MS  (10 * 60 * 1000) /* before the second try; doubled at each failure */
#define POST_DOUBLINGS 5                /* every 320 minutes from then on */

/* Something that the next report must say. */
typedef void post_note(const char *word, const char *text, void *data);

struct post;

/* retry_ms: POST_RETRY_MS, but in tests. */
struct post *post_new(guint retry_ms, post_note *note, void *data);
/* Its [smtp] from now on; it must live until the next call. The first call takes up what waits. */
void post_follow(struct post *post, const struct config *config);
/* What is under way is noted; what waits stays where it is. */
void post_free(struct post *post);
AUTO_DEFINE(post, post_free)

/* Takes it. It is in the outbox before it is tried. */
void post_send(struct post *post, struct mailing *mailing);
bool post_is_busy(const struct post *post);  /* a try is under way */
guint post_waiting(const struct post *post); /* mails that somebody has not got */

#endif
