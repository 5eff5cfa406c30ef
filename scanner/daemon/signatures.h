/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_DAEMON_SIGNATURES_H
#define FLAGPOST_DAEMON_SIGNATURES_H
/*
 * signatures - has DKIM signatures of kept messages verified, by a worker in its sandbox
 * (worker/worker.h, WORKER_SIGNATURES), with the keys as they were known at the fetch.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/limits.h"
#include "mail/signature.h"
#include "store/dkim.h"
#include "store/view.h"

#define SIGNATURES_AT_ONCE    256                /* messages for one worker */
#define SIGNATURES_BYTES      (32 * 1024 * 1024) /* of theirs together, unless one alone has more */
#define SIGNATURES_UNVERIFIED "the process that verifies it ended over it"

/* Messages that wait for a worker. The view sees them all, and is borrowed. */
struct signatures;
struct signatures *signatures_new(struct view *view, const struct limits *limits);
void signatures_free(struct signatures *signatures);
AUTO_DEFINE(signatures, signatures_free)

/* The exact bytes of a message and when it was first seen; looks up the keys. */
bool signatures_add(
    struct signatures *signatures, gint64 message, gint64 seen, GBytes *bytes, GError **error);
/* No more should be added before they are verified. */
bool signatures_is_full(const struct signatures *signatures);
/*
 * Verifies all that wait: of struct dkim_verified, in their order. What a worker ended over, took
 * too long for (by limits.seconds_per_message) or lied about is SIGNATURE_TEMPERROR. FAULT_IO when
 * a temporary file cannot be written; another error when no worker can be started.
 */
GPtrArray *signatures_verify(struct signatures *signatures, GError **error);

/*
 * Verifies what was fetched since the last time, once its keys were asked for, and what lacked a
 * key that is known by now (of results since then); records it. *count: messages.
 */
bool signatures_record_new(
    struct view *view, const struct limits *limits, gint64 since, guint *count, GError **error);

#endif
