/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DELIVER_POSTER_H
#define FLAGPOST_DELIVER_POSTER_H
/*
 * poster - a batch of flags on its way to a target, in a process of its own.
 *
 * A mailer (deliver/mailer.h) that is exec'ed for each batch: it alone opens the key of a webhook
 * and speaks to its server, and then it is gone. It sees no store and no configuration.
 *
 *	poster_start -> poster_receive until it is true -> poster_free
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "base/wire.h"
#include "deliver/target.h"

#define POSTER_TIME_MS 60000 /* for all of it */
#define POSTER_BODY    (16 * 1024 * 1024)

struct poster;

/* batch: a name that stays the same when it is sent again, so that a webhook can tell. */
struct poster *poster_start(
    const struct target *target, const char *batch, GBytes *body, GError **error);
int poster_fd(const struct poster *poster);
gint64 poster_deadline(const struct poster *poster); /* monotonic */
/* True when it is over, with *error set when the batch was not taken. */
bool poster_receive(struct poster *poster, int timeout_ms, GError **error);
void poster_free(struct poster *poster); /* kills and reaps */
AUTO_DEFINE(poster, poster_free)

/* In the mailer process: carries a MAILER_BATCH out and says what came of it. */
bool poster_serve(struct wire *wire, const struct wire_frame *frame, GError **error);

#endif
