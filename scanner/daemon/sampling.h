/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_SAMPLING_H
#define FLAGPOST_DAEMON_SAMPLING_H
/*
 * sampling - which mail without a flag people are to look at: [review] sample, a share of each day.
 *
 * The draw is HMAC-SHA-256 over the day and the digest of the bytes, under a key that is nobody's
 * but this installation's (DATA_DIR/sample.key, 0600, made at the first use): the same inputs give
 * the same sample, and whoever writes a mail can neither know nor choose whether it is drawn.
 */
#include <glib.h>
#include <stdbool.h>
#include "base/auto.h"

#include "daemon/config.h"
#include "store/store.h"

#define SAMPLING_KEY_FILE "sample.key"

struct sampling;

/* NULL without an error where [review] names no share. */
struct sampling *sampling_new(const struct config *config, GError **error);
/* True unless the key is there and is none, or cannot be read: makes nothing. */
bool sampling_check(const struct config *config, GError **error);
void sampling_free(struct sampling *sampling);
AUTO_DEFINE(sampling, sampling_free)

/* The draw of a message that was first seen at a time. sampling NULL: it is not eligible. */
struct store_draw sampling_draw(const struct sampling *sampling, const char *sha256, gint64 seen);

#endif
