/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_TAKEOUTS_H
#define FLAGPOST_DAEMON_TAKEOUTS_H
/*
 * takeouts - the decoded parts of one message, as a worker in its sandbox gives them
 * (worker/worker.h, WORKER_ATTACHMENTS).
 */
#include <glib.h>

#include "base/limits.h"

/*
 * SHA-256 (char *) -> GBytes of what the worker made of the message; what it says of them beyond
 * their bytes is not looked at. A worker that ended leaves fewer, or none, and a line in the log.
 * sha256: of the message, for people. NULL: FAULT_IO.
 */
GHashTable *takeouts_decode(
    const char *sha256, GBytes *bytes, const struct limits *limits, GError **error);

#endif
