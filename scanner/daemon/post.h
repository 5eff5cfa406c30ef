/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_POST_H
#define FLAGPOST_DAEMON_POST_H
/*
 * post - the service's way to mail a report: tries again, and leaves a note of what failed.
 *
 * Lives on the default main context; never blocks. One report at a time: a new one ends the
 * tries of the one before it.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "daemon/mailing.h"

#define POST_RETRIES  3 /* after the first try */
#define POST_RETRY_MS (10 * 60 * 1000)

/* Something that the next report must say. */
typedef void post_note(const char *word, const char *text, void *data);

struct post;

/* retry_ms: POST_RETRY_MS, but in tests. */
struct post *post_new(guint retry_ms, post_note *note, void *data);
/* What is not mailed by now is noted. */
void post_free(struct post *post);
AUTO_DEFINE(post, post_free)

void post_send(struct post *post, struct mailing *mailing); /* takes it */
bool post_is_busy(const struct post *post);                 /* a try is under way or to come */

#endif
