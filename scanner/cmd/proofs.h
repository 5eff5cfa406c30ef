/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_CMD_PROOFS_H
#define FLAGPOST_CMD_PROOFS_H
/*
 * proofs - what the DKIM signatures of a message prove, for people: as it was recorded soon after
 * the fetch, or verified now with the keys of then.
 */
#include <glib.h>
#include <stdbool.h>

#include "base/json.h"
#include "base/limits.h"
#include "mail/signature.h"
#include "store/dkim.h"
#include "store/view.h"

/*
 * Verified now, and recorded nowhere: of the message with these exact bytes. A worker is started
 * only where a key is known. NULL: FAULT_IO.
 */
struct dkim_verified *proofs_now(struct view *view, const struct limits *limits,
    const struct view_message *message, GBytes *bytes, GError **error);

/* "kept" where it was recorded, else "now": which of the two it is. */
#define PROOFS_KEPT "kept"
#define PROOFS_NOW  "now"
/* Of t= and x=, which anybody can write; NULL: none, or behind the year 9999. */
char *proofs_time(gint64 seconds);
/* One object: result, facts and all that is known of a signature, when computed and which. */
void proofs_json(
    struct json *json, const struct signature *signature, gint64 computed, const char *standing);

#endif
