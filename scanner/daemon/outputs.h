/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_OUTPUTS_H
#define FLAGPOST_DAEMON_OUTPUTS_H
/*
 * outputs - the service hands each new flag to the systems of [output.NAME], in order.
 *
 *	outputs_new -> outputs_follow for each configuration -> outputs_wake when flags may be new
 *-> outputs_free
 *
 * What a target was given last stands in DATA_DIR/outputs/NAME.sent, so a batch that was not taken
 * is tried again until it is, also after a restart; and one may come twice (X-Flagpost-Batch, or
 * externalId, tells). A target that is new begins with the flags that come from then on.
 *
 * Lives on the default main context; never blocks on a network.
 */
#include <glib.h>

#include "base/auto.h"
#include "daemon/config.h"
#include "daemon/post.h"

#define OUTPUTS_RETRY_MS (30 * 1000) /* doubled at each failure, half an hour at most */

struct outputs;

struct outputs *outputs_new(guint retry_ms, post_note *note, void *data);
/* The configuration must live until the next call. */
void outputs_follow(struct outputs *outputs, const struct config *config);
void outputs_wake(struct outputs *outputs);
/* True while a batch is on its way. */
bool outputs_are_busy(const struct outputs *outputs);
void outputs_free(struct outputs *outputs);
AUTO_DEFINE(outputs, outputs_free)

#endif
