/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FLAGPOST_STORE_SETTLE_BESIDE_H
#define FLAGPOST_STORE_SETTLE_BESIDE_H
/*
 * settle_beside - settling by a thread, beside the one who adds messages. It reads by a connection
 * of its own; what it writes waits for the adder's next transaction and is put into that, a slice
 * each time, so that nobody waits for the writer's lock.
 *
 *	wake -> (begin) -> serve -> (commit) -> served -> wake ...
 *
 * All of these are the adder's. What was not ended counts for nothing and is begun anew another
 * time (store/settle.h).
 */
#include <glib.h>
#include <stdbool.h>

#include "base/auto.h"
#include "store/database.h"

struct settler;

struct settler *settler_new(struct database *database);
void settler_free(struct settler *settler);
AUTO_DEFINE(settler, settler_free)

/* Behind a commit: there may be something to settle. Does not wait. */
void settler_wake(struct settler *settler);
/*
 * Within a write transaction: writes the slice that waits. What is wrong with it is the settler's
 * trouble; false: the transaction can only be rolled back.
 */
bool settler_serve(struct settler *settler, GError **error);
/* How that transaction ended. */
void settler_served(struct settler *settler, bool committed);
/* Within a write transaction, before blocks are changed: what was read of them is old. */
void settler_spoil(struct settler *settler);
/* Outside of transactions: waits until nothing is due, and serves until then. */
bool settler_finish(struct settler *settler, GError **error);

#endif
